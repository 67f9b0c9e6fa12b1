"""Hands on HubSpot: contacts and the options of their Lead Status, over the date-versioned API."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

import httpx
import msgspec

from tasks.connectors import hubspot_answers as answers
from tasks.connectors import hubspot_wire as wire
from tasks.connectors.batching import Partly, Refusal, batches, calls_for, persist
from tasks.connectors.frames import names_users, users
from tasks.connectors.http import Http
from tasks.connectors.hubspot_api import HubSpotApi
from tasks.connectors.hubspot_reading import HISTORY_PAGE, READ_BATCH, Mark, Reader
from tasks.connectors.logins import HUBSPOT_API
from tasks.connectors.vitals import Vitals
from tasks.core.errors import PolicyError
from tasks.core.model import EDITED, HUBSPOT, Address, Capability, Change, Outcome, Property, Receipt, Snapshot, Status

BATCH, OWNERS = 100, 500
ARCHIVED = 204
OWNERS_PATH = "/crm/v3/owners"  # in the dated API it is not established


class HubSpot:
    """One portal. `wanted` maps object (`contacts`) → properties to read."""

    system = HUBSPOT
    capabilities = frozenset({Capability.LIST, Capability.CLEAR, Capability.ARCHIVE})

    def __init__(self, http: Http, wanted: Mapping[str, Sequence[str]], version: str = HUBSPOT_API) -> None:
        self._http, self._api, self._wanted = http, HubSpotApi(http, version), wanted
        self._definitions: dict[str, dict[str, Mapping[str, Any]]] = {}
        self._users: Mapping[str, str] | None = None
        self._account: httpx.Response | None = None

    @property
    def calls(self) -> dict[str, int]:
        return self._http.calls

    @property
    def vitals(self) -> Vitals:
        return self._http.vitals

    def close(self) -> None:
        self._http.close()

    def identify(self) -> str:
        return str(self._told("portalId"))

    def screen(self, object_name: str) -> str:
        """Where people open a record, `{}` for its id."""
        return (
            f"https://{self._told('uiDomain')}/contacts/{self._told('portalId')}/record/{wire.TYPES[object_name]}/{{}}"
        )

    def statuses(self, name: str = wire.LEAD_STATUS) -> list[Status]:
        """The options of Lead Status, in HubSpot's order. PolicyError where the portal has no such property."""
        if (definition := self._defined("contacts").get(name)) is None:
            raise PolicyError(
                f"HubSpot's contacts have no property {name}, or this login may not see it: restore it in HubSpot, or "
                "correct the policy's field of type status; see `tandem mapping`."
            )
        return wire.statuses(definition.get("options") or ())

    def pull(self, now: datetime, since: str | None = None) -> Snapshot:
        marks = msgspec.json.decode(since, type=dict[str, Mark]) if since else {}
        frames, gone, reached = {}, {}, {}
        for name in self._wanted:
            frames[name], reached[name], lost = self._reader(name).pull(now, marks.get(name))
            gone.update(lost)
        watermark = msgspec.json.encode(reached).decode()
        return Snapshot(HUBSPOT, now, frames, self._schema(), gone, watermark, self._known_users())

    def peek(self, addresses: Sequence[Address], now: datetime) -> Snapshot:
        frames = {}
        for name in self._wanted:
            ids = dict.fromkeys(a.record_id for a in addresses if a.object == name and a.record_id.isdigit())
            frames[name] = self._reader(name).peek(list(ids), now)
        return Snapshot(HUBSPOT, now, frames, self._schema(), users=self._known_users() if addresses else {})

    def write(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        for batch in batches(changes, BATCH):
            passing = frozenset[str]() if batch[0].record_id is None else answers.PASSING
            yield from persist(self._http.turns(), batch, self._send, passing)

    def forecast(self, peeked: Sequence[Address], written: Sequence[Change]) -> dict[str, int]:
        dated = any(column.endswith(EDITED) for column in chain(*self._wanted.values()))
        reads = calls_for(peeked, self._wanted, HISTORY_PAGE if dated else READ_BATCH)
        return {"read": reads, "write": len(list(batches(written, BATCH)))}

    def _told(self, name: str) -> Any:
        """What the portal says of itself, asked for once."""
        if self._account is None:
            self._account = self._api.read("GET", self._api.account())
        return self._http.member(self._account, name)

    def _reader(self, name: str) -> Reader:
        return Reader(self._api, name, self._wanted[name], self._defined(name))

    def _schema(self) -> dict[str, dict[str, Property]]:
        return {name: {key: wire.defined(value) for key, value in self._defined(name).items()} for name in self._wanted}

    def _known_users(self) -> Mapping[str, str]:
        """Owners that aren't archived, asked for once, and only if somebody wants to know who owns a record."""
        if self._users is None and names_users(self._wanted, self._schema()):
            self._users = users((owner["id"], owner.get("email")) for owner in self._owners())
        return self._users or {}

    def _owners(self) -> Iterator[Mapping[str, Any]]:
        params = {"limit": str(OWNERS), "archived": "false"}
        while True:
            answer = self._api.page(wire.OWNERS, "GET", OWNERS_PATH, params=params)
            yield from answer.results
            if not (after := wire.following(answer)):
                return
            params["after"] = after

    def _defined(self, name: str) -> Mapping[str, Mapping[str, Any]]:
        """What properties that object has: asked for once, and good for as long as this connector is open."""
        if name not in self._definitions:
            results = self._api.member(self._api.crm("properties", name), "results")
            self._definitions[name] = {definition["name"]: definition for definition in results}
        return self._definitions[name]

    def _send(self, batch: Sequence[Change]) -> list[Receipt] | Partly | Refusal:
        """One batch call. Trace ids make it answer row by row (fact sheet, section 0). A create whose end is unknown
        isn't sent twice: e-mails are unique in HubSpot, people without one aren't. An archive answers without a word
        (restorable for 90 days)."""
        create, archive = batch[0].record_id is None, batch[0].kind == "archive"
        way = "create" if create else "archive" if archive else "update"
        inputs = [{"id": change.record_id} if archive else _input(change) for change in batch]
        path = f"{self._api.crm('objects', batch[0].object)}/batch/{way}"
        response = self._api.call("POST", path, body={"inputs": inputs}, write=True, repeatable=not create)
        if archive and response.status_code == ARCHIVED:
            return [Receipt(change.id, Outcome.APPLIED, change.record_id) for change in batch]
        answer = self._http.json(response)
        if not response.is_success:
            return answers.refused(batch, answer)
        if not isinstance(answer, dict):
            raise self._http.unknown("answered a write with something that is no batch of results")
        return answers.answered(batch, answer)


def _input(change: Change) -> dict[str, Any]:
    identity = {} if change.record_id is None else {"id": change.record_id}
    return identity | {"properties": dict(change.fields), "objectWriteTraceId": change.id}
