"""Hands, Salesforce in bulk: long answers by a query job (Bulk API 2.0), read in large pages of CSV.

Only reading goes this way. An ingest job answers when all of it is done, in no order and without telling which row of
ours a refused new record was; a collection of 200 gives each change its receipt at once, which is what the outbox
needs.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import ceil

import httpx
import pyarrow as pa
from pyarrow import csv as arrow

from tasks.connectors import salesforce_wire as wire
from tasks.connectors.http import Http
from tasks.connectors.patience import RunBudget, Turns
from tasks.connectors.salesforce_session import Session
from tasks.connectors.salesforce_soql import Query

REST_PAGE = 2_000  # rows in a page of a query's answer
RESULTS = 50_000  # rows to ask for in a page of a job's results
POLLS = 5  # looks at a job that usually pass before it is done
JOB_SECONDS = 600.0  # to wait for a job: it is at work, so this is no loss to retries
COMPOUND = frozenset({"address", "location"})  # types that bulk queries refuse (fact sheet, section 4)
DONE, ENDED = "JobComplete", frozenset({"Failed", "Aborted"})
Columns = dict[str, list[str | None]]


def cheaper(rows: int, pages: int = 0) -> bool:
    """The rule: bulk where it takes fewer calls than the pages that are still to come by REST, `pages` being here.

    A job costs its creation, the looks at it, and a call for 50,000 rows; REST a call for 2,000. So it pays from some
    14,000 rows on.
    """
    return 1 + POLLS + ceil(rows / RESULTS) < ceil(rows / REST_PAGE) - pages


class Bulk:
    """Query jobs of one org; `base` is the address of its data. `results`: rows to ask for at once."""

    def __init__(self, http: Http, session: Session, base: str, results: int = RESULTS) -> None:
        self._http, self._session, self._jobs, self._results = http, session, f"{base}/jobs/query", results

    def pages(self, query: Query, types: Mapping[str, str]) -> Iterator[Columns] | None:
        """The answer to a query, its columns of those types, in no order; None when the org won't or can't do it in
        bulk: there is always the other way."""
        if not COMPOUND.isdisjoint(types.values()):
            return None
        job = self._created(query)
        return self._results_of(job, query, types) if job and self._done(job) else None

    def _created(self, query: Query) -> str | None:
        # An order would keep the org from sharing the work out (fact sheet, section 4).
        asked = {"operation": query.operation, "query": replace(query, ordered=False).soql}
        form = {"contentType": "CSV", "columnDelimiter": "COMMA", "lineEnding": "LF"}
        response = self._session.send("POST", self._jobs, body=asked | form)
        return str(self._http.member(response, "id")) if response.status_code == 200 else None

    def _done(self, job: str) -> bool:
        """Whether the job came to its end in time; otherwise it is called off."""
        patience = replace(self._http.patience, per_call=JOB_SECONDS)
        with Turns(patience, RunBudget(JOB_SECONDS)) as turns:
            while True:
                state = self._http.member(self._session.send("GET", f"{self._jobs}/{job}"), "state")
                if state == DONE or state in ENDED:
                    return bool(state == DONE)
                if not turns.again():
                    self._session.send("PATCH", f"{self._jobs}/{job}", body={"state": "Aborted"})
                    return False

    def _results_of(self, job: str, query: Query, types: Mapping[str, str]) -> Iterator[Columns]:
        """Every page of a job's results. The last one's locator is the word `null` (fact sheet, section 0)."""
        sheet, locator = Sheet(query.columns, types), ""
        while locator != "null":
            wish = {"maxRecords": str(self._results)} | ({"locator": locator} if locator else {})
            response, page = self._whole(f"{self._jobs}/{job}/results", wish, sheet)
            yield page
            following = response.headers.get("Sforce-Locator", locator)
            if following == locator:
                raise self._http.error("doesn't say where its answer to a bulk query goes on: try again")
            locator = following

    def _whole(self, path: str, params: Mapping[str, str], sheet: "Sheet") -> tuple[httpx.Response, Columns]:
        """A page with all the rows that it is said to have; asked for again when it has been cut short."""
        with self._http.turns() as turns:
            while True:
                response = self._session.send("GET", path, params=params, headers={"Accept": "text/csv"}, due="csv")
                if response.status_code != 200:
                    what = ", ".join(wire.error_codes(self._http.json(response)))
                    raise self._http.error(f"refused a read (HTTP {response.status_code} {what}): try again")
                table = sheet.read(response.content)
                if table is not None and str(table.num_rows) == response.headers.get("Sforce-NumberOfRecords"):
                    return response, sheet.columns(table)
                if not turns.again():
                    raise self._http.error("cut its answer to a bulk query short, and went on so: try again")


class Sheet:
    """One job's CSV: every page has a header, or the first alone (sources disagree: fact sheet, section 7.1)."""

    def __init__(self, columns: Sequence[str], types: Mapping[str, str]) -> None:
        self._wanted, self._types = columns, types
        self._header = b""
        self._names: list[str] = []

    def read(self, content: bytes) -> pa.Table | None:
        """A page's rows, all as text, empty cells as nulls; None when the page ends in the middle of something."""
        if not self._header and not self._begun(content.partition(b"\n")[0]):
            return None
        body = content.removeprefix(self._header).removeprefix(b"\n")
        if body.count(b'"') % 2:
            return None
        text = dict.fromkeys(self._names, pa.large_string())
        if not body:
            return pa.schema(text.items()).empty_table()
        try:
            return arrow.read_csv(
                pa.BufferReader(body),
                arrow.ReadOptions(column_names=self._names, block_size=len(body) + 1),  # no row straddles two blocks
                arrow.ParseOptions(newlines_in_values=True),
                arrow.ConvertOptions(column_types=text, null_values=[""], strings_can_be_null=True),
            )
        except pa.ArrowInvalid:
            return None

    def columns(self, table: pa.Table) -> Columns:
        """Those rows as REST would have given them."""
        kinds = ((name, self._types.get(name, "string")) for name in self._wanted)
        return {name: wire.from_csv(table.column(name).to_pylist(), kind) for name, kind in kinds}

    def _begun(self, header: bytes) -> bool:
        """Take in the header, unless it isn't all there. Its names may differ from ours in case."""
        ours = {name.lower(): name for name in self._wanted}
        found = next(csv.reader([header.decode(errors="replace")]), [])
        names = [ours.get(name.lower(), name) for name in found]
        if not set(names) >= set(self._wanted):
            return False
        self._header, self._names = header, names
        return True
