"""Hands on Salesforce, signed in: the token, its renewal, and the address that it opens."""

import re
import threading
import time
from typing import Any

import httpx

from tasks.connectors import salesforce_grants as grants
from tasks.connectors.http import Http, is_transient
from tasks.connectors.logins import SalesforceLogin
from tasks.connectors.salesforce_wire import error_codes, to18

API_VERSION = "v63.0"
TOKEN_PATH = "/services/oauth2/token"
_CONCURRENT = re.compile(rb"concurrent", re.IGNORECASE)
_IDENTITY = re.compile(r"/id/(00D[A-Za-z0-9]{12,15})/")


def transient(response: httpx.Response) -> bool:
    """As for everybody; and too many calls *at once* is a 403 here that passes (the daily limit's doesn't)."""
    if response.status_code == 403:
        return b"REQUEST_LIMIT_EXCEEDED" in response.content and _CONCURRENT.search(response.content) is not None
    return is_transient(response)


def expired(response: httpx.Response) -> bool:
    """Not for a session that isn't meant for REST: that answer is an object, no list (fact sheet, section 9)."""
    body = response.content.lstrip()
    return response.status_code == 401 and body.startswith(b"[") and b'"INVALID_SESSION_ID"' in body


class Session:
    """Calls with a token. Tokens carry no lifetime: a 401 is how one learns that it ended (fact sheet, section 2).

    Thread-safe: of several calls that find the session expired, one renews it for all.
    """

    def __init__(self, http: Http, login: SalesforceLogin) -> None:
        self._http, self._grant = http, grants.grant(login)
        self._advice = f"check {grants.variables(login)}, then run this again"
        self._lock = threading.Lock()
        self._token = self._instance = self._organization = ""

    def organization(self) -> str:
        """The id of the org that the credentials open."""
        self._live("")
        return self._organization

    def instance(self) -> str:
        """The address at which the org is found, by its API and by people."""
        self._live("")
        return self._instance

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """As `Http.send`, signed in. An expired session is renewed once and the call replayed; what Salesforce refuses
        us altogether (401, 403) raises."""
        token = self._token or self._live("")
        response = self._signed(token, method, path, **options)
        if expired(response):
            response = self._signed(self._live(token), method, path, **options)
        if response.status_code in (401, 403):
            what = ", ".join(error_codes(self._http.json(response)))
            raise self._http.error(f"refused us (HTTP {response.status_code} {what}): {self._advice}")
        return response

    def _signed(self, token: str, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", **options.pop("headers", {})}
        return self._http.send(method, self._instance + path, headers=headers, **options)

    def _live(self, stale: str) -> str:
        """A token other than that one: the one that another thread has got meanwhile, or a new one."""
        with self._lock:
            if self._token == stale:
                self._log_in()
            return self._token

    def _log_in(self) -> None:
        form = self._grant(time.time())
        response = self._http.send("POST", TOKEN_PATH, form=form)
        answer = self._http.json(response)
        if response.status_code != 200 or not isinstance(answer, dict) or "access_token" not in answer:
            what = ", ".join(error_codes(answer))
            raise self._http.error(f"refused the login (HTTP {response.status_code} {what}): {self._advice}")
        if "refresh_token" in form and answer.get("refresh_token", form["refresh_token"]) != form["refresh_token"]:
            raise self._http.error(
                "replaces a refresh token at each use, and Tandem keeps none: switch the rotation of refresh tokens "
                "off for its connected app, then set SALESFORCE_REFRESH_TOKEN to a new one"
            )
        identity = _IDENTITY.search(str(answer.get("id")))
        if identity is None:
            raise self._http.error("left out the org's id when we logged in: check SALESFORCE_URL")
        self._organization = to18(identity[1])
        self._instance = str(answer.get("instance_url", "")).rstrip("/")
        self._token = str(answer["access_token"])
