"""The operator's policy, parsed from TOML into frozen types, with every contradiction refused by name."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeVar, get_args, get_origin

import msgspec

from tasks.core import contradictions
from tasks.core.errors import PolicyError
from tasks.core.model import ALOWARE, EDITED, HUBSPOT, SALESFORCE

T = TypeVar("T")

# Where a field can live: the policy's key, the system, and the object in that system.
PLACES = {
    "contact": (SALESFORCE, "Contact"),
    "lead": (SALESFORCE, "Lead"),
    "hubspot": (HUBSPOT, "contacts"),
    "aloware": (ALOWARE, "contacts"),
}


class Phones(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How numbers are read and who speaks for a shared one."""

    region: str = "US"
    double_zero_is_plus: bool = True
    pick: Literal["most-recent", "oldest"] = "most-recent"
    shared_number: Literal["report", "next-number"] = "report"


Where = dict[str, tuple[str, ...]]  # property → the values with which a record is in scope ("" is a blank)


class Salesforce(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which modules are on, which of them speaks for a shared number, what is invented where a value is required."""

    modules: tuple[Literal["contacts", "leads"], ...] = ("contacts", "leads")
    priority: Literal["contact", "lead"] = "contact"
    synthetic: dict[str, str] = {}  # field → value sent when Salesforce demands one and nobody has it
    where: dict[Literal["contact", "lead"], Where] = {}
    account: str = "none"  # a created Contact's Account: "none", "by-company", or an Account's id
    duplicates: Literal["refuse", "allow"] = "refuse"  # what a duplicate rule that only warns would stop

    @property
    def objects(self) -> tuple[str, ...]:
        """Enabled objects, the one with priority first."""
        enabled = {"contacts": "Contact", "leads": "Lead"}
        names = [enabled[module] for module in ("contacts", "leads") if module in self.modules]
        return tuple(sorted(names, key=lambda name: name.lower() != self.priority))


class HubSpot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    where: Where = {}


class Aloware(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of an Aloware account that its API can't tell."""

    calls_per_minute: int = 4000
    price_per_number: float = 0.002  # dollars, for looking up the carrier of each new number (fact sheet, section 3)
    drift: Literal["restore", "keep"] = "restore"
    contacts_export: str = ""
    export_timezone: str = "America/New_York"
    export_as_of: str = ""  # when the export was made, ISO 8601; "": as its file, or who serves it, says
    export_columns: dict[str, str] = {}
    communications_export: str = ""
    communications_columns: dict[str, str] = {}
    dispositions: dict[str, str] = {}


class People(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    create_from: tuple[Literal["salesforce", "hubspot"], ...] = ()


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Breakers: shares of a system's linked records, and the number below which none fires."""

    updates: float = 0.30
    creates: float = 0.30
    clears: float = 0.30
    key_moves: float = 0.30
    floor: int = 10


class Budgets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much one run may use of the calls that are left of the day; Aloware's days have no limit."""

    salesforce: float = 0.2
    hubspot: float = 0.2

    def of(self, system: str) -> float | None:
        """The share for that system; None: it may be asked as often as it answers."""
        return {SALESFORCE: self.salesforce, HUBSPOT: self.hubspot}.get(system)


class Communications(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of calls and messages is logged in Salesforce: nothing older than `since` (ISO 8601; "": the connection)."""

    log: bool = True
    since: str = ""
    recording: bool = True  # the link opens the audio for whoever has it
    others: Literal["hold", "accept"] = "hold"  # where something else logs the same calls in Salesforce, as it seems


class Recency(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When two edits count as made at one time: clocks of different vendors disagree."""

    tolerance_seconds: int = 120


class Retention(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For how many days something is kept; 0: for ever. What a run goes on from, or a plan waits for, always is."""

    snapshots_days: int = 30
    plans_days: int = 90
    journal_days: int = 365


FieldType = Literal[
    "text", "long-text", "email", "phone", "status", "picklist", "boolean", "date", "number", "owner", "consent", "link"
]


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One mapped field: where it lives in each system, and whose word counts."""

    type: FieldType = "text"
    contact: str | None = None
    lead: str | None = None
    hubspot: str | None = None
    aloware: str | None = None
    rule: Literal["priority", "recency", "rank", "hold"] = "priority"
    order: tuple[Literal["salesforce", "hubspot", "aloware"], ...] = ("salesforce", "hubspot", "aloware")
    blanks: Literal["ignore", "fill-only", "clear"] = "ignore"
    direction: Literal["inbound", "two-way"] | None = None  # can narrow its scope, never widen it; None: as its scope

    def property_of(self, place: str) -> str | None:
        return str(name) if (name := getattr(self, place)) else None


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. Empty sections take these defaults."""

    fields: dict[str, Field]
    engine: Literal["local", "dask"] = "local"  # where plans are thought; makes no difference to what they say
    phones: Phones = Phones()
    salesforce: Salesforce = Salesforce()
    hubspot: HubSpot = HubSpot()
    aloware: Aloware = Aloware()
    people: People = People()
    limits: Limits = Limits()
    recency: Recency = Recency()
    budgets: Budgets = Budgets()
    retention: Retention = Retention()
    communications: Communications = Communications()

    def mapped(self, system: str, object_name: str) -> dict[str, str]:
        """Field → property for one object, in the policy's order."""
        place = next(p for p, home in PLACES.items() if home == (system, object_name))
        return {name: prop for name, field in self.fields.items() if (prop := field.property_of(place))}

    def maps(self, name: str, system: str) -> bool:
        """Whether that field lives anywhere in that system."""
        return any(name in self.mapped(system, object_name) for object_name in self.objects(system))

    def objects(self, system: str) -> tuple[str, ...]:
        return self.salesforce.objects if system == SALESFORCE else ("contacts",)

    def where(self, system: str, object_name: str) -> Where:
        """What a record of that object must say to be in scope; empty: every record is."""
        if system == SALESFORCE:
            return next((rule for name, rule in self.salesforce.where.items() if name == object_name.lower()), {})
        return self.hubspot.where if system == HUBSPOT else {}

    @property
    def dated(self) -> tuple[str, ...]:
        """Fields of which it matters when a value was entered."""
        return tuple(name for name, field in self.fields.items() if field.rule == "recency")

    def wanted(self, system: str) -> dict[str, tuple[str, ...]]:
        """Object → columns to read: properties, and the times of edits from HubSpot, which alone keeps a history."""
        return {name: tuple(dict.fromkeys(self._columns(system, name))) for name in self.objects(system)}

    def _columns(self, system: str, object_name: str) -> Iterator[str]:
        mapped = self.mapped(system, object_name)
        yield from mapped.values()
        yield from self.where(system, object_name)
        if system == HUBSPOT:
            yield from (mapped[name] + EDITED for name in self.dated if name in mapped)

    def phone_fields(self, system: str, object_name: str) -> list[str]:
        """Mapped phone fields of one object, in the order in which they are tried for the match key."""
        return [name for name in self.mapped(system, object_name) if self.fields[name].type == "phone"]

    def scope(self, name: str, system: str) -> str:
        """The direction scope under which a field of a CRM is updated."""
        if system == HUBSPOT and self.fields[name].type == "status":
            return "hubspot.disposition"
        return f"{system}.update"

    @property
    def status_field(self) -> str | None:
        return next((name for name, field in self.fields.items() if field.type == "status"), None)


# msgspec's words, and an operator's.
WORDS = {
    "Object contains unknown field": "there is no key",
    "Object missing required field": "there must be a table",
    "Invalid enum value": "bad value",
    "`array`": "a list",
    "`object`": "a table",
    "`str`": "a text",
    "`int`": "a number",
    "`float`": "a number",
    "`bool`": "true or false",
}


def parse(document: Mapping[str, Any]) -> Policy:
    """Read the policy's tables. Raises PolicyError naming the key at fault."""
    try:
        for name, table in dict(document.get("fields", {})).items():
            _convert(table, Field, f"fields.{name}")
        policy = _convert(document, Policy, "")
    except (TypeError, ValueError) as error:
        raise PolicyError(f"The policy can't be read: {error}. Correct it and run again.") from None
    contradictions.check(policy, document, PLACES)
    return policy


def _convert(table: Any, kind: type[T], place: str) -> T:
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        raise ValueError(_readable(str(error), kind, place)) from None


def _readable(message: str, kind: type, place: str) -> str:
    """msgspec says ``Object contains unknown field `x` - at `$.salesforce` ``; operators think in TOML tables."""
    what, _, where = message.partition(" - at ")
    found = re.search(r"`\$([^`]*)`", where)
    path = re.sub(r"\[[^\]]*\]", "", found[1] if found else "").strip(".")
    for theirs, ours in WORDS.items():
        what = what.replace(theirs, ours)
    if what.startswith("bad value") and (allowed := _allowed(kind, path)):
        what += f" (use one of {', '.join(allowed)})"
    table = ".".join(part for part in (place, path) if part)
    return f"{what} in [{table}]" if table else what


def _allowed(kind: Any, path: str) -> list[str]:
    """The words that the key at that path may have."""
    for name in filter(None, path.split(".")):
        if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
            break
        kind = next(field.type for field in msgspec.structs.fields(kind) if field.name == name)
    inner = [kind, *get_args(kind)]
    choices = next((each for each in inner if get_origin(each) is Literal), None)
    return list(get_args(choices))


def digest_source(policy: Policy) -> bytes:
    """What of the policy decides plans as stable bytes, for checksums: all but the engine. The order of its fields says
    which number is the match key."""
    content = {name: value for name, value in msgspec.structs.asdict(policy).items() if name != "engine"}
    return msgspec.json.encode(content, order="sorted") + msgspec.json.encode(list(policy.fields))


def policy_digest(policy: Policy) -> str:
    """One word for what of the policy decides plans."""
    return hashlib.sha256(digest_source(policy)).hexdigest()
