"""Hands that point: a connector that tells of every record where people open it, as if its system stored that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, cast

import pandas as pd

from tasks.connectors.protocol import Connector
from tasks.core.model import LINK, RECORD_URL, Address, Property, Snapshot

PROPERTY = Property(RECORD_URL, "Record URL", LINK, createable=False, updateable=False)


class _HasScreens(Protocol):
    def screen(self, object_name: str) -> str: ...


def stored(wanted: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Of what is wanted of each object, the properties that its system stores."""
    return {name: [prop for prop in props if prop != RECORD_URL] for name, props in wanted.items()}


def linking(connector: Connector, wanted: Mapping[str, Sequence[str]]) -> Connector:
    """That connector, with the addresses of its records where they are wanted; a CRM's, for no other has a screen that
    opens by one."""
    objects = tuple(name for name, props in wanted.items() if RECORD_URL in props)
    return cast(Connector, _Linking(connector, objects)) if objects else connector


@dataclass(frozen=True)
class _Linking:
    """Everything but reading passes through."""

    inner: Connector
    objects: tuple[str, ...]

    def pull(self, now: datetime, since: str | None = None) -> Snapshot:
        return self._linked(self.inner.pull(now, since))

    def peek(self, addresses: Sequence[Address], now: datetime) -> Snapshot:
        return self._linked(self.inner.peek(addresses, now))

    def _linked(self, snapshot: Snapshot) -> Snapshot:
        frames, schema = dict(snapshot.frames), dict(snapshot.schema)
        for name in self.objects:
            frames[name] = frames[name].assign(**{RECORD_URL: self._addresses(name, frames[name]["record_id"])})
            schema[name] = {**schema[name], RECORD_URL: PROPERTY}
        return replace(snapshot, frames=frames, schema=schema)

    def _addresses(self, name: str, ids: "pd.Series[str]") -> "pd.Series[str]":
        if ids.empty:
            return ids.astype("str")
        before, _, after = cast(_HasScreens, self.inner).screen(name).partition("{}")
        return before + ids.astype("str") + after

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)
