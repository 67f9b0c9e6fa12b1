"""Batch endpoints: all or nothing, or record by record with a 207 (fact sheet, sections 0.4, 2.3 and 3)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from tasks.sandbox.hubspot import render
from tasks.sandbox.hubspot.contacts import Contacts
from tasks.sandbox.hubspot.draft import Draft, Row
from tasks.sandbox.hubspot.errors import Conflict, Refusal, anonymous_conflict, invalid_values, not_found, some_missing
from tasks.sandbox.hubspot.requests import Body, contacts_of, inputs_of, member, payload, unique_ids
from tasks.sandbox.hubspot.values import kept, problems
from tasks.sandbox.hubspot.wire import Json, flag, stamp

MAX_WITH_HISTORY = 50


@dataclass
class Item:
    """One input of a write: its values as they would be kept."""

    values: dict[str, str]
    trace: str | None = None
    id: str = ""
    id_property: str | None = None


Act = Callable[[Draft, Item], render.Record]


@dataclass
class Batch:
    """A batch under way and its outcome so far."""

    contacts: Contacts
    started: str
    results: list[render.Record] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, status: int) -> Response:
        """207 with `errors` when anything failed; `status` stays COMPLETE either way (recorded)."""
        body: Body = {"status": "COMPLETE", "results": self.results, "startedAt": self.started}
        body["completedAt"] = stamp(self.contacts.world.clock.now())
        if self.errors:
            body |= {"numErrors": len(self.errors), "errors": self.errors}
        return Json(body, 207 if self.errors else status)

    def write(self, items: list[Item], act: Act, path: str, by_record: bool) -> None:
        """Carry out the items: one by one where each can be blamed by its trace id, else as a whole."""
        done = items
        if items and self.contacts.world.faults.take("hubspot", "partial", path):
            done = items[: len(items) // 2]
        if by_record and all(item.trace is not None for item in items):
            self._write_each(done, act)
        else:
            self._write_all(done, act)
        self.errors.extend(_broken(item) for item in items[len(done) :])

    def _write_each(self, items: list[Item], act: Act) -> None:
        for item in items:
            draft = self.contacts.draft()
            try:
                self.contacts.check(item.values)
                record = act(draft, item)
            except Refusal as refusal:
                self.errors.append(refusal.part(item.trace))
            else:
                draft.commit()
                echoed = self.contacts.world.switches.hubspot_echoed_traces
                self.results.append(record | ({"objectWriteTraceId": item.trace} if echoed else {}))

    def _write_all(self, items: list[Item], act: Act) -> None:
        wrong = [problem for item in items for problem in problems(self.contacts.world, item.values)]
        if wrong:
            raise invalid_values(wrong)
        draft = self.contacts.draft()
        try:
            records = [act(draft, item) for item in items]
        except Conflict as conflict:
            named = self.contacts.world.switches.hubspot_conflict_names_first
            raise conflict if named else anonymous_conflict() from None
        draft.commit()
        self.results.extend(records)


def _broken(item: Item) -> dict[str, Any]:
    """A record that HubSpot failed on, and that may well pass the next time."""
    context = {} if item.trace is not None or not item.id else {"context": {"ids": [item.id]}}
    return Refusal(500, "There was a problem with the request.", "INTERNAL_ERROR", **context).part(item.trace)


def _item(contacts: Contacts, given: Body) -> Item:
    values, trace = kept(contacts.world, member(given, "properties")), given.get("objectWriteTraceId")
    return Item(values, None if trace is None else str(trace), str(given.get("id", "")), given.get("idProperty"))


async def _begin(request: Request) -> tuple[Batch, list[Item], Body]:
    contacts, body = contacts_of(request), await payload(request)
    items = [_item(contacts, given) for given in inputs_of(body)]
    return Batch(contacts, stamp(contacts.world.clock.now())), items, body


async def create(request: Request) -> Response:
    batch, items, _ = await _begin(request)

    def act(draft: Draft, item: Item) -> render.Record:
        return render.created(batch.contacts.create(draft, item.values))

    batch.write(items, act, request.url.path, by_record=True)
    return batch.answer(201)


def _updated(contacts: Contacts, draft: Draft, old: Row, values: dict[str, str]) -> render.Record:
    return render.updated(old, contacts.update(draft, old, values), values)


async def update(request: Request) -> Response:
    """Unknown ids fail as one group; the others go on, trace ids or not (recorded)."""
    batch, items, body = await _begin(request)
    contacts = batch.contacts
    unique_ids(body["inputs"])
    known = contacts.draft()
    items = [item for item in items if not contacts.unmentioned(item.id)]
    missing = [item for item in items if contacts.locate(known, item.id, item.id_property) is None]

    def act(draft: Draft, item: Item) -> render.Record:
        old = contacts.locate(draft, item.id, item.id_property)
        if old is None:
            raise not_found()
        return _updated(contacts, draft, old, item.values)

    by_record = contacts.world.switches.hubspot_traced_updates
    batch.write([item for item in items if item not in missing], act, request.url.path, by_record)
    if missing:
        batch.errors.append(some_missing([item.id for item in missing]))
    return batch.answer(200)


async def upsert(request: Request) -> Response:
    """Create or update by a unique property. By e-mail there is no partial success (section 2.3)."""
    batch, items, body = await _begin(request)
    contacts = batch.contacts
    unique_ids([item | {"id": str(item.get("id", "")).lower()} for item in body["inputs"]])

    def act(draft: Draft, item: Item) -> render.Record:
        old = contacts.locate(draft, item.id, item.id_property)
        if old is not None:
            return _updated(contacts, draft, old, item.values) | {"new": False}
        if item.id_property in (None, "", "hs_object_id"):
            raise not_found()
        key = kept(contacts.world, {item.id_property: item.id})
        contacts.check(key)
        return render.created(contacts.create(draft, key | item.values)) | {"new": True}

    by_record = all(item.id_property != "email" for item in items)
    batch.write(items, act, request.url.path, by_record)
    return batch.answer(200)


async def read(request: Request) -> Response:
    contacts, body = contacts_of(request), await payload(request)
    with_history = body.get("propertiesWithHistory") or []
    inputs = inputs_of(body, MAX_WITH_HISTORY) if with_history else inputs_of(body)
    batch, draft, missing = Batch(contacts, stamp(contacts.world.clock.now())), contacts.draft(), []
    for key in unique_ids(inputs):
        archived = flag(request, "archived")
        row = contacts.in_archive(key) if archived else contacts.locate(draft, key, body.get("idProperty"))
        if row is None:
            missing.append(key)
        else:
            batch.results.append(render.read(contacts, row, body.get("properties") or (), with_history))
    if missing:
        batch.errors.append(some_missing(missing))
    return batch.answer(200)


async def archive(request: Request) -> Response:
    contacts, body = contacts_of(request), await payload(request)
    draft = contacts.draft()
    for key in (str(item.get("id", "")) for item in inputs_of(body)):
        contacts.archive(draft, key)
    draft.commit()
    return Response(status_code=204)
