"""Hands on Aloware's contacts export: a CSV that a person made, at a path or URL, hours or days old."""

import io
import zoneinfo
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv

from tasks.connectors.aloware_wire import PHONE
from tasks.connectors.http import Http
from tasks.core.errors import PolicyError, SettingsError

VARIABLE = "ALOWARE_CONTACTS_EXPORT"
TIMES = {"created_at": "created_at", "updated_at": "modified_at"}


def is_url(place: str) -> bool:
    return "://" in place


def read(place: str, http: Http | None, now: datetime) -> tuple[bytes, datetime]:
    """The export's bytes and the time it speaks of: Last-Modified, a file's mtime, else now."""
    if http is None:
        path = Path(place)
        if not path.is_file():
            raise SettingsError(f"{VARIABLE}: there is no such file: make a contacts export in Aloware and name it")
        return path.read_bytes(), datetime.fromtimestamp(path.stat().st_mtime, UTC)
    response = http.send("GET", place, due="csv")
    if response.status_code != 200:
        raise http.error(f"contacts export answered HTTP {response.status_code}: check {VARIABLE}")
    stamp = response.headers.get("Last-Modified")
    return response.content, parsedate_to_datetime(stamp).astimezone(UTC) if stamp else now


def frame(
    content: bytes, as_of: datetime, wanted: Sequence[str], headers: Mapping[str, str], timezone: str
) -> pd.DataFrame:
    """The contacts as a snapshot's frame. PolicyError when a wanted property has no column in it."""
    table = _table(content)
    _check(table.columns, wanted, headers)
    properties = {name: table[headers[name]] for name in wanted}
    times = {ours: _utc(table, headers.get(theirs), timezone) for theirs, ours in TIMES.items()}
    frame = pd.DataFrame({"record_id": table[headers["id"]], **properties, **times}, index=table.index)
    frame["as_of"] = pd.Series(as_of, index=frame.index, dtype="datetime64[us, UTC]")
    return frame[frame["record_id"].notna()].drop_duplicates("record_id", keep="last").reset_index(drop=True)


def _table(content: bytes) -> pd.DataFrame:
    """All columns as text: inference would eat leading zeros and turn the surname NA into nothing. Not through pandas,
    which can't be told that notes have several lines."""
    parse = csv.ParseOptions(newlines_in_values=True)
    try:
        names = csv.open_csv(io.BytesIO(content), parse_options=parse).schema.names
        convert = csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()), null_values=[""], strings_can_be_null=True
        )
        table = csv.read_csv(io.BytesIO(content), parse_options=parse, convert_options=convert)
    except pa.ArrowInvalid as error:
        raise SettingsError(f"{VARIABLE} is not a readable CSV: make the contacts export again") from error
    frame: pd.DataFrame = table.to_pandas()
    return frame


def _check(columns: "pd.Index[Any]", wanted: Sequence[str], headers: Mapping[str, str]) -> None:
    for name in dict.fromkeys(("id", PHONE, *wanted)):
        if headers.get(name) not in columns:
            told = f"it says {headers[name]!r}" if name in headers else "it says nothing"
            raise PolicyError(
                f"the contacts export has no column for {name}: [aloware.export_columns] must name its header ({told})"
            )


def _utc(table: pd.DataFrame, header: str | None, timezone: str) -> "pd.Series[Any]":
    """Exports are in the account's wall clock (fact sheet, section 2.4). In the hour that an autumn night has twice the
    earlier reading is taken: an observation must not look newer than it is."""
    if header is None or header not in table.columns:
        return pd.Series(pd.NaT, index=table.index, dtype="datetime64[us, UTC]")
    local = pd.to_datetime(table[header], errors="coerce")
    try:
        zone = zoneinfo.ZoneInfo(timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        advice = "use a name such as America/New_York"
        raise PolicyError(f'[aloware] export_timezone = "{timezone}" is no time zone: {advice}.') from None
    first = np.ones(len(local), dtype=bool)
    aware = local.dt.tz_localize(zone, ambiguous=first, nonexistent="shift_forward")
    return aware.dt.tz_convert("UTC").astype("datetime64[us, UTC]")
