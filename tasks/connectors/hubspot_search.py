"""Hands on HubSpot, searching: all that changed since a moment, though a search ends after 10,000 results.

Never is a page counted from the start of a search: each one starts at the last change that was seen, or, inside one
moment, behind the last id. A record that changes meanwhile moves to the end and comes once more; it pulls none past a
page, and no search goes deeper than its first page.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tasks.connectors import hubspot_wire as wire

SEARCH_PAGE = 200
GRAIN = timedelta(milliseconds=1)  # of HubSpot's times
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

Page = dict[str, list[str | None]]
Body = dict[str, Any]
Search = Callable[[Body], tuple[Page, str | None]]


def changed(search: Search, since: datetime) -> Iterator[Page]:
    """Pages of the records that changed then or later, oldest change first. A record may come several times: its last
    coming counts. `search` sends one query; it gives a page and where the next one starts."""
    start = since
    while True:
        page, more = _first(search, _query(wire.MODIFIED, [_filter(wire.MODIFIED, "GTE", _epoch(start))]))
        yield page
        if not more:
            return
        latest = max(wire.moments(page), default=start)
        if latest > start:
            start = latest
        else:
            yield from _within(search, start)
            start += GRAIN


def _within(search: Search, moment: datetime) -> Iterator[Page]:
    """Pages of the records that changed in that one millisecond, by id: in whatever order HubSpot compares ids (a
    witness says: as texts), what it calls greater comes later."""
    last: str | None = None
    at = [_filter(wire.MODIFIED, operator, _epoch(moment)) for operator in ("GTE", "LTE")]
    while True:
        behind = [_filter(wire.ID, "GT", last)] if last else []
        page, more = _first(search, _query(wire.ID, [*at, *behind]))
        yield page
        if not more:
            return
        last = page["record_id"][-1]


def _first(search: Search, query: Body) -> tuple[Page, bool]:
    """The first records that a query finds, and whether there are more. A page may be short, even empty, though another
    follows (fact sheet, section 2.2)."""
    page, after = search(query)
    while after and not page["record_id"]:
        page, after = search(query | {"after": after})
    return page, after is not None


def _query(order: str, filters: Sequence[Mapping[str, str]]) -> Body:
    return {
        "filterGroups": [{"filters": filters}],
        "sorts": [{"propertyName": order, "direction": "ASCENDING"}],
        "limit": SEARCH_PAGE,
    }


def _filter(name: str, operator: str, value: str) -> dict[str, str]:
    return {"propertyName": name, "operator": operator, "value": value}


def _epoch(moment: datetime) -> str:
    """Epoch milliseconds; a part of one is left off, which looks further back."""
    return str((moment - BEGINNING) // GRAIN)
