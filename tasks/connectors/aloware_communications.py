"""Hands on Aloware's communications export: calls and messages, row by row, however large the file is.

Its headers change between exports, its times are the account's wall clock (fact sheet, section 2.4). A row that can't
be read is handed on as such; a file in which nothing can be found is refused in one sentence.
"""

import csv
import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import IO

import pyarrow as pa

from tasks.connectors.aloware_file import ExportFile
from tasks.connectors.aloware_sheet import DELIMITERS, Clock, Unreadable
from tasks.core.communications.export import NEEDED, Line
from tasks.core.errors import PolicyError

VARIABLE = "ALOWARE_COMMUNICATIONS_EXPORT"
STARTED = "started_at"
AT_ONCE = 1_000  # rows whose times are read together
LONGEST_HEADERS = 1 << 20  # characters; a file without line ends is no sheet

Headers = Mapping[str, str]  # our name of a column → the one in the file's first row
Row = tuple[int, list[str]]


def lines(export: ExportFile, headers: Headers, timezone: str, now: datetime) -> Iterator[Line]:
    """Its rows, as of when it was made. Raises SettingsError for a file that is no communications export, PolicyError
    for a header that the policy names and the file doesn't have."""
    with export.opened() as (file, made):
        as_of = min(made or now, now).isoformat(timespec="seconds")
        try:
            for line in _lines(file, headers, timezone):
                yield Line(line.number, {**line.said, "updated_at": as_of}, line.fault)
        except (Unreadable, UnicodeDecodeError, csv.Error) as error:
            raise export.unreadable(_why(error)) from error


def _why(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "the file isn't UTF-8 text"
    return str(error) if isinstance(error, Unreadable) else "the file is no readable CSV"


def _lines(file: IO[bytes], headers: Headers, timezone: str) -> Iterator[Line]:
    whole = _ended(file)
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    first = text.readline(LONGEST_HEADERS)
    if not first:
        raise Unreadable("the file is empty")
    delimiter = max(DELIMITERS, key=first.count)
    sheet = csv.reader(chain([first], text), delimiter=delimiter)
    names = [name.strip() for name in next(sheet, [])]
    places = _places(names, headers)
    clock, rows = Clock(timezone), _numbered(sheet, whole)
    while some := list(islice(rows, AT_ONCE)):
        yield from _read(some, len(names), places, clock)


def _ended(file: IO[bytes]) -> bool:
    """Whether the last row is known to be whole."""
    if not file.seek(0, os.SEEK_END):
        raise Unreadable("the file is empty")
    file.seek(-1, os.SEEK_END)
    whole = file.read(1) == b"\n"
    file.seek(0)
    return whole


def _numbered(sheet: Iterable[list[str]], whole: bool) -> Iterator[Row]:
    """Rows that aren't blank, by number. The last value of a file that breaks off may have been cut: it isn't told."""
    last: Row | None = None
    for number, row in enumerate(sheet, 2):
        if last is not None:
            yield last
        last = (number, row) if row else None
    if last is not None:
        yield last if whole else (last[0], [*last[1][:-1], ""])


def _places(names: Sequence[str], headers: Headers) -> dict[str, int]:
    """Where each column that the policy names stands."""
    told = {name: header for name, header in headers.items() if header}
    if not set(told.values()) & set(names):
        raise Unreadable("the file has none of the columns that [aloware.communications_columns] names")
    for name in dict.fromkeys((*NEEDED, *told)):
        header = told.get(name)
        if header is None or header not in names:
            said = f"it says {header!r}" if header else "it says nothing"
            advice = "" if name in NEEDED else ", or leave it out where the account's exports have none"
            raise PolicyError(
                f"the communications export has no column for {name}: [aloware.communications_columns] must name its "
                f"header ({said}){advice}"
            )
        if names.count(header) > 1:
            raise PolicyError(
                f"the communications export has several columns {header!r}: leave one of them, or name another for "
                f"{name} in [aloware.communications_columns]"
            )
    return {name: names.index(header) for name, header in told.items()}


def _read(rows: Sequence[Row], width: int, places: Mapping[str, int], clock: Clock) -> Iterator[Line]:
    started = [row[places[STARTED]].strip() if len(row) == width else "" for _, row in rows]
    times = clock.utc(pa.array([each or None for each in started], pa.large_string())).to_pylist()
    for (number, row), told, at in zip(rows, started, times, strict=True):
        if len(row) != width:
            yield Line(number, {}, f"{len(row)} columns where {width} are due, as if cut off")
        elif told and at is None:
            yield Line(number, {}, "a time that can't be read")
        else:
            said = {name: row[place] for name, place in places.items()}
            yield Line(number, {**said, STARTED: at.isoformat(timespec="seconds") if told else ""})
