"""Hands on Aloware: contacts by phone number, one at a time; a list of them only where an export is at hand."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from tasks.connectors import aloware_communications as communications
from tasks.connectors import aloware_export as export
from tasks.connectors import aloware_wire as wire
from tasks.connectors.aloware_catalogue import DispositionCatalogue
from tasks.connectors.aloware_file import ExportFile
from tasks.connectors.frames import Columns, names_users, users
from tasks.connectors.http import Http
from tasks.connectors.logins import AlowareLogin
from tasks.connectors.vitals import Vitals
from tasks.core.communications.export import Line
from tasks.core.errors import ConnectorError, PolicyError, SettingsError
from tasks.core.model import ALOWARE, Address, Capability, Change, Disposition, Outcome, Receipt, Schema, Snapshot

FORMS = "/api/v1/webhook/forms"
LOOK_UP = "/api/v1/webhook/contact/phone-number"
USERS = "/api/v1/webhook/users"
CREATED = 201
LOOK_UPS, WRITES, WRITE_BATCH = 16, 8, 64


class Aloware:
    """One account. `wanted["contacts"]` are the properties to read, by their write names."""

    system = ALOWARE

    def __init__(
        self,
        http: Http,
        login: AlowareLogin,
        wanted: Mapping[str, Sequence[str]],
        export_http: Http | None = None,
        communications_http: Http | None = None,
    ) -> None:
        """`export_http` and `communications_http` fetch exports that have a URL: no token goes there."""
        self._http, self._login = http, login
        self._export = ExportFile(login.export or "", "contacts", export.VARIABLE, export_http)
        self._communications = ExportFile(
            login.communications or "", "communications", communications.VARIABLE, communications_http
        )
        self._properties = [name for name in wanted.get(wire.CONTACTS, ()) if name in wire.FIELDS]
        self._wanted = tuple(wanted.get(wire.CONTACTS, ()))
        self._users: Mapping[str, str] | None = None
        self._catalogue = (
            DispositionCatalogue(http, login.catalogue_url, login.token) if login.catalogue_url is not None else None
        )

    @property
    def capabilities(self) -> frozenset[Capability]:
        has = {Capability.LIST: self._login.export, Capability.CATALOGUE: self._catalogue}
        return frozenset(capability for capability, given in has.items() if given)

    @property
    def calls(self) -> dict[str, int]:
        """Calls to the API; the export is a file, wherever it lies."""
        return self._http.calls

    @property
    def vitals(self) -> Vitals:
        return self._http.vitals

    def close(self) -> None:
        self._http.close()
        self._export.close()
        self._communications.close()

    def identify(self) -> str:
        """The API's origin, once it answered to our token: no call names the account, and tokens are rotated."""
        self._list_users()
        return self._login.url

    def pull(self, now: datetime, since: str | None = None) -> Snapshot:
        """The export, whole, as old as it is; no rows where there is none. There is nothing incremental to ask for."""
        frame = Columns(self._wanted).frame(now)
        if self._login.export:
            listed = export.contacts(self._export, self._properties, self._login, now)
            frame = listed.reindex(columns=frame.columns).astype(frame.dtypes)
        return self._snapshot(frame, now)

    def peek(self, addresses: Sequence[Address], now: datetime) -> Snapshot:
        """Look-ups by phone number. An address without a number names nobody that could be looked up."""
        phones = list(dict.fromkeys(address.phone for address in addresses if address.phone))
        with ThreadPoolExecutor(LOOK_UPS) as pool:
            found = [contact for contact in pool.map(self._look_up, phones) if contact is not None]
        collected = Columns(self._wanted)
        collected.add(wire.page_columns(found, self._properties))
        return self._snapshot(collected.frame(now), now, known_users=bool(phones))

    def write(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        """Several at a time, but one number's changes one after the other."""
        for batch in _apart(changes):
            with ThreadPoolExecutor(WRITES) as pool:
                answers = list(pool.map(self._write_one, batch))
            yield from (receipt for receipt, _ in answers)
            for _, error in answers:
                if error is not None:
                    raise error

    def forecast(self, peeked: Sequence[Address], written: Sequence[Change]) -> dict[str, int]:
        phones = {address.phone for address in peeked if address.phone}
        sent = [change for change in written if not wire.objection(change)]
        born = sum(change.record_id is None for change in sent)  # each is looked up for its id
        return {"read": len(phones) + born, "write": len(sent)}

    def dispositions(self) -> list[Disposition]:
        return self._writable_catalogue().dispositions()

    def save_disposition(self, disposition: Disposition) -> Disposition:
        return self._writable_catalogue().save_disposition(disposition)

    def _writable_catalogue(self) -> DispositionCatalogue:
        if self._catalogue is None:
            raise SettingsError("Aloware's catalogue of dispositions is out of reach: set ALOWARE_CATALOGUE_URL")
        return self._catalogue

    def _snapshot(self, frame: Any, now: datetime, known_users: bool = True) -> Snapshot:
        schema: Schema = {wire.CONTACTS: wire.FIELDS}
        named = known_users and names_users({wire.CONTACTS: self._properties}, schema)
        return Snapshot(ALOWARE, now, {wire.CONTACTS: frame}, schema, users=self._known_users() if named else {})

    def team(self) -> Mapping[str, str]:
        """Agents: id → lower-case e-mail."""
        return self._known_users()

    def team_names(self) -> Mapping[str, str]:
        """Agents whose name only one of them has: name in lower case → id."""
        pairs = [(str(user.get("name") or "").strip().casefold(), str(user.get("id"))) for user in self._list_users()]
        names = [name for name, _ in pairs]
        return {name: agent for name, agent in pairs if name and names.count(name) == 1}

    def communications(self, now: datetime) -> Iterator[Line]:
        """What the communications export lists, row by row; nothing where there is none. Raises SettingsError or
        PolicyError for one that can't be used."""
        if self._login.communications:
            columns, zone = self._login.communications_columns, self._login.timezone
            yield from communications.lines(self._communications, columns, zone, now)

    def _known_users(self) -> Mapping[str, str]:
        """The agents, asked for once; Aloware lists those there are."""
        if self._users is None:
            self._users = users((user.get("id"), user.get("email")) for user in self._list_users())
        return self._users

    def _list_users(self) -> list[Mapping[str, Any]]:
        response = self._http.send("GET", USERS, params={"api_token": self._login.token.get_secret_value()})
        body = self._http.json(response)
        if not response.is_success:
            raise self._refused_us(response.status_code, body)
        if not isinstance(body, list):
            raise self._http.error("answered its list of users with something else")
        return body

    def _look_up(self, phone: str) -> Mapping[str, Any] | None:
        """The contact with that primary number. 404 is an answer; so is 400, for nobody has an impossible number."""
        params = {"api_token": self._login.token.get_secret_value(), "phone_number": phone}
        response = self._http.send("GET", LOOK_UP, params=params)
        if response.status_code in (400, 404):
            return None
        body = self._http.json(response)
        if not response.is_success:
            raise self._refused_us(response.status_code, body)
        contact = wire.contact(body)
        if contact is None:
            raise self._http.error("answered a look-up with something that is no contact")
        if hidden := next(wire.unshown(contact, self._properties), None):
            raise PolicyError(f"Aloware's look-up doesn't show {hidden}, which the policy maps: remove it from there.")
        return contact

    def _refused_us(self, status: int, body: Any) -> ConnectorError:
        return self._http.error(f"refused us ({wire.reason(status, body)}): check ALOWARE_TOKEN")

    def _write_one(self, change: Change) -> tuple[Receipt, ConnectorError | None]:
        """One receipt; and the error, where it is Aloware that can't be reached rather than a row that is bad."""
        try:
            return self._send(change), None
        except ConnectorError as error:
            return Receipt(change.id, Outcome.FAILED, change.record_id, str(error)), error

    def _send(self, change: Change) -> Receipt:
        """A form, which may be repeated because the number is the key; then a look-up where the contact is new to us,
        for the form's answer names no id."""
        if objection := wire.objection(change):
            return Receipt(change.id, Outcome.REFUSED, change.record_id, objection)
        body = wire.form(change, self._login.token.get_secret_value())
        response = self._http.send("POST", FORMS, body=body, write=True)
        if response.status_code in (401, 403):
            raise self._refused_us(response.status_code, self._http.json(response))
        if not response.is_success:
            said = wire.reason(response.status_code, self._http.json(response))
            return Receipt(change.id, Outcome.REFUSED, change.record_id, said)
        if change.record_id and response.status_code != CREATED:
            return Receipt(change.id, Outcome.APPLIED, change.record_id)
        contact = self._look_up(change.phone)
        if contact is None:
            missing = "NOT_READ_BACK: no contact answers to the number that was written"
            return Receipt(change.id, Outcome.FAILED, change.record_id, missing)
        return Receipt(change.id, Outcome.APPLIED, str(contact["id"]))


def _apart(changes: Sequence[Change]) -> Iterator[list[Change]]:
    """Batches in order of arrival in which no number comes twice."""
    batch: list[Change] = []
    phones: set[str] = set()
    for change in changes:
        if batch and (len(batch) == WRITE_BATCH or change.phone in phones):
            yield batch
            batch, phones = [], set()
        batch.append(change)
        phones.add(change.phone)
    if batch:
        yield batch
