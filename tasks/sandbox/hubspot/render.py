"""How a contact looks on the wire."""

from collections.abc import Iterable, Sequence
from typing import Any

from tasks.sandbox.hubspot.contacts import PORTAL, Contacts, value
from tasks.sandbox.hubspot.draft import Row
from tasks.sandbox.hubspot.properties import CONSTANTS

ALWAYS = ("createdate", "hs_object_id", "lastmodifieddate")
DEFAULT = ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname")
# What the answer to an update holds besides the changed properties (recorded).
WITH_UPDATE = (
    *ALWAYS,
    "hs_is_unworked",
    "hs_object_source",
    "hs_object_source_id",
    "hs_object_source_label",
    "hs_pipeline",
    "lifecyclestage",
)

Record = dict[str, Any]


def _record(row: Row, properties: dict[str, str | None]) -> Record:
    ended = {"archivedAt": row["archived_at"]} if row["archived"] else {}
    return {
        "id": row["id"],
        "properties": dict(sorted(properties.items())),
        "createdAt": row["created"],
        "updatedAt": row["updated"],
        "archived": row["archived"],
        **ended,
        "url": f"https://app.hubspot.com/contacts/{PORTAL}/record/0-1/{row['id']}",
    }


def _histories(row: Row, names: Iterable[str]) -> dict[str, list[dict[str, str]]]:
    keys = ("value", "timestamp", "sourceType", "sourceId")
    return {name: [dict(zip(keys, entry, strict=True)) for entry in row["history"].get(name, ())] for name in names}


def read(contacts: Contacts, row: Row, names: Sequence[str] = (), with_history: Sequence[str] = ()) -> Record:
    """A contact as read: null where nothing is set; properties that do not exist are left out in silence."""
    wanted = (*names, *with_history, *ALWAYS) if names or with_history else DEFAULT
    record = _record(row, {name: value(row, name) for name in wanted if name in contacts.known})
    if with_history:
        record["propertiesWithHistory"] = _histories(row, (n for n in with_history if n in contacts.known))
    return record


def created(row: Row) -> Record:
    """The answer to a create: everything that is set."""
    return _record(row, CONSTANTS | row["properties"])


def updated(old: Row, new: Row, sent: dict[str, str]) -> Record:
    """The answer to an update: what changed and some system properties. A cleared value is echoed as sent, empty."""
    before, after = old["properties"], new["properties"]
    moved = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return _record(new, {**{name: value(new, name) for name in (*WITH_UPDATE, *moved)}, **sent})
