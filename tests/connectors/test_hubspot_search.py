"""Reading what changed through a search that ends early, answers short pages, and is written to meanwhile."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tasks.connectors.hubspot_search import BEGINNING, SEARCH_PAGE, Body, Page, changed

REACH = 3 * SEARCH_PAGE  # of the search under test; 10,000 in HubSpot
START = 1_700_000_000_000

Order = Callable[[str], Any]


class Index:
    """HubSpot's search over {id: epoch milliseconds}: one sort rule, filters that are all to hold, an end to paging.

    `orders` says how ids compare; `before` is called at each query and may change what there is.
    """

    def __init__(self, rows: dict[str, int], order: Order = int, before: Callable[["Index"], None] | None = None):
        self.rows, self._order, self._before = rows, order, before
        self.queries: list[Body] = []
        self.page = SEARCH_PAGE

    def __call__(self, query: Body) -> tuple[Page, str | None]:
        self.queries.append(query)
        if self._before:
            self._before(self)
        found = [
            row for row in self.rows.items() if all(self._holds(row, f) for f in query["filterGroups"][0]["filters"])
        ]
        by_id = query["sorts"] == [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]
        found.sort(key=(lambda row: self._order(row[0])) if by_id else (lambda row: (row[1], hash(row[0]))))
        start = int(query.get("after", 0))
        assert start < REACH, "past the end of a search"
        end = start + min(query["limit"], self.page)
        stamps: list[str | None] = [stamp(row[1]) for row in found[start:end]]
        page: Page = {"record_id": [row[0] for row in found[start:end]], "lastmodifieddate": stamps}
        return page, str(end) if end < len(found) else None

    def _holds(self, row: tuple[str, int], given: dict[str, str]) -> bool:
        if given["propertyName"] == "hs_object_id":
            assert given["operator"] == "GT"
            return bool(self._order(row[0]) > self._order(given["value"]))
        wanted = int(given["value"])
        return row[1] >= wanted if given["operator"] == "GTE" else row[1] <= wanted


def stamp(epoch: int) -> str:
    return (BEGINNING + timedelta(milliseconds=epoch)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read(index: Index) -> dict[str | None, str | None]:
    """Who comes, with the time of the last coming."""
    pages = list(changed(index, BEGINNING + timedelta(milliseconds=START)))
    return {i: at for page in pages for i, at in zip(page["record_id"], page["lastmodifieddate"], strict=True)}


def stamps(index: Index) -> dict[str, str]:
    return {i: stamp(at) for i, at in index.rows.items() if at >= START}


def test_few_changes_cost_one_search() -> None:
    """Of millions of records: the page that holds the changes, and nothing else."""
    index = Index({str(i): START + i for i in range(-500, 10)})
    assert read(index) == stamps(index)
    assert len(index.queries) == 1


def test_no_search_goes_past_its_first_page() -> None:
    index = Index({str(i): START + i for i in range(5 * REACH)})
    assert read(index) == stamps(index)
    assert not any("after" in query for query in index.queries)
    assert len(index.queries) <= 1.2 * 5 * REACH / SEARCH_PAGE


@pytest.mark.parametrize("order", [int, str], ids=["as numbers", "as texts"])
def test_more_changes_of_one_moment_than_a_search_can_show_are_read_by_id(order: Order) -> None:
    """A bulk edit gives them all the same time; sources disagree on how ids compare (fact sheet, section 2.2)."""
    moment = {str(i): START + 7 for i in range(95, 95 + 2 * REACH)}
    index = Index({"1": START, "2": START + 6, **moment, "99999": START + 8}, order)
    assert read(index) == stamps(index)
    assert len(index.queries) <= 1.2 * 2 * REACH / SEARCH_PAGE + 4


@pytest.mark.parametrize("seed", range(12))
def test_records_that_change_while_they_are_read_are_neither_lost_nor_old(seed: int) -> None:
    """With few moments and many records in each, pages that come short, and edits between any two searches."""
    chance = random.Random(seed)
    clock = START + 5

    def edits(index: Index) -> None:
        nonlocal clock
        index.page = chance.choice([SEARCH_PAGE, SEARCH_PAGE, 1, 0 if len(index.queries) % 3 else 50])
        if len(index.queries) < 60:
            clock += chance.randint(0, 1)
            for moved in chance.sample(sorted(index.rows), chance.randint(0, 40)):
                index.rows[moved] = clock

    index = Index({str(i): START + chance.randint(-2, 5) for i in range(900)}, chance.choice([int, str]), edits)
    before = stamps(index)
    found = read(index)
    assert set(found) >= set(before)
    late = {i for i, at in stamps(index).items() if at < stamp(clock)}
    assert {i: found[i] for i in late} == {i: at for i, at in stamps(index).items() if i in late}
