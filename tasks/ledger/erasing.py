"""Erases a person from the files of the home: Parquet, JSON, other programs' SQLite files, and pages for people."""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tasks.core.errors import TandemError
from tasks.core.traces import Traces
from tasks.ledger.db import Database
from tasks.ledger.erasure import Erasure
from tasks.ledger.files import read_bytes, read_frame, write_bytes, write_frame
from tasks.ledger.locating import locate
from tasks.ledger.suppressions import KEY

APART = ("sandbox", "demo")  # made-up worlds, with homes of their own
BREATH = 100  # files looked into between two signs of life
SQLITE = b"SQLite format 3\x00"
KINDS = {"plans": "plan", "evidence": "evidence", "snapshots": "snapshot", "reports": "report", "prefect": "Prefect"}


@dataclass
class Swept:
    """How many files of which kind were rewritten, or went, and those that couldn't be read or written."""

    rewritten: Counter[str] = field(default_factory=Counter)
    unread: list[str] = field(default_factory=list)


def sweep(erasure: Erasure, traces: Traces, now: datetime, alive: Callable[[], None]) -> Swept:
    """Erase them from every file; `alive` is called now and then. A plan is ended, or said to be thinned, before the
    first file of it is rewritten."""
    home, swept = erasure.database.home.absolute(), Swept()
    for number, path in enumerate(_files(erasure.database)):
        if number % BREATH == 0:
            alive()
        try:
            rewrite = _rewrite(path, traces)
            if rewrite is None:
                continue
            _tell(erasure, path.relative_to(home), now)
            rewrite()
        except (TandemError, OSError, ValueError, pa.ArrowException, sqlite3.Error):
            swept.unread.append(path.relative_to(home).as_posix())
            continue
        swept.rewritten[KINDS.get(path.relative_to(home).parts[0], "other")] += 1
    return swept


def _files(database: Database) -> Iterator[Path]:
    """Every file that may tell of people; what an interrupted writer left unfinished goes."""
    home, ledger = database.home.absolute(), Path(str(database.engine.url.database)).absolute()
    ours = {home / KEY, *(ledger.with_name(f"{ledger.name}{suffix}") for suffix in ("", "-wal", "-shm"))}
    for path in sorted(home.rglob("*")):
        parts = path.relative_to(home).parts
        if parts[0] in APART or path in ours or not path.is_file():
            continue
        if path.suffix == ".partial":
            path.unlink()
        else:
            yield path


def _tell(erasure: Erasure, path: Path, now: datetime) -> None:
    """Which plan is not whole any more."""
    match path.parts:
        case ("plans", plan, *_):
            erasure.end_plan(plan, now)
        case ("snapshots", run, *_):
            erasure.thin(now, run=run)
        case ("evidence", "frames", frame):
            for told in (erasure.database.home / "evidence").glob("*.json"):
                if Path(frame).stem in told.read_text(encoding="utf-8"):
                    erasure.thin(now, plan=told.stem)
        case ("evidence", file):
            erasure.thin(now, plan=Path(file).stem)


def _rewrite(path: Path, traces: Traces) -> Callable[[], None] | None:
    """What to do to erase them from that file; None: they aren't in it."""
    if path.suffix == ".parquet":
        frame = _frame_without(path, traces)
        return None if frame is None else lambda: write_frame(path, frame)
    content = read_bytes(path)
    if content.startswith(SQLITE):
        return (lambda: _erase_in_sqlite(path, traces)) if _told_in_sqlite(path, traces) else None
    text = content.decode("utf-8", "surrogateescape")
    if path.suffix == ".html":  # a report: made again, it is without them
        return path.unlink if traces.told.search(text) else None
    without = _document_without if path.suffix == ".json" else _page_without
    clean = without(text, traces)
    return None if clean == text else lambda: write_bytes(path, clean.encode("utf-8", "surrogateescape"))


def _page_without(text: str, traces: Traces) -> str:
    return traces.page_without(text)


def _document_without(text: str, traces: Traces) -> str:
    if not traces.found.search(text):
        return text
    return json.dumps(traces.document_without(json.loads(text)), ensure_ascii=False)


def _frame_without(path: Path, traces: Traces) -> pd.DataFrame | None:
    """The frame without their rows, and without them in others' cells; None where they aren't in it."""
    located = locate(path, pq.read_table(path), traces)
    if not located:
        return None
    frame, rows = read_frame(path), located.rows.copy()
    for name, told in located.cells.items():
        if name in frame.columns:
            values = frame[name].tolist()
            for row, text in told.items():
                values[row] = traces.without(text)
            frame[name] = pd.Series(values, index=frame.index, dtype="str")
        else:
            rows[list(told)] = True  # the row is called like them
    kept = frame[~rows]
    return kept.reset_index(drop=True) if isinstance(frame.index, pd.RangeIndex) else kept


def _told_in_sqlite(path: Path, traces: Traces) -> bool:
    with sqlite3.connect(path, timeout=10) as database:
        found = any(_pages(database, traces))
    database.close()
    return found


def _erase_in_sqlite(path: Path, traces: Traces) -> None:
    """Another program's database: lines that tell of them go, and the pages in which they stood."""
    database = sqlite3.connect(path, timeout=10, isolation_level=None)
    try:
        for table, column, row, text in list(_pages(database, traces)):
            database.execute(f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = ?', (traces.page_without(text), row))
        database.execute("VACUUM")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        database.close()


def _pages(database: sqlite3.Connection, traces: Traces) -> Iterator[tuple[str, str, int, str]]:
    """Table, column, row and text of every page that tells of them."""
    tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        columns = [str(row[1]) for row in database.execute(f'PRAGMA table_info("{table}")')]
        for column in columns:
            rows = database.execute(f'SELECT rowid, "{column}" FROM "{table}" WHERE typeof("{column}") = \'text\'')
            for row, text in rows:
                if traces.told.search(text):
                    yield table, column, row, text
