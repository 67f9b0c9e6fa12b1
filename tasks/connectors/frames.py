"""Hands, sorting: vendors' pages become the frames that a Snapshot promises, column by column, never row by row."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import GenericAlias
from typing import Any

import msgspec
import pandas as pd
import pyarrow as pa

from tasks.core.model import EDITED, OWNER, Schema

_PLAIN = {str, type(None)}
TIMES = ("created_at", "modified_at")


def text(value: Any) -> str | None:
    """A vendor's JSON value as raw text; None for null."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return msgspec.json.encode(value).decode()


def texts(values: Iterable[Any]) -> list[str | None]:
    """A column of JSON values as raw text; nearly always it is text already, and then it costs nothing."""
    column = list(values)
    return column if set(map(type, column)) <= _PLAIN else [text(value) for value in column]


def listed(item: Any) -> Any:
    """The type `list[item]`, for an item type that is made at run time."""
    return GenericAlias(list, (item,))


class Columns:
    """Pages in, one frame out. The columns are `record_id`, the properties, any extra, and the times."""

    def __init__(self, properties: Sequence[str], extra: Sequence[str] = ()) -> None:
        names = dict.fromkeys(("record_id", *properties, *extra, *TIMES))
        self._schema = pa.schema([(name, pa.large_string()) for name in names])
        self._batches: list[pa.RecordBatch] = []

    def add(self, page: Mapping[str, Sequence[str | None]]) -> None:
        """One page, as a list per column; a column that isn't given is missing throughout."""
        size = len(page["record_id"])
        missing = [None] * size
        arrays = [pa.array(page.get(name, missing), pa.large_string()) for name in self._schema.names]
        self._batches.append(pa.RecordBatch.from_arrays(arrays, schema=self._schema))

    @property
    def rows(self) -> int:
        """How many have come so far."""
        return sum(batch.num_rows for batch in self._batches)

    def frame(self, as_of: datetime) -> pd.DataFrame:
        """All pages; a record that came twice counts as it came last."""
        frame: pd.DataFrame = pa.Table.from_batches(self._batches, self._schema).to_pandas()
        for name in (n for n in self._schema.names if n in TIMES or n.endswith(EDITED)):
            frame[name] = utc(frame[name])
        frame["as_of"] = pd.Series(as_of, index=frame.index, dtype="datetime64[us, UTC]")
        return frame.drop_duplicates("record_id", keep="last").reset_index(drop=True)


def utc(times: "pd.Series[Any]") -> "pd.Series[Any]":
    """ISO text as UTC times; what can't be read is missing."""
    return pd.to_datetime(times, utc=True, format="ISO8601", errors="coerce").astype("datetime64[us, UTC]")


def users(found: Iterable[tuple[Any, Any]]) -> dict[str, str]:
    """Ids and e-mails of active users as a snapshot promises them; one without an address can't be told from another
    system's."""
    return {str(user): email.strip().lower() for user, email in found if isinstance(email, str) and email.strip()}


def names_users(wanted: Mapping[str, Sequence[str]], schema: Schema) -> bool:
    """Whether a property that is asked for names an owner."""
    asked = ((schema[name], column) for name, columns in wanted.items() for column in columns)
    return any(column in known and known[column].type == OWNER for known, column in asked)
