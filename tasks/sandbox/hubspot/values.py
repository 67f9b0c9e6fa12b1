"""Whether HubSpot takes a property value, and what it keeps of it."""

import re
from collections.abc import Mapping
from typing import Any

from tasks.sandbox.hubspot.errors import invalid_json
from tasks.sandbox.hubspot.properties import Definition, definitions
from tasks.sandbox.hubspot.wire import moment
from tasks.sandbox.world import World

_EMAIL = re.compile(r"[^@\s,;<>()\"]+@(?:[\w-]+\.)+[A-Za-z]{2,}")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")

Problem = dict[str, Any]


def _text(value: Any) -> str:
    """JSON scalars become strings; null clears like the empty string."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise invalid_json(1, 1, "Cannot deserialize value of type `java.lang.String` from Object or Array value")


def _kept(definition: Definition | None, text: str) -> str:
    """Addresses are kept in lower case, times as ISO; all else as it came."""
    if definition is None or not text:
        return text
    if definition["name"] == "email":
        return text.strip().lower()
    if definition["type"] == "datetime":
        return moment(text) or text
    if definition["type"] == "date" and (found := moment(text)):
        return found[:10]
    return text


def kept(world: World, properties: Mapping[str, Any]) -> dict[str, str]:
    """The strings HubSpot would store for these values; an empty one clears."""
    known = definitions(world)
    return {name: _kept(known.get(name), _text(value)) for name, value in properties.items()}


def _allowed(world: World, definition: Definition) -> list[str]:
    if definition["name"] == "hubspot_owner_id":
        return list(world.store.table("hubspot.owners"))
    return [option["value"] for option in definition["options"]]


def _option_problem(world: World, definition: Definition, text: str) -> tuple[str, str] | None:
    """Options are matched exactly, case and all (fact sheet, section 2.4)."""
    allowed = _allowed(world, definition)
    chosen = [part for part in text.split(";") if part] if definition["fieldType"] == "checkbox" else [text]
    if all(value in allowed for value in chosen):
        return None
    return "INVALID_OPTION", f"{text} was not one of the allowed options: [{', '.join(allowed)}]"


def _value_problem(world: World, definition: Definition, text: str) -> tuple[str, str] | None:
    name, kind = definition["name"], definition["type"]
    if definition["modificationMetadata"]["readOnlyValue"]:
        return "READ_ONLY_VALUE", f'"{name}" is a read only property; its value cannot be set.'
    if not text:
        return None
    if name == "email" and not _EMAIL.fullmatch(text):
        return "INVALID_EMAIL", f"Email address {text} is invalid"
    if kind in ("enumeration", "bool"):
        return _option_problem(world, definition, text)
    if kind == "number" and not _NUMBER.fullmatch(text):
        return "INVALID_NUMERIC", f"{text} was not a valid number."
    if kind in ("date", "datetime") and moment(text) is None:
        return "INVALID_LONG", f"{text} was not a valid long."
    return None


def problems(world: World, values: Mapping[str, str]) -> list[Problem]:
    """Everything wrong with these stored-to-be values, in HubSpot's words."""
    known, found = definitions(world), []
    for name, text in values.items():
        definition = known.get(name)
        wrong = (
            ("PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')
            if definition is None
            else _value_problem(world, definition, text)
        )
        if wrong:
            found.append({"isValid": False, "message": wrong[1], "error": wrong[0], "name": name})
    return found
