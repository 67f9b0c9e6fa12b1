"""The three ways in against the fact sheet, section 2: who is let in, in whose words the others are refused."""

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tasks.sandbox import salesforce
from tasks.sandbox.faults import Fault
from tests.contract.salesforce_world import Org, error_of, org, stage

__all__ = ["org", "stage"]

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def ask(org: Org, **form: str) -> httpx.Response:
    return org.http.post(f"{org.url}/services/oauth2/token", data=form)


def refusal(response: httpx.Response) -> tuple[int, str, str]:
    body = response.json()
    assert response.headers["cache-control"] == "no-store"
    return response.status_code, body["error"], body["error_description"]


def signed(org: Org, key: str = "", algorithm: str = "RS256", **changes: Any) -> httpx.Response:
    """A login with an assertion that is right but for `changes`, signed by somebody else's library."""
    jwt = pytest.importorskip("jwt")
    keys = salesforce.credentials(org.world)
    claims = {"iss": keys["client_id"], "sub": keys["username"], "aud": "https://login.salesforce.com"}
    claims |= {"exp": int(time.time()) + 180} | changes
    assertion = jwt.encode(claims, key or keys["jwt_key"], algorithm=algorithm)
    return ask(org, grant_type=JWT_BEARER, assertion=assertion)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"aud": "https://test.salesforce.com"},
        {"aud": "https://acme.my.salesforce.com"},
    ],
)
def test_a_signed_assertion_opens_a_session(org: Org, changes: dict[str, str]) -> None:
    """The audience is one of the vendor's hosts."""
    granted = signed(org, **changes).json()
    assert "refresh_token" not in granted
    org.http.headers["Authorization"] = f"Bearer {granted['access_token']}"
    assert org.http.get("limits").status_code == 200


def test_an_expiry_may_be_a_text(org: Org) -> None:
    """One client writes it so."""
    assert "access_token" in signed(org, exp=str(int(time.time()) + 180)).json()


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        ({"iss": "nobody"}, "invalid_client_id", "client identifier invalid"),
        ({"sub": "nobody@x.example"}, "invalid_grant", "user hasn't approved this consumer"),
        ({"aud": "https://evil.example"}, "invalid_grant", "Audience validation failed"),
        ({"exp": 1_700_000_000}, "invalid_grant", "expired authorization code"),
        ({"exp": None}, "invalid_grant", "expired authorization code"),
    ],
)
def test_an_assertion_that_says_something_else(org: Org, changes: dict[str, Any], error: str, description: str) -> None:
    assert refusal(signed(org, **changes)) == (400, error, description)


def test_an_assertion_signed_otherwise(org: Org) -> None:
    """By another key, by another algorithm, or by nobody."""
    rsa = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.rsa")
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    refused = [
        signed(org, key=other),
        signed(org, key=org.client_secret, algorithm="HS256"),
        ask(org, grant_type=JWT_BEARER, assertion="a.b.c"),
        ask(org, grant_type=JWT_BEARER),
    ]
    assert [refusal(each) for each in refused] == [(400, "invalid_grant", "invalid assertion")] * 4


def test_a_refresh_token_opens_a_session_again_and_again(org: Org) -> None:
    """With the secret or without it; no new refresh token comes with it."""
    form = {"grant_type": "refresh_token", "refresh_token": salesforce.credentials(org.world)["refresh_token"]}
    for more in ({}, {"client_secret": org.client_secret}):
        granted = ask(org, **form, client_id=org.client_id, **more)
        assert granted.status_code == 200
        assert "refresh_token" not in granted.json()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"refresh_token": "old"}, (400, "invalid_grant", "expired access/refresh token")),
        ({"client_id": "nobody"}, (400, "invalid_client_id", "client identifier invalid")),
        ({"client_secret": "wrong"}, (400, "invalid_client", "invalid client credentials")),
    ],
)
def test_a_refresh_that_is_refused(org: Org, change: dict[str, str], expected: tuple[int, str, str]) -> None:
    token = salesforce.credentials(org.world)["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": org.client_id}
    assert refusal(ask(org, **form | change)) == expected


def test_rotation_spends_a_refresh_token(org: Org) -> None:
    """An org may rotate them: each works once, and using a spent one ends the grant."""
    org.world.switches.refresh_token_rotation = True

    def refresh(token: str) -> httpx.Response:
        return ask(org, grant_type="refresh_token", refresh_token=token, client_id=org.client_id)

    first = salesforce.credentials(org.world)["refresh_token"]
    second = refresh(first).json()["refresh_token"]
    assert second != first
    assert refresh(first).status_code == 400
    assert refresh(second).status_code == 400


def test_a_wrong_secret_may_be_a_401(org: Org) -> None:
    """The sources don't settle its status."""
    org.world.switches.wrong_secret_status = 401
    response = ask(org, grant_type="client_credentials", client_id=org.client_id, client_secret="wrong")
    assert refusal(response) == (401, "invalid_client", "invalid client credentials")


def test_a_token_can_be_asked_about(org: Org) -> None:
    """Live until it expires."""
    known = org.http.headers["authorization"].partition(" ")[2]
    asked = [org.http.post(f"{org.url}/services/oauth2/introspect", data={"token": token}) for token in (known, "x")]
    assert [each.json()["active"] for each in asked] == [True, False]


def by_key(org: Org) -> httpx.Response:
    return signed(org)


def by_refresh(org: Org) -> httpx.Response:
    token = salesforce.credentials(org.world)["refresh_token"]
    return ask(org, grant_type="refresh_token", refresh_token=token, client_id=org.client_id)


@pytest.mark.parametrize("log_in", [by_key, by_refresh])
def test_an_expired_session_is_opened_anew(org: Org, log_in: Callable[[Org], httpx.Response]) -> None:
    """Until somebody logs in, the old token is refused; the new one is another."""
    old = org.http.headers["authorization"]
    org.world.faults.pending.append(Fault("salesforce", "expire"))
    assert [error_of(org.http.get("limits")) for _ in range(2)] == [(401, "INVALID_SESSION_ID")] * 2
    org.http.headers["Authorization"] = f"Bearer {log_in(org).json()['access_token']}"
    assert org.http.headers["authorization"] != old
    assert org.http.get("limits").status_code == 200
