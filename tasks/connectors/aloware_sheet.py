"""Hands on the sheet that a contacts export is: its headers, its rows, its clock.

It may be larger than memory: it is read in blocks, and only columns that are wanted ever become values.
"""

import csv as plain
import os
import re
import warnings
import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import compute as pc
from pyarrow import csv

from tasks.connectors.aloware_wire import PHONE
from tasks.core.errors import PolicyError

ID = "id"
TIMES = {"created_at": "created_at", "updated_at": "modified_at"}
BLOCK = 1 << 23  # bytes read at once; one row must fit
MOMENT = pa.timestamp("us", "UTC")
DELIMITERS = ",;\t"
END = 9999  # the year in which datetimes end: too late for one zone, and too late to mean anything
TWELVE_HOURS = ("%m/%d/%Y %I:%M %p", "%m/%d/%Y %I:%M:%S %p", "%b %d, %Y %I:%M %p")  # which pandas doesn't guess
_OFFSET = r":\d\d(?:\.\d+)?\s*(?:Z|[+-]\d\d:?\d\d)$"


class Unreadable(Exception):
    """Why a file can't be what it is taken for, without any of its content."""


def frame(file: IO[bytes], wanted: Sequence[str], headers: Mapping[str, str], timezone: str) -> pd.DataFrame:
    """The contacts with those properties, `record_id` and times. `headers` maps our names to those of the first line.

    Raises Unreadable, and PolicyError when a wanted property has no column in it.
    """
    first = _text(file.readline(BLOCK)).strip("\r\n")
    delimiter = max(DELIMITERS, key=first.count)
    names = [name.strip() for name in next(plain.reader([first], delimiter=delimiter), [])]
    needed = tuple(dict.fromkeys((ID, PHONE, *wanted)))
    _check(names, needed, headers)
    dated = [name for name in TIMES if headers.get(name) in names]
    places = {name: names.index(headers[name]) for name in (*needed, *dated)}
    clocks = {name: Clock(timezone) for name in dated}
    blocks = _blocks(file, len(names), delimiter, sorted(set(places.values()))) if _goes_on(file) else ()
    batches = []
    for block in blocks:
        columns = {name: block.column(str(place)) for name, place in places.items()}
        _check_ids(columns[ID], headers[ID])
        batches.append(_batch(columns, wanted, clocks))
    if len(names) - 1 in {places[name] for name in needed} and not _ended(file):
        batches[-1:] = [batch.slice(0, batch.num_rows - 1) for batch in batches[-1:]]  # its last value may be cut
    made: pd.DataFrame = pa.Table.from_batches(_each_once(batches), _schema(wanted)).to_pandas()
    return made


def _schema(wanted: Sequence[str]) -> pa.Schema:
    texts = [(name, pa.large_string()) for name in ("record_id", *wanted)]
    return pa.schema([*texts, *((ours, MOMENT) for ours in TIMES.values())])


def _batch(columns: Mapping[str, pa.Array], wanted: Sequence[str], clocks: Mapping[str, "Clock"]) -> pa.RecordBatch:
    """One block's rows as they stay: what isn't wanted of them is gone from here on."""
    texts = [columns[name] for name in (ID, *wanted)]
    never = pa.nulls(len(texts[0]), MOMENT)
    times = [clocks[name].utc(columns[name]) if name in clocks else never for name in TIMES]
    return pa.RecordBatch.from_arrays([*texts, *times], schema=_schema(wanted))


def _each_once(batches: list[pa.RecordBatch]) -> list[pa.RecordBatch]:
    """A contact that is listed twice counts as it is listed last, one without an id doesn't. Batch by batch: nothing is
    ever held twice."""
    ids = pd.concat([pd.Series([], dtype="str"), *(batch.column(0).to_pandas() for batch in batches)])
    kept = (ids.notna() & ~ids.duplicated(keep="last")).to_numpy(dtype=bool)
    start = 0
    for n, batch in enumerate(batches):
        mask, start = kept[start : start + batch.num_rows], start + batch.num_rows
        if not mask.all():
            batches[n] = batch.filter(pa.array(mask))
    return batches


def _text(line: bytes) -> str:
    if not line:
        raise Unreadable("the file is empty")
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("the file isn't UTF-8 text") from None


def _check(names: Sequence[str], needed: Sequence[str], headers: Mapping[str, str]) -> None:
    if not {headers.get(name) for name in needed} & set(names):
        raise Unreadable("the file has none of the columns that [aloware.export_columns] names")
    for name in needed:
        header = headers.get(name)
        if header not in names:
            told = f"it says {header!r}" if header else "it says nothing"
            raise PolicyError(
                f"the contacts export has no column for {name}: [aloware.export_columns] must name its header ({told})"
            )
        if names.count(header) > 1:
            raise PolicyError(
                f"the contacts export has several columns {header!r}: leave one of them, or name another for {name} "
                "in [aloware.export_columns]"
            )


def _blocks(file: IO[bytes], width: int, delimiter: str, places: Sequence[int]) -> Iterator[pa.RecordBatch]:
    """The columns at those places, named by place, block by block. All as text: inference would eat leading zeros and
    turn the surname NA into nothing. Not through pandas, which can't be told that notes have several lines."""
    names = [str(place) for place in places]
    odd: list[csv.InvalidRow] = []

    def note(row: csv.InvalidRow) -> str:
        odd.append(row)
        return "error"

    read = csv.ReadOptions(block_size=BLOCK, column_names=[str(place) for place in range(width)])
    parse = csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=note)
    convert = csv.ConvertOptions(
        include_columns=names,
        column_types=dict.fromkeys(names, pa.large_string()),
        null_values=[""],
        strings_can_be_null=True,
    )
    try:
        yield from csv.open_csv(file, read, parse, convert)
    except pa.ArrowInvalid as error:
        if odd:
            raise Unreadable(
                f"a row has {odd[0].actual_columns} columns where {width} are due, as if cut off"
            ) from None
        raise Unreadable(
            "the file isn't UTF-8 text" if "UTF8" in str(error) else "the file is no readable CSV"
        ) from None


def _goes_on(file: IO[bytes]) -> bool:
    """Whether anything follows the first line; an account without contacts has nothing there."""
    here = file.tell()
    more = bool(file.read(1))
    file.seek(here)
    return more


def _ended(file: IO[bytes]) -> bool:
    """Whether the last row is known to be whole."""
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def _check_ids(ids: pa.Array, header: str) -> None:
    if strange := pc.sum(pc.invert(pc.match_substring_regex(ids, r"^[0-9]+$"))).as_py():
        raise PolicyError(
            f"the contacts export has at least {strange:,} rows whose {header!r} is no number: name the column "
            "of contacts' ids in [aloware.export_columns], or make the export again"
        )


class Clock:
    """One column of times, read block by block in the form of its first value. Exports are in the account's wall clock
    (fact sheet, section 2.4) unless that value says otherwise; what has another form is missing."""

    def __init__(self, timezone: str) -> None:
        self._zone = _zone(timezone)
        self._form: str | None = None
        self._zoned = False

    def utc(self, column: pa.Array) -> pa.Array:
        """In the hour that an autumn night has twice the earlier reading is taken: an observation must not look newer
        than it is."""
        told: pd.Series[Any] = column.to_pandas().astype("str")
        if self._form is None and told.notna().any():
            self._learn(str(told[told.notna()].iloc[0]))
        if self._zoned:
            read = pd.to_datetime(told, utc=True, errors="coerce", format=self._form)
            read = read.where(read.dt.year < END)
        else:
            local = pd.to_datetime(told.mask(told.str.contains(_OFFSET)), errors="coerce", format=self._form)
            local = local.where(local.dt.year < END)
            first = np.ones(len(local), dtype=bool)
            read = local.dt.tz_localize(self._zone, ambiguous=first, nonexistent="shift_forward").dt.tz_convert("UTC")
        return pa.Array.from_pandas(read, type=MOMENT)

    def _learn(self, first: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of days before months, which it reads all the same
            form = pd.tseries.api.guess_datetime_format(first)
        form = form or next((form for form in TWELVE_HOURS if _has(first, form)), None)
        self._form = "ISO8601" if form is None or form.startswith("%Y-%m-%d") else form
        self._zoned = re.search(_OFFSET, first) is not None


def _has(text: str, form: str) -> bool:
    return not pd.isna(pd.to_datetime(text, format=form, errors="coerce"))


def _zone(timezone: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        advice = "use a name such as America/New_York"
        raise PolicyError(f'[aloware] export_timezone = "{timezone}" is no time zone: {advice}.') from None
