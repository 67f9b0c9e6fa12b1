"""Hands that don't touch: a connector that never shows whom we were asked to forget."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from tasks.connectors.protocol import Connector
from tasks.core.model import Address, Snapshot
from tasks.core.suppression import Suppressed


def skipping(connector: Connector, suppressed: Suppressed) -> Connector:
    """That connector, without the records of whoever is suppressed in anything that it reads."""
    return cast(Connector, _Skipping(connector, suppressed)) if suppressed.known else connector


@dataclass(frozen=True)
class _Skipping:
    """Everything but reading passes through."""

    inner: Connector
    suppressed: Suppressed

    def pull(self, now: datetime, since: str | None = None) -> Snapshot:
        return self.suppressed.skip(self.inner.pull(now, since))

    def peek(self, addresses: Sequence[Address], now: datetime) -> Snapshot:
        return self.suppressed.skip(self.inner.peek(addresses, now))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)
