"""Snapshots: what a run pulled, as Parquet with a digest of its content; and how far each system was pulled."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
from sqlalchemy import RowMapping

from tasks.core.model import Property, Schema, Snapshot
from tasks.ledger.db import Database, stamp
from tasks.ledger.files import FileLost, count_rows, make_folder, read_bytes, read_frame, write_bytes, write_frame


class Rest(msgspec.Struct):
    """What a snapshot says beside its frames."""

    objects: list[str]
    schema: dict[str, dict[str, Property]]
    gone: dict[str, str]
    users: dict[str, str] = {}


@dataclass(frozen=True)
class Snapshots:
    database: Database

    def store(self, run: str, snapshots: Iterable[Snapshot]) -> dict[str, str]:
        """Keep a run's snapshots; gives back each system's digest."""
        rows = [self._write(run, snapshot) for snapshot in snapshots]
        with self.database.writing() as transaction:
            transaction.many("insert_snapshot", rows)
        return {str(row["system"]): str(row["digest"]) for row in rows}

    def load(self, run: str) -> dict[str, Snapshot]:
        """A run's snapshots by system, exactly as they were stored."""
        with self.database.reading() as transaction:
            rows = transaction.rows("select_snapshots", run=run)
        return {row["system"]: self._read(row) for row in rows}

    def kept(self, run: str) -> bool:
        """Whether the files of what that run saw are all there still."""
        with self.database.reading() as transaction:
            rows = transaction.rows("select_snapshots", run=run)
        return bool(rows) and all((self.database.home / row["path"] / "rest.json").exists() for row in rows)

    def latest(self, system: str) -> Snapshot | None:
        """That system's last accepted snapshot, if it is there; without a watermark since it was connected anew."""
        rows = [row for row in self._accepted() if row["system"] == system]
        try:
            return next(map(self._read, rows), None)
        except FileLost:
            return None

    def lost(self) -> list[str]:
        """Systems whose last accepted snapshot isn't there any more."""
        return [row["system"] for row in self._accepted() if not self._whole(row)]

    def accepted_rows(self, objects: Mapping[str, Sequence[str]]) -> dict[str, int]:
        """How many rows of those objects each system's last accepted snapshot has."""
        return {row["system"]: self._rows(row, objects[row["system"]]) for row in self._accepted() if self._whole(row)}

    def _whole(self, row: RowMapping) -> bool:
        try:
            return all(count_rows(file) >= 0 for file in self._files(row, self._rest(row).objects))
        except FileLost:
            return False

    def _files(self, row: RowMapping, objects: Sequence[str]) -> list[Path]:
        return [self.database.home / row["path"] / f"{name}.parquet" for name in objects]

    def _rows(self, row: RowMapping, objects: Sequence[str]) -> int:
        return sum(count_rows(file) for file in self._files(row, objects) if file.exists())

    def glimpse(self, ids: Collection[str], run: str | None = None) -> list[Snapshot]:
        """The records of those ids as that run saw them, or as each system was pulled last, accepted or not; nothing of
        what isn't kept any more."""
        with self.database.reading() as transaction:
            latest = transaction.rows("select_latest_snapshots")
            rows = latest if run is None else transaction.rows("select_snapshots", run=run)
        kept = [row for row in rows if (self.database.home / row["path"] / "rest.json").exists()]
        return [self._read(row, ids) for row in kept]

    def accepted_runs(self) -> dict[str, str]:
        """The run whose snapshot of that system was accepted last."""
        return {row["system"]: row["run"] for row in self._accepted()}

    def schemas(self) -> dict[str, Schema]:
        """What each system says of its properties, as of its last accepted snapshot."""
        return {row["system"]: self._rest(row).schema for row in self._accepted()}

    def accept(self, run: str) -> None:
        """The next run goes on from this run's snapshots: what they hold and how far they reached move together."""
        with self.database.writing() as transaction:
            transaction.run("accept_snapshots", run=run)

    def _accepted(self) -> Sequence[RowMapping]:
        with self.database.reading() as transaction:
            return transaction.rows("select_accepted_snapshots")

    def _write(self, run: str, snapshot: Snapshot) -> dict[str, object]:
        path = Path("snapshots", run, snapshot.system)
        folder = make_folder(self.database.home / path)
        for name, frame in snapshot.frames.items():
            write_frame(folder / f"{name}.parquet", frame)
        write_bytes(folder / "rest.json", msgspec.json.encode(_rest(snapshot)))
        return {
            "run": run,
            "system": snapshot.system,
            "path": path.as_posix(),
            "digest": digest(snapshot),
            "taken_at": stamp(snapshot.taken_at),
            "watermark": snapshot.watermark,
            "rows": sum(len(frame) for frame in snapshot.frames.values()),
        }

    def _rest(self, row: RowMapping) -> Rest:
        path = self.database.home / row["path"] / "rest.json"
        try:
            return msgspec.json.decode(read_bytes(path), type=Rest)
        except msgspec.DecodeError:
            raise FileLost(path) from None

    def _read(self, row: RowMapping, ids: Collection[str] | None = None) -> Snapshot:
        folder, rest = self.database.home / row["path"], self._rest(row)
        return Snapshot(
            system=row["system"],
            taken_at=datetime.fromisoformat(row["taken_at"]),
            frames={name: read_frame(folder / f"{name}.parquet", ids) for name in rest.objects},
            schema=rest.schema,
            gone=rest.gone,
            watermark=row["watermark"] or None,
            users=rest.users,
        )


def digest(snapshot: Snapshot) -> str:
    """A name for the snapshot's content, whatever the order of its objects, rows and columns, and whenever it was seen:
    two pulls of an unchanged system have one name.
    """
    content = hashlib.sha256(msgspec.json.encode(_rest(snapshot), order="deterministic"))
    for name, frame in sorted(snapshot.frames.items()):
        columns = sorted(set(frame.columns) - {"as_of"})
        content.update(repr((name, columns)).encode())
        content.update(np.sort(pd.util.hash_pandas_object(frame[columns], index=False).to_numpy()).tobytes())
    return content.hexdigest()


def _rest(snapshot: Snapshot) -> Rest:
    schema = {name: dict(properties) for name, properties in snapshot.schema.items()}
    return Rest(sorted(snapshot.frames), schema, dict(snapshot.gone), dict(snapshot.users))
