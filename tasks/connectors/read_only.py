"""Hands behind the back: a connector that can look at everything and change nothing."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from tasks.connectors.protocol import Connector
from tasks.core.errors import UsageError
from tasks.core.model import Address, Capability, Change, Disposition, Receipt, Snapshot


class ReadOnly:
    """Wraps any connector. Its reading passes through, whatever a vendor adds to the protocol too; writing raises."""

    def __init__(self, inner: Connector) -> None:
        self._inner = inner

    @property
    def system(self) -> str:
        return self._inner.system

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self._inner.capabilities

    @property
    def calls(self) -> dict[str, int]:
        return self._inner.calls

    def identify(self) -> str:
        return self._inner.identify()

    def pull(self, now: datetime, since: str | None = None) -> Snapshot:
        return self._inner.pull(now, since)

    def peek(self, addresses: Sequence[Address], now: datetime) -> Snapshot:
        return self._inner.peek(addresses, now)

    def write(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        raise self._refusal()

    def forecast(self, peeked: Sequence[Address], written: Sequence[Change]) -> dict[str, int]:
        return self._inner.forecast(peeked, written)

    def save_disposition(self, disposition: Disposition) -> Disposition:
        raise self._refusal()

    def close(self) -> None:
        self._inner.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def _refusal(self) -> UsageError:
        return UsageError(f"{self.system} was opened for reading only: nothing was written")
