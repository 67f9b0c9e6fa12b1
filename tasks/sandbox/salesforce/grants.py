"""The ways in without a person: client credentials, a signed assertion, a refresh token (fact sheet, section 2)."""

import base64
import json
import re
import secrets
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from tasks.sandbox.salesforce.org import integration_user, record
from tasks.sandbox.world import World

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_AUDIENCE = re.compile(r"https://(login|test|[\w.-]+\.my)\.salesforce\.com/?")
_KEY = "credential.salesforce.jwt_key"
_REFRESH, _SPENT = "salesforce.refresh_token", "salesforce.spent_refresh_tokens"
Form = Mapping[str, str]


class Denied(Exception):
    """A login that is refused, in OAuth's words."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error, self.description, self.status = error, description, status


def same(given: str, known: str) -> bool:
    return secrets.compare_digest(given.encode(), known.encode())


def jwt_key(world: World) -> str:
    """The connected app's private key, whose certificate the org has: PEM, the same for a store for ever."""
    known = world.store.fact(_KEY)
    if known is None:
        known = _fresh_key()
        world.store.remember(_KEY, known)
    return str(known)


@lru_cache(maxsize=1)
def _fresh_key() -> str:
    """Making a key takes a tenth of a second, so the worlds of one process share it."""
    key = generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def username(world: World) -> str:
    """Whom a token of any grant acts as."""
    return str((record(world, integration_user(world)) or {})["Username"])


def refresh_token(world: World) -> str:
    """The refresh token that is good now."""
    return world.credential(_REFRESH)


def check(world: World, form: Form) -> dict[str, str]:
    """Let a login in; gives what its answer has besides the session. Raises Denied."""
    kind = form.get("grant_type", "")
    if kind == JWT_BEARER:
        _check_assertion(world, form.get("assertion", ""))
        return {}
    if kind not in ("client_credentials", "refresh_token"):
        raise Denied("unsupported_grant_type", "grant type not supported")
    _check_client(world, form, secret_needed=kind == "client_credentials")
    return _refreshed(world, form.get("refresh_token", "")) if kind == "refresh_token" else {}


def _check_client(world: World, form: Form, *, secret_needed: bool) -> None:
    """Who asks. A refresh may leave the secret out, but not have it wrong."""
    if not same(form.get("client_id", ""), world.credential("salesforce.client_id")):
        raise Denied("invalid_client_id", "client identifier invalid")
    given = form.get("client_secret", "")
    if (given or secret_needed) and not same(given, world.credential("salesforce.client_secret")):
        raise Denied("invalid_client", "invalid client credentials", world.switches.wrong_secret_status)


def _refreshed(world: World, given: str) -> dict[str, str]:
    """The token stays good, unless the org rotates them: then it is spent, and using it again ends the grant."""
    spent = world.store.fact(_SPENT, [])
    if given in spent:
        _renew(world)
    if not same(given, refresh_token(world)):
        raise Denied("invalid_grant", "expired access/refresh token")
    if not world.switches.refresh_token_rotation:
        return {}
    world.store.remember(_SPENT, [*spent, given])
    _renew(world)
    return {"refresh_token": refresh_token(world)}


def _renew(world: World) -> None:
    world.store.remember(f"credential.{_REFRESH}", secrets.token_hex(16))


def _check_assertion(world: World, assertion: str) -> None:
    """A JWT signed with RS256 by the app's key, for this user, not yet expired."""
    claims = _claims(world, assertion)
    if not same(str(claims.get("iss")), world.credential("salesforce.client_id")):
        raise Denied("invalid_client_id", "client identifier invalid")
    if not _AUDIENCE.fullmatch(str(claims.get("aud"))):
        raise Denied("invalid_grant", "Audience validation failed")
    if _seconds(claims.get("exp")) <= world.clock.now().timestamp():
        raise Denied("invalid_grant", "expired authorization code")
    if str(claims.get("sub")) != username(world):
        raise Denied("invalid_grant", "user hasn't approved this consumer")


def _seconds(exp: Any) -> float:
    """One client writes the expiry as a text."""
    return float(exp) if str(exp).isdecimal() else 0.0


def _claims(world: World, assertion: str) -> dict[str, Any]:
    """What the assertion says, where the app's key signed it as RS256 does."""
    try:
        signed, _, signature = assertion.rpartition(".")
        _key(world).public_key().verify(_decoded(signature), signed.encode(), PKCS1v15(), SHA256())
        return dict(json.loads(_decoded(signed.split(".")[1])))
    except (ValueError, TypeError, IndexError, InvalidSignature):
        raise Denied("invalid_grant", "invalid assertion") from None


def _key(world: World) -> RSAPrivateKey:
    key = load_pem_private_key(jwt_key(world).encode(), password=None)
    assert isinstance(key, RSAPrivateKey)
    return key


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
