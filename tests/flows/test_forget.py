"""Somebody asks what is held about them, then to be forgotten: nothing of theirs is left, nobody else loses anything,
and no run brings them back."""

import json
import stat
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from flows.cli.command import run
from flows.connections import connect
from flows.plan import plan
from flows.reconcile import reconcile
from flows.report import report
from tasks.core.model import SCOPES, SYSTEMS
from tasks.session import open_session
from tests.flows.searching import found
from tests.flows.worlds import Office, number, office, settle
from tests.unit.ledgers import create_database, postgresql

__all__ = ["postgresql"]

FIRST, LAST, EMAIL = "Quirinus", "Ostrakon", "Quirinus.Ostrakon@Example.com"
TWINS = "twins@shared.example"
Captured = pytest.CaptureFixture[str]


def spelt(phone: str) -> str:
    return f"({phone[2:5]}) {phone[5:8]}-{phone[8:]}"


@dataclass
class Story:
    """An office in which somebody was in every system and in many runs, before they asked to be forgotten."""

    office: Office
    phone: str
    records: dict[str, str]
    twins: tuple[str, str]
    applied: str
    waiting: str
    said: str = ""

    @property
    def words(self) -> list[str]:
        """All by which they could be known again; an id that is a mere number could be anybody's."""
        ids = [self.records["Contact"], self.records["Lead"]]
        return [FIRST, LAST, EMAIL, self.phone, self.phone[1:], self.phone[2:], spelt(self.phone), *ids]

    def left(self, *more: str) -> list[str]:
        """Where they are still found."""
        return found(self.office.home, [*self.words, *more], self.office.environment.get("TANDEM_DATABASE_URL"))


def live(made: Office) -> Story:
    """They are in every system, edited and in conflict, and in a plan that nobody has applied yet."""
    person, phone, twins = made.person, number(), (number(), number())
    who = {"FirstName": FIRST, "LastName": LAST}
    records = {
        "Contact": person.create_in_salesforce("Contact", **who, Email=EMAIL, Phone=spelt(phone)),
        "Lead": person.create_in_salesforce("Lead", **who, Company="Ostrakon & Co", Phone=phone),
        "hubspot": person.create_in_hubspot(firstname=FIRST, lastname=LAST, email=EMAIL.lower(), phone=phone),
    }
    for name, twin in zip(("Castor", "Pollux"), twins, strict=True):
        person.create_in_salesforce("Contact", FirstName=name, LastName="Zwilling", Phone=twin, Email=TWINS)
    person.create_in_salesforce("Contact", FirstName="Petra", LastName="Nachbar", Phone=number(), Email="petra@x.io")
    person.create_in_salesforce("Contact", FirstName="No", LastName="Number", Email="nobody@known.example")
    for system in SYSTEMS:
        connect(system)
    made.open(*SCOPES)
    settle()
    person.edit_in_salesforce("Contact", records["Contact"], LastName=f"{LAST}-Meier")
    person.edit_in_hubspot(records["hubspot"], lastname=f"{LAST}-Schmidt")
    applied = reconcile().plan.run
    report(applied)
    person.edit_in_salesforce("Contact", records["Contact"], FirstName=f"{FIRST}us")
    return Story(made, phone, records, twins, applied, plan().plan.id)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with office(tmp_path_factory.mktemp("forgetting")) as made:
        yield live(made)


@pytest.fixture
def story(lived: Story, monkeypatch: pytest.MonkeyPatch) -> Story:
    lived.office.entered(monkeypatch)
    return lived


def test_all_that_is_held_about_them_is_one_private_file(story: Story, capsys: Captured) -> None:
    """Records, links with their history, numbers, decided values with where they came from, changes, writes, pulls."""
    out = story.office.home.parent / "subject.json"
    out.write_text("an older one")
    assert run(["subject", EMAIL, "--out", str(out)]) == 0
    assert story.phone not in capsys.readouterr().out
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    held = json.loads(out.read_text())
    assert story.phone in held["numbers"]
    assert EMAIL.lower() in held["emails"]
    tables, files = held["tables"], held["files"]
    assert {"links", "links_history", "people", "numbers", "golden", "bases", "changes", "change_fields"} <= set(tables)
    assert {"outbox", "conflicts", "collisions"} <= set(tables)
    assert tables["golden"][0]["last_name"].startswith(LAST)
    assert {"last_name_from", "last_name_rule", "last_name_run"} <= set(tables["golden"][0])
    assert {row["change"] for row in tables["outbox"]} <= {row["id"] for row in tables["changes"]}
    contact = files["snapshots/salesforce/Contact"]
    assert {row["LastName"] for row in contact} == {LAST, f"{LAST}-Meier"}
    assert all(row["in"] and row["record_id"] == story.records["Contact"] for row in contact)
    assert "Petra" not in out.read_text()
    assert "Zwilling" not in out.read_text()


def test_a_file_that_cannot_be_written_is_said_so(story: Story, capsys: Captured) -> None:
    assert run(["subject", EMAIL, "--out", "/nowhere/at/all.json"]) == 2
    assert "can't be written" in capsys.readouterr().err
    assert run(["subject", "nobody@at.all", "--out", "x.json"]) == 2
    assert "Nobody here has that" in capsys.readouterr().err


def test_a_person_is_everywhere_until_they_are_forgotten_and_then_nowhere(story: Story, capsys: Captured) -> None:
    """“Erase everything held about me”: no number, e-mail, name or id of theirs is left in any file of the home."""
    assert len(story.left()) > 20
    assert run(["forget", spelt(story.phone), "--by", "the data officer"]) == 0
    story.said = capsys.readouterr().out
    assert story.left() == []


def test_on_postgresql_a_dump_says_nothing_either(
    postgresql: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office(tmp_path_factory.mktemp("forgetting-postgresql")) as made:
        made.environment["TANDEM_DATABASE_URL"] = create_database()
        told = live(made.entered(monkeypatch))
        assert len(told.left()) > 20
        assert run(["forget", EMAIL]) == 0
        assert told.left() == []
        reconcile()
        assert told.left() == []


def test_the_operator_is_told_once_where_the_person_still_lives(story: Story) -> None:
    """Records are the systems' own: their ids are on the screen, and in no file. No whole number is."""
    for place in (("salesforce", "Contact", story.records["Contact"]), ("hubspot", "contacts", "")):
        assert any(set(place) - {""} <= set(line.split()) for line in story.said.splitlines()), place
    assert story.phone not in story.said
    assert "Can't be undone, approved or applied any more: r" in story.said
    assert "Can't be replayed any more: r" in story.said


def test_who_forgot_is_in_the_journal_and_whom_is_not(story: Story) -> None:
    with open_session() as session:
        entry = next(entry for entry in session.ledger.journal.entries() if entry.what == "forgot")
    assert (entry.who, entry.subject, entry.details) == ("the data officer", "", {})


def test_counts_stay(story: Story) -> None:
    """How many changes a run made is nobody's secret."""
    with open_session() as session:
        plans = session.ledger.plans
        shown = [plans.shown(head.id)[0] for head in plans.recent()]
    assert sum(each.changes["person"].isna().sum() for each in shown) > 3


@pytest.mark.parametrize(
    "command", ["apply {plan}", "approve {plan} --override x --reason y", "replay {run}", "undo {run}"]
)
def test_a_plan_that_told_of_them_can_only_be_shown(command: str, story: Story, capsys: Captured) -> None:
    """Half a plan is another plan: it is refused by name, and shown with what is left of it."""
    words = command.format(plan=story.waiting, run=story.applied).split()
    assert run(words) == 2
    assert words[1] in capsys.readouterr().err
    assert run(["show", story.waiting]) == 0
    assert "forgotten" in capsys.readouterr().out


def test_no_run_brings_them_back(story: Story, capsys: Captured) -> None:
    """Incremental, full, one-time: their records, and new ones with their number or e-mail, are skipped before anything
    is kept of them; the plan says how many."""
    person = story.office.person
    person.edit_in_salesforce("Contact", story.records["Contact"], FirstName=f"{FIRST} again")
    person.create_in_hubspot(firstname=FIRST, email="other@mail.example", phone=spelt(story.phone))
    again = person.create_in_salesforce("Lead", LastName=LAST, Company="O", Email=EMAIL.upper())
    for words in (["reconcile"], ["reconcile", "--full"], ["pull", "salesforce", "all"], ["plan", "--full", "--json"]):
        assert run(words) == 0, words
    made = json.loads(capsys.readouterr().out.splitlines()[-1])
    told = {f["set"]: f["rows"] for f in made["verdict"]["findings"] if "forget" in f["expectation"]}
    assert told == {"salesforce": 3, "hubspot": 2, "aloware": 1}
    assert made["changes"] == []
    assert story.left(again, "other@mail.example") == []


def test_forgetting_them_again_sweeps_again(story: Story, capsys: Captured) -> None:
    """By any of their words."""
    for words in (story.phone, EMAIL, story.records["Lead"]):
        assert run(["forget", words]) == 0
        assert "forgotten before" in capsys.readouterr().out


@pytest.mark.parametrize("who", ["+14155550000", "stranger@x.io", "003000000000000AAA", "nobody", ""])
def test_whom_nobody_knows_nobody_forgets(who: str, story: Story, capsys: Captured) -> None:
    assert run(["forget", who]) == 2
    said = capsys.readouterr().err
    assert "Nobody here has that" in said
    assert len(said.splitlines()) == 1


def test_somebody_whose_records_were_always_left_out_is_forgotten_too(story: Story) -> None:
    """A record without a number is nobody in the ledger, and still in its snapshots."""
    assert run(["forget", "nobody@known.example"]) == 0
    reconcile()
    assert found(story.office.home, ["nobody@known.example"]) == []


def test_several_people_are_not_forgotten_at_once(story: Story, capsys: Captured) -> None:
    """An e-mail that two share names both: the operator is asked for a record."""
    assert run(["forget", TWINS]) == 2
    assert "That is 2 people: name one by the id of a record" in capsys.readouterr().err


def test_what_a_crash_interrupts_the_same_command_finishes(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it strikes, the person is skipped already, and the next attempt finds whom it is about; what others
    share with them stays theirs."""
    castor, pollux = story.twins
    for crash in ("tasks.forget.sweep", "tasks.ledger.erasure.Erasure.finish", "tasks.ledger.erasure.Erasure.compact"):
        with monkeypatch.context() as patch:
            patch.setattr(crash, lambda *_: 1 / 0)
            assert run(["forget", castor]) == 1, crash
    assert run(["forget", castor]) == 0
    assert found(story.office.home, ["Castor", castor, castor[2:], spelt(castor)]) == []
    assert reconcile(full=True).converged
    assert story.office.contact(pollux)["email"] == TWINS
    assert found(story.office.home, ["Pollux"])
    assert found(story.office.home, [TWINS])


def test_the_key_is_private_and_its_loss_is_noticed(story: Story, capsys: Captured) -> None:
    """Without it nobody would be known again, and their data would come back: no run goes on."""
    path = story.office.home / "suppressions.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key = path.read_text()
    path.write_text("00" * 32)
    assert run(["plan"]) == 10
    assert "suppressions.key" in capsys.readouterr().err
    path.write_text(key)
