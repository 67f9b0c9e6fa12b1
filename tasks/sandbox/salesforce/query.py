"""Query answers: rows projected in SELECT's order, in pages that a locator continues (fact sheet, section 3)."""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tasks.sandbox.salesforce.describe import Schema, schema
from tasks.sandbox.salesforce.errors import Refusal
from tasks.sandbox.salesforce.fields import Field
from tasks.sandbox.salesforce.org import owner_of, record
from tasks.sandbox.salesforce.predicate import Meaning
from tasks.sandbox.soql import Field as Path
from tasks.sandbox.soql import Query, SoqlError, parse, pointer
from tasks.sandbox.store import Row
from tasks.sandbox.world import World

LEAST, MOST = 200, 2000  # rows in a page; a smaller or larger wish is brought inside
LONG_MOST = 1000  # with a long text selected: the size asked for is never guaranteed
CURSORS = 100
Project = Callable[[Row], dict[str, Any]]


@dataclass
class Cursor:
    """The rest of one query's answer."""

    rows: list[Row]
    size: int
    project: Project


@dataclass
class Cursors:
    """Open locators, the oldest forgotten first."""

    opened: OrderedDict[str, Cursor] = field(default_factory=OrderedDict)

    def keep(self, cursor: Cursor) -> str:
        locator = f"0r8xx{secrets.token_hex(5)}ASK"
        self.opened[locator] = cursor
        while len(self.opened) > CURSORS:
            self.opened.popitem(last=False)
        return locator

    def find(self, text: str) -> tuple[str, int, Cursor]:
        """The locator, where its page starts, and its cursor. Raises INVALID_QUERY_LOCATOR."""
        locator, _, start = text.partition("-")
        cursor = self.opened.get(locator)
        if cursor is None or not start.isdigit() or int(start) > len(cursor.rows):
            raise Refusal("INVALID_QUERY_LOCATOR", "invalid query locator", None)
        return locator, int(start), cursor


def page_size(header: str | None) -> int:
    """The rows a page may have, from `Sforce-Query-Options: batchSize=N`."""
    wish = (header or "").lower().replace(" ", "").partition("batchsize=")[2].split(",")[0]
    return min(max(int(wish), LEAST), MOST) if wish.isdigit() else MOST


def run(
    world: World, cursors: Cursors, text: str, version: str, size: int, *, deleted: bool, short: bool = False
) -> dict[str, Any]:
    """The first page of a query; `deleted` makes it a queryAll, and `short` the page smaller. Raises Refusal."""
    try:
        query = parse(text)
        found = object_of(world, query)
        meaning = Meaning(world, query, found)
        rows = select(meaning, deleted=deleted)
        if not query.paths:
            return {"totalSize": len(rows), "done": True, "records": []}
        project, is_long = projection(meaning, version)
    except SoqlError as error:
        raise Refusal(error.code, error.message, None) from None
    cursor = Cursor(rows, min(size, LONG_MOST) if is_long else size, project)
    return _page(cursors, cursor, None, 0, version, short=short)


def more(cursors: Cursors, locator: str, version: str, *, short: bool = False) -> dict[str, Any]:
    """The page that a `nextRecordsUrl` names; readable again and again."""
    name, start, cursor = cursors.find(locator)
    return _page(cursors, cursor, name, start, version, short=short)


def _page(
    cursors: Cursors, cursor: Cursor, locator: str | None, start: int, version: str, *, short: bool
) -> dict[str, Any]:
    size = min(cursor.size, len(cursor.rows) - start)
    end = start + (size // 2 if short and size > 1 else size)
    done = end >= len(cursor.rows)
    body: dict[str, Any] = {"totalSize": len(cursor.rows), "done": done}
    if not done:
        # A queryAll's next address says `query` as well; both paths take the locator.
        body["nextRecordsUrl"] = f"/services/data/v{version}/query/{locator or cursors.keep(cursor)}-{end}"
    return body | {"records": [cursor.project(row) for row in cursor.rows[start:end]]}


def object_of(world: World, query: Query) -> Schema:
    """The object that the query asks. Raises SoqlError INVALID_TYPE."""
    found = schema(world, query.object.path)
    if found is None:
        message = (
            f"sObject type '{query.object.path}' is not supported. If you are attempting to use a custom object, be "
            "sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the "
            "appropriate names."
        )
        raise SoqlError("INVALID_TYPE", pointer(query.text, query.object.at) + message)
    return found


def select(meaning: Meaning, *, deleted: bool) -> list[Row]:
    """The rows of the answer, in order, without paging."""
    query = meaning.query
    test = meaning.test(query.where) if query.where else None
    rows = [
        row
        for row in meaning.candidates()
        if (deleted or not (row["IsDeleted"] or row.get("IsArchived"))) and (test is None or test(row))
    ]
    end = None if query.limit is None else query.offset + query.limit
    return meaning.arrange(rows)[query.offset : end]


def projection(meaning: Meaning, version: str) -> tuple[Project, bool]:
    """How a row becomes a record of the answer, and whether a long text is among the fields."""
    own: list[tuple[str, list[Field]]] = []
    is_long = False
    for path in distinct(meaning.query):
        found, _ = meaning.column(path)
        is_long |= found.is_long
        relation = path.path.rpartition(".")[0]
        link = meaning.schema.by_relationship[relation.lower()].name if relation else ""
        group = next((fields for name, fields in own if link and name == link), None)
        if group is None:
            own.append((link, group := []))
        group.append(found)
    return _projector(meaning, own, version), is_long


def distinct(query: Query) -> tuple[Path, ...]:
    """The paths selected. Raises MALFORMED_QUERY when one stands there twice."""
    seen: set[str] = set()
    for path in query.paths:
        if path.path.lower() in seen:
            message = pointer(query.text, path.at) + f"duplicate field selected: {path.path}"
            raise SoqlError("MALFORMED_QUERY", message)
        seen.add(path.path.lower())
    return query.paths


def _projector(meaning: Meaning, parts: list[tuple[str, list[Field]]], version: str) -> Project:
    world, name = meaning.world, meaning.schema.name

    def project(row: Row) -> dict[str, Any]:
        shown: dict[str, Any] = {"attributes": attributes(name, row["Id"], version)}
        for link, fields in parts:
            if not link:
                shown |= {found.name: shown_value(found, row) for found in fields}
                continue
            target = record(world, row.get(link))
            shown[link.removesuffix("Id")] = target and as_record(owner_of(target["Id"]) or "", target, fields, version)
        return shown

    return project


def as_record(name: str, row: Row, fields: list[Field], version: str) -> dict[str, Any]:
    """A row with its attributes first, then each field, null where empty."""
    return {"attributes": attributes(name, row["Id"], version)} | {each.name: shown_value(each, row) for each in fields}


def attributes(name: str, record_id: str, version: str) -> dict[str, str]:
    return {"type": name, "url": f"/services/data/v{version}/sobjects/{name}/{record_id}"}


def shown_value(found: Field, row: Row) -> Any:
    """What a client reads: a flag never set is false; an address is an object, null when all of it is empty."""
    if found.kind == "boolean":
        return bool(row.get(found.name))
    return _address(found.name, row) if found.kind == "address" else row.get(found.name)


def _address(name: str, row: Row) -> dict[str, Any] | None:
    prefix = name.removesuffix("Address")
    parts = ("City", "Country", "GeocodeAccuracy", "Latitude", "Longitude", "PostalCode", "State", "Street")
    whole = {part[0].lower() + part[1:]: row.get(prefix + part) for part in parts}
    return whole if any(value is not None for value in whole.values()) else None
