"""What each property of the connected systems is to the policy: mapped, free, or out of reach; and mappings that can't
work, refused before anything is written.

What a property can hold is read from its type, in the vendor's word (Salesforce describe, HubSpot definition).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tasks.core.errors import PolicyError
from tasks.core.model import CHOICES, CRMS, LINK, OWNER, Property, Schema
from tasks.core.policy import PLACES, FieldType, Policy

MAPPED, FREE, DISABLED, UNKNOWN = "mapped", "free", "disabled", "unknown"

_TEXTS = ("string", "textarea")  # free text takes any value that can be spelt out
_NUMBERS = ("int", "long", "double", "currency", "percent", "number")
_CHOICE = ("picklist", "combobox", "enumeration")
_FLAGS = ("boolean", "bool")
HOLDS: Mapping[FieldType, tuple[str, ...]] = {
    "text": (*_TEXTS, *_CHOICE, "url", "email", "phone", "phone_number", "encryptedstring", "id"),
    "long-text": (*_TEXTS, "html"),
    "email": ("email", "string"),
    "phone": ("phone", "phone_number", "string"),
    "status": ("enumeration", "status"),
    "picklist": (*_CHOICE, *_TEXTS, CHOICES),
    "boolean": (*_FLAGS, "string"),
    "consent": (*_FLAGS, "string"),
    "date": ("date", "string"),
    "number": (*_NUMBERS, "string"),
    "owner": (OWNER,),
    "link": (LINK, *_TEXTS, "url"),
}
# What a field can read where it will never have to write.
SHOWS: Mapping[FieldType, tuple[str, ...]] = {
    "text": (*_NUMBERS, *_FLAGS, "date", "datetime", "reference", OWNER),
    "date": ("datetime",),
}


@dataclass(frozen=True)
class Row:
    """One property of one object. `fits`: the types of field that it could be mapped to."""

    system: str
    object: str
    property: str
    type: str
    field: str | None
    state: str
    reason: str = ""
    fits: tuple[str, ...] = ()


def survey(policy: Policy, schemas: Mapping[str, Schema]) -> list[Row]:
    """Every mapped property, field by field as the policy has them, then every other one that a system has."""
    mapped, others = [], []
    for system, object_name in PLACES.values():
        if object_name not in policy.objects(system):
            continue
        known = schemas.get(system, {}).get(object_name)
        fields = policy.mapped(system, object_name)
        mapped += [_mapped(policy, system, object_name, name, prop, known) for name, prop in fields.items()]
        taken = set(fields.values())
        others += [
            _other(system, object_name, known[name]) for name in sorted(known or ()) if known and name not in taken
        ]
    return mapped + others


def _mapped(
    policy: Policy, system: str, object_name: str, name: str, prop: str, known: Mapping[str, Property] | None
) -> Row:
    if known is None:
        return Row(system, object_name, prop, "", name, UNKNOWN, "not connected")
    if prop not in known:
        return Row(system, object_name, prop, "", name, DISABLED, "it doesn't exist, or this login may not see it")
    held = known[prop]
    state, reason = MAPPED, "" if _writable(held) else "read-only, so it is read and never written"
    if wrong := misfit(policy.fields[name].type, held):
        state, reason = DISABLED, wrong
    return Row(system, object_name, prop, held.type, name, state, reason, fits(held))


def _other(system: str, object_name: str, held: Property) -> Row:
    possible = fits(held)
    if not _writable(held):
        state, reason = DISABLED, "read-only"
    elif not possible:
        state, reason = DISABLED, f"no type of field fits type {held.type}"
    else:
        state, reason = FREE, f"required when a {object_name} is created" if held.required and system in CRMS else ""
    return Row(system, object_name, held.name, held.type, None, state, reason, possible)


def _writable(held: Property) -> bool:
    return held.createable or held.updateable


def fits(held: Property) -> tuple[str, ...]:
    """The types of field that can be mapped to that property; a link is mapped to what the policy has for it alone."""
    return tuple(kind for kind in HOLDS if kind != LINK and not misfit(kind, held))


def misfit(kind: FieldType, held: Property) -> str:
    """Why a field of that type can't be mapped to that property, or ""."""
    shown = () if _writable(held) else SHOWS.get(kind, ())
    if not held.type or held.type in HOLDS[kind] or held.type in shown:
        return ""
    if kind in SHOWS and held.type in SHOWS[kind]:
        return f"its type is {held.type}, which a field of type {kind} can read but not write"
    return f"its type is {held.type}, which doesn't fit a field of type {kind}"


def check_against(policy: Policy, schemas: Mapping[str, Schema]) -> None:
    """Refuse a policy that asks for properties that a connected system doesn't have, or that can't hold the field.
    Raises PolicyError."""
    for complaint in _complaints(policy, schemas):
        raise PolicyError(complaint)


def _complaints(policy: Policy, schemas: Mapping[str, Schema]) -> Iterator[str]:
    remedy = "correct the policy, or see `tandem mapping`."
    for system, schema in schemas.items():
        for object_name in policy.objects(system):
            known, whose = schema.get(object_name, {}), f"{system}'s {object_name}"
            for name, prop in policy.mapped(system, object_name).items():
                if prop not in known:
                    yield f"[fields.{name}] maps to {prop}, which {whose} doesn't have (or hides from us): {remedy}"
                elif wrong := misfit(policy.fields[name].type, known[prop]):
                    yield f"[fields.{name}] maps to {prop} of {whose}, but {wrong}: {remedy}"
            for prop in policy.where(system, object_name):
                if prop not in known:
                    yield f"The `where` of {whose} asks for {prop}, which it doesn't have (or hides): {remedy}"


def check_directions(policy: Policy, directions: Mapping[str, str], connected: list[str]) -> None:
    """Refuse a field that is said to be two-way where no connected CRM takes its edits. Raises PolicyError.

    The policy narrows directions and never widens them: such a key would be a wish that nobody fulfils.
    """
    for name, field in policy.fields.items():
        scopes = [policy.scope(name, crm) for crm in CRMS if crm in connected and policy.maps(name, crm)]
        if field.direction == "two-way" and scopes and all(directions.get(scope) != "two-way" for scope in scopes):
            raise PolicyError(
                f'[fields.{name}] says direction = "two-way", but {" and ".join(scopes)} '
                f"{'is' if len(scopes) == 1 else 'are'} inbound, and a policy can't widen that: run `tandem direction "
                f"{scopes[0]} two-way`, or remove the key."
            )
