"""Hands on HubSpot, the calls: one portal's API, and what its refusals mean."""

import re
from datetime import datetime
from typing import Any

import httpx
import msgspec

from tasks.connectors.http import Http, is_transient
from tasks.connectors.hubspot_wire import reason
from tasks.connectors.limits import Allowance, Headers, Window, number
from tasks.connectors.masking import code
from tasks.connectors.vitals import moment
from tasks.core.errors import SettingsError

_RATE = "X-HubSpot-RateLimit-"
_VERSION = re.compile(r"v3|20\d\d-\d\d")


def checked_version(version: str) -> str:
    """That version of the API, if it can be one. SettingsError otherwise."""
    if not _VERSION.fullmatch(version):
        raise SettingsError(f"HUBSPOT_API_VERSION is {version!r}: set it to a date like 2026-09, or to v3.")
    return version


def transient(response: httpx.Response) -> bool:
    """As for everybody; but a spent day doesn't come back soon, and 530 is a malformed token (fact sheet, section 3).
    477 is a portal on the move."""
    if response.status_code == 429 and b'"DAILY"' in response.content:
        return False
    return response.status_code == 477 or (response.status_code != 530 and is_transient(response))


def allowance(headers: Headers) -> Allowance:
    """The burst limit and the calls left of the day. Searches tell neither, or the latter only; an OAuth app isn't told
    of the day (fact sheet, section 4)."""
    left, most, milliseconds = (number(headers, _RATE + name) for name in ("Remaining", "Max", "Interval-Milliseconds"))
    window = None
    if left is not None and most is not None and milliseconds is not None:
        window = Window(left, most, milliseconds / 1000)
    return Allowance(window, number(headers, _RATE + "Daily-Remaining"), number(headers, _RATE + "Daily"))


class HubSpotApi:
    """Calls to one portal in one version of its API; what HubSpot refuses us altogether raises."""

    def __init__(self, http: Http, version: str) -> None:
        self.http, self._version = http, version
        self.clock: datetime | None = None  # HubSpot's, when it last answered

    def crm(self, kind: str, name: str) -> str:
        """Where the `objects` or `properties` of that name are. A number stands before the kind, a date behind it."""
        old = self._version.startswith("v")
        first, second = (self._version, kind) if old else (kind, self._version)
        return f"/crm/{first}/{second}/{name}"

    def account(self) -> str:
        """Where the portal tells of itself."""
        return f"/account-info/{self._version}/details"

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A response about the thing asked; 401, 403 and a spent day raise. A token has no lifetime here, so a 401 may
        be a hiccup: it is asked about once more."""
        response = self.http.send(method, path, **options)
        if response.status_code == 401:
            response = self.http.send(method, path, **options)
        self.clock = moment(response.headers.get("Date", "")) or self.clock
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
        response = self.call(method, path, **options)
        if response.status_code not in (200, 207):
            what = reason(self.http.json(response))
            raise self.http.error(f"refused a read (HTTP {response.status_code} {what}): try again")
        return response

    def member(self, path: str, name: str) -> Any:
        """One member of what a GET answers."""
        return self.http.member(self.read("GET", path), name)

    def page(self, decoder: "msgspec.json.Decoder[Any]", method: str, path: str, **options: Any) -> Any:
        return self.http.decode(self.read(method, path, **options), decoder)
