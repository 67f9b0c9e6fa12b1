"""What changed, laid over what was known: as good as reading everything."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pandas as pd
import pytest

from tasks.connectors.fake import Fake
from tasks.core import overlay
from tasks.core.model import HUBSPOT, SALESFORCE, Address, Property, Snapshot
from tasks.core.state import LINKS
from tasks.ledger.snapshots import digest
from tests.unit.ledgers import table

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
OBJECTS = ("Contact", "Lead")
WANTED = dict.fromkeys(OBJECTS, ("LastName", "Phone"))


def names(snapshot: Snapshot, object_name: str = "Contact") -> dict[str, str]:
    frame = snapshot.frames[object_name].set_index("record_id")
    return dict(frame["LastName"])


def never_written() -> "pd.Series[pd.Timestamp]":
    return pd.Series([], index=pd.Index([], dtype="str"), dtype="datetime64[ns, UTC]")


@pytest.fixture
def org() -> Fake:
    """A Salesforce with the Contacts 1 (Lee) and 2 (Ray)."""
    fake = Fake(SALESFORCE, WANTED)
    fake.put("Contact", {"LastName": "Lee"}, "1")
    fake.put("Contact", {"LastName": "Ray"}, "2")
    return fake


def laid(fake: Fake, old: Snapshot) -> Snapshot:
    return overlay.lay(old, fake.pull(LATER, old.watermark))


def test_an_edit_replaces_and_the_rest_stays(org: Fake) -> None:
    old = org.pull(NOON)
    org.put("Contact", {"LastName": "Leeds"}, "1")
    assert names(laid(org, old)) == {"1": "Leeds", "2": "Ray"}


def test_what_is_deleted_or_merged_is_no_longer_there_and_says_why(org: Fake) -> None:
    old = org.pull(NOON)
    org.delete("Contact", "1", merged_into="2")
    now = laid(org, old)
    assert names(now) == {"2": "Ray"}
    assert now.gone == {"salesforce:Contact:1": "salesforce:Contact:2"}


def test_evidence_stays_until_the_record_is_seen_again(org: Fake) -> None:
    """A plan that saw it may never have been applied."""
    old = org.pull(NOON)
    org.delete("Contact", "1")
    after = laid(org, laid(org, old))
    assert "salesforce:Contact:1" in after.gone
    org.put("Contact", {"LastName": "Lee again"}, "1")
    restored = laid(org, after)
    assert restored.gone == {}
    assert names(restored)["1"] == "Lee again"


def test_a_deleted_list_does_not_make_forget_who_the_heir_is() -> None:
    """HubSpot's archived list holds merged records too, and names no heir."""
    merged = Snapshot(HUBSPOT, NOON, {}, gone={"hubspot:contacts:1": "hubspot:contacts:3"}, watermark="1")
    listed = Snapshot(HUBSPOT, LATER, {}, gone={"hubspot:contacts:1": ""}, watermark="2")
    assert overlay.lay(merged, listed).gone == {"hubspot:contacts:1": "hubspot:contacts:3"}
    remerged = Snapshot(HUBSPOT, LATER, {}, gone={"hubspot:contacts:1": "hubspot:contacts:4"}, watermark="2")
    assert overlay.lay(merged, remerged).gone == {"hubspot:contacts:1": "hubspot:contacts:4"}


@pytest.mark.parametrize("seed", range(5))
def test_whatever_people_do_increments_add_up_to_a_full_pull(org: Fake, seed: int) -> None:
    """The same content, and so the same checksum."""
    dice = Random(seed)
    snapshot = org.pull(NOON)
    for _ in range(12):
        for _ in range(dice.randrange(4)):
            disturb(org, dice)
        snapshot = laid(org, snapshot)
        assert digest(snapshot) == digest(org.pull(LATER))


def disturb(fake: Fake, dice: Random) -> None:
    """Somebody creates, edits, restores, deletes, merges or converts."""
    name = dice.choice(OBJECTS)
    here = sorted(fake.store.objects.get(name, {}))
    if len(here) < 2 or dice.random() < 0.5:
        fake.put(name, {"LastName": str(dice.random())}, str(dice.randrange(6)))
        return
    one, other = dice.sample(here, 2)
    contacts = sorted(fake.store.objects["Contact"])
    if name == "Lead" and contacts and dice.random() < 0.5:
        fake.convert(one, contacts[0])
    else:
        fake.delete(name, one, dice.choice(["", other]))


def test_a_look_at_single_records_moves_neither_time_nor_reach(org: Fake) -> None:
    old = org.pull(NOON)
    org.put("Contact", {"LastName": "Leeds"}, "1")
    looked = overlay.lay(old, org.peek([Address("Contact", "1")], LATER))
    assert names(looked) == {"1": "Leeds", "2": "Ray"}
    assert (looked.taken_at, looked.watermark) == (old.taken_at, old.watermark)
    assert laid(org, old).taken_at == LATER


def test_a_look_that_only_confirms_says_nothing_new(org: Fake) -> None:
    """It saw later, and in another order; an edit, a new record, one that is gone or who went for good is news."""
    old = org.pull(NOON)
    found = org.peek([Address("Contact", "2"), Address("Contact", "1")], LATER)
    assert overlay.alike(old, overlay.looked(old, ["salesforce:Contact:1"], found))
    assert not overlay.alike(old, overlay.looked(old, ["salesforce:Contact:3"], found))
    gone = replace(found, frames={"Contact": found.frames["Contact"].iloc[:1]})
    assert not overlay.alike(old, overlay.looked(old, ["salesforce:Contact:1"], gone))
    for record_id, name in (("1", "Leeds"), ("3", "May")):
        org.put("Contact", {"LastName": name}, record_id)
        found = org.peek([Address("Contact", record_id)], LATER)
        assert not overlay.alike(old, overlay.looked(old, [], found))


def test_who_is_not_found_by_id_is_gone(org: Fake) -> None:
    old = org.pull(NOON)
    del org.store.objects["Contact"]["1"]
    found = org.peek([Address("Contact", "1"), Address("Contact", "2")], LATER)
    looked = overlay.looked(old, ["salesforce:Contact:1", "salesforce:Contact:2"], found)
    assert looked.gone == {"salesforce:Contact:1": ""}
    assert names(looked) == {"2": "Ray"}


@pytest.mark.parametrize(
    ("wanted", "enough"),
    [
        (WANTED, True),
        ({"Contact": ("Phone",)}, True),
        ({**WANTED, "Contact": ("LastName", "Phone", "Email")}, False),
        ({**WANTED, "Account": ("Name",)}, False),
        ({"Contact": ("Fax",)}, False),
    ],
    ids=["as before", "less", "a property more", "an object more", "asked for before it existed"],
)
def test_an_increment_is_enough_for_what_was_read_before(wanted: Mapping[str, tuple[str, ...]], enough: bool) -> None:
    schema = {name: {prop: Property(prop) for prop in WANTED[name]} for name in OBJECTS}
    old = Fake(SALESFORCE, {"Contact": ("LastName", "Phone", "Fax"), "Lead": WANTED["Lead"]}, schema=schema).pull(NOON)
    assert overlay.continues(old, wanted) is enough


def test_a_system_connected_anew_is_read_anew(org: Fake) -> None:
    pulled = org.pull(NOON)
    assert overlay.continues(pulled, WANTED)
    assert not overlay.continues(Snapshot(SALESFORCE, NOON, pulled.frames, pulled.schema), WANTED)


def links(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """Object, id and role of Salesforce's links."""
    made = [(f"salesforce:{name}:{id_}", SALESFORCE, name, id_, "p", role) for name, id_, role in rows]
    return table(LINKS, made, "ref")


@pytest.mark.parametrize(
    ("object_name", "role", "asked"),
    [
        ("Contact", "representative", True),
        ("Contact", "shadow", True),
        ("Contact", "out-of-scope", True),
        ("Contact", "tombstone", False),
        ("Account", "representative", False),
    ],
)
def test_a_linked_record_that_is_missing_is_read_by_id(org: Fake, object_name: str, role: str, asked: bool) -> None:
    """Unless it is known to be dead, or its module is off."""
    doubtful = overlay.in_doubt(org.pull(NOON), links((object_name, "9", role)), never_written())
    assert list(doubtful.values()) == ([Address(object_name, "9")] if asked else [])


def test_a_record_known_to_be_gone_is_not_asked_for(org: Fake) -> None:
    org.delete("Contact", "1")
    assert overlay.in_doubt(org.pull(NOON), links(("Contact", "1", "representative")), never_written()) == {}


def test_a_snapshot_that_lost_half_of_the_linked_records_is_left_to_the_gate(org: Fake) -> None:
    """The gate holds it: whoever can't see the records can't find them by id either."""
    there = [("Contact", id_, "representative") for id_ in ("1", "2")]
    few, many = ([("Contact", str(n), "representative") for n in range(10, 10 + lost)] for lost in (10, 11))
    assert len(overlay.in_doubt(org.pull(NOON), links(*there, *few), never_written())) == 10
    assert overlay.in_doubt(org.pull(NOON), links(*there, *many), never_written()) == {}


@pytest.mark.parametrize(("seconds", "asked"), [(-1, False), (0, True), (1, True)])
def test_a_record_written_since_it_was_observed_is_read_by_id(org: Fake, seconds: int, asked: bool) -> None:
    """An index that lags would show our own write undone."""
    at = pd.Timestamp(NOON + timedelta(seconds=seconds, milliseconds=-1 if seconds < 0 else 1))
    written = pd.Series([at], index=["salesforce:Contact:1"]).astype("datetime64[ns, UTC]")
    doubtful = overlay.in_doubt(org.pull(NOON), links(), written)
    assert list(doubtful) == (["salesforce:Contact:1"] if asked else [])
