"""Hands, Salesforce's questions: SOQL, built so that no value ends its literal, and addresses that aren't too long."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import quote

STAMP = "SystemModstamp"  # moves with every change, and is indexed (fact sheet, section 11.4)


@dataclass(frozen=True)
class Query:
    """A question to one object. `deleted`: what lies in the recycle bin is asked for too. `ordered`: by (STAMP, Id), so
    that it can be taken up again where it was broken off."""

    object: str
    columns: tuple[str, ...]
    where: tuple[str, ...] = ()
    deleted: bool = False
    ordered: bool = False

    @property
    def soql(self) -> str:
        condition = f" WHERE {' AND '.join(self.where)}" if self.where else ""
        order = f" ORDER BY {STAMP}, Id" if self.ordered else ""
        return f"SELECT {', '.join(self.columns)} FROM {self.object}{condition}{order}"

    @property
    def operation(self) -> str:
        return "queryAll" if self.deleted else "query"

    @property
    def address(self) -> str:
        return f"{self.operation}?q={quote(self.soql, safe='')}"

    @property
    def stamps(self) -> list[str]:
        """The columns that say when a row, or a related one, was changed."""
        return [name for name in self.columns if name.rpartition(".")[2] == STAMP]

    def after(self, stamp: str, record_id: str) -> "Query":
        """The same question about the rows that come after that one."""
        moment = soql_time(datetime.fromisoformat(stamp), "milliseconds")
        later = f"({STAMP} > {moment} OR ({STAMP} = {moment} AND Id > {quoted(record_id)}))"
        return replace(self, where=(*self.where, later))


def quoted(value: str) -> str:
    """A SOQL string literal; a backslash or quote in the value can't end it."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def among(name: str, values: Sequence[str]) -> str:
    """The condition that a field holds one of those texts."""
    return f"{name} IN ({', '.join(map(quoted, values))})"


def by_length(values: Sequence[str], most: int) -> Iterator[list[str]]:
    """The values in shares whose literals are no longer than that."""
    share: list[str] = []
    length = 0
    for value in values:
        size = len(quoted(value)) + len(", ")
        if share and length + size > most:
            yield share
            share, length = [], 0
        share.append(value)
        length += size
    if share:
        yield share


def soql_time(moment: datetime, grain: str = "seconds") -> str:
    """An unquoted SOQL datetime literal, floored."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=grain) + "Z"


def stamps(columns: Sequence[str]) -> list[str]:
    """When a row and the related rows that the columns name were changed: an Account's new name leaves no trace on its
    Contacts."""
    return list(dict.fromkeys(name[: name.find(".") + 1] + STAMP for name in ("", *columns)))


def changed_since(since: str, changes: Sequence[str]) -> str:
    """A condition on rows of which one of those times of change isn't earlier."""
    changed = [f"{stamp} >= {since}" for stamp in changes]
    return f"({' OR '.join(changed)})" if len(changed) > 1 else changed[0]
