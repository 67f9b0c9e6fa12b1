"""Endpoints for property definitions. The options of a property are always written as a whole."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from tasks.sandbox.hubspot.errors import Refusal, invalid, not_found
from tasks.sandbox.hubspot.properties import Definition, definitions
from tasks.sandbox.hubspot.requests import Body, inputs_of, members, payload, require_contacts, world_of
from tasks.sandbox.hubspot.wire import Json, stamp
from tasks.sandbox.store import Table
from tasks.sandbox.world import World

TYPES = ("string", "number", "date", "datetime", "enumeration", "bool")
REQUIRED = ("name", "label", "groupName", "type", "fieldType")
FREE = ("label", "description", "groupName", "type", "fieldType", "displayOrder", "hidden", "formField")
USER = "76070032"


def _table(request: Request) -> Table:
    require_contacts(request)
    return definitions(world_of(request))


def _found(request: Request) -> Definition:
    definition = _table(request).get(request.path_params["name"])
    if definition is None:
        raise not_found()
    return definition


def _options(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Options as kept. Those without a display order are put behind the others (recorded)."""
    following = max((o["displayOrder"] for o in given if "displayOrder" in o), default=-1) + 1
    kept = []
    for entry in given:
        if not entry.get("label") or not entry.get("value"):
            raise invalid("Property options need a label and a value")
        order = entry.get("displayOrder")
        if order is None:
            order, following = following, following + 1
        named = {key: entry[key] for key in ("label", "value", "description") if entry.get(key) is not None}
        kept.append(named | {"displayOrder": order, "hidden": bool(entry.get("hidden", False))})
    for key in ("value", "label"):
        if len({o[key] for o in kept}) < len(kept):
            raise invalid(f"Property option {key}s must be unique")
    return kept


def _new(world: World, given: Body) -> Definition:
    """A portal's own property, checked and completed."""
    if missing := [key for key in REQUIRED if not given.get(key)]:
        raise invalid(f"Some required fields were not set: [{', '.join(missing)}]")
    if given["type"] not in TYPES:
        raise invalid(f"Invalid property type: {given['type']}")
    options = _options(members(given, "options"))
    if given["type"] == "bool" and len(options) != 2:
        raise invalid("Boolean properties need exactly two options")
    if given["name"] in definitions(world):
        message = f"A property named '{given['name']}' already exists."
        extra = {"subCategory": "Properties.PROPERTY_WITH_NAME_EXISTS", "context": {"name": [given["name"]]}}
        raise Refusal(409, message, "OBJECT_ALREADY_EXISTS", **extra)
    return {
        "name": given["name"],
        "label": given["label"],
        "type": given["type"],
        "fieldType": given["fieldType"],
        "description": given.get("description", ""),
        "groupName": given["groupName"],
        "options": options,
        "displayOrder": given.get("displayOrder", -1),
        "calculated": False,
        "externalOptions": False,
        "hasUniqueValue": bool(given.get("hasUniqueValue", False)),
        "hidden": bool(given.get("hidden", False)),
        "modificationMetadata": {"archivable": True, "readOnlyDefinition": False, "readOnlyValue": False},
        "formField": bool(given.get("formField", False)),
        "dataSensitivity": given.get("dataSensitivity", "non_sensitive"),
    }


def _keep(world: World, definition: Definition) -> Definition:
    """Store a new definition; later reads also tell when and by whom it was made, the answer to a create not."""
    when = stamp(world.clock.now())
    made = {"updatedAt": when, "createdAt": when}
    by = {"createdUserId": USER, "updatedUserId": USER, "archived": False}
    definitions(world).put(definition["name"], made | definition | by)
    return definition


async def listing(request: Request) -> Response:
    return Json({"results": list(_table(request).rows())})


async def read(request: Request) -> Response:
    return Json(_found(request))


async def create(request: Request) -> Response:
    require_contacts(request)
    world, given = world_of(request), await payload(request)
    return Json(_keep(world, _new(world, given)), 201)


async def batch_create(request: Request) -> Response:
    """Properties that exist already fail alone (recorded)."""
    require_contacts(request)
    world, body = world_of(request), await payload(request)
    started, results, errors = stamp(world.clock.now()), [], []
    for given in inputs_of(body):
        try:
            results.append(_keep(world, _new(world, given)))
        except Refusal as refusal:
            errors.append(refusal.part(None))
    answer: Body = {"status": "COMPLETE", "results": results, "startedAt": started}
    answer["completedAt"] = stamp(world.clock.now())
    failed = {"numErrors": len(errors), "errors": errors} if errors else {}
    return Json(answer | failed, 207 if errors else 201)


async def update(request: Request) -> Response:
    """What is given overwrites. HubSpot's own properties keep their definition; some let their options go."""
    given, world = await payload(request), world_of(request)
    definition = _found(request)
    rights = definition["modificationMetadata"]
    changes = {key: given[key] for key in FREE if key in given and given[key] != definition[key]}
    if changes and rights["readOnlyDefinition"]:
        raise invalid(f"The definition of property {definition['name']} is read only: {', '.join(changes)}")
    if given.get("options") is not None:
        if rights.get("readOnlyOptions"):
            raise invalid(f"The options of property {definition['name']} are read only")
        changes["options"] = _options(members(given, "options"))
    new = {**definition, **changes, "updatedAt": stamp(world.clock.now()), "updatedUserId": USER}
    _table(request).put(definition["name"], new)
    return Json(new)


async def archive(request: Request) -> Response:
    definition = _found(request)
    if definition.get("hubspotDefined"):
        raise invalid(f"Property {definition['name']} is defined by HubSpot and cannot be archived")
    _table(request).remove(definition["name"])
    return Response(status_code=204)
