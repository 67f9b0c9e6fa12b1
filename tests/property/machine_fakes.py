"""The machine's three systems: fakes that share a clock, tell of every write, and may lose their caller at any call."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from tasks.connectors.fake import BORN, Fake
from tasks.connectors.fake_store import Record, Store
from tasks.core.model import ALOWARE, EDITED, HUBSPOT, Address, Capability, Change, Property, Receipt, Schema, Snapshot
from tasks.core.policy import Policy

STATUSES = {"1": "NEW", "3": "OPEN"}  # Aloware's disposition ids and what they mean in HubSpot
REQUIRED = {("Contact", "LastName"), ("Lead", "LastName"), ("Lead", "Company")}


class Killed(BaseException):
    """The process is gone, in the middle of whatever it was doing."""


@dataclass
class Clock:
    """Everybody's time: a second goes by with everything that happens."""

    now: datetime = BORN

    def tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class Witness(Protocol):
    """Who is told what happens at a system's door."""

    def moment(self) -> None:
        """A call is about to be made, or has just been answered. Raises Killed when the process ends here."""

    def about_to_write(self, change: Change) -> None: ...

    def wrote(self, change: Change, receipt: Receipt) -> None: ...


class Watched(Fake):
    """One of the machine's systems. Its list can be frozen, like an export of some time ago; peeks stay live."""

    def __init__(self, system: str, policy: Policy, clock: Clock, witness: Witness) -> None:
        extra = (Capability.CATALOGUE,) if system == ALOWARE else (Capability.CLEAR, Capability.ARCHIVE)
        super().__init__(
            system,
            policy.wanted(system),
            schema=_schema(system, policy),
            capabilities=(Capability.LIST, *extra),
            unique=("email",) if system == HUBSPOT else (),
        )
        self._clock, self._witness = clock, witness
        self._export: tuple[Store, datetime] | None = None

    def freeze(self) -> None:
        """From now on the list shows the system as it is at this moment."""
        self._export = copy.deepcopy(self.store), self._clock.tick()

    def thaw(self) -> None:
        """The list is live again."""
        self._export = None

    def put(self, object_name: str, values: Mapping[str, str | None], record_id: str | None = None) -> str:
        self.store.now = self._clock.tick()
        return super().put(object_name, values, record_id)

    def restore(self, object_name: str, record_id: str, record: Record) -> None:
        """A deleted record comes back out of the bin."""
        self.store.gone.pop((object_name, record_id), None)
        self.put(object_name, record.values, record_id)
        self.store.objects[object_name][record_id].created_at = record.created_at

    def list_backwards(self) -> None:
        """List the records in another order from now on."""
        for name, records in self.store.objects.items():
            self.store.objects[name] = dict(reversed(records.items()))

    def pull(self, now: datetime, since: str | None = None) -> Snapshot:
        self._witness.moment()
        if self._export is None:
            return super().pull(now, since)
        live, (self.store, as_of) = self.store, self._export
        try:
            return super().pull(as_of, since)
        finally:
            self.store = live

    def peek(self, addresses: Sequence[Address], now: datetime) -> Snapshot:
        self._witness.moment()
        return super().peek(addresses, now)

    def write(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        for change in changes:
            self._witness.moment()
            self._witness.about_to_write(change)
            (receipt,) = super().write([change])
            self._witness.wrote(change, receipt)
            self._witness.moment()
            yield receipt


def _schema(system: str, policy: Policy) -> Schema:
    return {
        name: {
            prop: Property(
                prop,
                updateable=(system, prop) != (ALOWARE, "phone_number"),
                required=(name, prop) in REQUIRED,
                options=(*STATUSES.values(), "LOST") if prop == "hs_lead_status" else None,
            )
            for prop in properties
            if not prop.endswith(EDITED)
        }
        for name, properties in policy.wanted(system).items()
    }
