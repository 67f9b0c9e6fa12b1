"""Hands on HubSpot, reading: one object's records by list, by search and by id."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pandas as pd

from tasks import progress
from tasks.connectors import hubspot_wire as wire
from tasks.connectors.batching import chunks
from tasks.connectors.frames import Columns
from tasks.connectors.hubspot_api import HubSpotApi
from tasks.connectors.hubspot_search import Page, changed
from tasks.core.model import EDITED, HUBSPOT, reference

LIST_PAGE, READ_BATCH = 100, 100
HISTORY_PAGE = 50  # of a list, a batch or anything else that shows what its properties were before

# How far a watermark stays behind the start of its pull. The search index lags by "a few moments" (fact sheet, section
# 2.2): what was written before but isn't found yet comes with the next pull. What the index knows later than that comes
# with a full one: lists aren't read from the index.
OVERLAP = timedelta(minutes=5)

# There is no way to ask who was archived lately. A list of one page is read at every pull, a longer one after as many
# quarters of an hour as it has pages, and daily at the latest: a page a quarter of an hour, all in all.
PER_PAGE, AT_LATEST = timedelta(minutes=15), timedelta(days=1)


class Mark(msgspec.Struct):
    """A watermark: how far changes were read, and what the archived list was like when it was last read."""

    modified: datetime | None
    archived_at: datetime
    archived_pages: int  # full ones

    def archive_due(self, now: datetime) -> bool:
        return self.archived_pages <= 1 or now - self.archived_at >= min(self.archived_pages * PER_PAGE, AT_LATEST)


class Reader:
    """One pull or peek of one object. `definitions` says which of the wanted properties exist."""

    def __init__(
        self, api: HubSpotApi, name: str, wanted: Sequence[str], definitions: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self._api, self._name = api, name
        self._path = api.crm("objects", name)
        asked = dict.fromkeys((*wanted, wire.MODIFIED, wire.MERGED))
        self._properties = [name for name in asked if name in definitions]
        self._dated = [name for name in definitions if name + EDITED in asked]
        self._decoder: Any = msgspec.json.Decoder(wire.page_type(wire.record_type(self._properties)))
        self._collected = Columns(wanted)

    def pull(self, now: datetime, mark: Mark | None) -> tuple[pd.DataFrame, Mark, dict[str, str]]:
        """Records, how far we got, and what is gone. The watermark never passes the start of the pull, by HubSpot's own
        clock: a record may change behind our back while the list is being read."""
        since, started = mark.modified if mark else None, self._api.clock or now
        gone: dict[str, str] = {}
        if mark is None or mark.archive_due(now):
            gone = self._archived()
            mark = Mark(since, now, -(-len(gone) // LIST_PAGE))
        for page in changed(self._search, since) if since else self._listed():
            self._collected.add(page)
            for again in self._read(page["record_id"]) if since and self._dated else ():
                self._collected.add(again)  # a search tells no history
            gone.update(wire.merged(page, self._name))
            progress.report(f"pull {HUBSPOT} {self._name}", self._collected.rows)
        observed = now - OVERLAP if since else now  # the index may answer from a while ago; the list doesn't
        reached = max(since, started - OVERLAP) if since else started - OVERLAP
        return self._collected.frame(observed), msgspec.structs.replace(mark, modified=reached), gone

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

    def _archived(self) -> dict[str, str]:
        """References of archived records."""
        pages = [page["record_id"] for page in self._listed(archived=True)]
        return {reference(HUBSPOT, self._name, str(lost)): "" for page in pages for lost in page}

    def _search(self, query: dict[str, Any]) -> tuple[Page, str | None]:
        body = query | {"properties": self._properties}
        answer = self._api.page(self._decoder, "POST", f"{self._path}/search", body=body)
        return self._columns(answer.results), wire.following(answer)
