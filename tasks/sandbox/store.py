"""Rows of the mirror world: dictionaries in memory, written through to one SQLite file.

A `Table` is a mapping id → row (a JSON-able dict). Handlers run one at a time (async, never awaiting between a read and
its write), so no locks are needed. The server commits after each request; state survives a restart.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Key = Callable[[Row], str | None]


class Table:
    """All rows of one kind, in insertion order, with unique-or-not indexes kept by the table itself."""

    def __init__(self, store: "Store", name: str) -> None:
        self._store, self._name = store, name
        self._rows: dict[str, Row] = {}
        self._keys: dict[str, Key] = {}
        self._indexes: dict[str, defaultdict[str, dict[str, None]]] = {}
        for row_id, body in store.load(name):
            self._rows[row_id] = json.loads(body)

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, row_id: str) -> bool:
        return row_id in self._rows

    def get(self, row_id: str) -> Row | None:
        """The row itself, not a copy: change it only through `put`."""
        return self._rows.get(row_id)

    def rows(self) -> Iterator[Row]:
        return iter(list(self._rows.values()))

    def index(self, name: str, key: Key) -> None:
        """Keep an index of `key(row)`; rows whose key is None are left out. The first call of a name builds it."""
        if name in self._keys:
            return
        self._keys[name] = key
        self._indexes[name] = defaultdict(dict)
        for row_id, row in self._rows.items():
            self._enter(name, row_id, row)

    def find(self, name: str, value: str) -> list[str]:
        """Ids of the rows whose key equals `value`, oldest entry first."""
        return list(self._indexes[name].get(value, ()))

    def put(self, row_id: str, row: Row) -> None:
        """Insert or replace. `row` must be a new dict where the old row is indexed by what changes."""
        self._leave(row_id)
        self._rows[row_id] = row
        for name in self._keys:
            self._enter(name, row_id, row)
        self._store.write(self._name, row_id, json.dumps(row))

    def remove(self, row_id: str) -> None:
        self._leave(row_id)
        del self._rows[row_id]
        self._store.erase(self._name, row_id)

    def _enter(self, name: str, row_id: str, row: Row) -> None:
        value = self._keys[name](row)
        if value is not None:
            self._indexes[name][value][row_id] = None

    def _leave(self, row_id: str) -> None:
        if (old := self._rows.get(row_id)) is None:
            return
        for name, key in self._keys.items():
            if (value := key(old)) is not None:
                self._indexes[name][value].pop(row_id, None)


class Store:
    """One SQLite file holding every table of the world, and its named counters."""

    def __init__(self, path: Path | None = None) -> None:
        """Open or create the file; `None` keeps the world in memory (tests)."""
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path or ":memory:", check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS rows (kind TEXT, id TEXT, body TEXT NOT NULL, PRIMARY KEY (kind, id))"
        )
        self._db.execute("CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, body TEXT NOT NULL)")
        self._tables: dict[str, Table] = {}

    def table(self, name: str) -> Table:
        """The table of that name (`salesforce.Contact`), created empty at first use."""
        if name not in self._tables:
            self._tables[name] = Table(self, name)
        return self._tables[name]

    def fact(self, name: str, default: Any = None) -> Any:
        """A single remembered value: a counter, a setting, a time."""
        found = self._db.execute("SELECT body FROM facts WHERE name = ?", (name,)).fetchone()
        return json.loads(found[0]) if found else default

    def remember(self, name: str, value: Any) -> None:
        self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, json.dumps(value)))

    def next(self, counter: str, start: int = 1) -> int:
        """The next number of a named counter, never given twice."""
        number = int(self.fact(counter, start))
        self.remember(counter, number + 1)
        return number

    def load(self, kind: str) -> list[tuple[str, str]]:
        return self._db.execute("SELECT id, body FROM rows WHERE kind = ? ORDER BY rowid", (kind,)).fetchall()

    def write(self, kind: str, row_id: str, body: str) -> None:
        self._db.execute(
            "INSERT INTO rows VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
            (kind, row_id, body),
        )

    def erase(self, kind: str, row_id: str) -> None:
        self._db.execute("DELETE FROM rows WHERE kind = ? AND id = ?", (kind, row_id))

    def commit(self) -> None:
        self._db.commit()

    def close(self) -> None:
        self._db.commit()
        self._db.close()
