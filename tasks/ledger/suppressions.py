"""Whom we were asked to forget: keyed digests in the database, and the key in the home, where the digests aren't.

A number is easily guessed from its digest by whoever has the key, so a copy of the database alone tells nobody.
"""

import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tasks.core.errors import SettingsError
from tasks.core.suppression import CANARY, digest
from tasks.ledger.db import Database, stamp

KEY, BYTES = "suppressions.key", 32


@dataclass(frozen=True)
class Suppressions:
    database: Database

    def load(self) -> tuple[bytes, frozenset[str]]:
        """The key, and the digests made with it; neither, where nobody was forgotten.

        Raises `SettingsError` when the key is lost: nobody would be known again, and their data would come back.
        """
        with self.database.reading() as transaction:
            known = frozenset(row["digest"] for row in transaction.rows("select_suppressions"))
        if not known:
            return b"", known
        key = self._key()
        if key is None or digest(key, CANARY) not in known:
            raise SettingsError(
                f"people were forgotten here, and the key that knows them again isn't in {self._path}: put it back "
                "from a copy of TANDEM_HOME"
            )
        return key, known

    def key(self) -> bytes:
        """The key to make digests with; a new one for the first person. Raises `SettingsError` like `load`."""
        known_key, known = self.load()
        return known_key if known else self._key() or self._new_key()

    def add(self, digests: Iterable[str], now: datetime) -> None:
        """Skip from now on whoever has one of those digests."""
        words = (*digests, digest(self.key(), CANARY))
        with self.database.writing() as transaction:
            transaction.many("insert_suppression", ({"digest": word, "now": stamp(now)} for word in words))

    @property
    def _path(self) -> Path:
        return self.database.home / KEY

    def _key(self) -> bytes | None:
        try:
            return bytes.fromhex(self._path.read_text(encoding="ascii").strip())
        except (OSError, ValueError):
            return None

    def _new_key(self) -> bytes:
        """On the disk before any digest is: without it they are worth nothing."""
        key = secrets.token_bytes(BYTES)
        partial = self._path.with_name(f"{self._path.name}.partial")
        try:
            with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
                file.write(f"{key.hex()}\n")
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self._path)
        except OSError as error:
            raise SettingsError(f"{self._path} can't be written: {error.strerror}; check TANDEM_HOME") from None
        return key
