"""A doctor says of everything that Tandem stands on whether it is there, and goes on whatever is found."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from flows.cli.command import run
from flows.connections import connect, set_direction
from flows.doctor import doctor
from tasks.core.assessing.checks import Check, exit_code
from tasks.core.model import SYSTEMS
from tasks.session import open_session
from tasks.settings import DEFAULT_POLICY
from tests.flows.worlds import Office, impatient, office, policy_with

Found = dict[tuple[str, str], Check]


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("practice"), people=10) as made:
        for system in SYSTEMS:
            connect(system)
        yield made


@pytest.fixture
def well(practice: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """That practice with its own environment, for a test to spoil."""
    impatient(monkeypatch)
    return practice.entered(monkeypatch)


def examined() -> Found:
    return {(check.subject, check.name): check for check in doctor()}


def states(found: Found) -> dict[tuple[str, str], str]:
    return {place: check.state for place, check in found.items() if check.state != "ok"}


def test_where_all_is_well_every_check_is_ok_and_nothing_is_written(
    well: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    well.person.forget_requests()
    found = examined()
    assert states(found) == {}
    assert {subject for subject, _ in found} == {"tandem", "prefect", "home", "ledger", "policy", *SYSTEMS}
    assert {name for subject, name in found if subject == "salesforce"} == {
        "account", "Contact fields", "Lead fields", "API", "clock", "calls", "other logging",
    }  # fmt: skip
    assert "of 250,000 calls are left" in found["hubspot", "calls"].says
    assert well.person.writes() == []
    assert run(["doctor"]) == 0
    assert "Nothing is wrong" in capsys.readouterr().out


def test_a_refused_login_is_wrong_and_the_other_systems_are_looked_at(
    well: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HUBSPOT_TOKEN", "pat-na1-stolen")
    found = examined()
    assert states(found) == {("hubspot", "account"): "wrong", ("aloware", "dispositions"): "wrong"}
    assert "HUBSPOT_TOKEN" in found["hubspot", "account"].says
    assert found["aloware", "account"].state == "ok"
    assert run(["doctor"]) == 11
    assert "stolen" not in capsys.readouterr().out


def test_a_mapped_property_that_is_missing_is_named_with_its_field(
    well: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = DEFAULT_POLICY.read_text(encoding="utf-8").replace('hubspot = "company"', 'hubspot = "employer"')
    policy = tmp_path / "policy.toml"
    policy.write_text(text, encoding="utf-8")
    monkeypatch.setenv("TANDEM_POLICY", str(policy))
    found = examined()
    assert states(found) == {("hubspot", "contacts fields"): "wrong"}
    assert "employer: it doesn't exist" in found["hubspot", "contacts fields"].says
    assert "[fields.company]" in found["hubspot", "contacts fields"].says
    assert exit_code(found.values()) == 10


def test_a_policy_that_cant_be_read_keeps_no_system_from_being_asked(
    well: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TANDEM_POLICY", str(policy_with(tmp_path, priority='"nobody"')))
    found = examined()
    assert states(found) == {("policy", "file"): "wrong"}
    assert [found[system, "account"].state for system in SYSTEMS] == ["ok"] * 3


def test_a_ledger_out_of_reach_keeps_no_system_from_being_asked(
    well: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "tandem.db").write_text("no database")
    monkeypatch.setenv("TANDEM_DATABASE_URL", f"sqlite:///{tmp_path}/tandem.db")
    found = examined()
    assert found["ledger", "database"].state == "wrong"
    assert "isn't connected" in found["salesforce", "account"].says
    assert exit_code(found.values()) == 10


def test_settings_that_are_missing_are_wrong_only_where_a_system_is_connected(
    well: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("ALOWARE_TOKEN")
    found = examined()
    assert states(found) == {("aloware", "settings"): "wrong", ("aloware", "dispositions"): "wrong"}
    monkeypatch.setenv("TANDEM_HOME", str(tmp_path / "new"))
    monkeypatch.delenv("TANDEM_DATABASE_URL", raising=False)
    found = examined()
    assert found["aloware", "settings"].state == "look"
    assert "Set ALOWARE_TOKEN" in found["aloware", "settings"].says
    assert exit_code(found.values()) == 0


def test_what_others_can_read_is_wrong(well: Office) -> None:
    well.home.chmod(0o755)
    try:
        found = examined()
    finally:
        well.home.chmod(0o700)
    assert states(found) == {("home", "permissions"): "wrong"}
    assert "chmod -R go=" in found["home", "permissions"].says


def test_who_holds_the_ledger_is_worth_a_look(well: Office) -> None:
    with open_session() as session, session.ledger.lease.held("r-at-work", datetime.now().astimezone()):
        found = examined()
    assert states(found) == {("ledger", "lease"): "look"}
    assert "r-at-work" in found["ledger", "lease"].says


def test_a_system_that_is_paused_without_its_export_is_worth_two_looks(
    well: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ALOWARE_CONTACTS_EXPORT")
    assert run(["pause", "aloware"]) == 0
    found = examined()
    assert run(["resume", "aloware"]) == 0
    assert states(found) == {("aloware", "account"): "look", ("aloware", "export"): "look"}


def test_open_scopes_are_said_to_be_written(well: Office) -> None:
    set_direction("salesforce.update", "two-way")
    found = examined()
    set_direction("salesforce.update", "inbound")
    assert states(found) == {}
    assert "written where they are to be" in found["salesforce", "Contact fields"].says
