"""Before the first Task: something else that logs the same calls is noticed, and a person decides."""

import json
from collections.abc import Iterator

import pytest

from flows.cli.command import run
from flows.log_communications import log_communications
from tests.flows.inbox_world import Desk, desk
from tests.flows.worlds import Office, connected, policy_with

__all__ = ["desk"]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with connected(tmp_path_factory.mktemp("native"), stock=2) as made:
        yield made


def test_nothing_is_logged_twice_unasked(
    office: Office,
    desk: Desk,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The run holds with exit code 20, says what it found and what to do, and writes nothing; the policy may accept it.
    Once a Task is written, nobody asks again."""
    ann = office.stock[0]
    call = desk.happens(ann.aloware)
    native = office.person.create_in_salesforce(
        "Task",
        WhoId=ann.salesforce,
        Subject="Call",
        CallType="Outbound",
        CallDurationInSeconds="63",
        Status="Completed",
    )
    office.person.forget_requests()
    assert run(["log-communications"]) == 20
    shown = " ".join(capsys.readouterr().out.split())
    assert native in shown
    assert 'others = "accept"' in shown
    assert run(["log-communications", "--json"]) == 20
    told = json.loads(capsys.readouterr().out)
    assert (told["created"], len(told["held"])) == (0, 1)
    assert (desk.tasks(call), office.person.writes("salesforce")) == ([], [])
    accepting = policy_with(tmp_path_factory.mktemp("accepting"), others='"accept"')
    with monkeypatch.context() as patched:
        patched.setenv("TANDEM_POLICY", str(accepting))
        assert log_communications().created == 1
    assert len(desk.tasks(call)) == 1
    other = desk.happens(ann.aloware)
    assert (log_communications().created, len(desk.tasks(other))) == (1, 1)
