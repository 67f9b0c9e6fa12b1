"""Hands on Salesforce, signed in: the token, its renewal, and the address that it opens."""

import re
from typing import Any

import httpx

from tasks.connectors.http import Http, is_transient
from tasks.connectors.logins import SalesforceLogin
from tasks.connectors.salesforce_wire import error_codes

API_VERSION = "v63.0"
TOKEN_PATH = "/services/oauth2/token"
CREDENTIALS = "check SALESFORCE_CLIENT_ID and SALESFORCE_CLIENT_SECRET, then run this again"
_CONCURRENT = re.compile(r"concurrent", re.IGNORECASE)


def transient(response: httpx.Response) -> bool:
    """As for everybody; and too many calls *at once* is a 403 here that passes (the daily limit's doesn't)."""
    if response.status_code == 403:
        return b"REQUEST_LIMIT_EXCEEDED" in response.content and _CONCURRENT.search(response.text) is not None
    return is_transient(response)


class Session:
    """Calls with a token. Tokens carry no lifetime: a 401 is how one learns that it ended (fact sheet, section 2)."""

    def __init__(self, http: Http, login: SalesforceLogin) -> None:
        self._http, self._login = http, login
        self._token = ""
        self._instance = ""

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """As `Http.send`, signed in. An expired session is renewed once and the call replayed; what Salesforce refuses
        us altogether (401, 403) raises."""
        if not self._token:
            self._log_in()
        response = self._signed(method, path, **options)
        if response.status_code == 401 and "INVALID_SESSION_ID" in error_codes(self._http.json(response)):
            self._log_in()
            response = self._signed(method, path, **options)
        if response.status_code in (401, 403):
            what = ", ".join(error_codes(self._http.json(response)))
            raise self._http.error(f"refused us (HTTP {response.status_code} {what}): {CREDENTIALS}")
        return response

    def _signed(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token}", **options.pop("headers", {})}
        return self._http.send(method, self._instance + path, headers=headers, **options)

    def _log_in(self) -> None:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._login.client_id,
            "client_secret": self._login.client_secret.get_secret_value(),
        }
        response = self._http.send("POST", TOKEN_PATH, form=form)
        answer = self._http.json(response)
        if response.status_code != 200 or not isinstance(answer, dict) or "access_token" not in answer:
            what = ", ".join(error_codes(answer))
            raise self._http.error(f"refused the login (HTTP {response.status_code} {what}): {CREDENTIALS}")
        self._token = str(answer["access_token"])
        self._instance = str(answer.get("instance_url", "")).rstrip("/")
