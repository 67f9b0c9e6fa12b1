"""Hands on Salesforce: Contacts, Leads and Tasks over REST."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx
import msgspec
import pandas as pd

from tasks.connectors import salesforce_wire as wire
from tasks.connectors.batching import Refusal, batches, chunks, complete, persist
from tasks.connectors.frames import Columns, listed, names_users, users
from tasks.connectors.http import Http
from tasks.connectors.logins import SalesforceLogin
from tasks.connectors.salesforce_session import API_VERSION, Session
from tasks.core.model import (
    SALESFORCE,
    Address,
    Capability,
    Change,
    Outcome,
    Property,
    Receipt,
    Schema,
    Snapshot,
    reference,
)

DATA = f"/services/data/{API_VERSION}"
WRITE_BATCH, READ_BATCH, QUERY_BATCH = 200, 2000, 300
NAMES_LENGTH = 8_000  # of names in one query's address, which may have 16,000 characters (fact sheet, section 3)
OVERLAP = timedelta(minutes=5)  # rows are stamped before they are committed: look back a little further than we got
NO_AUTOMATION = {"Sforce-Auto-Assign": "FALSE"}  # else assignment rules move a Lead at every update


class Salesforce:
    """One org. `wanted` maps object → properties to read; a relationship's property is written `Account.Name`."""

    system = SALESFORCE
    capabilities = frozenset({Capability.LIST, Capability.CLEAR})

    def __init__(self, http: Http, login: SalesforceLogin, wanted: Mapping[str, Sequence[str]]) -> None:
        self._http, self._wanted = http, wanted
        self._session = Session(http, login)
        self._describes: dict[str, dict[str, Property]] = {}
        self._users: Mapping[str, str] | None = None

    @property
    def calls(self) -> dict[str, int]:
        return self._http.calls

    def close(self) -> None:
        self._http.close()

    def identify(self) -> str:
        return str(self._member("/services/oauth2/userinfo", "organization_id"))

    def pull(self, now: datetime, since: str | None = None) -> Snapshot:
        marks: dict[str, str] = msgspec.json.decode(since) if since else {}
        frames, gone, reached = {}, {}, dict(marks)
        for name in self._wanted:
            frames[name], stamp = self._pull_object(name, now, marks.get(name))
            gone.update(self._gone(name, marks.get(name)))
            if stamp is not None:
                reached[name] = max(stamp, marks.get(name, ""))
        watermark = msgspec.json.encode(reached, order="sorted").decode()
        return Snapshot(SALESFORCE, now, frames, self._schema(), gone, watermark, self._known_users())

    def peek(self, addresses: Sequence[Address], now: datetime) -> Snapshot:
        frames = {}
        for name in self._wanted:
            ids = dict.fromkeys(a.record_id for a in addresses if a.object == name and wire.is_id(a.record_id))
            frames[name] = self._peek_object(name, list(ids), now)
        known = self._known_users() if addresses else {}
        return Snapshot(SALESFORCE, now, frames, self._schema(), users=known)

    def write(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        for batch in batches(changes, WRITE_BATCH):
            yield from persist(self._http.turns(), batch, self._send, wire.TRANSIENT_CODES)

    # --- reading ---

    def _schema(self) -> Schema:
        return {name: self._describe(name) for name in self._wanted}

    def _describe(self, name: str) -> Mapping[str, Property]:
        if name not in self._describes:
            fields = self._member(f"{DATA}/sobjects/{name}/describe", "fields")
            known = {field["name"]: wire.described(field) for field in fields}
            self._describes[name] = known | self._related(name, fields)
        return self._describes[name]

    def _related(self, name: str, fields: Sequence[Mapping[str, Any]]) -> dict[str, Property]:
        """Wanted properties of related records, as read-only properties of this one."""
        targets = {f["relationshipName"]: f["referenceTo"] for f in fields if f.get("relationshipName")}
        found = {}
        for asked in self._wanted.get(name, ()):
            head, _, tail = asked.partition(".")
            if tail and targets.get(head) and (there := self._describe(targets[head][0]).get(tail)):
                found[asked] = Property(
                    asked, there.label, there.type, there.length, createable=False, updateable=False
                )
        return found

    def _known_users(self) -> Mapping[str, str]:
        """Active users, asked for once, and only if somebody wants to know who owns a record."""
        if self._users is None and names_users(self._wanted, self._schema()):
            pages = self._query("query", wire.select(wire.USER, "User", ["IsActive = true"]), wire.USER)
            found = [wire.page_columns(rows, wire.USER) for rows in pages]
            self._users = users(pair for page in found for pair in zip(page["Id"], page["Email"], strict=True))
        return self._users or {}

    def accounts(self, names: Sequence[str]) -> dict[str, list[str]]:
        """Ids of the Accounts of those names, by the name as it is spelt there."""
        found: dict[str, list[str]] = {}
        for some in wire.by_length(names, NAMES_LENGTH):
            where = f"Name IN ({', '.join(map(wire.quoted, some))})"
            for rows in self._query("query", wire.select(wire.ACCOUNT, "Account", [where], "Id"), wire.ACCOUNT):
                page = wire.page_columns(rows, wire.ACCOUNT)
                for account, name in zip(page["Id"], page["Name"], strict=True):
                    found.setdefault(str(name), []).append(str(account))
        return found

    def _columns(self, name: str) -> list[str]:
        known = self._describe(name)
        return [c for c in wire.columns(name, self._wanted[name]) if c in known or c in wire.SYSTEM_FIELDS]

    def _pull_object(self, name: str, now: datetime, since: str | None) -> tuple[pd.DataFrame, str | None]:
        columns = self._columns(name)
        where = [wire.changed_since(since, columns)] if since else []
        collected, latest = self._collector(name), ""
        for rows in self._query("query", wire.select(columns, name, where, "SystemModstamp, Id"), columns):
            page = wire.page_columns(rows, columns)
            latest = max([latest, *(stamp for stamp in page["SystemModstamp"] if stamp)])
            collected.add(wire.snapshot_columns(page))
        stamp = wire.soql_time(min(datetime.fromisoformat(latest), now) - OVERLAP) if latest else None
        return collected.frame(now), stamp

    def _collector(self, name: str) -> Columns:
        return Columns(self._wanted[name], ("converted_to",) if name == wire.LEAD else ())

    def _gone(self, name: str, since: str | None) -> dict[str, str]:
        """Deleted records, and merged ones with their master, as long as the recycle bin remembers them."""
        columns = ["Id", "MasterRecordId"]
        where = ["IsDeleted = true", *([f"SystemModstamp >= {since}"] if since else [])]
        gone = {}
        for rows in self._query("queryAll", wire.select(columns, name, where), columns):
            page = wire.page_columns(rows, columns)
            for lost, master in zip(page["Id"], page["MasterRecordId"], strict=True):
                gone[reference(SALESFORCE, name, str(lost))] = reference(SALESFORCE, name, master) if master else ""
        return gone

    def _query(self, resource: str, soql: str, columns: Sequence[str]) -> Iterator[list[Any]]:
        """Pages of rows. The next page's address is opaque and used as given (fact sheet, section 3)."""
        decoder = msgspec.json.Decoder(wire.page_type(wire.row_type(columns)))
        response = self._expect(self._session.send("GET", f"{DATA}/{resource}", params={"q": soql}))
        while True:
            page: Any = self._http.decode(response, decoder)
            yield page.records
            if page.done or not page.nextRecordsUrl:
                return
            response = self._expect(self._session.send("GET", page.nextRecordsUrl))

    def _peek_object(self, name: str, ids: Sequence[str], now: datetime) -> pd.DataFrame:
        columns, collected = [*self._columns(name), "IsDeleted"], self._collector(name)
        for rows in self._retrieve(name, ids, columns):
            alive = [row for row in rows if row is not None]
            page = wire.page_columns(alive, columns)
            deleted = page.pop("IsDeleted")
            kept = [i for i, flag in enumerate(deleted) if flag != "true"]
            page = {column: [values[i] for i in kept] for column, values in page.items()}
            collected.add(wire.snapshot_columns(page))
        return collected.frame(now)

    def _retrieve(self, name: str, ids: Sequence[str], columns: Sequence[str]) -> Iterator[list[Any]]:
        """By collection; by query where a related record's property is asked for, which collections don't offer."""
        if any("." in column for column in columns):
            for some in chunks(ids, QUERY_BATCH):
                where = f"Id IN ({', '.join(map(wire.quoted, some))})"
                yield from self._query("query", wire.select(columns, name, [where]), columns)
            return
        decoder: Any = msgspec.json.Decoder(listed(wire.row_type(columns) | None))
        for some in chunks(ids, READ_BATCH):
            body = {"ids": some, "fields": columns}
            response = self._session.send("POST", f"{DATA}/composite/sobjects/{name}", body=body)
            yield self._http.decode(self._expect(response), decoder)

    def _member(self, path: str, name: str) -> Any:
        return self._http.member(self._expect(self._session.send("GET", path)), name)

    def _expect(self, response: httpx.Response) -> httpx.Response:
        if response.status_code != 200:
            what = ", ".join(wire.error_codes(self._http.json(response)))
            raise self._http.error(f"refused a read (HTTP {response.status_code} {what}): try again")
        return response

    # --- writing ---

    def _send(self, batch: Sequence[Change]) -> list[Receipt] | Refusal:
        """One collections call. Rows stand by object: a call takes ten runs of one type (fact sheet, section 6)."""
        ordered = sorted(batch, key=lambda change: change.object)
        create = batch[0].record_id is None
        response = self._session.send(
            "POST" if create else "PATCH",
            f"{DATA}/composite/sobjects",
            body={"allOrNone": False, "records": [self._row(change) for change in ordered]},
            headers=NO_AUTOMATION,
            write=True,
            repeatable=not create,
        )
        answer = self._http.json(response)
        if wire.is_results(answer):
            pairs = zip(ordered, answer, strict=False)
            return complete(batch, {change.id: _receipt(change, row) for change, row in pairs})
        codes = wire.error_codes(answer)
        if wire.TRANSIENT_CODES.intersection(codes):
            return [Receipt(c.id, Outcome.FAILED, c.record_id, codes[0]) for c in batch]
        return Refusal(wire.reason(answer if isinstance(answer, list) else [answer]))

    def _row(self, change: Change) -> dict[str, Any]:
        """`attributes` comes first: the parser insists (fact sheet, section 6)."""
        known = self._describe(change.object)
        types = {name: known[name].type if name in known else "string" for name in change.fields}
        identity = {} if change.record_id is None else {"id": change.record_id}
        values = {name: wire.wire_value(value, types[name]) for name, value in change.fields.items()}
        return {"attributes": {"type": change.object}} | identity | values


def _receipt(change: Change, row: Mapping[str, Any]) -> Receipt:
    """A row's result. A failing row has no `id` at all (fact sheet, section 0)."""
    if row["success"]:
        return Receipt(change.id, Outcome.APPLIED, change.record_id or row.get("id"))
    errors = row.get("errors") or []
    transient = wire.TRANSIENT_CODES.intersection(str(error.get("statusCode")) for error in errors)
    if transient:
        return Receipt(change.id, Outcome.FAILED, change.record_id, min(transient))
    return Receipt(change.id, Outcome.REFUSED, change.record_id, wire.reason(errors))
