"""Changes to contacts that take effect together or not at all, and never break uniqueness."""

from collections.abc import Sequence
from typing import Any

from tasks.sandbox.store import Table

Row = dict[str, Any]


class Taken(Exception):
    """A unique value that another contact holds."""

    def __init__(self, name: str, value: str, holder: str) -> None:
        super().__init__(f"{name} is held by {holder}")
        self.name, self.value, self.holder = name, value, holder


def emails(row: Row) -> list[str]:
    """The primary address and the secondary ones."""
    properties = row["properties"]
    return [e for e in (properties.get("email"), *properties.get("hs_additional_emails", "").split(";")) if e]


class Draft:
    """A view of the contacts with pending changes on top. Nothing is stored before `commit`."""

    def __init__(self, rows: Table, identities: Table, unique: Sequence[str]) -> None:
        self._rows, self._identities, self._unique = rows, identities, unique
        self._changed: dict[str, Row] = {}
        self._claims: dict[tuple[str, str], str | None] = {}

    def get(self, record_id: str) -> Row | None:
        return self._changed.get(record_id) or self._rows.get(record_id)

    def holder(self, name: str, value: str) -> str | None:
        """The contact known by this address (secondary ones too) or other unique value."""
        if (name, value) in self._claims:
            return self._claims[name, value]
        found = self._identities.get(f"{name}={value}")
        return found["id"] if found else None

    def put(self, row: Row) -> None:
        """Add or replace a row. Raises `Taken` where one of its unique values is another's."""
        old = self.get(row["id"])
        before, after = (self._identities_of(old) if old else []), self._identities_of(row)
        for name, value in after:
            if (holder := self.holder(name, value)) not in (None, row["id"]):
                raise Taken(name, value, str(holder))
        self._claims |= dict.fromkeys(before) | dict.fromkeys(after, row["id"])
        self._changed[row["id"]] = row

    def commit(self) -> None:
        for (name, value), holder in self._claims.items():
            key = f"{name}={value}"
            if holder is not None:
                self._identities.put(key, {"id": holder})
            elif key in self._identities:
                self._identities.remove(key)
        for row_id, row in self._changed.items():
            self._rows.put(row_id, row)

    def _identities_of(self, row: Row) -> list[tuple[str, str]]:
        """Archived contacts hold nothing: their addresses are free again."""
        if row["archived"]:
            return []
        others = [(name, row["properties"][name]) for name in self._unique if name in row["properties"]]
        return [("email", address) for address in emails(row)] + others
