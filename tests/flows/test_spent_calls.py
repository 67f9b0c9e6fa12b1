"""The plan says beforehand how many calls it will take to carry it out; without faults it is right."""

from collections import Counter
from collections.abc import Iterator

import pytest

from flows.apply import apply
from flows.cli.command import run
from flows.connections import connect
from flows.plan import plan
from flows.reconcile import reconcile
from tasks.core.model import SCOPES, SYSTEMS
from tasks.core.run import RunReport
from tasks.sandbox.hubspot import limits
from tests.flows.members import everywhere
from tests.flows.worlds import Office, office

ASKED_ONCE = 5  # calls to one system by a session that has just been opened: token, describes, definitions, users


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, RunReport]]:
    """A first run that writes to every system."""
    with office(tmp_path_factory.mktemp("forecast"), people=150) as made:
        for system in SYSTEMS:
            connect(system)
        made.open(*SCOPES)
        made.person.forget_requests()
        yield made, reconcile(initial=True)


def calls(report: RunReport, way: str) -> dict[str, tuple[int, int]]:
    """System → calls spent and foreseen."""
    return {system: (n.get(way, 0), report.plan.forecast[system][way]) for system, n in report.spent.items()}


@pytest.mark.parametrize("way", ["read", "write"])
def test_a_run_spends_what_its_plan_foresaw(first: tuple[Office, RunReport], way: str) -> None:
    _, report = first
    spent = calls(report, way)
    assert all(made == foreseen for made, foreseen in spent.values()), spent
    assert spent["aloware"][0] > 40


def test_what_is_counted_is_what_the_vendors_count(first: tuple[Office, RunReport]) -> None:
    made, report = first
    seen = Counter((call["system"], "write" if call["write"] else "read") for call in made.person.requests())
    assert {(system, way): n for system, counts in report.api_calls.items() for way, n in counts.items() if n} == seen


def test_a_plan_that_is_applied_later_asks_no_more_than_a_new_session_must(first: tuple[Office, RunReport]) -> None:
    made, _ = first
    for n, member in enumerate(everywhere()[:4]):
        name, record_id = member.records["hubspot"]
        made.person.edit("hubspot", name, record_id, "lastname", f"Later {n}")
    drafted = plan()
    report = apply(drafted.plan.id)
    assert report.plan.forecast == drafted.plan.forecast
    assert all(made == foreseen for made, foreseen in calls(report, "write").values())
    assert all(foreseen <= made <= foreseen + ASKED_ONCE for made, foreseen in calls(report, "read").values())
    assert sum(foreseen for _, foreseen in calls(report, "write").values()) >= 2


def test_a_spent_budget_ends_the_run_in_a_sentence_and_the_next_one_goes_on(
    first: tuple[Office, RunReport], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fifth of the few calls that are left of the day isn't enough for what there is to do."""
    made, _ = first
    member = everywhere()[0]
    name, record_id = member.records["salesforce"]
    made.person.edit("salesforce", name, record_id, "LastName", "Thrifty")
    monkeypatch.setattr(limits, "DAILY", 30 + sum(call["system"] == "hubspot" for call in made.person.requests()))
    made.person.forget_requests()
    assert run(["reconcile"]) == 11
    said = capsys.readouterr().err
    assert len(said.strip().splitlines()) == 1
    assert "HubSpot isn't asked again in this run, which has made" in said
    assert "20%" in said
    monkeypatch.undo()
    made.entered(monkeypatch)
    assert run(["reconcile"]) == 0
    hubspot = member.records["hubspot"]
    assert made.person.value("hubspot", *hubspot, "lastname") == "Thrifty"
