"""Hands, the grip: every HTTP request of the product is made here.

One client a system: refuses to speak in the clear, retries what is worth retrying, demands JSON, counts its calls, and
keeps tokens, query strings and people's data out of its messages.
"""

import ipaddress
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import IO, Any, Literal, TypeVar

import httpx
import msgspec

from tasks.connectors.limits import Limiter
from tasks.connectors.masking import code
from tasks.connectors.patience import Patience, RunBudget, Turns
from tasks.connectors.vitals import Pulse, Vitals, moment
from tasks.core.errors import ConnectorError, SettingsError
from tasks.core.model import ALOWARE, HUBSPOT, SALESFORCE

NAMES = {SALESFORCE: "Salesforce", HUBSPOT: "HubSpot", ALOWARE: "Aloware"}
UNDONE = frozenset({423, 429, 503})  # refused at the door: nothing was changed, whatever the request asked for

UNREADABLE = "gave an answer that Tandem can't read"

Due = Literal["json", "csv"]
T = TypeVar("T")


class OutcomeUnknown(ConnectorError):
    """A write that mustn't be repeated was sent, and no answer came that can be read: it may or may not have been
    carried out."""


def is_loopback(url: str) -> bool:
    """Whether the address can only mean this machine."""
    host = httpx.URL(url).host
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def checked_url(url: str, variable: str) -> str:
    """The address without a trailing slash; SettingsError naming `variable` unless https, or http to loopback."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        parsed = httpx.URL()
    if not parsed.host or parsed.userinfo:
        raise SettingsError(f"{variable} is not an address that Tandem can use: set it to one like https://example.com")
    if parsed.scheme != "https" and not (parsed.scheme == "http" and is_loopback(url)):
        raise SettingsError(f"{variable} must be an https:// address (http:// is for loopback only)")
    return url.rstrip("/")


def _refuse_plain(request: httpx.Request) -> None:
    """Holds for addresses that a vendor names too (an instance, a next page, a redirect)."""
    if request.url.scheme != "https" and not is_loopback(str(request.url)):
        raise httpx.UnsupportedProtocol("plain http to another machine")


def is_transient(response: httpx.Response) -> bool:
    """Whether the same request may well succeed a moment later."""
    return response.status_code in (423, 429) or response.status_code >= 500


@cache
def _trust() -> ssl.SSLContext:
    """One store of certificates for all clients: loading it costs more than a call."""
    return httpx.create_ssl_context()


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds to wait, given as such or as a date; a date is read by the vendor's own clock where it tells the time."""
    given = headers.get("Retry-After", "")
    if given.isdecimal():
        return float(given)
    until, now = moment(given), moment(headers.get("Date", "")) or datetime.now(UTC)
    return max(0.0, (until - now).total_seconds()) if until else 0.0


def _pour(response: httpx.Response, into: IO[bytes]) -> None:
    """The body goes to the file, in place of what a broken attempt left there."""
    into.seek(0)
    into.truncate()
    with closing(response):
        for part in response.iter_bytes():
            into.write(part)


@dataclass(frozen=True)
class _Trouble:
    """An attempt that came to nothing: what happened, how long to wait, and whether it surely changed nothing."""

    what: str
    wait: float = 0.0
    undone: bool = False


class Http:
    """One system's client. Thread-safe. Errors below 500 are given back: what they mean is the connector's business."""

    def __init__(
        self,
        system: str,
        url: str,
        *,
        patience: Patience | None = None,
        budget: RunBudget | None = None,
        limiter: Limiter | None = None,
        headers: Mapping[str, str] | None = None,
        transient: Callable[[httpx.Response], bool] = is_transient,
        follow_redirects: bool = False,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.system, self.name = system, NAMES[system]
        self.patience = patience or Patience()
        self._budget = budget or RunBudget()
        self._limiter, self._transient = limiter or Limiter(), transient
        self._pulse = Pulse()
        self._spoken = False  # whether this address has ever answered as it should
        self._counts = {"read": 0, "write": 0}
        self._lock = threading.Lock()
        self._client = httpx.Client(
            base_url=url,
            headers={"Accept": "application/json", **(headers or {})},
            timeout=self.patience.timeout,
            limits=httpx.Limits(max_connections=32, max_keepalive_connections=32),
            follow_redirects=follow_redirects,
            verify=_trust(),
            trust_env=not is_loopback(url),  # a proxy can't reach our loopback
            event_hooks={"request": [_refuse_plain]},
            transport=transport,
        )

    @property
    def calls(self) -> dict[str, int]:
        """Requests sent so far, repeated ones included."""
        with self._lock:
            return dict(self._counts)

    @property
    def vitals(self) -> Vitals:
        """What its answers have told of the system so far."""
        return self._pulse.vitals

    def close(self) -> None:
        self._client.close()

    def turns(self) -> Turns:
        """Repeats inside this client's budgets, for work that is more than one request."""
        return Turns(self.patience, self._budget)

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: object = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        write: bool = False,
        repeatable: bool = True,
        due: Due = "json",
        into: IO[bytes] | None = None,
    ) -> httpx.Response:
        """Send until answered or out of patience; an answer that can't be read is none. `repeatable=False`: a request
        that may have been carried out is not sent twice; `OutcomeUnknown` says so. A body that may be too big for
        memory goes `into` a file."""
        sent = {**(headers or {})}
        content = None
        if body is not None:
            content = msgspec.json.encode(body)
            sent["Content-Type"] = "application/json"
        request = self._client.build_request(method, path, params=params, content=content, data=form, headers=sent)
        with self.turns() as turns:
            while isinstance(answer := self._attempt(request, write, due, into), _Trouble):
                if not (repeatable or answer.undone):
                    raise self.unknown(answer.what)
                if not turns.again(answer.wait):
                    raise self.error(f"{answer.what}, and went on so: check the URL and the network, then try again")
        return answer

    def error(self, what: str) -> ConnectorError:
        """The error that says of this system `what`."""
        return ConnectorError(self.system, f"{self.name} {what}")

    def unknown(self, what: str) -> OutcomeUnknown:
        """The error that says of a write to this system that `what` came of it, which may be anything."""
        return OutcomeUnknown(self.system, f"outcome unknown: {self.name} {what}")

    def decode(self, response: httpx.Response, decoder: "msgspec.json.Decoder[T]") -> T:
        """The body, or ConnectorError when it isn't what the vendor documents."""
        try:
            return decoder.decode(response.content)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise self.error(f"{UNREADABLE}: check the URL") from error

    def json(self, response: httpx.Response) -> Any:
        """The body as plain Python; None where there is none."""
        return self.decode(response, _ANY) if response.content else None

    def member(self, response: httpx.Response, name: str) -> Any:
        """One member of an object that the vendor documents, or ConnectorError."""
        body = self.json(response)
        if not isinstance(body, dict) or name not in body:
            raise self.error(f"left out {code(name)} in its answer: check the URL")
        return body[name]

    def _attempt(
        self, request: httpx.Request, write: bool, due: Due, into: IO[bytes] | None
    ) -> httpx.Response | _Trouble:
        if refusal := self._limiter.admit():
            raise self.error(f"{refusal}: run again tomorrow, or raise {self.system} in the policy's [budgets]")
        with self._lock:
            self._counts["write" if write else "read"] += 1
        began = time.monotonic()
        try:
            response = self._client.send(request, stream=into is not None)
            if into is not None:
                _pour(response, into)
        except httpx.UnsupportedProtocol as error:
            raise self.error("points to an address without https: check its URL") from error
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            return _Trouble("could not be reached", undone=True)
        except httpx.TimeoutException:
            return _Trouble(f"gave no answer within {self.patience.timeout:g} s")
        except httpx.TransportError:
            return _Trouble("broke off the connection")
        except httpx.DecodingError:
            return _Trouble(UNREADABLE)
        self._pulse.feel(response.headers, time.monotonic() - began, self._limiter.heed(response.headers))
        if self._transient(response):
            status = response.status_code
            return _Trouble(f"answered HTTP {status}", retry_after(response.headers), undone=status in UNDONE)
        return self._due(response, due)

    def _due(self, response: httpx.Response, due: Due) -> httpx.Response | _Trouble:
        """The response if it is of the kind that was asked for. An address that has answered properly before may show
        somebody else's page for a moment; one that never did is wrong: an unknown route may answer 200 with a page."""
        status = response.status_code
        if response.is_redirect:
            raise self.error(f"answered HTTP {status}, a redirection: check the URL")
        if status >= 500:
            raise self.error(f"answered HTTP {status}: check the URL and the credentials")
        wrong = _unlike(response, due)
        if not wrong:
            self._spoken = True
            return response
        if response.is_success and self._spoken:
            return _Trouble(wrong)
        raise self.error(f"{wrong}: check the URL")


def _unlike(response: httpx.Response, due: Due) -> str:
    """What the answer is rather than the kind that was due, or ""."""
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind == "text/html":
        return f"answered HTML where {due.upper()} was due"
    if due == "csv" or not response.content:
        return ""
    return _broken(response.content) if kind.endswith("json") else "answered something else where JSON was due"


def _broken(content: bytes) -> str:
    try:
        _WHOLE.decode(content)
    except msgspec.DecodeError:
        return UNREADABLE
    return ""


_ANY: "msgspec.json.Decoder[Any]" = msgspec.json.Decoder()
_WHOLE: "msgspec.json.Decoder[msgspec.Raw]" = msgspec.json.Decoder(msgspec.Raw)  # checks, and builds nothing
