"""The control API: what people do on each vendor's screens, and the bench's faults. Not any vendor's API."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tasks.sandbox import salesforce
from tasks.sandbox.aloware import communications, contacts, dispositions, events, exports, webhooks
from tasks.sandbox.aloware.answers import Refused
from tasks.sandbox.aloware.api import CATALOGUE
from tasks.sandbox.faults import KINDS, Fault
from tasks.sandbox.traffic import SYSTEMS, Log
from tasks.sandbox.world import World

Handler = Callable[[World, Request, Any], Response]


def app(world: World, log: Log) -> Starlette:
    """The control port of one world; `log` is what its vendors' traffic is noted in."""
    handlers: list[tuple[str, str, Handler]] = [
        ("GET", "/ready", _ready),
        ("GET", "/requests", partial(_requests, log)),
        ("DELETE", "/requests", partial(_forget_requests, log)),
        ("POST", "/faults", _add_fault),
        ("DELETE", "/faults", _clear_faults),
        ("POST", "/salesforce/leads/{id}/convert", _convert),
        ("POST", "/salesforce/{object}/merge", _merge),
        ("GET", "/aloware/contacts", _list_contacts),
        ("POST", "/aloware/contacts", _add_contact),
        ("GET", "/aloware/contacts/{id}", _show_contact),
        ("PATCH", "/aloware/contacts/{id}", _edit_contact),
        ("DELETE", "/aloware/contacts/{id}", _delete_contact),
        ("GET", "/aloware/communications", _list_communications),
        ("POST", "/aloware/communications", _communicate),
        ("GET", "/aloware/dispositions", _list_dispositions),
        ("GET", "/aloware/exports/{name}.csv", _export),
        ("POST", "/aloware/exports", _freeze_exports),
        ("POST", "/aloware/webhooks", _subscribe),
    ]
    return Starlette(routes=[Route(path, _endpoint(world, do), methods=[method]) for method, path, do in handlers])


def ready(world: World) -> dict[str, dict[str, str]]:
    """Where the vendors listen and what lets a client in. The exports are served by the control port."""
    exported = f"{world.urls['control']}/aloware/exports"
    return {
        "salesforce": {"url": world.urls["salesforce"], **salesforce.credentials(world)},
        "hubspot": {
            "url": world.urls["hubspot"],
            "token": world.credential("hubspot.token"),
            "service_key": world.credential("hubspot.service_key"),
        },
        "aloware": {
            "url": world.urls["aloware"],
            "token": world.credential("aloware.token"),
            "catalogue_url": world.urls["aloware"] + CATALOGUE,
            "timezone": world.timezone,
            "export_contacts": f"{exported}/contacts.csv",
            "export_communications": f"{exported}/communications.csv",
        },
    }


def _endpoint(world: World, handler: Handler) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        try:
            return handler(world, request, _object(await request.body()))
        except Refused as refusal:
            return JSONResponse({"error": _sentence(refusal.body)}, refusal.status)
        finally:
            world.store.commit()

    return endpoint


def _object(body: bytes) -> dict[str, Any]:
    try:
        sent = json.loads(body or b"{}")
    except ValueError:
        sent = None
    if not isinstance(sent, dict):
        raise _bad("The body must be a JSON object.")
    return sent


def _bad(sentence: str) -> Refused:
    return Refused(400, {"error": sentence})


def _sentence(body: dict[str, Any]) -> str:
    if "errors" in body:
        return " ".join(sentence for sentences in body["errors"].values() for sentence in sentences)
    return str(body["error"])


def _ready(world: World, request: Request, sent: Any) -> Response:
    return JSONResponse(ready(world))


def _system(name: Any) -> str:
    if name not in SYSTEMS:
        raise _bad(f"The system must be one of {', '.join(SYSTEMS)}.")
    return str(name)


def _requests(log: Log, world: World, request: Request, sent: Any) -> Response:
    system = request.query_params.get("system")
    return JSONResponse(log.shown(_system(system) if system else None))


def _forget_requests(log: Log, world: World, request: Request, sent: Any) -> Response:
    log.calls.clear()
    return JSONResponse({})


def _add_fault(world: World, request: Request, sent: Any) -> Response:
    if sent.get("kind") not in KINDS:
        raise _bad(f"The kind must be one of {', '.join(KINDS)}.")
    times = sent.get("times", 1)
    if not isinstance(times, int) or isinstance(times, bool) or times < 1:
        raise _bad("The times must be a positive number.")
    fault = Fault(_system(sent.get("system")), sent["kind"], times, str(sent.get("match") or ""))
    world.faults.pending.append(fault)
    return JSONResponse({"system": fault.system, "kind": fault.kind, "times": times, "match": fault.match}, 201)


def _clear_faults(world: World, request: Request, sent: Any) -> Response:
    world.faults.pending.clear()
    return JSONResponse({})


def _convert(world: World, request: Request, sent: Any) -> Response:
    contact = sent.get("contact_id")
    if not isinstance(contact, str | None):
        raise _bad("The contact_id must be a record id.")
    with _screen():
        return JSONResponse(salesforce.convert(world, request.path_params["id"], contact))


def _merge(world: World, request: Request, sent: Any) -> Response:
    kind, master, losers = request.path_params["object"], sent.get("master"), sent.get("losers")
    if kind not in ("Contact", "Lead"):
        raise _bad("Only a Contact or a Lead is merged.")
    if not isinstance(losers, list) or not all(isinstance(each, str) for each in (master, *losers)):
        raise _bad("A merge needs a master and a list of losers.")
    with _screen():
        salesforce.merge(world, kind, master, losers)
    return JSONResponse({"master": master, "losers": losers})


@contextmanager
def _screen() -> Iterator[None]:
    """What a vendor's screen wouldn't let a person do is a refusal."""
    try:
        yield
    except ValueError as error:
        raise _bad(str(error)) from error


def _contact(world: World, request: Request) -> dict[str, Any]:
    return contacts.known(world, request.path_params["id"])


def _list_contacts(world: World, request: Request, sent: Any) -> Response:
    return JSONResponse([contacts.screen(row) for row in contacts.table(world).rows()])


def _add_contact(world: World, request: Request, sent: Any) -> Response:
    row = contacts.add(world, sent, world.clock.now())
    events.contact_created(world, row)
    return JSONResponse(contacts.screen(row), 201)


def _show_contact(world: World, request: Request, sent: Any) -> Response:
    return JSONResponse(contacts.screen(_contact(world, request)))


def _edit_contact(world: World, request: Request, sent: Any) -> Response:
    row = _contact(world, request)
    saved = contacts.edit(world, row, sent, world.clock.now())
    events.contact_changed(world, row, saved)
    return JSONResponse(contacts.screen(saved))


def _delete_contact(world: World, request: Request, sent: Any) -> Response:
    contacts.erase(world, _contact(world, request))
    return JSONResponse({})


def _list_communications(world: World, request: Request, sent: Any) -> Response:
    return JSONResponse(list(communications.table(world).rows()))


def _communicate(world: World, request: Request, sent: Any) -> Response:
    row, contact = communications.happen(world, sent)
    events.communicated(world, row, contact)
    return JSONResponse(row, 201)


def _list_dispositions(world: World, request: Request, sent: Any) -> Response:
    shown = ("id", "name", "value", "locked")
    return JSONResponse([{name: row[name] for name in shown} for row in dispositions.listing(world)])


def _export(world: World, request: Request, sent: Any) -> Response:
    name = request.path_params["name"]
    if name not in exports.NAMES:
        raise Refused(404, {"error": f"There is no export of {name}."})
    sheet, modified = exports.export(world, name)
    return Response(sheet, media_type="text/csv", headers={"Last-Modified": modified})


def _freeze_exports(world: World, request: Request, sent: Any) -> Response:
    if not isinstance(sent.get("frozen"), bool):
        raise _bad("Say whether the exports are frozen: true or false.")
    exports.freeze(world, sent["frozen"])
    return JSONResponse({"frozen": sent["frozen"]})


def _subscribe(world: World, request: Request, sent: Any) -> Response:
    hook = webhooks.subscribe(world, sent)
    return JSONResponse({"id": hook["id"], "url": hook["url"], "events": sent["events"]}, 201)
