"""Hands, asking Salesforce: several questions in one call, answers page by page, and a lost thread taken up again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import httpx
import msgspec

from tasks.connectors import salesforce_wire as wire
from tasks.connectors.http import Http
from tasks.connectors.salesforce_session import Session, expired, transient
from tasks.connectors.salesforce_soql import STAMP, Query, among

# Longer addresses go into a composite call's body; 16,384 characters are refused (fact sheet, section 3).
ADDRESS = 2_000
LOST = frozenset(
    {"INVALID_QUERY_LOCATOR", "INVALID_QUERY_LOCATOR_FORMAT", "LOCATOR_LOCATION_EXCEEDS_SIZE", "QUERY_LOCATOR_EXPIRED"}
)
Columns = dict[str, list[str | None]]  # one page, as a list per column


@dataclass(frozen=True)
class Part:
    """One call, which can go out alone or as a part of a composite one. Its path stands behind the API's version."""

    method: str
    path: str
    body: object = None


@dataclass(frozen=True)
class Look:
    """A look at single records, as they are at this moment."""

    object: str
    columns: tuple[str, ...]
    ids: tuple[str, ...]

    @property
    def query(self) -> Query:
        return Query(self.object, self.columns, (among("Id", self.ids),))

    @property
    def part(self) -> Part:
        """By a list of ids; by query where a related record's property is asked for, which lists don't offer."""
        if any("." in column for column in self.columns):
            return Part("GET", self.query.address)
        return Part("POST", f"composite/sobjects/{self.object}", {"ids": self.ids, "fields": self.columns})


class _Answer(msgspec.Struct):
    body: msgspec.Raw
    httpStatusCode: int


class _Answers(msgspec.Struct):
    compositeResponse: list[_Answer]


_ANSWERS = msgspec.json.Decoder(_Answers)


class Asking:
    """Questions to one org; `base` is the address of its data. Nothing that is asked changes a row."""

    def __init__(self, http: Http, session: Session, base: str) -> None:
        self._http, self._session, self._base = http, session, base

    def attempts(self, parts: Sequence[Part]) -> list[httpx.Response]:
        """What each part is answered, a refusal too, in one call: `/composite` takes 25 parts, five of them queries or
        lists of ids, and counts as one. A part that is alone and short needs no envelope; nothing needs no call."""
        if not parts:
            return []
        if len(parts) == 1 and len(parts[0].path) <= ADDRESS:
            (part,) = parts
            return [self._session.send(part.method, f"{self._base}/{part.path}", body=part.body)]
        with self._http.turns() as turns:
            while True:
                answers = self._composite(parts)
                passing = any(transient(answer) or expired(answer) for answer in answers)
                if not (passing and turns.again()):
                    return answers

    def answers(self, parts: Sequence[Part]) -> list[httpx.Response]:
        """As `attempts`. Raises ConnectorError for a refusal."""
        return [self.expect(answer) for answer in self.attempts(parts)]

    def firsts(self, queries: Sequence[Query]) -> list[Any]:
        """The first page of each query's answer, in one call; `rest` goes on from there."""
        answers = self.answers([Part("GET", query.address) for query in queries])
        return [self.page(query, answer) for query, answer in zip(queries, answers, strict=True)]

    def rest(self, query: Query, first: Any) -> Iterator[Columns]:
        """That first page and all after it, whose addresses are opaque and used as given (fact sheet, section 3).

        Where the org has lost the thread of an ordered query, it is asked for what comes after the last row.
        """
        page, last, resumed = first, ("", ""), ("", "")
        while True:
            columns = wire.page_columns(page.records, query.columns)
            yield columns
            if page.done or not page.nextRecordsUrl:
                return
            if query.ordered and page.records:
                last = (str(columns[STAMP][-1]), str(columns["Id"][-1]))
            response = self._session.send("GET", page.nextRecordsUrl)
            if last != resumed and self._lost(response):
                resumed = last
                (page,) = self.firsts([query.after(*last)])
            else:
                page = self.page(query, self.expect(response))

    def all(self, query: Query) -> Iterator[Columns]:
        (first,) = self.firsts([query])
        return self.rest(query, first)

    def look(self, looks: Sequence[Look]) -> Iterator[tuple[Look, Columns]]:
        """The records that there are, in one call unless the org gives short pages."""
        for look, answer in zip(looks, self.answers([look.part for look in looks]), strict=True):
            if look.part.body is None:
                yield from ((look, columns) for columns in self.rest(look.query, self.page(look.query, answer)))
            else:
                yield look, self.records(look.columns, answer)

    def page(self, query: Query, answer: httpx.Response) -> Any:
        return self._http.decode(answer, _pages(query.columns))

    def records(self, columns: Sequence[str], answer: httpx.Response) -> Columns:
        """The answer to a list of ids. In the place of a record that doesn't exist is a null: it is left out."""
        rows = self._http.decode(answer, _records(tuple(columns)))
        return wire.page_columns([row for row in rows if row is not None], columns)

    def expect(self, response: httpx.Response) -> httpx.Response:
        if response.status_code != 200:
            what = ", ".join(wire.error_codes(self._http.json(response)))
            raise self._http.error(f"refused a read (HTTP {response.status_code} {what}): try again")
        return response

    def _composite(self, parts: Sequence[Part]) -> list[httpx.Response]:
        """Each part's answer as if it had gone out alone."""
        sent = [
            {"method": part.method, "url": f"{self._base}/{part.path}", "referenceId": f"part{n}"}
            | ({} if part.body is None else {"body": part.body})
            for n, part in enumerate(parts)
        ]
        body = {"allOrNone": False, "compositeRequest": sent}
        response = self.expect(self._session.send("POST", f"{self._base}/composite", body=body))
        found = self._http.decode(response, _ANSWERS).compositeResponse
        if len(found) != len(parts):
            raise self._http.error("left out a part of its answer: try again")
        return [httpx.Response(answer.httpStatusCode, content=bytes(answer.body)) for answer in found]

    def _lost(self, response: httpx.Response) -> bool:
        return response.status_code != 200 and not LOST.isdisjoint(wire.error_codes(self._http.json(response)))


@lru_cache(maxsize=32)
def _pages(columns: tuple[str, ...]) -> "msgspec.json.Decoder[Any]":
    return msgspec.json.Decoder(wire.page_type(wire.row_type(columns)))


@lru_cache(maxsize=32)
def _records(columns: tuple[str, ...]) -> "msgspec.json.Decoder[Any]":
    return msgspec.json.Decoder(wire.record_list(wire.row_type(columns)))
