"""The operator's policy, parsed from TOML into frozen types, with every contradiction refused by name."""

from collections.abc import Mapping
from typing import Any, Literal, TypeVar

import msgspec

from tasks.core.errors import PolicyError
from tasks.core.model import ALOWARE, HUBSPOT, SALESFORCE, Schema

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


class Salesforce(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which modules are on, which of them speaks for a shared number, what is invented where a value is required."""

    modules: tuple[Literal["contacts", "leads"], ...] = ("contacts", "leads")
    priority: Literal["contact", "lead"] = "contact"
    synthetic: dict[str, str] = {}  # field → value sent when Salesforce demands one and nobody has it

    @property
    def objects(self) -> tuple[str, ...]:
        """Enabled objects, the one with priority first."""
        enabled = {"contacts": "Contact", "leads": "Lead"}
        names = [enabled[module] for module in ("contacts", "leads") if module in self.modules]
        return tuple(sorted(names, key=lambda name: name.lower() != self.priority))


class Aloware(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of an Aloware account that its API can't tell."""

    calls_per_minute: int = 4000
    drift: Literal["restore", "keep"] = "restore"
    contacts_export: str = ""
    export_timezone: str = "America/New_York"
    export_columns: dict[str, str] = {}
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


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One mapped field: where it lives in each system, and whose word counts."""

    type: Literal["text", "email", "phone", "status"] = "text"
    contact: str | None = None
    lead: str | None = None
    hubspot: str | None = None
    aloware: str | None = None
    rule: Literal["priority", "rank"] = "priority"
    order: tuple[Literal["salesforce", "hubspot", "aloware"], ...] = ("salesforce", "hubspot", "aloware")
    blanks: Literal["ignore", "fill-only", "clear"] = "ignore"
    direction: Literal["inbound", "two-way"] = "two-way"  # can narrow its scope, never widen it

    def property_of(self, place: str) -> str | None:
        return str(name) if (name := getattr(self, place)) else None


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. Empty sections take these defaults."""

    fields: dict[str, Field]
    phones: Phones = Phones()
    salesforce: Salesforce = Salesforce()
    aloware: Aloware = Aloware()
    people: People = People()
    limits: Limits = Limits()

    def mapped(self, system: str, object_name: str) -> dict[str, str]:
        """Field → property for one object, in the policy's order."""
        place = next(p for p, home in PLACES.items() if home == (system, object_name))
        return {name: prop for name, field in self.fields.items() if (prop := field.property_of(place))}

    def objects(self, system: str) -> tuple[str, ...]:
        return self.salesforce.objects if system == SALESFORCE else ("contacts",)

    def wanted(self, system: str) -> dict[str, tuple[str, ...]]:
        """Object → properties to read."""
        return {name: tuple(self.mapped(system, name).values()) for name in self.objects(system)}

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


def parse(document: Mapping[str, Any]) -> Policy:
    """Read the policy's tables. Raises PolicyError naming the key at fault."""
    try:
        for name, table in dict(document.get("fields", {})).items():
            _convert(table, Field, f"fields.{name}")
        policy = _convert(document, Policy, "")
    except (TypeError, ValueError) as error:
        raise PolicyError(f"The policy can't be read: {error}. Correct it and run again.") from None
    _check(policy)
    return policy


def _convert(table: Any, kind: type[T], place: str) -> T:
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        raise ValueError(_readable(str(error), place)) from None


def _readable(message: str, place: str) -> str:
    """msgspec says ``Object contains unknown field `x` - at `$.salesforce` ``; operators think in TOML tables."""
    what, _, where = message.partition(" - at `$")
    what = what.replace("Object contains unknown field", "there is no key").replace("Invalid enum value", "bad value")
    table = ".".join(part for part in (place, where.strip("`.")) if part)
    return f"{what} in [{table}]" if table else what


def _check(policy: Policy) -> None:
    if not policy.salesforce.objects:
        raise PolicyError('The policy turns both Salesforce modules off: set [salesforce] modules = ["contacts"].')
    if policy.salesforce.priority not in {name.lower() for name in policy.salesforce.objects}:
        raise PolicyError(
            f'The policy gives priority to "{policy.salesforce.priority}", a module that is off: change '
            "[salesforce] priority or modules."
        )
    for place, (system, object_name) in PLACES.items():
        _check_once(policy, place, f"{system} {object_name}")
    for name, field in policy.fields.items():
        if not name.isidentifier() or name.endswith(("_from", "_raw")):
            raise PolicyError(f"[fields.{name}]: name fields with letters, digits and _, not ending in _from or _raw.")
        if sum(bool(field.property_of(place)) for place in PLACES) == 0:
            raise PolicyError(f"[fields.{name}] is mapped nowhere: name a property, or remove the field.")
    if "phone_number" not in {field.aloware for field in policy.fields.values() if field.type == "phone"}:
        raise PolicyError("No phone field is mapped to Aloware's phone_number, the match key: set [fields.phone].")


def _check_once(policy: Policy, place: str, where: str) -> None:
    """A property is mapped once: two fields writing one property would undo each other for ever."""
    seen: dict[str, str] = {}
    for name, field in policy.fields.items():
        prop = field.property_of(place)
        if prop is None:
            continue
        if prop.lower() in seen:
            raise PolicyError(
                f"The policy maps the {where} property {prop} twice, by [fields.{seen[prop.lower()]}] and "
                f"[fields.{name}]: keep one."
            )
        seen[prop.lower()] = name


def check_against(policy: Policy, schemas: Mapping[str, Schema]) -> None:
    """Refuse a mapping to a property that a connected system doesn't have. Raises PolicyError."""
    for system, schema in schemas.items():
        for object_name in policy.objects(system):
            for name, prop in policy.mapped(system, object_name).items():
                if prop not in schema.get(object_name, {}):
                    raise PolicyError(
                        f"[fields.{name}] maps to {prop}, which {system}'s {object_name} doesn't have (or hides from "
                        "this login): correct the policy, or see `tandem mapping`."
                    )


def digest_source(policy: Policy) -> bytes:
    """The policy as stable bytes, for checksums."""
    return msgspec.json.encode(policy, order="sorted")
