"""Merging two contacts into one (fact sheet, sections 0.5 and 2.3)."""

from datetime import datetime

from tasks.sandbox.hubspot.contacts import FIRST_ID, Contacts, Source, archived, changed, merged_ids
from tasks.sandbox.hubspot.draft import Row, emails
from tasks.sandbox.hubspot.errors import Refusal, invalid, not_found

MAX_IDENTITIES = 250
MERGE: Source = ("MERGE_OBJECTS", "userId:76070032")


def _survivor(survivor_id: str, primary: Row, other: Row, at: datetime) -> Row:
    """The primary's values win and the other's fill its blanks; every address and every old id is kept."""
    addresses = list(dict.fromkeys(emails(primary) + emails(other)))
    if len(addresses) > MAX_IDENTITIES:
        raise Refusal(414, f"Cannot have more than {MAX_IDENTITIES} identities on a profile")
    lost = [i for row in (primary, other) for i in (*merged_ids(row), row["id"]) if i != survivor_id]
    born = min(primary["created"], other["created"])
    system = {"hs_object_id": survivor_id, "createdate": born}
    base = {**primary, "id": survivor_id, "created": born, "properties": primary["properties"] | system}
    fills = {name: text for name, text in other["properties"].items() if name not in primary["properties"]}
    gained = {"hs_merged_object_ids": ";".join(lost), "hs_additional_emails": ";".join(addresses[1:])}
    return changed(base, fills | {"email": "".join(addresses[:1])} | gained, at, MERGE)


def merge(contacts: Contacts, primary_id: str, other_id: str) -> Row:
    """One contact out of two: under a new id, unless the portal preserves primary ids. The old ids are archived."""
    world, draft = contacts.world, contacts.draft()
    primary, other = contacts.live(draft, primary_id), contacts.live(draft, other_id)
    if not primary or not other:
        raise not_found()
    if primary["id"] == other["id"]:
        raise invalid("Cannot merge an object with itself")
    at, preserve = world.clock.now(), world.switches.hubspot_primary_id_preservation
    survivor_id = primary["id"] if preserve else str(world.store.next("hubspot.id", FIRST_ID))
    merged = contacts.lagging(_survivor(survivor_id, primary, other, at))
    for old in (other,) if preserve else (primary, other):
        draft.put(archived(old, at, survivor_id))
    draft.put(merged)
    draft.commit()
    return merged
