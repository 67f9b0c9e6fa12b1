"""Hands on HubSpot, reading: one object's records by list, by search and by id."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pandas as pd

from tasks.connectors import hubspot_wire as wire
from tasks.connectors.batching import chunks
from tasks.connectors.frames import Columns
from tasks.connectors.hubspot_api import API_VERSION, HubSpotApi
from tasks.core.model import EDITED, HUBSPOT, reference

LIST_PAGE, SEARCH_PAGE, SEARCH_REACH, READ_BATCH = 100, 200, 10_000, 100
HISTORY_PAGE = 50  # of a list, a batch or anything else that shows what its properties were before
OVERLAP = timedelta(minutes=5)  # the search index lags by "a few moments" (fact sheet, section 2.2)
SHORT_LIST = 10  # pages: an archived list this short is read at every pull, a longer one daily
DAILY = timedelta(days=1)

Page = dict[str, list[str | None]]


class Mark(msgspec.Struct):
    """A watermark: how far changes were read, and what the archived list was like when it was last read."""

    modified: datetime | None
    archived_at: datetime
    archived_pages: int

    def archive_due(self, now: datetime) -> bool:
        return self.archived_pages <= SHORT_LIST or now - self.archived_at >= DAILY


class Reader:
    """One pull or peek of one object. `definitions` says which of the wanted properties exist."""

    def __init__(
        self, api: HubSpotApi, name: str, wanted: Sequence[str], definitions: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self._api, self._name = api, name
        self._path = f"/crm/objects/{API_VERSION}/{name}"
        asked = dict.fromkeys((*wanted, wire.MODIFIED, wire.MERGED))
        self._properties = [name for name in asked if name in definitions]
        self._dated = [name for name in definitions if name + EDITED in asked]
        self._decoder: Any = msgspec.json.Decoder(wire.page_type(wire.record_type(self._properties)))
        self._collected = Columns(wanted)

    def pull(self, now: datetime, mark: Mark | None) -> tuple[pd.DataFrame, Mark, dict[str, str]]:
        """Records, how far we got, and what is gone. The watermark never passes the start of the pull: a record may
        change behind our back while the list is being read."""
        since = mark.modified if mark else None
        gone: dict[str, str] = {}
        if mark is None or mark.archive_due(now):
            gone, pages = self._archived()
            mark = Mark(since, now, pages)
        latest = since
        for page in self._changed(since) if since else self._listed():
            self._collected.add(page)
            for again in self._read(page["record_id"]) if since and self._dated else ():
                self._collected.add(again)  # a search tells no history
            gone.update(wire.merged(page, self._name))
            if stamp := _latest(page):
                latest = max(filter(None, (latest, min(stamp, now) - OVERLAP)))
        observed = now - OVERLAP if since else now  # the index may answer from a while ago; the list doesn't
        return self._collected.frame(observed), msgspec.structs.replace(mark, modified=latest), gone

    def peek(self, ids: Sequence[str], now: datetime) -> pd.DataFrame:
        """Those records by id. Only ids that were asked for count: one merged away may be answered as another."""
        for page in self._read(ids):
            self._collected.add(page)
        return self._collected.frame(now)

    def _read(self, ids: Sequence[str | None]) -> Iterator[Page]:
        for some in chunks(ids, HISTORY_PAGE if self._dated else READ_BATCH):
            body = {
                "inputs": [{"id": i} for i in some],
                "properties": self._properties,
                "propertiesWithHistory": self._dated,
            }
            answer = self._api.page(self._decoder, "POST", f"{self._path}/batch/read", body=body)
            yield self._columns([record for record in answer.results if record.id in set(some)])

    def _columns(self, records: Sequence[Any]) -> Page:
        return wire.page_columns(records, self._properties) | wire.edited(records, self._dated)

    def _listed(self, archived: bool = False) -> Iterator[Page]:
        params = {"limit": str(LIST_PAGE), "properties": ",".join(self._properties), "archived": str(archived).lower()}
        if self._dated and not archived:
            params |= {"limit": str(HISTORY_PAGE), "propertiesWithHistory": ",".join(self._dated)}
        after: str | None = ""
        while after is not None:
            answer = self._api.page(self._decoder, "GET", self._path, params=params)
            yield self._columns(answer.results)
            after = wire.following(answer)
            params["after"] = after or ""

    def _archived(self) -> tuple[dict[str, str], int]:
        """References of archived records, and how many pages they filled."""
        pages = [page["record_id"] for page in self._listed(archived=True)]
        return {reference(HUBSPOT, self._name, str(lost)): "" for page in pages for lost in page}, len(pages)

    def _changed(self, since: datetime) -> Iterator[Page]:
        """By search, oldest change first. Each page starts where the last one ended: a record that changes meanwhile
        moves to the end, and would pull one past a page that is counted from the start."""
        after, start = "", since
        while True:
            answer = self._api.page(self._decoder, "POST", f"{self._path}/search", body=self._search(start, after))
            page = self._columns(answer.results)
            yield page
            following, latest = wire.following(answer) or "", _latest(page) or start
            if not following:
                return
            after, start = ("", latest) if latest > start else (following, start)
            if after and int(after) + SEARCH_PAGE > SEARCH_REACH:
                raise self._api.http.error("changed too many records at one moment: run again with --full")

    def _search(self, start: datetime, after: str) -> dict[str, Any]:
        floor = str(int(start.timestamp() * 1000))
        body: dict[str, Any] = {
            "filterGroups": [{"filters": [{"propertyName": wire.MODIFIED, "operator": "GTE", "value": floor}]}],
            "sorts": [{"propertyName": wire.MODIFIED, "direction": "ASCENDING"}],
            "properties": self._properties,
            "limit": SEARCH_PAGE,
        }
        return body | ({"after": after} if after else {})


def _latest(page: Page) -> datetime | None:
    """The last change on a page."""
    stamps = [stamp for stamp in page.get(wire.MODIFIED, page["modified_at"]) if stamp]
    return datetime.fromisoformat(max(stamps)).astimezone(UTC) if stamps else None
