"""What every system can be asked, whoever is behind it: a vendor, an emulator, or the in-memory fake."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from tasks.core.model import Address, Capability, Change, Disposition, Receipt, Snapshot


class Connector(Protocol):
    """One connected system. Paging, batching, rate limits, retries and logins are its own business.

    Every method raises `ConnectorError` when the system refuses us or can't be reached inside the retry budget.
    """

    @property
    def system(self) -> str: ...

    @property
    def capabilities(self) -> frozenset[Capability]: ...

    @property
    def calls(self) -> dict[str, int]:
        """Requests sent so far: `{"read": n, "write": n}`."""
        ...

    def identify(self) -> str:
        """The id of the account behind the credentials (org, portal, account)."""
        ...

    def pull(self, now: datetime, since: str | None = None) -> Snapshot:
        """All records in reach, or those changed since the watermark; with schema and evidence of deletions."""
        ...

    def peek(self, addresses: Sequence[Address], now: datetime) -> Snapshot:
        """Those records as they are at this moment; the ones that don't exist (any more) are simply not in it."""
        ...

    def write(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        """Carry out changes of one system in order of arrival: one receipt per change; a bad row never raises.

        When the system goes away the batch in flight gets its receipts first; changes never sent get none.
        """
        ...

    def forecast(self, peeked: Sequence[Address], written: Sequence[Change]) -> dict[str, int]:
        """The calls that `peek` of those and `write` of these take when nothing goes wrong, as `calls` counts them;
        signing in and asking what properties and users there are aside."""
        ...

    def close(self) -> None: ...


class Catalogue(Protocol):
    """The dispositions of an account whose catalogue can be read and written (`Capability.CATALOGUE`)."""

    def dispositions(self) -> list[Disposition]: ...

    def save_disposition(self, disposition: Disposition) -> Disposition:
        """Create it (empty id) or bring the one with that id to these values; gives it back as stored."""
        ...
