"""Hands, Salesforce's door: the three ways in without a person, as forms of OAuth (fact sheet, section 2)."""

import base64
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tasks.connectors.logins import SalesforceLogin
from tasks.core.errors import SettingsError

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCE, TRIAL_AUDIENCE = "https://login.salesforce.com", "https://test.salesforce.com"
TRIAL_HOST = ".sandbox.my.salesforce.com"  # where an org's sandboxes live
LIFETIME = 180  # seconds that an assertion is good for
Form = dict[str, str]
Grant = Callable[[float], Form]  # Unix time → what is sent


def grant(login: SalesforceLogin) -> Grant:
    """The way in that the login has the means for. SettingsError for a key that can't sign."""
    if login.jwt_key is not None:
        return partial(_jwt_bearer, login, _private_key(login.jwt_key.get_secret_value()))
    form = {"client_id": login.client_id}
    if login.client_secret is not None:
        form["client_secret"] = login.client_secret.get_secret_value()
    if login.refresh_token is not None:
        form |= {"grant_type": "refresh_token", "refresh_token": login.refresh_token.get_secret_value()}
    else:
        form["grant_type"] = "client_credentials"
    return lambda now: form


def variables(login: SalesforceLogin) -> str:
    """The variables to look at when the login is refused."""
    if login.jwt_key is not None:
        return "SALESFORCE_CLIENT_ID, SALESFORCE_USERNAME and SALESFORCE_JWT_KEY"
    secret = "SALESFORCE_CLIENT_SECRET" if login.refresh_token is None else "SALESFORCE_REFRESH_TOKEN"
    return f"SALESFORCE_CLIENT_ID and {secret}"


def _jwt_bearer(login: SalesforceLogin, key: RSAPrivateKey, now: float) -> Form:
    host = urlsplit(login.url).hostname or ""
    claims = {
        "iss": login.client_id,
        "sub": login.username,
        "aud": TRIAL_AUDIENCE if host.endswith(TRIAL_HOST) else AUDIENCE,
        "exp": int(now) + LIFETIME,
    }
    signed = b".".join(_encoded(msgspec.json.encode(part)) for part in ({"alg": "RS256", "typ": "JWT"}, claims))
    signature = _encoded(key.sign(signed, PKCS1v15(), SHA256()))
    return {"grant_type": JWT_BEARER, "assertion": (signed + b"." + signature).decode()}


def _encoded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _private_key(pem: str) -> RSAPrivateKey:
    wrong = "SALESFORCE_JWT_KEY is no RSA private key without a passphrase: set it to one in PEM form, or to its path"
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:  # TypeError: there is a passphrase
        raise SettingsError(wrong) from error
    if not isinstance(key, RSAPrivateKey):
        raise SettingsError(wrong)
    return key
