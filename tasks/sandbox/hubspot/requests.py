"""What every endpoint asks of a request: its world, its JSON, its object type."""

import json
from typing import Any

from starlette.requests import Request

from tasks.sandbox.hubspot.contacts import Contacts
from tasks.sandbox.hubspot.errors import duplicate_ids, invalid, invalid_json, unknown_object
from tasks.sandbox.world import World

CONTACT_NAMES = ("contacts", "contact", "0-1")
MAX_INPUTS = 100

Body = dict[str, Any]


def world_of(request: Request) -> World:
    world = request.app.state.world
    assert isinstance(world, World)
    return world


def require_contacts(request: Request) -> None:
    """`contacts`, `CONTACT` and `0-1` are one object type, the only one of this portal."""
    name = request.path_params["object_type"]
    if name.lower() not in CONTACT_NAMES:
        raise unknown_object(name)


def contacts_of(request: Request) -> Contacts:
    require_contacts(request)
    return Contacts(world_of(request), request.url.path)


async def payload(request: Request) -> Body:
    """The JSON object that was sent."""
    try:
        body = json.loads(await request.body())
    except json.JSONDecodeError as error:
        raise invalid_json(error.lineno, error.colno, error.msg) from None
    except UnicodeDecodeError:
        raise invalid_json(1, 1, "Invalid UTF-8") from None
    if not isinstance(body, dict):
        raise invalid_json(1, 1, "Cannot deserialize value of type Object from this value")
    return body


def member(body: Body, name: str) -> Body:
    """An object inside the body; absent is empty."""
    found = body.get(name) or {}
    if not isinstance(found, dict):
        raise invalid_json(1, 1, f"Cannot deserialize value of type `java.util.LinkedHashMap` for `{name}`")
    return found


def members(body: Body, name: str) -> list[Body]:
    """A list of objects inside the body; absent is empty."""
    found = body.get(name) or []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise invalid_json(1, 1, f"Cannot deserialize value of type `java.util.ArrayList` for `{name}`")
    return found


def inputs_of(body: Body, most: int = MAX_INPUTS) -> list[Body]:
    """The `inputs` of a batch: objects, at least one and at most `most`."""
    inputs = members(body, "inputs")
    if not inputs:
        raise invalid("inputs may not be empty")
    if len(inputs) > most:
        raise invalid(f"The maximum number of inputs supported in a batch request is {most}. Received {len(inputs)}.")
    return inputs


def unique_ids(inputs: list[Body]) -> list[str]:
    """The ids of a batch. One of them twice refuses the whole batch (fact sheet, section 3: recorded)."""
    ids = [str(item.get("id", "")) for item in inputs]
    if "" in ids:
        raise invalid("Some required fields were not set: [id]")
    if twice := sorted({i for i in ids if ids.count(i) > 1}):
        raise duplicate_ids(twice)
    return ids


def page_size(request: Request, limit: int, left: int) -> int:
    """How many of the `left` rows this page shows. Under the fault `short` fewer than there is room for, though others
    follow (fact sheet, section 2.2)."""
    if left > 1 and world_of(request).faults.take("hubspot", "short", request.url.path):
        return max(1, min(limit, left) // 2)
    return limit


def whole(text: object, name: str, least: int, most: int) -> int:
    """A number among the parameters, within its bounds; clients send it as a string too."""
    try:
        number = int(str(text))
    except ValueError:
        raise invalid(f"Invalid value for {name}: {text}") from None
    if not least <= number <= most:
        raise invalid(f"{name} must be between {least} and {most}. Received {number}.")
    return number
