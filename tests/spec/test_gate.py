"""The gate

What must be well before anything is written. A system whose snapshot can't be believed holds every change that it has
a part in. A planned value that would leave a record worse is left out, and the rest goes on.

And how much one run may change in one system before a person is asked. A breaker compares the planned changes of one
kind with the records that are linked in that system; it fires above its share (30 %), never at or below ten changes.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

import pandas as pd
import pytest

from tasks.core import normalise
from tasks.core.deciding import diff, resolve
from tasks.core.deciding.lineup import line_up
from tasks.core.identity import match
from tasks.core.model import SCOPES, Snapshot
from tasks.core.plan import CELLS, CHANGES, Verdict
from tasks.core.planning import propose
from tasks.core.planning.breaker import fired
from tasks.core.planning.propose import Proposal
from tasks.core.policy import Limits
from tasks.gate import gate
from tests.property.simulation import STATUSES, Simulation, nothing_known
from tests.property.worlds import shipped_policy

NAMES = shipped_policy("first_name", "last_name", "phone", "email")


def changes(number: int, kind: str = "update", after: str = "Ann") -> tuple[pd.DataFrame, pd.DataFrame]:
    """That many changes of one kind in Salesforce, of one cell each."""
    ids = [f"c{n}" for n in range(number)]
    heads = pd.DataFrame({"id": ids, "system": "salesforce", "person": ids, "kind": kind}, columns=list(CHANGES))
    return heads, pd.DataFrame({"change": ids, "after": after}, columns=list(CELLS))


def names(
    number: int, linked: int, kind: str = "update", after: str = "Ann", lifted: Collection[str] = ()
) -> list[str]:
    """The breakers that these changes fire; each holds all of them."""
    heads, cells = changes(number, kind, after)
    breakers = fired(heads, cells, (), {"salesforce": linked}, Limits(), lifted)
    assert all(len(breaker.holds) == number for breaker in breakers)
    return [breaker.name for breaker in breakers]


@pytest.mark.parametrize(("kind", "name"), [("update", "salesforce.updates"), ("create", "salesforce.creates")])
def test_too_many_changes_of_a_kind_wait_for_a_person(kind: str, name: str) -> None:
    """31 of 100 records are held, all of them; 30 are not."""
    assert names(31, linked=100, kind=kind) == [name]
    assert names(30, linked=100, kind=kind) == []


def test_a_few_changes_never_wait() -> None:
    """Ten are not held, however few records there are; eleven are."""
    assert names(10, linked=12) == []
    assert names(11, linked=12) == ["salesforce.updates"]


def test_clearing_has_a_limit_of_its_own() -> None:
    """Blanks written over values are counted apart from updates."""
    assert names(31, linked=100, after="") == ["salesforce.updates", "salesforce.clears"]


def test_where_nothing_is_linked_yet_everything_waits() -> None:
    """A first run over a system is said to be one."""
    assert names(11, linked=0) == ["salesforce.updates"]


def test_people_who_change_their_numbers_are_counted_by_themselves() -> None:
    """Whatever it takes to follow them: a new Aloware contact for each, say."""
    heads, cells = changes(31, kind="create")
    (breaker,) = fired(heads, cells, set(heads["person"]), {"salesforce": 100}, Limits(creates=1.0))
    assert (breaker.name, breaker.value, breaker.limit) == ("salesforce.key_moves", 0.31, 0.3)
    assert breaker.holds == set(heads["id"])


def test_initial_lifts_what_it_names_and_nothing_else() -> None:
    """Creates, and updates that a first sight or a join decided, pass; an edit of many records doesn't. Clears and
    changed numbers are counted all the same, be it a create that follows a number."""
    assert names(31, linked=0, kind="create", lifted=[f"c{n}" for n in range(31)]) == []
    heads, cells = changes(40)
    first_sights = [f"c{n}" for n in range(20)]
    (breaker,) = fired(heads, cells, (), {"salesforce": 50}, Limits(), lifted=first_sights)
    assert breaker.value == 0.4
    assert breaker.holds == {f"c{n}" for n in range(20, 40)}
    heads, cells = changes(31, after="")
    assert names(31, linked=50, after="", lifted=heads["id"]) == ["salesforce.clears"]
    heads, cells = changes(31, kind="create")
    (breaker,) = fired(heads, cells, set(heads["person"]), {"salesforce": 50}, Limits(), lifted=heads["id"])
    assert breaker.name == "salesforce.key_moves"


def town(people: int = 4) -> Simulation:
    """So many people whom all three systems know. Then somebody edits everybody's name in HubSpot."""
    world = Simulation(NAMES, nothing_known(NAMES, SCOPES))
    for n in range(people):
        for place in ("contact", "hubspot", "aloware"):
            world.add(place, str(n), phone=f"+1415555{2000 + n}", first_name="Ann")
    world.run()
    for n in range(people):
        world.edit(world.ref(f"hubspot {n}"), first_name="Bob")
    return world


def judged(
    world: Simulation,
    accepted: Mapping[str, int] | None = None,
    spoilt: Callable[[Proposal], Proposal] = lambda proposal: proposal,
    pulled: Callable[[Snapshot], Snapshot] = lambda snapshot: snapshot,
) -> tuple[Proposal, Verdict]:
    """What the gate says of the next run; `accepted` are the rows of the run before, `spoilt` and `pulled` go wrong
    unnoticed."""
    snapshots = {taken.system: pulled(taken) for taken in world.snapshots()}
    schemas = {system: taken.schema for system, taken in snapshots.items()}
    records = normalise.normalise(list(snapshots.values()), world.policy, STATUSES)
    people = match.match(records, world.known(), world.gone, world.policy)
    cells = diff.diff(line_up(people, world.known(), world.policy, schemas))
    decisions = resolve.decide_all(cells, world.policy)
    made = propose.propose(people, cells, decisions, world.known(), world.policy, schemas, STATUSES)
    return gate(spoilt(made), people, records, snapshots, accepted or {}, world.policy, False)


def held(verdict: Verdict, proposal: Proposal) -> set[str]:
    """The records whose changes wait."""
    waits = proposal.changes[proposal.changes["id"].isin(sorted(verdict.held))]
    return set(waits["system"] + " " + waits["record_id"])


def fires(verdict: Verdict) -> list[str]:
    return [breaker.name for breaker in verdict.breakers]


def test_a_system_that_lost_more_than_half_of_its_records_is_not_believed() -> None:
    """Compared with the last accepted run. Every change that writes there, or that its word decided, waits; what other
    systems agree about goes on. So does everything where exactly half is left."""
    world = town()
    world.edit(world.ref("contact 3"), first_name="Cid")
    del world.records[world.ref("hubspot 3")]
    proposal, verdict = judged(world, accepted={"hubspot": 7})
    assert fires(verdict) == ["hubspot.shrunk-snapshot"]
    assert held(verdict, proposal) == {f"{system} {n}" for system in ("salesforce", "aloware") for n in range(3)}
    assert set(proposal.changes["record_id"]) == {"0", "1", "2", "3"}
    assert judged(world, accepted={"hubspot": 6})[1].outcome == "pass"


def test_numbers_that_cannot_be_read_are_a_system_s_failing_when_most_are() -> None:
    """More than half of the records that have a phone number at all: a wrong region, a column too far. A few such
    numbers are their records' own affair."""
    world = town()
    for n in range(3):
        world.edit(world.ref(f"hubspot {n}"), phone="ask Bob")
    proposal, verdict = judged(world)
    assert fires(verdict) == ["hubspot.unparseable-phones"]
    assert held(verdict, proposal) == {f"{system} {n}" for system in ("salesforce", "aloware") for n in range(4)}
    world.edit(world.ref("hubspot 2"), phone="+14155552002")
    assert judged(world)[1].outcome == "pass"


@pytest.mark.parametrize(("twin", "name"), [("0", "hubspot.repeated-ids"), (None, "hubspot.blank-ids")])
def test_who_gives_two_records_one_id_or_one_none_is_not_believed(twin: str | None, name: str) -> None:
    """Nobody knows which of them is meant."""

    def misread(taken: Snapshot) -> Snapshot:
        if taken.system != "hubspot":
            return taken
        frame = taken.frames["contacts"].copy()
        frame.loc[len(frame) - 1, "record_id"] = twin
        return replace(taken, frames={"contacts": frame})

    _, verdict = judged(town(), pulled=misread)
    assert fires(verdict) == [name]
    assert [finding.severity for finding in verdict.findings if finding.holds] == ["critical"]


def test_a_cell_that_would_leave_a_record_worse_is_quarantined_and_the_rest_goes_on() -> None:
    """Whatever the rules before have let through, with the expectation that failed."""

    def spoilt(proposal: Proposal) -> Proposal:
        cells = proposal.cells.copy()
        cells.loc[cells["change"] == "c1", ["field", "value", "after"]] = ["phone", "ask Bob", "ask Bob"]
        return replace(proposal, cells=cells)

    proposal, verdict = judged(town(), spoilt=spoilt)
    assert proposal.quarantine.to_numpy().tolist() == [["salesforce", "Contact", "0", "phone is no number in E.164"]]
    assert "c1" not in set(proposal.changes["id"])
    assert len(proposal.changes) == 7
    assert (verdict.outcome, [f.severity for f in verdict.findings]) == ("pass", ["warning"])


def test_a_new_record_falls_whole_with_what_its_object_requires() -> None:
    """Without it the vendor would refuse the rest too."""
    world = town()
    world.add("aloware", "new", phone="+14155552999", first_name="Eve", last_name="Doe")

    def spoilt(proposal: Proposal) -> Proposal:
        born = proposal.changes.query("kind == 'create' and system == 'salesforce'")["id"].item()
        cells = proposal.cells.copy()
        cells.loc[(cells["change"] == born) & (cells["field"] == "last_name"), ["value", "after"]] = ""
        return replace(proposal, cells=cells)

    proposal, _ = judged(world, spoilt=spoilt)
    births = proposal.changes.query("kind == 'create'")
    assert births["system"].tolist() == ["hubspot"]
    assert list(proposal.quarantine["reason"]) == ["last_name is required and would be blank"]


def test_a_plan_that_would_give_a_number_a_second_aloware_contact_waits_whole() -> None:
    """For a number that had two before the plan it isn't blamed."""
    world = town()
    world.add("aloware", "twin", phone="+14155552000", first_name="Ann")
    assert judged(world)[1].outcome == "pass"

    def spoilt(proposal: Proposal) -> Proposal:
        twin = proposal.changes.iloc[[0]].assign(
            id="c9", system="aloware", object="contacts", kind="create", phone="+14155552001", record_id=pd.NA
        )
        return replace(proposal, changes=pd.concat([proposal.changes, twin], ignore_index=True).astype("str"))

    proposal, verdict = judged(world, spoilt=spoilt)
    assert fires(verdict) == ["plan.duplicate-numbers"]
    assert verdict.held == set(proposal.changes["id"])


def test_what_was_bad_before_is_not_blamed_on_the_plan() -> None:
    """A record that holds an unreadable address stays as it is: what is written beside it goes through."""
    world = town()
    world.records[world.ref("contact 0")]["Email"] = "ask Bob"
    proposal, verdict = judged(world)
    assert verdict.outcome == "pass"
    assert len(proposal.changes) == 8
