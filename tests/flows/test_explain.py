"""Explaining: `why`, `history`, `replay` and `verify` after a day in one office, read as a person reads them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path

import pytest

from flows.cli.command import run
from flows.connections import set_direction
from flows.plan import plan
from flows.reconcile import reconcile
from tasks.core.model import SCOPES
from tests.flows.worlds import Known, Office, connected, number, policy_with

SHARED = "shared@example.com"
STRANGE = {"TZ": "Asia/Kathmandu", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "77"}


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


def tandem(*words: str) -> Said:
    """Type a command in this very process."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run(list(words))
    return Said(code, out.getvalue(), err.getvalue())


@dataclass
class Day:
    """What happened in the office, and what was said of it on the way."""

    office: Office
    ann: Known  # renamed in Salesforce; known to HubSpot too
    hubspot: str  # Ann's contact there
    ben: Known  # renamed on both sides at once; then by an agent without authority
    cat: Known  # waits behind a breaker at the end of the day
    runs: dict[str, str] = field(default_factory=dict)
    checksums: dict[str, str] = field(default_factory=dict)
    verified: dict[str, Said] = field(default_factory=dict)
    left_out: str = ""  # a Contact without number and e-mail
    held: str = ""  # the plan that is held at the end
    wrote: list[object] = field(default_factory=list)


@pytest.fixture(scope="module")
def acted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    folder = tmp_path_factory.mktemp("explained")
    with connected(folder, scopes=SCOPES, stock=3) as office:
        ann, ben, cat = office.stock
        there = office.person.create_in_hubspot(firstname="Ann", lastname="Lee", phone=ann.phone)
        for name in ("One", "Two"):
            office.person.create_in_salesforce("Contact", LastName=name, Phone=number(), Email=SHARED)
        day = Day(office, ann, there, ben, cat)
        day.left_out = office.person.create_in_salesforce("Contact", LastName="Nobody")
        day.runs["joined"] = reconcile().plan.run
        office.person.edit_in_salesforce("Contact", ann.salesforce, LastName="Lee-Ng")
        office.person.edit_in_salesforce("Contact", ben.salesforce, FirstName="Benjamin")
        office.person.edit_in_aloware(ben.aloware, first_name="Benny")
        day.runs["edited"] = reconcile().plan.run
        _drift(day)
        _hold(day, folder)
        yield day


def _drift(day: Day) -> None:
    """Values depart, verify looks, and a plan before and after it is the same."""
    person = day.office.person
    set_direction("salesforce.update", "inbound")
    person.edit_in_aloware(day.ben.aloware, last_name="Typed")
    person.edit_in_salesforce("Contact", day.ann.salesforce, Email="ann.lee@example.com")
    person.create_in_salesforce("Contact", FirstName="New", LastName="One", Phone=number())
    day.checksums["before"] = _intended()
    person.forget_requests()
    day.verified["drifted"] = tandem("verify")
    day.wrote = person.writes()
    day.checksums["after"] = _intended()
    day.runs["restored"] = reconcile().plan.run


def _intended() -> str:
    """A digest of what a plan would do. Not of what it was made from: whether a contact was read from the export or
    looked up depends on the second in which it was last written."""
    return replace(plan().plan, inputs="").checksum


def _hold(day: Day, folder: Path) -> None:
    """Under a stricter policy everything is held: `verify` sees it, and leaves it as it is."""
    day.office.person.edit_in_salesforce("Contact", day.cat.salesforce, FirstName="Cat")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TANDEM_POLICY", str(policy_with(folder, updates="0.01", floor="0")))
        day.held = plan().plan.id
        day.verified["held"] = tandem("verify", "--json")


@pytest.fixture
def day(acted: Day, monkeypatch: pytest.MonkeyPatch) -> Day:
    acted.office.entered(monkeypatch)
    return acted


class TestWhy:
    def test_an_edit_is_told_with_its_side_its_rule_its_run_and_where_it_went(self, day: Day) -> None:
        told = tandem("why", day.ann.phone, "last_name")
        assert told.code == 0
        lines = [line.strip() for line in told.out.splitlines()]
        assert "last_name: Lee-Ng" in lines
        (edited,) = [line for line in lines if line.startswith("Edited in Salesforce (modified there on 20")]
        assert f"run {day.runs['edited']}" in edited
        assert edited.endswith("(rule edit).")
        assert any(line.startswith("Written to HubSpot and Aloware on ") for line in lines)
        for ref in (f"salesforce:Contact:{day.ann.salesforce}", f"hubspot:contacts:{day.hubspot}"):
            assert f'- {ref} says "Lee-Ng", as decided.' in lines

    def test_a_conflict_is_told_with_its_losers_and_the_rule_that_chose(self, day: Day) -> None:
        told = tandem("why", day.ben.salesforce, "first_name")
        assert 'The sides differed: Salesforce said "Benjamin" and Aloware said "Benny".' in told.out
        assert "Salesforce won, over Aloware, by the rule priority" in told.out
        assert f"decided by run {day.runs['edited']}" in told.out

    @pytest.mark.parametrize("spelling", ["whole", "short", "hubspot", "reference", "formatted", "person"])
    def test_somebody_is_found_by_whatever_names_them(self, spelling: str, day: Day) -> None:
        """A Salesforce id of 15 or 18 letters, another system's id, a number in any format, an e-mail, our own id."""
        phone = day.ann.phone
        who = {
            "whole": day.ann.salesforce,
            "short": day.ann.salesforce[:15],
            "hubspot": day.hubspot,
            "reference": f"aloware:contacts:{day.ann.aloware}",
            "formatted": f"({phone[2:5]}) {phone[5:8]}-{phone[8:]}",
            "person": f"salesforce:Contact:{day.ann.salesforce}",
        }[spelling]
        assert tandem("why", who, "last_name").out == tandem("why", phone, "last_name").out

    def test_all_fields_are_told_and_nothing_of_them_that_identifies(self, day: Day) -> None:
        """A field that nobody ever filled takes no room; numbers and addresses are masked."""
        told = tandem("why", day.ann.phone)
        for name in ("first_name", "last_name", "email", "phone"):
            assert f"\n{name}: " in told.out
        assert "Nobody has ever said anything about: " in told.out
        assert day.ann.phone not in told.out
        assert "ann.lee@example.com" not in told.out

    def test_what_was_restored_says_so(self, day: Day) -> None:
        told = tandem("why", day.ben.phone, "last_name")
        assert "Restored in Aloware on " in told.out
        assert f"by run {day.runs['restored']}" in told.out

    def test_what_waits_is_told_with_the_plan_that_holds_it(self, day: Day) -> None:
        told = tandem("why", day.cat.phone, "first_name")
        assert 'says "Cat"; the last decision saw "Ann", so it was changed since.' in told.out
        assert "! Held by the gate since " in told.out
        assert f"`tandem show {day.held}`" in told.out

    def test_several_people_with_one_address_are_listed(self, day: Day) -> None:
        told = tandem("why", SHARED.upper())
        assert told.code == 2
        assert told.out.count("salesforce:Contact:") >= 2
        assert told.err.startswith("2 people answer to that")

    def test_a_record_that_was_left_out_is_nobodys_yet(self, day: Day) -> None:
        """The answer is the reason, and it is in the plan."""
        told = tandem("why", day.left_out)
        assert told.code == 2
        assert "is nobody's yet" in told.err

    def test_nobody_and_no_field_are_named(self, day: Day) -> None:
        nobody, nothing = tandem("why", "nobody@example.com"), tandem("why", day.ann.phone, "FirstName")
        assert (nobody.code, nothing.code) == (2, 2)
        assert (nobody.out, nothing.out) == ("", "")
        assert "n***@example.com" in nobody.err
        assert "first_name, last_name" in nothing.err

    def test_neither_a_system_nor_prefect_is_asked(self, day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
        """They answer from the ledger, also where nothing else can be reached."""
        monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
        day.office.person.forget_requests()
        for words in (["why", day.ann.phone], ["history", day.ann.phone], ["replay", day.runs["edited"]]):
            assert tandem(*words).code == 0
        assert day.office.person.requests() == []


class TestHistory:
    def test_tells_what_happened_in_order(self, day: Day) -> None:
        told = tandem("history", day.ben.phone)
        assert told.code == 0
        rows = told.out[told.out.index("What happened") :].splitlines()[2:]
        assert rows[0].startswith("ever ")
        moments = [row[:19] for row in rows if row.startswith("20")]
        assert moments == sorted(moments)
        for word in ("linked: it speaks for them", "create applied", "update applied", "conflict over first_name"):
            assert word in told.out
        assert told.out.index(day.runs["edited"]) < told.out.index(day.runs["restored"])

    def test_tells_what_is_held(self, day: Day) -> None:
        assert "update held" in tandem("history", day.cat.phone).out
        assert "update held" not in tandem("history", day.ann.phone).out


class TestReplay:
    def test_comes_to_the_same(self, day: Day) -> None:
        for run_ in day.runs.values():
            told = tandem("replay", run_)
            assert (told.code, told.out[:9]) == (0, "The same:")

    def test_comes_to_the_same_wherever_it_runs(self, day: Day) -> None:
        """Another time zone, language and hash seed."""
        command = [sys.executable, "-c", "from flows.cli import main; main()", "replay", day.runs["edited"]]
        done = subprocess.run(command, env={**os.environ, **STRANGE}, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("The same:")

    def test_tells_what_another_policy_would_decide(self, day: Day, tmp_path: Path) -> None:
        """Aloware first: Benny would have won."""
        policy = policy_with(tmp_path)
        text = policy.read_text()
        policy.write_text(text.replace("[fields.first_name]", '[fields.first_name]\norder = ["aloware"]', 1))
        told = tandem("replay", day.runs["edited"], "--policy", str(policy))
        assert told.code == 0
        assert "Not the same: " in told.out
        text = " ".join(told.out.split())
        assert "then: Benny → Benjamin (conflict) now: nothing" in text
        assert "now: aloware by priority" in text

    def test_says_when_only_the_policy_is_another(self, day: Day, tmp_path: Path) -> None:
        policy = policy_with(tmp_path, salesforce="0.3")
        told = tandem("replay", day.runs["edited"], "--policy", str(policy))
        assert "The decisions are the same" in told.out

    def test_a_policy_that_asks_for_more_than_was_read_is_refused(self, day: Day, tmp_path: Path) -> None:
        policy = policy_with(tmp_path)
        policy.write_text(policy.read_text() + '\n[fields.title]\ncontact = "Title"\nhubspot = "jobtitle"\n')
        told = tandem("replay", day.runs["edited"], "--policy", str(policy))
        assert told.code == 10
        assert "didn't read " in told.err

    @pytest.mark.parametrize("named", ["r20200101-000000-0000", "verify"])
    def test_a_run_without_a_plan_is_refused(self, named: str, day: Day) -> None:
        """One that never was, and one that only looked."""
        who = json.loads(day.verified["held"].out)["run"] if named == "verify" else named
        assert tandem("replay", who).code == 2

    def test_a_run_whose_evidence_is_gone_is_refused(self, day: Day) -> None:
        plan_id = day.runs["edited"].replace("r", "p", 1)
        path = day.office.home / "evidence" / f"{plan_id}.json"
        aside = path.rename(path.with_suffix(".aside"))
        told = tandem("replay", day.runs["edited"])
        aside.rename(path)
        assert told.code == 2
        assert "is not kept any more" in told.err


class TestVerify:
    def test_counts_what_departs_by_system_and_field(self, day: Day) -> None:
        told = day.verified["drifted"]
        assert told.code == 0
        rows = [line.split() for line in told.out.splitlines()]
        assert any(row[:4] == ["drift", "aloware", "last_name", "1"] for row in rows)
        assert any(row[:6] == ["not", "carried", "yet", "aloware", "email", "1"] for row in rows)
        assert any(row[:4] == ["record", "missing", "aloware", "1"] for row in rows)

    def test_its_json_is_a_plan_that_cannot_be_applied(self, day: Day) -> None:
        said = json.loads(day.verified["held"].out)
        assert (said["plan"], said["converged"], said["mode"]) == (None, False, "verify")
        assert {"what": "not carried yet", "system": "aloware", "field": "first_name", "count": 1} in said["deviations"]
        assert tandem("apply", said["run"].replace("r", "p", 1)).code == 2

    def test_nothing_is_written_and_the_next_plan_is_the_same(self, day: Day) -> None:
        assert day.wrote == []
        assert day.checksums["before"] == day.checksums["after"]

    def test_what_would_be_held_is_said_and_what_is_held_stays_so(self, day: Day) -> None:
        told = day.verified["held"]
        assert told.code == 20
        assert json.loads(told.out)["verdict"]["outcome"] == "hold"
        assert "Held for a person" in tandem("show", day.held).out
