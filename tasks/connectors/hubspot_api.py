"""Hands on HubSpot, the calls: one portal's API, and what its refusals mean."""

from typing import Any

import httpx
import msgspec

from tasks.connectors.http import Http, is_transient
from tasks.connectors.hubspot_wire import reason
from tasks.connectors.masking import code

API_VERSION = "2026-09"


def transient(response: httpx.Response) -> bool:
    """As for everybody; but a spent day doesn't come back soon, and 530 is a malformed token (fact sheet, section 3).
    477 is a portal on the move."""
    if response.status_code == 429 and b'"DAILY"' in response.content:
        return False
    return response.status_code == 477 or (response.status_code != 530 and is_transient(response))


class HubSpotApi:
    """Calls to one portal; what HubSpot refuses us altogether raises."""

    def __init__(self, http: Http) -> None:
        self.http = http

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A response about the thing asked; 401, 403 and a spent day raise. A token has no lifetime here, so a 401 may
        be a hiccup: it is asked about once more."""
        response = self.http.send(method, path, **options)
        if response.status_code == 401:
            response = self.http.send(method, path, **options)
        if response.status_code == 429:
            raise self.http.error("has spent its calls for today (HTTP 429 DAILY): try again tomorrow")
        if response.status_code in (401, 403):
            body = self.http.json(response)
            category = code(body.get("category") if isinstance(body, dict) else None)
            raise self.http.error(
                f"refused us (HTTP {response.status_code} {category}): check HUBSPOT_TOKEN and its scopes, "
                "then run `tandem doctor`"
            )
        return response

    def read(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A successful answer; 207 says that some of the ids asked for don't exist."""
        return self.successful(self.call(method, path, **options))

    def successful(self, response: httpx.Response) -> httpx.Response:
        """That answer, if it is one to a read."""
        if response.status_code not in (200, 207):
            what = reason(self.http.json(response))
            raise self.http.error(f"refused a read (HTTP {response.status_code} {what}): try again")
        return response

    def member(self, path: str, name: str) -> Any:
        """One member of what a GET answers."""
        return self.http.member(self.read("GET", path), name)

    def page(self, decoder: "msgspec.json.Decoder[Any]", method: str, path: str, **options: Any) -> Any:
        return self.http.decode(self.read(method, path, **options), decoder)
