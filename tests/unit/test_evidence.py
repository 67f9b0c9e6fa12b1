"""What a plan was made from is kept so that it can be made again: exactly, privately, and once for the same ledger."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from tasks.core.errors import UsageError
from tasks.core.evidence import Evidence, inputs
from tasks.core.model import SYSTEMS, Snapshot
from tasks.core.plan import Finding
from tasks.core.policy import parse, policy_digest
from tasks.core.run import Asked
from tasks.core.state import LINKS, PEOPLE
from tasks.ledger import Ledger
from tasks.ledger.evidence import FRAMES
from tests.unit.ledgers import FIELDS, NOON, ledger, plan, postgresql, table

__all__ = ["ledger", "postgresql"]

PERSON = "salesforce:Contact:003A"
POLICY = parse(
    {
        "fields": {
            "phone": {"type": "phone", "contact": "Phone", "aloware": "phone_number"},
            "email": {"type": "email", "lead": "Email"},
        }
    }
)


def snapshot(first_name: str) -> Snapshot:
    columns = {"record_id": ["003A"], "FirstName": [first_name], "as_of": pd.to_datetime([NOON], utc=True)}
    return Snapshot("salesforce", NOON, {"Contact": pd.DataFrame(columns)})


def evidence(ledger: Ledger) -> Evidence:
    """Something of everything."""
    known = replace(
        ledger.memory.state(FIELDS),
        links=table(LINKS, [(PERSON, "salesforce", "Contact", "003A", PERSON, "representative")], "ref"),
        people=table(PEOPLE, [(PERSON, "+14155552671", "salesforce")], "person"),
        owed=frozenset({("hubspot", "+14155550000")}),
        rebasing=frozenset({"hubspot.update"}),
        connected=frozenset(SYSTEMS),
        once_in_crm=frozenset({"aloware:contacts:1"}),
        elsewhere={("hubspot", "contacts"): 7},
    )
    return Evidence(
        state=known,
        policy=POLICY,
        asked=Asked("plan", True, ["+14155552671"], ["Contact"]),
        statuses={"12": "NEW"},
        snapshots={"salesforce": snapshot("Ana")},
        accepted={"salesforce": 3},
        findings=[Finding("aloware", "unique", "warning", 2)],
        accounts={"Acme": ["001A"]},
    )


def stored(ledger: Ledger, plan_id: str = "p1", run: str = "r1") -> Evidence:
    kept = evidence(ledger)
    ledger.snapshots.store(run, kept.snapshots.values())
    ledger.evidence.store(plan_id, kept)
    return kept


def files(ledger: Ledger) -> list[Path]:
    return sorted(path for path in (ledger.plans.database.home / "evidence").rglob("*") if path.is_file())


def test_what_is_kept_comes_back_as_it_was(ledger: Ledger) -> None:
    """Frames with their types, the order of the policy's fields, everything that was asked."""
    kept = stored(ledger)
    found = ledger.evidence.load("p1", "r1")
    for name in FRAMES:
        assert_frame_equal(getattr(found.state, name), getattr(kept.state, name))
    rest = ("directions", "rebasing", "paused", "connected", "owed", "once_in_crm", "elsewhere")
    assert [getattr(found.state, name) for name in rest] == [getattr(kept.state, name) for name in rest]
    assert found.policy == POLICY
    assert list(found.policy.fields) == ["phone", "email"], "their order says which number is the match key"
    names = ("asked", "statuses", "accepted", "findings", "accounts")
    assert [getattr(found, name) for name in names] == [getattr(kept, name) for name in names]
    assert_frame_equal(found.snapshots["salesforce"].frames["Contact"], kept.snapshots["salesforce"].frames["Contact"])


def test_plans_of_one_ledger_share_its_frames(ledger: Ledger) -> None:
    """A quiet day costs one small file a run."""
    stored(ledger)
    before = files(ledger)
    stored(ledger, "p2", "r2")
    assert [path.name for path in files(ledger) if path not in before] == ["p2.json"]


def crowd(ledger: Ledger, keys: dict[int, str]) -> Evidence:
    """Of many people, with those keys; no key: that one isn't there."""
    people = [(f"{n:02}", keys.get(n, "+14155552671"), "hubspot") for n in range(40)]
    kept = evidence(ledger)
    return replace(kept, state=replace(kept.state, people=table(PEOPLE, [row for row in people if row[1]], "person")))


def kept_of(ledger: Ledger, name: str, keys: dict[int, str]) -> list[int]:
    """Keep that as the plan's; the rows of each file that came."""
    before, found = files(ledger), crowd(ledger, keys)
    ledger.snapshots.store(name, found.snapshots.values())
    ledger.evidence.store(name, found)
    assert_frame_equal(ledger.evidence.load(name, name).state.people, found.state.people)
    return [len(pd.read_parquet(path)) for path in files(ledger) if path not in before and path.suffix == ".parquet"]


def test_of_a_large_ledger_that_hardly_changed_only_the_difference_is_kept(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Always from a frame that is whole: no plan is made of more than two files of a frame."""
    monkeypatch.setattr("tasks.ledger.evidence.LARGE", 40 - 1)
    assert 40 in kept_of(ledger, "p1", {})
    assert kept_of(ledger, "p2", {7: "+14155552672"}) == [1], "one of them has another number"
    assert kept_of(ledger, "p3", {7: "+14155552672", 8: ""}) == [2], "and one of them went"
    assert kept_of(ledger, "p4", {7: "+14155552672", 8: ""}) == [], "nothing happened since"
    assert kept_of(ledger, "p5", {}) == [], "all is as it was"
    many = dict.fromkeys(range(7), "+14155552673")
    assert kept_of(ledger, "p6", many) == [40], "so many differ that the next plans differ from this one's"
    assert kept_of(ledger, "p7", {**many, 30: "+14155552674"}) == [1]
    for name, keys in {"p2": {7: "+14155552672"}, "p5": {}}.items():
        assert_frame_equal(ledger.evidence.load(name, name).state.people, crowd(ledger, keys).state.people)


def _their_frame(path: Path) -> bool:
    return path.suffix == ".parquet" and "key" in pd.read_parquet(path)


def _what_the_plan_says(path: Path) -> bool:
    return path.suffix == ".json"


@pytest.mark.parametrize("damaged", [_their_frame, _what_the_plan_says])
def test_what_cannot_be_read_any_more_is_no_ground_to_stand_on(
    damaged: Callable[[Path], bool], ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.ledger.evidence.LARGE", 40 - 1)
    kept_of(ledger, "p1", {})
    next(filter(damaged, files(ledger))).write_text("{")
    assert 40 in kept_of(ledger, "p2", {7: "+14155552672"})


def test_a_plan_whose_difference_is_gone_is_not_made_from_the_rest(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.ledger.evidence.LARGE", 40 - 1)
    kept_of(ledger, "p1", {})
    before = files(ledger)
    kept_of(ledger, "p2", {7: "+14155552672"})
    for path in (path for path in files(ledger) if path not in before and path.suffix == ".parquet"):
        path.unlink()
    with pytest.raises(UsageError, match="p2 was planned from is not kept any more"):
        ledger.evidence.load("p2", "p2")


def test_another_field_is_another_table(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy that maps one more makes frames of other columns."""
    monkeypatch.setattr("tasks.ledger.evidence.LARGE", 40 - 1)
    kept_of(ledger, "p1", {})
    wider = crowd(ledger, {})
    wider = replace(wider, state=replace(wider.state, people=wider.state.people.assign(more="x")))
    ledger.evidence.store("p2", wider)
    ledger.snapshots.store("p2", wider.snapshots.values())
    assert_frame_equal(ledger.evidence.load("p2", "p2").state.people, wider.state.people)


def test_the_files_are_private(ledger: Ledger) -> None:
    """They hold people's numbers and addresses."""
    stored(ledger)
    folder = ledger.plans.database.home / "evidence"
    assert {path.stat().st_mode & 0o777 for path in files(ledger)} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in (folder, folder / "frames")} == {0o700}


def _never_kept(ledger: Ledger) -> None:
    """Nothing was stored under that plan's name."""
    (ledger.plans.database.home / "evidence" / "p1.json").unlink()


def _a_frame_is_gone(ledger: Ledger) -> None:
    next((ledger.plans.database.home / "evidence" / "frames").iterdir()).unlink()


def _its_snapshots_are_gone(ledger: Ledger) -> None:
    (ledger.plans.database.home / "snapshots" / "r1" / "salesforce" / "rest.json").unlink()


@pytest.mark.parametrize("lose", [_never_kept, _a_frame_is_gone, _its_snapshots_are_gone])
def test_what_is_not_kept_any_more_is_said_so(lose: Callable[[Ledger], None], ledger: Ledger) -> None:
    """Old evidence is thinned out; a plan can't be made again from half of it."""
    stored(ledger)
    lose(ledger)
    with pytest.raises(UsageError, match="r1 was planned from is not kept any more"):
        ledger.evidence.load("p1", "r1")


def test_a_plan_with_somebody_forgotten_in_it_is_not_made_again(ledger: Ledger) -> None:
    """What was erased isn't there to plan from."""
    stored(ledger)
    ledger.plans.store(plan("p1"), NOON)
    with ledger.plans.database.writing() as transaction:
        transaction.connection.exec_driver_sql("UPDATE plans SET erased_at = '2026-11-22' WHERE id = 'p1'")
    with pytest.raises(UsageError, match="forgotten"):
        ledger.evidence.load("p1", "r1")


def test_the_digest_of_the_inputs_knows_no_order(ledger: Ledger) -> None:
    """Rows and columns as they come; another value, direction or snapshot is another digest."""
    state = evidence(ledger).state
    rows = [("a", "x", "y", "1", "a", "shadow"), ("b", "x", "y", "2", "b", "shadow")]
    one = replace(state, links=table(LINKS, rows, "ref"))
    other = replace(state, links=table(LINKS, rows[::-1], "ref")[list(LINKS[::-1])])
    said = {"salesforce": "d1", "hubspot": "d2"}
    assert inputs(POLICY, said, one) == inputs(POLICY, dict(reversed(said.items())), other)
    changed = [
        (said, replace(one, links=table(LINKS, rows[:1], "ref"))),
        (said, replace(one, directions={"hubspot.update": "two-way"})),
        (said | {"hubspot": "d3"}, one),
    ]
    assert len({inputs(POLICY, said, one), *(inputs(POLICY, digests, state) for digests, state in changed)}) == 4


def test_the_order_of_the_policys_fields_counts() -> None:
    """It says which number is the match key: another order is another policy."""
    phone = {"type": "phone", "contact": "Phone", "aloware": "phone_number"}
    fields = {"phone": phone, "mobile": {"type": "phone", "contact": "MobilePhone"}}
    one, other = parse({"fields": fields}), parse({"fields": dict(reversed(fields.items()))})
    assert policy_digest(one) != policy_digest(other)
    assert policy_digest(one) == policy_digest(parse({"fields": fields}))
