"""Endpoints for one contact, the list, merge and gdpr-delete."""

from bisect import bisect_left
from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response

from tasks.sandbox.hubspot import merging, render
from tasks.sandbox.hubspot.contacts import Contacts
from tasks.sandbox.hubspot.draft import Row
from tasks.sandbox.hubspot.errors import not_found
from tasks.sandbox.hubspot.requests import Body, contacts_of, member, page_size, payload, whole
from tasks.sandbox.hubspot.values import kept
from tasks.sandbox.hubspot.wire import Json, flag, names

MAX_PAGE, MAX_PAGE_WITH_HISTORY = 100, 50


def _from(contacts: Contacts, first: int, archived: bool) -> Iterator[Row]:
    """Rows in the order of their ids, which grow with every contact."""
    ids = list(contacts.rows)
    for row_id in ids[bisect_left(ids, first, key=int) :]:
        row = contacts.rows.get(row_id)
        if row and row["archived"] is archived:
            yield row


async def listing(request: Request) -> Response:
    contacts, with_history = contacts_of(request), names(request, "propertiesWithHistory")
    most = MAX_PAGE_WITH_HISTORY if with_history else MAX_PAGE
    limit = whole(request.query_params.get("limit", "10"), "limit", 1, most)
    after = whole(request.query_params.get("after") or 0, "after", 0, 10**18)
    rows = [row for row, _ in zip(_from(contacts, after, flag(request, "archived")), range(limit + 1), strict=False)]
    limit, wanted = page_size(request, limit, len(rows)), names(request, "properties")
    body: Body = {"results": [render.read(contacts, row, wanted, with_history) for row in rows[:limit]]}
    if len(rows) > limit:
        following = rows[limit]["id"]
        link = str(request.url.include_query_params(after=following))
        body["paging"] = {"next": {"after": following, "link": link}}
    return Json(body)


async def create(request: Request) -> Response:
    contacts, body = contacts_of(request), await payload(request)
    values = kept(contacts.world, member(body, "properties"))
    contacts.check(values)
    draft = contacts.draft()
    row = contacts.create(draft, values)
    draft.commit()
    return Json(render.created(row), 201)


async def read(request: Request) -> Response:
    contacts, key = contacts_of(request), request.path_params["id"]
    if flag(request, "archived"):
        row = contacts.in_archive(key)
    else:
        row = contacts.locate(contacts.draft(), key, request.query_params.get("idProperty"))
    if row is None:
        raise not_found()
    return Json(render.read(contacts, row, names(request, "properties"), names(request, "propertiesWithHistory")))


async def update(request: Request) -> Response:
    contacts, body = contacts_of(request), await payload(request)
    draft = contacts.draft()
    old = contacts.locate(draft, request.path_params["id"], request.query_params.get("idProperty"))
    if old is None:
        raise not_found()
    values = kept(contacts.world, member(body, "properties"))
    contacts.check(values)
    new = contacts.update(draft, old, values)
    draft.commit()
    return Json(render.updated(old, new, values))


async def archive(request: Request) -> Response:
    contacts = contacts_of(request)
    draft = contacts.draft()
    contacts.archive(draft, request.path_params["id"])
    draft.commit()
    return Response(status_code=204)


async def merge(request: Request) -> Response:
    contacts, body = contacts_of(request), await payload(request)
    row = merging.merge(contacts, str(body.get("primaryObjectId", "")), str(body.get("objectIdToMerge", "")))
    return Json(render.created(row))


async def gdpr_delete(request: Request) -> Response:
    """Erase for good, by id or by e-mail address."""
    contacts, body = contacts_of(request), await payload(request)
    row = contacts.locate(contacts.draft(), str(body.get("objectId", "")), body.get("idProperty"))
    if row is not None:
        contacts.erase(row)
    return Response(status_code=204)
