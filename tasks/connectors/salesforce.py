"""Hands on Salesforce: Contacts, Leads and Tasks over REST."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

import httpx
import msgspec
import pandas as pd

from tasks import progress
from tasks.connectors import salesforce_tasks as reading_tasks
from tasks.connectors import salesforce_wire as wire
from tasks.connectors.batching import Refusal, batches, calls_for, chunks, complete, persist
from tasks.connectors.frames import Columns, names_users, users
from tasks.connectors.http import Http
from tasks.connectors.logins import SalesforceLogin
from tasks.connectors.salesforce_asking import Asking, Look, Part
from tasks.connectors.salesforce_bulk import RESULTS, Bulk, cheaper
from tasks.connectors.salesforce_session import API_VERSION, Session
from tasks.connectors.salesforce_soql import Query, among, by_length, changed_since, soql_time, stamps
from tasks.connectors.salesforce_tasks import NAMES_LENGTH
from tasks.connectors.vitals import Vitals
from tasks.core.communications.native import Written
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
COLLECTIONS = f"{DATA}/composite/sobjects"
WRITE_BATCH, READ_BATCH = 200, 2000
OVERLAP = timedelta(minutes=5)  # rows are stamped before they are committed: look back a little further than we got
NO_AUTOMATION = {"Sforce-Auto-Assign": "FALSE"}  # else assignment rules move a Lead at every update
DUPLICATES = {
    "Sforce-Duplicate-Rule-Header": "allowSave=true"
}  # helps where a rule warns; one that blocks still blocks
USERS = Query("User", wire.USER, ("IsActive = true",))
ORGANIZATION = Query("Organization", ("TimeZoneSidKey",))


class Salesforce:
    """One org. `wanted` maps object → properties to read; a relationship's property is written `Account.Name`.

    What an org looks like is asked anew by every connector, and once: a describe that was kept from an earlier run
    would hide that a field has been renamed or taken away since.
    """

    system = SALESFORCE
    capabilities = frozenset({Capability.LIST, Capability.CLEAR, Capability.ARCHIVE})

    def __init__(
        self, http: Http, login: SalesforceLogin, wanted: Mapping[str, Sequence[str]], results: int = RESULTS
    ) -> None:
        self._http, self._wanted = http, wanted
        self._session = Session(http, login)
        self._asking = Asking(http, self._session, DATA)
        self._bulk = Bulk(http, self._session, DATA, results)
        self._headers = NO_AUTOMATION | (DUPLICATES if login.allow_duplicates else {})
        self._objects: dict[str, tuple[dict[str, Property], dict[str, list[str]]]] = {}
        self._users: Mapping[str, str] | None = None

    @property
    def calls(self) -> dict[str, int]:
        return self._http.calls

    @property
    def vitals(self) -> Vitals:
        return self._http.vitals

    def close(self) -> None:
        self._http.close()

    def identify(self) -> str:
        return self._session.organization()

    def screen(self, object_name: str) -> str:
        """Where people open a record, `{}` for its id (fact sheet, section 10)."""
        return f"{self._session.instance()}/lightning/r/{object_name}/{{}}/view"

    def pull(self, now: datetime, since: str | None = None) -> Snapshot:
        """One call asks for what changed in every object, deleted records among it, and for the users if need be; more
        calls only fetch more pages. Objects that are known to be large are left to a job each: no page is spent on
        finding that out."""
        marks: dict[str, str] = msgspec.json.decode(since) if since else {}
        sizes = self._sizes([name for name in self._wanted if name not in marks])
        queries = {name: self._changes(name, marks.get(name)) for name in self._wanted}
        asked = [query for name, query in queries.items() if not cheaper(sizes.get(name, 0))]
        asked += [USERS] if self._owners_unknown() else []
        firsts = dict(zip((query.object for query in asked), self._asking.firsts(asked), strict=True))
        if USERS in asked:
            self._users = self._named(firsts[USERS.object])
        frames, gone, reached = {}, {}, dict(marks)
        for name, query in queries.items():
            seen, latest = self._collect(query, firsts.get(name), now)
            frames[name], deleted = self._alive(name, seen)
            gone.update(deleted)
            if latest:
                stamp = soql_time(min(datetime.fromisoformat(latest), now) - OVERLAP)
                reached[name] = max(stamp, marks.get(name, ""))
        watermark = msgspec.json.encode(reached, order="sorted").decode()
        return Snapshot(SALESFORCE, now, frames, self._schema(), gone, watermark, self._users or {})

    def peek(self, addresses: Sequence[Address], now: datetime) -> Snapshot:
        """A call for 2,000 records, whatever their objects."""
        found = {name: self._collector(name) for name in self._wanted}
        for share in chunks(self._known(addresses), READ_BATCH):
            objects = groupby(share, itemgetter(0))
            looks = [Look(name, self._columns(name), tuple(map(itemgetter(1), some))) for name, some in objects]
            for look, page in self._asking.look(looks):
                found[look.object].add(wire.snapshot_columns(page))
        frames = {name: self._alive(name, some.frame(now))[0] for name, some in found.items()}
        if addresses and self._owners_unknown():
            self._users = self._named(*self._asking.firsts([USERS]))
        return Snapshot(SALESFORCE, now, frames, self._schema(), users=self._users or {})

    def write(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        for batch in batches(changes, WRITE_BATCH):
            yield from persist(self._http.turns(), batch, self._send, wire.TRANSIENT_CODES)

    def forecast(self, peeked: Sequence[Address], written: Sequence[Change]) -> dict[str, int]:
        reads = calls_for(peeked, self._wanted, READ_BATCH)
        return {"read": reads, "write": len(list(batches(written, WRITE_BATCH)))}

    def accounts(self, names: Sequence[str]) -> dict[str, list[str]]:
        """Ids of the Accounts of those names, by the name as it is spelt there."""
        found: dict[str, list[str]] = {}
        for some in by_length(names, NAMES_LENGTH):
            for page in self._asking.all(Query("Account", wire.ACCOUNT, (among("Name", some),))):
                for account, name in zip(page["Id"], page["Name"], strict=True):
                    found.setdefault(str(name), []).append(str(account))
        return found

    def tasks(self, keys: Sequence[str]) -> dict[str, str]:
        """The Task of each of those keys (CallObject) that has one, archived and deleted ones among them."""
        return reading_tasks.by_key(self._asking, keys)

    def tasks_written(self, records: Sequence[str], since: datetime) -> Iterator[Written]:
        """The Tasks that anybody wrote on those records since then."""
        return reading_tasks.written(self._asking, records, since)

    def task_properties(self) -> list[str]:
        """What the properties of Tasks are called in this org."""
        return list(self._describe("Task"))

    def versions(self) -> list[str]:
        """The versions of its API that the org offers, as paths name them; the question isn't counted."""
        answer = self._asking.expect(self._session.send("GET", "/services/data"))
        return [f"v{offered['version']}" for offered in self._http.json(answer)]

    def team(self) -> Mapping[str, str]:
        """Active users: id → lower-case e-mail."""
        if self._users is None:
            self._users = self._named(*self._asking.firsts([USERS]))
        return self._users

    def timezone(self) -> str:
        """The zone in which the org counts its days; "" where it names none."""
        found = next(self._asking.all(ORGANIZATION))["TimeZoneSidKey"]
        return (found[0] or "") if found else ""

    # --- reading ---

    def _schema(self) -> Schema:
        return {name: self._describe(name) for name in self._wanted}

    def _describe(self, name: str) -> Mapping[str, Property]:
        """An object's own properties, and those of related records that are wanted with it."""
        own, links = self._object(name)
        related = {asked: self._related(asked, links) for asked in self._wanted.get(name, ()) if "." in asked}
        return own | {asked: found for asked, found in related.items() if found is not None}

    def _object(self, name: str) -> tuple[dict[str, Property], dict[str, list[str]]]:
        """An object's own properties, and which objects each of its relationships may lead to."""
        if name not in self._objects:
            (answer,) = self._asking.answers([_described(name)])
            self._learn(name, answer)
        return self._objects[name]

    def _learn(self, name: str, answer: httpx.Response) -> None:
        fields = self._http.member(answer, "fields")
        links = {f.get("relationshipName"): f["referenceTo"] for f in fields if f.get("referenceTo")}
        self._objects[name] = {f["name"]: wire.described(f) for f in fields}, links

    def _sizes(self, names: Sequence[str]) -> dict[str, int]:
        """How many rows the objects have of which it isn't known yet what they look like, for that is asked anyway: one
        call answers both. An object that the org doesn't want to count has none."""
        unknown = [name for name in names if name not in self._objects]
        counts = [Part("GET", Query(name, ("COUNT()",), deleted=True).address) for name in unknown]
        answers = self._asking.attempts([*map(_described, unknown), *counts])
        for name, answer in zip(unknown, answers, strict=False):
            self._learn(name, self._asking.expect(answer))
        counted = zip(unknown, answers[len(unknown) :], strict=True)
        return {name: self._http.member(answer, "totalSize") for name, answer in counted if answer.status_code == 200}

    def _related(self, asked: str, links: Mapping[str, list[str]]) -> Property | None:
        """A related record's property, as a read-only one of this record."""
        head, _, tail = asked.partition(".")
        there = self._object(links[head][0])[0].get(tail) if head in links else None
        return there and Property(asked, there.label, there.type, there.length, createable=False, updateable=False)

    def _owners_unknown(self) -> bool:
        """Whether somebody wants to know who owns a record, and the users haven't been asked for yet."""
        return self._users is None and names_users(self._wanted, self._schema())

    def _named(self, first: Any) -> Mapping[str, str]:
        pages = self._asking.rest(USERS, first)
        return users(pair for page in pages for pair in zip(page["Id"], page["Email"], strict=True))

    def _columns(self, name: str) -> tuple[str, ...]:
        """What is read of a record; properties that the org doesn't have are not asked for."""
        known = self._describe(name)
        found = [c for c in wire.columns(name, self._wanted[name]) if c in known or c in wire.SYSTEM_FIELDS]
        return tuple(dict.fromkeys((*found, *wire.FATE)))

    def _changes(self, name: str, since: str | None) -> Query:
        """A relationship that may lead to several objects offers what they have in common: no time of change."""
        columns, links = self._columns(name), self._object(name)[1]
        changes = stamps([column for column in columns if len(links.get(column.partition(".")[0], ())) == 1])
        where = (changed_since(since, changes),) if since else ()
        return Query(name, tuple(dict.fromkeys((*columns, *changes))), where, deleted=True, ordered=True)

    def _collect(self, query: Query, first: Any, now: datetime) -> tuple[pd.DataFrame, str]:
        """All rows of an answer, and the latest change among them."""
        collected, latest = self._collector(query.object), ""
        for page in self._pages(query, first):
            latest = max([latest, *(stamp for name in query.stamps for stamp in page[name] if stamp)])
            collected.add(wire.snapshot_columns(page))
            progress.report(f"pull {SALESFORCE} {query.object}", collected.rows)
        return collected.frame(now), latest

    def _pages(self, query: Query, first: Any) -> Iterator[dict[str, list[str | None]]]:
        """By a job where the rule says so. `first` is the page that is here already; without one a job is due."""
        if first is None or (not first.done and cheaper(first.totalSize, pages=1)):
            known = self._describe(query.object)
            types = {name: wire.type_of(name, known) for name in query.columns}
            if (pages := self._bulk.pages(query, types)) is not None:
                return pages
        return self._asking.all(query) if first is None else self._asking.rest(query, first)

    def _collector(self, name: str) -> Columns:
        return Columns(self._wanted[name], (*wire.FATE, *(("converted_to",) if name == wire.LEAD else ())))

    def _alive(self, name: str, seen: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
        """The records that live, and those that don't: deleted ones, and merged ones with their master, as long as the
        recycle bin remembers them."""
        dead = seen["IsDeleted"] == "true"
        masters = seen.loc[dead, "MasterRecordId"].fillna("")
        gone = {
            reference(SALESFORCE, name, lost): reference(SALESFORCE, name, wire.to18(master)) if master else ""
            for lost, master in zip(seen.loc[dead, "record_id"], masters, strict=True)
        }
        extra = [column for column in wire.FATE if column not in self._wanted[name]]
        return seen[~dead].drop(columns=extra).reset_index(drop=True), gone

    def _known(self, addresses: Sequence[Address]) -> list[tuple[str, str]]:
        """Object and id of those that can be records of ours, each once, by object."""
        asked = ((a.object, wire.to18(a.record_id)) for a in addresses if wire.is_id(a.record_id, a.object))
        return sorted({(name, record_id) for name, record_id in asked if name in self._wanted})

    # --- writing ---

    def _send(self, batch: Sequence[Change]) -> list[Receipt] | Refusal:
        """One collections call. Rows stand by object: a call takes ten runs of one type (fact sheet, section 6)."""
        ordered = sorted(batch, key=lambda change: change.object)
        response = self._call(ordered)
        answer = self._http.json(response)
        if wire.is_results(answer):
            pairs = zip(ordered, answer, strict=False)
            return complete(batch, {change.id: _receipt(change, row) for change, row in pairs})
        if response.is_success:
            raise self._http.unknown("answered a write with something that is no list of results")
        codes = wire.error_codes(answer)
        if wire.TRANSIENT_CODES.intersection(codes):
            return [Receipt(c.id, Outcome.FAILED, c.record_id, codes[0]) for c in batch]
        return Refusal(wire.reason(answer if isinstance(answer, list) else [answer]))

    def _call(self, batch: Sequence[Change]) -> httpx.Response:
        """Deleted records lie in the recycle bin for 15 days."""
        if batch[0].kind == "archive":
            ids = ",".join(str(change.record_id) for change in batch)
            return self._session.send("DELETE", COLLECTIONS, params={"ids": ids, "allOrNone": "false"}, write=True)
        create = batch[0].record_id is None
        return self._session.send(
            "POST" if create else "PATCH",
            COLLECTIONS,
            body={"allOrNone": False, "records": [self._row(change) for change in batch]},
            headers=self._headers,
            write=True,
            repeatable=not create,
        )

    def _row(self, change: Change) -> dict[str, Any]:
        """`attributes` comes first: the parser insists (fact sheet, section 6)."""
        known = self._describe(change.object)
        types = {name: known[name].type if name in known else "string" for name in change.fields}
        identity = {} if change.record_id is None else {"id": change.record_id}
        values = {name: wire.wire_value(value, types[name]) for name, value in change.fields.items()}
        return {"attributes": {"type": change.object}} | identity | values


def _described(name: str) -> Part:
    return Part("GET", f"sobjects/{name}/describe")


def _receipt(change: Change, row: Mapping[str, Any]) -> Receipt:
    """A row's result. A failing row has no `id` at all (fact sheet, section 0). Deleting what is deleted is no slip."""
    errors = row.get("errors") or []
    codes = {str(error.get("statusCode")) for error in errors}
    if row["success"] or (change.kind == "archive" and codes == {wire.DELETED}):
        return Receipt(change.id, Outcome.APPLIED, change.record_id or row.get("id"))
    transient = wire.TRANSIENT_CODES.intersection(codes)
    if transient:
        return Receipt(change.id, Outcome.FAILED, change.record_id, min(transient))
    return Receipt(change.id, Outcome.REFUSED, change.record_id, wire.reason(errors))
