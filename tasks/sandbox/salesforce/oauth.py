"""Sessions: how one is granted, what the token stands for, and its end (fact sheet, section 2)."""

import base64
import binascii
import secrets
from typing import Any
from urllib.parse import parse_qsl, unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tasks.sandbox.salesforce.errors import Refusal, answer
from tasks.sandbox.salesforce.grants import Denied, check, same
from tasks.sandbox.salesforce.org import integration_user, org_id, record
from tasks.sandbox.world import World

_TOKEN = "salesforce.token"
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def session_holds(world: World, authorization: str, path: str) -> bool:
    """Whether the call carries the live token. The scripted fault `expire` ends that token first."""
    if world.faults.take("salesforce", "expire", path):
        world.store.remember(_TOKEN, None)
    kind, _, given = authorization.partition(" ")
    known = world.store.fact(_TOKEN)
    return known is not None and kind.lower() in ("bearer", "oauth") and same(given.strip(), known)


async def token(request: Request) -> Response:
    """`POST /services/oauth2/token`: one session for everybody, until it expires; no `expires_in`."""
    world: World = request.app.state.world
    form = await _form(request)
    try:
        more = check(world, form | _basic(request))
    except Denied as denied:
        body = {"error": denied.error, "error_description": denied.description}  # an object, not a list
        return JSONResponse(body, denied.status, _NO_STORE)
    return JSONResponse(_granted(world, request) | more, headers=_NO_STORE)


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode(errors="replace")))


def _basic(request: Request) -> dict[str, str]:
    """The client's credentials where they come as a header."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        client_id, _, secret = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return {"client_id": "", "client_secret": ""}
    return {"client_id": unquote(client_id), "client_secret": unquote(secret)}


def _granted(world: World, request: Request) -> dict[str, str]:
    known = world.store.fact(_TOKEN)
    if known is None:
        known = f"{org_id(world)[:15]}!{secrets.token_urlsafe(60)}"
        world.store.remember(_TOKEN, known)
    origin = world.urls.get("salesforce", str(request.base_url).rstrip("/"))
    return {
        "access_token": known,
        "signature": base64.b64encode(secrets.token_bytes(32)).decode(),
        "scope": "api",
        "instance_url": origin,
        "id": f"{origin}/id/{org_id(world)}/{integration_user(world)}",
        "token_type": "Bearer",
        "issued_at": str(int(world.clock.now().timestamp() * 1000)),
    }


async def introspect(request: Request) -> Response:
    """`POST /services/oauth2/introspect`: whether a token is live."""
    world: World = request.app.state.world
    given = (await _form(request)).get("token", "")
    if not session_holds(world, f"Bearer {given}", request.url.path):
        return JSONResponse({"active": False}, headers=_NO_STORE)
    now = int(world.clock.now().timestamp())
    user = record(world, integration_user(world)) or {}
    claims = {"scope": "api", "sub": user["Id"], "username": user["Username"], "token_type": "access_token"}
    return JSONResponse({"active": True, "exp": now + 7200, "iat": now} | claims, headers=_NO_STORE)


async def userinfo(request: Request) -> Response:
    """`GET /services/oauth2/userinfo`: who the token is, and of which organisation."""
    world: World = request.app.state.world
    if not session_holds(world, request.headers.get("authorization", ""), request.url.path):
        return Refusal("INVALID_SESSION_ID", "Session expired or invalid", None, 401).response()
    user = record(world, integration_user(world)) or {}
    origin = world.urls.get("salesforce", str(request.base_url).rstrip("/"))
    return answer(_person(world, user, origin))


def _person(world: World, user: dict[str, Any], origin: str) -> dict[str, Any]:
    rest = f"{origin}/services/data/v{{version}}"
    return {
        "sub": f"{origin}/id/{org_id(world)}/{user['Id']}",
        "user_id": user["Id"],
        "organization_id": org_id(world),
        "preferred_username": user["Username"],
        "nickname": user["LastName"],
        "name": user["Name"],
        "email": user["Email"],
        "email_verified": True,
        "given_name": user["FirstName"],
        "family_name": user["LastName"],
        "zoneinfo": world.timezone,
        "photos": {"picture": f"{origin}/profilephoto/005/F", "thumbnail": f"{origin}/profilephoto/005/T"},
        "profile": f"{origin}/{user['Id']}",
        "picture": f"{origin}/profilephoto/005/F",
        "address": {},
        "is_salesforce_integration_user": True,
        "urls": {
            "rest": f"{rest}/",
            "sobjects": f"{rest}/sobjects/",
            "query": f"{rest}/query/",
            "profile": f"{origin}/{user['Id']}",
            "custom_domain": origin,
        },
        "active": True,
        "user_type": "STANDARD",
        "language": "en_US",
        "locale": "en_US",
        "utcOffset": -18000000,
        "updated_at": user["LastModifiedDate"].removesuffix("+0000") + "Z",
        "is_app_installed": True,
    }
