"""What of two looks at a system isn't the same, and whom a run leaves for the next one to look at."""

from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest

from tasks.core.looking.part import left_open, moved, narrowed, unsettled
from tasks.core.model import SALESFORCE, Snapshot
from tasks.core.state import ABSORBED, DECISIONS, LINKS, PARKED, PEOPLE, SETTLED, TOMBSTONE
from tasks.core.tally import Tally, added, without
from tests.property.simulation import nothing_known
from tests.property.worlds import shipped_policy
from tests.unit.ledgers import NOON, table

POLICY = shipped_policy("first_name", "phone")


def seen(**names: str | None) -> Snapshot:
    """A Salesforce in which the Contacts are called so, as of noon."""
    frame = pd.DataFrame({"record_id": list(names), "FirstName": list(names.values())}, dtype="str")
    return Snapshot(SALESFORCE, NOON, {"Contact": frame.assign(as_of=pd.Timestamp(NOON))})


def as_of(snapshot: Snapshot, hours: int) -> Snapshot:
    frame = snapshot.frames["Contact"].assign(as_of=pd.Timestamp(NOON + timedelta(hours=hours)))
    return replace(snapshot, frames={"Contact": frame})


def test_what_is_new_gone_or_other_has_moved() -> None:
    """In whatever order; a blank isn't what a system doesn't tell."""
    before, after = seen(a="Ann", b="Bob", c=None, d="Dora"), seen(e="Eve", d="Dora", c="", b="Rob")
    assert moved(before, after) == {f"salesforce:Contact:{name}" for name in "abce"}
    assert moved(before, before) == set()


def test_when_it_was_seen_is_no_news_unless_that_was_earlier() -> None:
    """A list that is older than what is known of a record doesn't confirm it."""
    assert moved(seen(a="Ann"), as_of(seen(a="Ann"), 1)) == set()
    assert moved(as_of(seen(a="Ann"), 1), seen(a="Ann")) == {"salesforce:Contact:a"}


def test_whatever_ended_has_moved_with_its_heir() -> None:
    """As long as there is evidence of it, and who was converted with the Contact that they became."""
    after = replace(seen(b="Bob"), gone={"salesforce:Contact:a": "salesforce:Contact:b", "salesforce:Lead:c": ""})
    assert moved(seen(b="Bob"), after) == {"salesforce:Contact:a", "salesforce:Contact:b", "salesforce:Lead:c"}
    lead = pd.DataFrame({"record_id": ["q"], "converted_to": ["b"], "as_of": [pd.Timestamp(NOON)]})
    lead = lead.astype({"record_id": "str", "converted_to": "str"})
    before = replace(seen(), frames={"Lead": lead.iloc[:0]})
    assert moved(before, replace(before, frames={"Lead": lead})) == {"salesforce:Lead:q", "salesforce:Contact:b"}


def test_other_objects_or_columns_cannot_be_compared() -> None:
    frame = seen(a="Ann").frames["Contact"]
    assert moved(seen(a="Ann"), replace(seen(), frames={"Lead": frame})) is None
    assert moved(seen(a="Ann"), replace(seen(), frames={"Contact": frame.assign(Phone="1")})) is None


def test_a_snapshot_is_narrowed_to_records() -> None:
    refs = pd.Index(["salesforce:Contact:b", "hubspot:contacts:a", "salesforce:Contact:z"], dtype="str")
    assert list(narrowed(seen(a="Ann", b="Bob"), refs).frames["Contact"]["record_id"]) == ["b"]


def test_the_ledger_names_people_outside_their_own_rows() -> None:
    """A refused create is settled under the person's name, for it has no other."""
    ann, bob, cy, dora = (f"salesforce:Contact:{name}" for name in ("Ann", "Bob", "Cy", "Dora"))
    settled = [(f"hubspot:contacts:+{ann}", "email", "x", "y", PARKED), ("aloware:contacts:7", "email", "x", "y", "")]
    state = replace(
        nothing_known(POLICY),
        settled=table(SETTLED, settled),
        decisions=table(DECISIONS, [(bob, "first_name", "Bob", "{}")]),
        absorbed=table(ABSORBED, [(cy, dora)], "person"),
    )
    assert unsettled(state) >= {ann, bob, cy, dora, "aloware:contacts:7"}


@pytest.fixture
def three() -> tuple[pd.DataFrame, list[str]]:
    """Records of Ann and Bob, and one of nobody."""
    refs = [f"salesforce:Contact:{name}" for name in ("Ann", "Bob", "new")]
    keys = pd.DataFrame({"key": ["+1", "+2", "+9"]}, index=pd.Index(refs, name="ref"), dtype="str")
    return keys, refs


def test_a_run_leaves_open_whom_it_could_not_be_sure_of(three: tuple[pd.DataFrame, list[str]]) -> None:
    """Records of nobody, records that it didn't see, and whoever has a number that it had to look up."""
    records, (ann, bob, new) = three
    links = [(ref, *ref.split(":"), ref, "representative") for ref in (ann, bob)]
    links += [("hubspot:contacts:1", "hubspot", "contacts", "1", ann, "representative")]
    links += [("hubspot:contacts:2", "hubspot", "contacts", "2", bob, TOMBSTONE)]
    state = replace(
        nothing_known(POLICY),
        links=table(LINKS, links, "ref"),
        people=table(PEOPLE, [(ann, "+1", SALESFORCE), (bob, "+2", SALESFORCE)], "person"),
    )
    nobody = nothing_known(POLICY)
    assert left_open(records, state, nobody, []) == {new, "hubspot:contacts:1"}
    assert left_open(records, state, nobody, ["+2"]) == {new, "hubspot:contacts:1", bob}
    assert left_open(records, state, state, []) == {ann, bob, new, "hubspot:contacts:1"}


def test_tallies_add_up() -> None:
    some, others = {"hubspot": Tally(2, 1, 1, 0)}, {"hubspot": Tally(5, 4, 0, 2), "aloware": Tally(1)}
    both = added(some, others)
    assert both == {"aloware": Tally(1), "hubspot": Tally(7, 5, 1, 2)}
    assert without(both, some) == {"aloware": Tally(1), "hubspot": Tally(5, 4, 0, 2)}
