"""Hands on the sheet that a contacts export is: its headers, its rows, its clock.

It may be larger than memory: it is read in blocks, and only columns that are wanted ever become values.
"""

import csv as plain
import os
import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv

from tasks.connectors.aloware_wire import PHONE
from tasks.core.errors import PolicyError

ID = "id"
TIMES = {"created_at": "created_at", "updated_at": "modified_at"}
BLOCK = 1 << 23  # bytes read at once; one row must fit
DELIMITERS = ",;\t"
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
    table = _table(file, len(names), delimiter, sorted(set(places.values())))
    if len(names) - 1 in {places[name] for name in needed} and not _ended(file):
        table = table.iloc[:-1]  # the value that comes last may have been cut
    _check_ids(table[str(places[ID])], headers[ID])
    found = {name: table[str(places[name])] for name in wanted}
    times = {ours: _utc(table, places.get(theirs), timezone) for theirs, ours in TIMES.items()}
    made = pd.DataFrame({"record_id": table[str(places[ID])], **found, **times}, index=table.index)
    return made[made["record_id"].notna()].drop_duplicates("record_id", keep="last").reset_index(drop=True)


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


def _table(file: IO[bytes], width: int, delimiter: str, places: Sequence[int]) -> pd.DataFrame:
    """The columns at those places, named by place. All as text: inference would eat leading zeros and turn the surname
    NA into nothing. Not through pandas, which can't be told that notes have several lines."""
    columns = [str(place) for place in places]
    schema = pa.schema([(name, pa.large_string()) for name in columns])
    batches = list(_batches(file, width, delimiter, schema)) if _goes_on(file) else []
    table: pd.DataFrame = pa.Table.from_batches(batches, schema).to_pandas()
    return table


def _batches(file: IO[bytes], width: int, delimiter: str, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    odd: list[csv.InvalidRow] = []

    def note(row: csv.InvalidRow) -> str:
        odd.append(row)
        return "error"

    read = csv.ReadOptions(block_size=BLOCK, column_names=[str(place) for place in range(width)])
    parse = csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=note)
    convert = csv.ConvertOptions(
        include_columns=schema.names,
        column_types={name: pa.large_string() for name in schema.names},
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


def _check_ids(ids: "pd.Series[str]", header: str) -> None:
    if strange := int((ids.notna() & ~ids.str.fullmatch(r"\d+").fillna(value=False)).sum()):
        raise PolicyError(
            f"the contacts export has {strange:,} rows whose {header!r} is no number: name the column of contacts' ids "
            "in [aloware.export_columns], or make the export again"
        )


def _utc(table: pd.DataFrame, place: int | None, timezone: str) -> "pd.Series[Any]":
    """Exports are in the account's wall clock (fact sheet, section 2.4) unless they say otherwise. In the hour that an
    autumn night has twice the earlier reading is taken: an observation must not look newer than it is."""
    if place is None:
        return pd.Series(pd.NaT, index=table.index, dtype="datetime64[us, UTC]")
    told = table[str(place)]
    if told.str.contains(_OFFSET, regex=True).any():
        return pd.to_datetime(told, utc=True, errors="coerce").astype("datetime64[us, UTC]")
    local = pd.to_datetime(told, errors="coerce")
    first = np.ones(len(local), dtype=bool)
    aware = local.dt.tz_localize(_zone(timezone), ambiguous=first, nonexistent="shift_forward")
    return aware.dt.tz_convert("UTC").astype("datetime64[us, UTC]")


def _zone(timezone: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        advice = "use a name such as America/New_York"
        raise PolicyError(f'[aloware] export_timezone = "{timezone}" is no time zone: {advice}.') from None
