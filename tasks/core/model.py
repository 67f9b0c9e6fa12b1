"""The nouns that cross rooms: systems, snapshots, changes, receipts. Frozen, vendor-neutral, without behaviour.

Values in frames are strings. A blank is `""`; a value that isn't there at all (no such record, property not held, no
base yet, golden never decided) is missing (NaN). The two are never mixed up: see design, "bases" and "golden".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

import pandas as pd

SALESFORCE, HUBSPOT, ALOWARE = "salesforce", "hubspot", "aloware"
SYSTEMS = (SALESFORCE, HUBSPOT, ALOWARE)
CRMS = (SALESFORCE, HUBSPOT)

SCOPES = ("salesforce.create", "salesforce.update", "hubspot.create", "hubspot.update", "hubspot.disposition")
Direction = Literal["inbound", "two-way"]

Kind = Literal["create", "update", "link", "task", "archive"]


class Capability(StrEnum):
    """What a connector can do beyond the protocol; absent means it can't, not that it might."""

    LIST = "can_list"
    CLEAR = "can_clear"
    ARCHIVE = "can_archive"
    CATALOGUE = "has_catalogue"


def reference(system: str, object_name: str, record_id: str) -> str:
    """The one-string name of a record: `salesforce:Contact:003…`. Frames of records and bases are indexed by it."""
    return f"{system}:{object_name}:{record_id}"


@dataclass(frozen=True)
class Address:
    """Where a record is found: by id in a CRM, by phone number in Aloware."""

    object: str
    record_id: str
    phone: str = ""


@dataclass(frozen=True)
class Property:
    """What a system says of one property of one object (Salesforce describe, HubSpot property definition)."""

    name: str
    label: str = ""
    type: str = ""  # the vendor's word; "" where there is none: any field may be mapped to it
    length: int | None = None
    createable: bool = True
    updateable: bool = True
    required: bool = False  # a create must give it
    nillable: bool = True  # it may be left, or made, blank
    options: tuple[str, ...] | None = None  # allowed internal values; None = any


# Types of properties that connectors tell apart whatever the vendor calls them.
OWNER, CHOICES = "owner", "choices"  # the id of a user; several options, with semicolons between them

# What every CRM record has though no vendor stores it: the address at which people open it; and its type.
RECORD_URL, LINK = "record_url", "link"

EDITED = "__at"  # behind a property's name: the column of a snapshot that says when that property was last edited

Schema = Mapping[str, Mapping[str, Property]]  # object → property name → what is known of it


@dataclass(frozen=True)
class Snapshot:
    """One pull of one system: immutable, with what it cost and how far it reached.

    `frames` maps object → frame with the str columns `record_id`, one column per asked property (vendor's name, raw
    text, missing = the system says null) and the UTC columns `created_at`, `modified_at`, `as_of` (missing when the
    system doesn't say) and, where asked for, `<property>__at` (EDITED): when that property was last edited. Leads carry
    `converted_to` (a Contact id or missing). `gone` lists records with positive evidence of deletion: their reference →
    the reference it was merged into, or "". `users` maps the id of each active user to a lower-case e-mail, where a
    property that names an owner is asked for. `skipped` are references of records that were there and aren't told,
    for we were asked to forget whom they are about: no evidence of a deletion.
    """

    system: str
    taken_at: datetime
    frames: Mapping[str, pd.DataFrame]
    schema: Schema = field(default_factory=dict)
    gone: Mapping[str, str] = field(default_factory=dict)
    watermark: str | None = None
    users: Mapping[str, str] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Change:
    """One write to one record, as a connector is asked to do it. `fields` maps vendor property → raw value to send."""

    id: str
    system: str
    object: str
    record_id: str | None  # None: a create
    kind: Kind
    fields: Mapping[str, str]
    phone: str = ""  # the person's number; Aloware's address


class Outcome(StrEnum):
    """How a change ended. `FAILED` may be tried again; `REFUSED` is the vendor's last word about that row."""

    APPLIED = "applied"
    REFUSED = "refused"
    FAILED = "failed"
    STALE = "stale"


@dataclass(frozen=True)
class Receipt:
    """A system's answer about one change: always one per change."""

    change: str
    outcome: Outcome
    record_id: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class Disposition:
    """One entry of Aloware's catalogue of contact dispositions; `value` is the HubSpot status it mirrors, or ""."""

    id: str
    name: str
    value: str = ""
    locked: bool = False
    position: int = 0
    hidden: bool = False


@dataclass(frozen=True)
class Status:
    """One option of HubSpot's Lead Status, in HubSpot's order."""

    value: str
    label: str
    position: int = 0
    hidden: bool = False
