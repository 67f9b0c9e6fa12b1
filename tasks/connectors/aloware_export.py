"""Hands on Aloware's contacts export: a CSV that a person made, at a path or URL, hours or days old.

Here is where it lies and how old it is; what it holds is `aloware_sheet`'s.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO

import pandas as pd

from tasks.connectors import aloware_sheet as sheet
from tasks.connectors.http import Http
from tasks.connectors.logins import AlowareLogin
from tasks.core.errors import PolicyError, SettingsError

VARIABLE = "ALOWARE_CONTACTS_EXPORT"
IN_MEMORY = 1 << 24  # bytes of a fetched export; a larger one waits on disk


def is_url(place: str) -> bool:
    return "://" in place


def contacts(place: str, http: Http | None, wanted: Sequence[str], login: AlowareLogin, now: datetime) -> pd.DataFrame:
    """The contacts that it lists as a snapshot's frame, as of when it was made. Raises SettingsError for a file that is
    no contacts export, PolicyError for a header that the policy should name and doesn't, or a time that is to come."""
    if login.export_as_of is not None and login.export_as_of > now:
        raise PolicyError(
            f'[aloware] export_as_of = "{login.export_as_of.isoformat()}" is still to come, which no export '
            "can be of: correct it, or remove the key."
        )
    with _opened(place, http) as (file, made):
        try:
            frame = sheet.frame(file, wanted, login.export_columns, login.timezone)
        except sheet.Unreadable as error:
            raise SettingsError(f"{VARIABLE}: {error}; make the contacts export in Aloware again") from error
    frame["as_of"] = pd.Series(
        _as_of(login.export_as_of or made, frame, now), index=frame.index, dtype="datetime64[us, UTC]"
    )
    return frame


def _as_of(made: datetime | None, frame: pd.DataFrame, now: datetime) -> datetime:
    """When it was made, if somebody says so; else its newest edit, for it is no older. Never the future, whatever
    another clock says: an observation must not look newer than a look-up."""
    newest = frame["modified_at"].max()
    known = made or (None if pd.isna(newest) else newest.to_pydatetime())
    return min(known or now, now)


@contextmanager
def _opened(place: str, http: Http | None) -> Iterator[tuple[IO[bytes], datetime | None]]:
    """The file, and its mtime or Last-Modified."""
    if http is None:
        with _local(place) as file:
            yield file, datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
        return
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as fetched:
        response = http.send("GET", place, due="csv", into=fetched)
        if response.status_code != 200:
            raise http.error(f"contacts export answered HTTP {response.status_code}: check {VARIABLE}")
        fetched.seek(0)
        yield fetched, _moment(response.headers.get("Last-Modified", ""))


def _local(place: str) -> IO[bytes]:
    try:
        return Path(place).expanduser().open("rb")
    except FileNotFoundError:
        raise SettingsError(
            f"{VARIABLE}: there is no such file; make a contacts export in Aloware and name it"
        ) from None
    except OSError as error:
        raise SettingsError(
            f"{VARIABLE} can't be opened ({error.strerror}); name a file that Tandem may read"
        ) from None


def _moment(stamp: str) -> datetime | None:
    try:
        return parsedate_to_datetime(stamp).replace(tzinfo=UTC)  # HTTP knows GMT only
    except ValueError:
        return None
