"""Hands on the files that people export on Aloware's screens: where one lies, and how old it is.

What is in it is its reader's business: `aloware_export` reads contacts, `aloware_communications` calls and messages.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO

from tasks.connectors.http import Http
from tasks.core.errors import SettingsError

IN_MEMORY = 1 << 24  # bytes of a fetched export; a larger one waits on disk


def is_url(place: str) -> bool:
    return "://" in place


@dataclass(frozen=True)
class ExportFile:
    """An export of `what` at a path, or at a URL that `http` fetches. `variable` is what an operator names it by."""

    place: str
    what: str
    variable: str
    http: Http | None = None

    @contextmanager
    def opened(self) -> Iterator[tuple[IO[bytes], datetime | None]]:
        """The file, from its beginning, and its mtime or Last-Modified. Raises SettingsError, or ConnectorError for a
        URL that answers something else."""
        if self.http is None:
            with self._local() as file:
                yield file, datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
            return
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as fetched:
            response = self.http.send("GET", self.place, due="csv", into=fetched)
            if response.status_code != 200:
                raise self.http.error(f"{self.what} export answered HTTP {response.status_code}: check {self.variable}")
            fetched.seek(0)
            yield fetched, _moment(response.headers.get("Last-Modified", ""))

    def close(self) -> None:
        if self.http is not None:
            self.http.close()

    def unreadable(self, why: object) -> SettingsError:
        """The error that says why it can't be what it is taken for."""
        return SettingsError(f"{self.variable}: {why}; make the {self.what} export in Aloware again")

    def _local(self) -> IO[bytes]:
        try:
            return Path(self.place).expanduser().open("rb")
        except FileNotFoundError:
            raise SettingsError(
                f"{self.variable}: there is no such file; make a {self.what} export in Aloware and name it"
            ) from None
        except OSError as error:
            raise SettingsError(
                f"{self.variable} can't be opened ({error.strerror}); name a file that Tandem may read"
            ) from None


def _moment(stamp: str) -> datetime | None:
    try:
        return parsedate_to_datetime(stamp).replace(tzinfo=UTC)  # HTTP knows GMT only
    except ValueError:
        return None
