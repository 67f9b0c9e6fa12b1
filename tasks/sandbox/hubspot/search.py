"""The search endpoint: a scan with the limits and the blind spots of the real index (fact sheet, section 2.2)."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from tasks.sandbox.hubspot import render
from tasks.sandbox.hubspot.contacts import Contacts, value
from tasks.sandbox.hubspot.draft import Row
from tasks.sandbox.hubspot.filters import comparable, compile_groups, has_token, malformed
from tasks.sandbox.hubspot.properties import Definition
from tasks.sandbox.hubspot.requests import Body, contacts_of, members, page_size, payload, whole
from tasks.sandbox.hubspot.wire import Json

MAX_PAGE, MAX_RESULTS, MAX_QUERY = 200, 10_000, 3_000
SEARCHED = ("firstname", "lastname", "email", "phone", "company", "hs_searchable_calculated_phone_number")


def _visible(contacts: Contacts) -> Iterator[Row]:
    """Live contacts that the index knows: archived ones never appear, lagging ones later."""
    this_search = contacts.world.store.next("hubspot.searches")
    for row in contacts.rows.rows():
        if not row["archived"] and row["searchable_from"] <= this_search:
            yield row


def _definition(contacts: Contacts, name: str) -> Definition | None:
    """How the index knows a property; sources differ on the ids of records (fact sheet, section 2.2)."""
    definition = contacts.known.get(name)
    textual = name == "hs_object_id" and contacts.world.switches.hubspot_ids_as_texts
    return {**definition, "type": "string"} if definition and textual else definition


def _matching(contacts: Contacts, body: Body) -> list[Row]:
    groups = compile_groups(partial(_definition, contacts), members(body, "filterGroups"))
    query = str(body.get("query") or "")
    if len(query) > MAX_QUERY:
        raise malformed(f"query is longer than {MAX_QUERY} characters")
    rows = list(_visible(contacts))
    if groups:
        rows = [row for row in rows if any(all(test(row) for test in group) for group in groups)]
    for word in query.split():
        has_word = has_token(f"*{word}*")
        rows = [row for row in rows if any(has_word(value(row, name) or "") for name in SEARCHED)]
    return rows


def _sort(contacts: Contacts, rows: list[Row], rule: Any) -> None:
    """Sort in place; records without a value come last."""
    given = rule if isinstance(rule, dict) else {"propertyName": str(rule).lstrip("-")}
    descending = given.get("direction") == "DESCENDING" or str(rule).startswith("-")
    name = str(given.get("propertyName"))
    definition = _definition(contacts, name)
    if definition is None:
        raise malformed(f'Property "{name}" does not exist')
    compare = comparable(definition)
    having = [row for row in rows if value(row, name)]
    lacking = [row for row in rows if not value(row, name)]
    having.sort(key=lambda row: compare(value(row, name) or ""), reverse=descending)
    rows[:] = having + lacking


async def search(request: Request) -> Response:
    contacts, body = contacts_of(request), await payload(request)
    limit = whole(body.get("limit") or 10, "limit", 1, MAX_PAGE)
    after = whole(body.get("after") or 0, "after", 0, 10**18)
    if after >= MAX_RESULTS:
        raise malformed(f"Searches end after {MAX_RESULTS} results")
    sorts = body.get("sorts") or []
    if len(sorts) > 1:
        raise malformed("Only one sort rule is allowed")
    rows = _matching(contacts, body)
    if sorts:
        _sort(contacts, rows, sorts[0])
    following = after + page_size(request, limit, len(rows) - after)
    page = rows[after:following]
    wanted = body.get("properties") or ()
    answer: Body = {"total": len(rows), "results": [render.read(contacts, row, wanted) for row in page]}
    if following < len(rows):
        answer["paging"] = {"next": {"after": str(following)}}
    return Json(answer)
