"""The addresses of the HubSpot emulator: v3 and dated ones, with the same answers."""

from collections.abc import Iterator

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route

from tasks.sandbox.hubspot import account, batch, contact_api, property_api, search
from tasks.sandbox.hubspot.errors import Refusal, on_refusal, on_unrouted
from tasks.sandbox.hubspot.guard import Guard
from tasks.sandbox.hubspot.limits import Limits
from tasks.sandbox.hubspot.properties import definitions
from tasks.sandbox.world import World

DATED = ("2026-03", "2026-09")


def _objects(base: str) -> Iterator[Route]:
    yield Route(base, contact_api.listing, methods=["GET"])
    yield Route(base, contact_api.create, methods=["POST"])
    yield Route(f"{base}/search", search.search, methods=["POST"])
    yield Route(f"{base}/merge", contact_api.merge, methods=["POST"])
    yield Route(f"{base}/gdpr-delete", contact_api.gdpr_delete, methods=["POST"])
    for endpoint in (batch.create, batch.read, batch.update, batch.upsert, batch.archive):
        yield Route(f"{base}/batch/{endpoint.__name__}", endpoint, methods=["POST"])
    yield Route(f"{base}/{{id}}", contact_api.read, methods=["GET"])
    yield Route(f"{base}/{{id}}", contact_api.update, methods=["PATCH"])
    yield Route(f"{base}/{{id}}", contact_api.archive, methods=["DELETE"])


def _properties(base: str) -> Iterator[Route]:
    yield Route(base, property_api.listing, methods=["GET"])
    yield Route(base, property_api.create, methods=["POST"])
    yield Route(f"{base}/batch/create", property_api.batch_create, methods=["POST"])
    yield Route(f"{base}/{{name}}", property_api.read, methods=["GET"])
    yield Route(f"{base}/{{name}}", property_api.update, methods=["PATCH"])
    yield Route(f"{base}/{{name}}", property_api.archive, methods=["DELETE"])


def _account(owners: str, info: str) -> Iterator[Route]:
    yield Route(owners, account.owners, methods=["GET"])
    yield Route(f"{owners}/", account.owners, methods=["GET"])
    yield Route(f"{owners}/{{id}}", account.owner, methods=["GET"])
    yield Route(f"{info}/details", account.details, methods=["GET"])
    yield Route(f"{info}/api-usage/daily/private-apps", account.usage, methods=["GET"])


def _routes() -> Iterator[Route]:
    yield from _objects("/crm/v3/objects/{object_type}")
    yield from _properties("/crm/v3/properties/{object_type}")
    yield from _account("/crm/v3/owners", "/account-info/v3")
    for version in DATED:
        yield from _objects(f"/crm/objects/{version}/{{object_type}}")
        yield from _properties(f"/crm/properties/{version}/{{object_type}}")
        yield from _account(f"/crm/owners/{version}", f"/account-info/{version}")


def app(world: World) -> Starlette:
    """The emulator over one world. The server commits the store after each request."""
    definitions(world)
    limits = Limits(world)
    made = Starlette(
        routes=list(_routes()),
        middleware=[Middleware(Guard, world=world, limits=limits)],
        exception_handlers={Refusal: on_refusal, HTTPException: on_unrouted},
    )
    made.state.world, made.state.limits = world, limits
    return made
