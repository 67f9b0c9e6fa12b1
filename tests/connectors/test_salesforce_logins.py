"""The three ways into Salesforce, at the emulator's door; what each sends, and what each is told when it is refused."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr
from scripted import Script, http

from tasks.connectors.logins import SalesforceLogin
from tasks.connectors.opening import open_connector
from tasks.connectors.salesforce_grants import grant
from tasks.connectors.salesforce_session import Session
from tasks.core.errors import ConnectorError, SettingsError
from tasks.core.model import SALESFORCE
from tasks.sandbox.server import Ready, sandbox

WANTED = {"Contact": ["LastName"]}
NOW = datetime(2026, 11, 1, tzinfo=UTC)
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> SecretStr:
    return SecretStr(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


@pytest.fixture(scope="module")
def town() -> Iterator[Ready]:
    with sandbox() as running:
        yield running


def login(town: Ready, way: str, **wrong: Any) -> SalesforceLogin:
    keys = town.ready[SALESFORCE]
    ways: dict[str, dict[str, Any]] = {
        "client credentials": {"client_secret": SecretStr(keys["client_secret"])},
        "refresh token": {"refresh_token": SecretStr(keys["refresh_token"])},
        "JWT bearer": {"jwt_key": SecretStr(keys["jwt_key"]), "username": keys["username"]},
    }
    return SalesforceLogin(keys["url"], keys["client_id"], **(ways[way] | wrong))


@pytest.mark.parametrize("way", ["client credentials", "refresh token", "JWT bearer"])
def test_every_way_in_opens_a_session_and_a_new_one_when_it_ends(town: Ready, way: str) -> None:
    connector = open_connector(login(town, way), WANTED)
    connector.pull(NOW)
    httpx.post(f"{town.control}/faults", json={"system": SALESFORCE, "kind": "expire"}).raise_for_status()
    assert connector.pull(NOW).frames["Contact"].empty
    assert connector.identify().startswith("00D")


@pytest.mark.parametrize(
    ("way", "wrong", "advice"),
    [
        ("client credentials", {"client_secret": SecretStr("s3cr3t")}, "SALESFORCE_CLIENT_SECRET"),
        ("refresh token", {"refresh_token": SecretStr("s3cr3t")}, "SALESFORCE_REFRESH_TOKEN"),
        ("JWT bearer", {"username": "s3cr3t@x.example"}, "SALESFORCE_USERNAME and SALESFORCE_JWT_KEY"),
        ("JWT bearer", {"jwt_key": pem(KEY)}, "SALESFORCE_USERNAME and SALESFORCE_JWT_KEY"),
    ],
)
def test_a_refusal_says_which_variables_to_look_at(town: Ready, way: str, wrong: dict[str, Any], advice: str) -> None:
    with pytest.raises(ConnectorError, match=rf"refused the login .*check .*{advice}") as raised:
        open_connector(login(town, way, **wrong), WANTED).identify()
    assert "s3cr3t" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "audience"),
    [
        ("https://acme.my.salesforce.com", "https://login.salesforce.com"),
        ("https://acme--uat.sandbox.my.salesforce.com", "https://test.salesforce.com"),
    ],
)
def test_what_a_key_signs(url: str, audience: str) -> None:
    """For the org's own place of login, and good for minutes: clocks that are a little wrong may pass, thieves not."""
    form = grant(SalesforceLogin(url, "app", jwt_key=pem(KEY), username="me@x.example"))(1_800_000_000.9)
    signed, _, signature = form["assertion"].rpartition(".")
    head, claims = (json.loads(_decoded(part)) for part in signed.split("."))
    KEY.public_key().verify(_decoded(signature), signed.encode(), PKCS1v15(), SHA256())
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    assert head["alg"] == "RS256"
    assert claims == {"iss": "app", "sub": "me@x.example", "aud": audience, "exp": 1_800_000_180}


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


@pytest.mark.parametrize("key", [SecretStr("-----BEGIN nonsense"), pem(ec.generate_private_key(ec.SECP256R1()))])
def test_a_key_that_cannot_sign_is_found_out_before_anything_is_sent(town: Ready, key: SecretStr) -> None:
    with pytest.raises(SettingsError, match="SALESFORCE_JWT_KEY is no RSA private key"):
        open_connector(login(town, "JWT bearer", jwt_key=key), WANTED)


@pytest.mark.parametrize("secret", [None, SecretStr("hush")])
def test_a_refresh_token_goes_with_the_secret_if_there_is_one(secret: SecretStr | None) -> None:
    org = Script(httpx.Response(400, json={"error": "invalid_grant"}))
    ours = SalesforceLogin("https://x.example", "app", client_secret=secret, refresh_token=SecretStr("fresh"))
    with pytest.raises(ConnectorError, match="invalid_grant"):
        Session(http(org, SALESFORCE), ours).organization()
    sent = parse_qs(org.requests[0].content.decode())
    assert sent.pop("client_secret", None) == (["hush"] if secret else None)
    assert sent == {"grant_type": ["refresh_token"], "refresh_token": ["fresh"], "client_id": ["app"]}


def test_an_org_that_rotates_refresh_tokens_is_refused_at_once(town: Ready) -> None:
    """Used twice, the first one would end the grant for good (fact sheet, section 2)."""
    town.world.switches.refresh_token_rotation = True
    with pytest.raises(ConnectorError, match="replaces a refresh token at each use"):
        open_connector(login(town, "refresh token"), WANTED).identify()
