"""Ten kills (see `crash`); and what a run that was killed or interrupted leaves to the next one."""

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.plan import plan
from flows.reconcile import reconcile
from tasks.core.model import SCOPES
from tasks.session import open_session
from tests.flows.crash import some_kills
from tests.flows.killing import Blow, Range, shooting
from tests.flows.worlds import Office, connected, impatient, number


def test_whenever_it_is_killed_the_next_run_ends_in_the_same_state(tmp_path: Path) -> None:
    """Nothing is lost, nothing there twice, and nothing left to do. `test_crash_postgresql` does the same."""
    assert some_kills(tmp_path, "sqlite", 10) == []


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Every scope two-way; everybody agrees, before and after each test."""
    with connected(tmp_path_factory.mktemp("two-way"), scopes=SCOPES, stock=4) as office:
        yield office


@pytest.fixture(scope="module")
def field(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Range]:
    with shooting(tmp_path_factory.mktemp("shooting")) as field:
        yield field


def born(office: Office, last_name: str) -> str:
    """The number of somebody whom an agent has just entered, and no CRM knows."""
    phone = number()
    office.person.create_in_aloware(phone_number=phone, first_name="New", last_name=last_name)
    return phone


def once_in_each_crm(office: Office, phone: str) -> bool:
    return len(office.person.in_salesforce("Contact", phone)) == len(office.person.in_hubspot(phone)) == 1


# What people do between a kill and the next run.


def test_an_edit_after_the_kill_is_no_conflict_with_the_one_that_was_being_carried_out(
    office: Office, field: Range
) -> None:
    """All was written and nothing concluded: the next run concludes it, and sees one edit."""
    lee = office.stock.pop()
    office.person.edit_in_salesforce("Contact", lee.salesforce, LastName="Carried")
    assert field.run(office, "reconcile", blow=Blow("advance", 1, "before")).killed
    assert office.contact(lee.phone)["last_name"] == "Carried"
    office.person.edit_in_aloware(lee.aloware, last_name="Later")
    report = reconcile()
    assert (len(report.plan.conflicts), report.converged) == (0, True)
    assert office.person.in_salesforce("Contact", lee.phone)[0]["LastName"] == "Later"


def test_what_was_created_before_the_kill_does_not_outvote_its_source(office: Office, field: Range) -> None:
    """Salesforce, whose word counts more, only says what we wrote there; the agent has thought again since."""
    phone = born(office, "First thought")
    assert field.run(office, "reconcile", blow=Blow("write", 1, "after")).killed
    office.person.edit_in_aloware(str(office.contact(phone)["id"]), last_name="Second thought")
    reconcile()
    assert reconcile().converged
    assert once_in_each_crm(office, phone)
    assert office.person.in_salesforce("Contact", phone)[0]["LastName"] == "Second thought"
    assert office.contact(phone)["last_name"] == "Second thought"


def test_an_apply_that_was_killed_goes_on_without_asking_twice_for_a_record(office: Office, field: Range) -> None:
    """Whether Salesforce has done what it never answered is looked up before it is asked again."""
    phone = born(office, "Unanswered")
    made = plan().plan
    assert field.run(office, "apply", made.id, blow=Blow("write", 1, "after")).killed
    again = field.run(office, "apply", made.id)
    assert again.code == 0, again.err
    assert once_in_each_crm(office, phone)
    assert reconcile().plan.changes.empty
    assert once_in_each_crm(office, phone)


def test_a_killed_run_whose_plan_is_gone_is_made_out_from_what_it_sent(office: Office, field: Range) -> None:
    lee = office.stock.pop()
    office.person.edit_in_salesforce("Contact", lee.salesforce, LastName="Sent")
    assert field.run(office, "reconcile", blow=Blow("advance", 1, "before")).killed
    shutil.rmtree(office.home / "plans")
    office.person.edit_in_aloware(lee.aloware, first_name="Later")
    assert reconcile().converged
    (found,) = office.person.in_salesforce("Contact", lee.phone)
    assert (found["FirstName"], found["LastName"]) == ("Later", "Sent")
    assert reconcile().plan.changes.empty


def test_a_create_without_an_answer_is_ours_when_it_is_found(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """What we had to invent for it stays an invention, and its values keep standing with the agent who typed them."""
    phone = number()
    office.person.create_in_aloware(phone_number=phone, first_name="Nameless")
    office.person.break_next("salesforce", "timeout", "/composite/sobjects")
    with monkeypatch.context() as patch:
        impatient(patch)
        patch.setenv("TANDEM_HTTP_TIMEOUT", "0.5")
        assert not reconcile().converged
    assert reconcile().converged
    (found,) = office.person.in_salesforce("Contact", phone)
    with open_session() as session:
        state = session.state()
    ref = f"salesforce:Contact:{found['Id']}"
    settled = state.settled.set_index(["ref", "field"])["reason"]
    assert settled[ref, "last_name"] == "synthetic"
    assert state.golden.loc[state.links.loc[ref, "person"], "first_name_from"] == "aloware"


# Ctrl-C.


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_with_the_batch_under_way_and_says_how_to_go_on(asked: int, office: Office, field: Range) -> None:
    phone = born(office, "Interrupted")
    ended = field.run(office, "reconcile", "--json", blow=Blow("write", 1, "before", (asked,)))
    assert (ended.code, ended.out) == (130, "")
    words = ended.err.split("`")
    assert words[0].startswith("Interrupted after 1 of 2 changes")
    assert [words[1].split()[:2], words[3]] == [["tandem", "apply"], "tandem reconcile"]
    assert len(office.person.in_salesforce("Contact", phone)) == 1
    assert office.person.in_hubspot(phone) == []
    again = field.run(office, *words[1].split()[1:])
    assert again.code == 0, again.err
    assert once_in_each_crm(office, phone)
    assert reconcile().plan.changes.empty


def test_a_second_ctrl_c_stops_at_once(office: Office, field: Range) -> None:
    phone = born(office, "Torn")
    blow = Blow("write", 1, "before", (signal.SIGINT, signal.SIGTERM))
    ended = field.run(office, "reconcile", "--json", blow=blow)
    assert (ended.code, ended.out) == (130, "")
    assert "Stopped at once" in ended.err
    reconcile()
    assert reconcile().plan.changes.empty
    assert once_in_each_crm(office, phone)


def test_ctrl_c_before_anything_is_written_stops_at_once(office: Office, field: Range) -> None:
    office.person.forget_requests()
    ended = field.run(office, "reconcile", "--json", blow=Blow("request", 5, "before", (signal.SIGINT,)))
    assert (ended.code, ended.out, office.person.writes()) == (130, "", [])
    assert "same command again" in ended.err
