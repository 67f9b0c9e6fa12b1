"""Hands, make-believe: any of the three systems in memory, behind the same protocol, for tests that must be fast.

What a system knows is public: `put`, `delete`, `convert` are a person at the vendor's screen; `refuse` and `fail` make
writes go wrong. Its rules come from the schema, as a vendor's do; Aloware's number is the key.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from tasks.connectors.fake_store import Record, Store
from tasks.core.errors import ConnectorError, UsageError
from tasks.core.model import (
    ALOWARE,
    EDITED,
    Address,
    Capability,
    Change,
    Disposition,
    Outcome,
    Property,
    Receipt,
    Schema,
    Snapshot,
    Status,
    reference,
)

PHONE = "phone_number"
BORN = datetime(2026, 1, 1, tzinfo=UTC)


def plain_schema(wanted: Mapping[str, Sequence[str]]) -> Schema:
    """Every wanted property as writable text; Aloware's key can't be updated."""
    return {
        name: {p: Property(p, updateable=p != PHONE, required=p == PHONE) for p in properties if not p.endswith(EDITED)}
        for name, properties in wanted.items()
    }


class Fake:
    """One system. `unique` are the properties of which no two records may hold the same value."""

    def __init__(
        self,
        system: str,
        wanted: Mapping[str, Sequence[str]],
        *,
        schema: Schema | None = None,
        capabilities: Iterable[Capability] | None = None,
        unique: Sequence[str] = (),
        account: str = "fake",
    ) -> None:
        self.system, self.account, self.unique = system, account, unique
        self._wanted = wanted
        self.schema = schema if schema is not None else plain_schema(wanted)
        more = (Capability.CATALOGUE,) if system == ALOWARE else (Capability.CLEAR, Capability.ARCHIVE)
        self.capabilities = frozenset((Capability.LIST, *more) if capabilities is None else capabilities)
        self.store = Store(BORN)
        self._counts = {"read": 0, "write": 0}
        self.lead_statuses: list[Status] = []
        self.catalogue: dict[str, Disposition] = {}
        self.users: dict[str, str] = {}  # id → e-mail of those who are active
        self.reachable = True
        self._refused: dict[str, str] = {}
        self._failing = 0

    # --- a person's hands ---

    def put(self, object_name: str, values: Mapping[str, str | None], record_id: str | None = None) -> str:
        """Create a record, or edit the one with that id; gives its id. None and "" blank a value."""
        made = record_id or f"{self.system[:2]}{self.store.edition + 1:06d}"
        return self.store.put(object_name, made, values).id

    def get(self, object_name: str, record_id: str) -> dict[str, str] | None:
        """A record's values as a person sees them; None when it doesn't exist."""
        record = self.store.objects.get(object_name, {}).get(record_id)
        return dict(record.values) if record else None

    def delete(self, object_name: str, record_id: str, merged_into: str = "") -> None:
        self.store.remove(object_name, record_id, merged_into)

    def convert(self, lead_id: str, contact_id: str) -> None:
        """Convert a Lead into an existing Contact: it stays, read-only."""
        self.store.put("Lead", lead_id, {}).converted_to = contact_id

    def refuse(self, record_or_phone: str, reason: str = "REFUSED") -> None:
        """From now on every write to that record id (or phone, for creates) is refused; an empty reason lifts it."""
        self._refused[record_or_phone] = reason

    def fail(self, times: int = 1) -> None:
        """The next `times` changes fail without effect."""
        self._failing = times

    # --- the protocol ---

    @property
    def calls(self) -> dict[str, int]:
        return dict(self._counts)

    def identify(self) -> str:
        self._count("read")
        return self.account

    def pull(self, now: datetime, since: str | None = None) -> Snapshot:
        """As the vendors do: Aloware lists all or nothing, tells no deletions, and can't be read from a point on."""
        self._count("read")
        keyed = self.system == ALOWARE
        start = int(since) if since and not keyed else 0
        gone = {
            reference(self.system, name, lost): reference(self.system, name, into) if into else ""
            for (name, lost), (edition, into) in self.store.gone.items()
            if edition > start and not keyed
        }
        listed = Capability.LIST in self.capabilities
        found = {
            name: [r for r in self._records(name).values() if listed and r.edition > start] for name in self._wanted
        }
        return self._snapshot(found, now, gone, None if keyed else str(self.store.edition))

    def peek(self, addresses: Sequence[Address], now: datetime) -> Snapshot:
        if addresses:
            self._count("read")
        found: dict[str, list[Record]] = {}
        for name in self._wanted:
            asked = (self._addressed(name, a.record_id, a.phone) for a in addresses if a.object == name)
            found[name] = list({record.id: record for record in asked if record is not None}.values())
        return self._snapshot(found, now, {}, None)

    def write(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        for change in changes:
            self._count("write")
            yield self._write_one(change)

    def forecast(self, peeked: Sequence[Address], written: Sequence[Change]) -> dict[str, int]:
        return {"read": int(bool(peeked)), "write": len(written)}

    def statuses(self, name: str = "hs_lead_status") -> list[Status]:
        self._count("read")
        return list(self.lead_statuses)

    def accounts(self, names: Sequence[str]) -> dict[str, list[str]]:
        self._count("read")
        found: dict[str, list[str]] = {}
        for record in self._records("Account").values():
            if record.values.get("Name", "").casefold() in {name.casefold() for name in names}:
                found.setdefault(record.values["Name"], []).append(record.id)
        return found

    def dispositions(self) -> list[Disposition]:
        self._count("read")
        return list(self.catalogue.values())

    def save_disposition(self, disposition: Disposition) -> Disposition:
        self._count("write")
        if disposition.id and disposition.id not in self.catalogue:
            raise UsageError("there is no such disposition: list them with `tandem statuses`")
        others = [d for d in self.catalogue.values() if d.id != disposition.id]
        namesakes = [d for d in others if d.name.casefold() == disposition.name.casefold()]
        if disposition.value and any(d.value for d in namesakes):
            raise ConnectorError(self.system, "refused the catalogue of dispositions: the name is taken")
        native = [d.id for d in namesakes if not d.value]
        known = disposition.id or (native[0] if native else str(4101 + len(self.catalogue)))
        stored = Disposition(
            known, disposition.name, disposition.value, disposition.locked, disposition.position, disposition.hidden
        )
        self.catalogue[known] = stored
        return stored

    def close(self) -> None:
        """Nothing is open."""

    # --- inside ---

    def _count(self, kind: str) -> None:
        self._counts[kind] += 1
        if not self.reachable:
            raise ConnectorError(self.system, f"{self.system} could not be reached: try again later")

    def _records(self, name: str) -> dict[str, Record]:
        return self.store.objects.get(name, {})

    def _addressed(self, name: str, record_id: str | None, phone: str) -> Record | None:
        if self.system != ALOWARE:
            return self._records(name).get(record_id or "")
        return next((r for r in self._records(name).values() if phone and r.values.get(PHONE) == phone), None)

    def _snapshot(
        self, found: Mapping[str, list[Record]], now: datetime, gone: Mapping[str, str], watermark: str | None
    ) -> Snapshot:
        frames = {
            name: self.store.frame(found[name], properties, name == "Lead", now)
            for name, properties in self._wanted.items()
        }
        return Snapshot(self.system, now, frames, self.schema, gone, watermark, dict(self.users))

    def _write_one(self, change: Change) -> Receipt:
        if self._failing:
            self._failing -= 1
            return Receipt(change.id, Outcome.FAILED, change.record_id, "503")
        record = self._addressed(change.object, change.record_id, change.phone)
        if reason := self._objection(change, record):
            return Receipt(change.id, Outcome.REFUSED, change.record_id, reason)
        if change.kind == "archive":
            if record is not None:
                self.delete(change.object, record.id)
            return Receipt(change.id, Outcome.APPLIED, change.record_id)
        values = dict(change.fields) | ({PHONE: change.phone} if self.system == ALOWARE else {})
        return Receipt(change.id, Outcome.APPLIED, self.put(change.object, values, record.id if record else None))

    def _objection(self, change: Change, record: Record | None) -> str:
        """Why a vendor would say no, or ""."""
        if scripted := self._refused.get(change.record_id or "") or self._refused.get(change.phone):
            return scripted
        if self.system == ALOWARE and not change.phone:
            return "NO_PHONE"
        gone = change.kind == "archive" and (change.object, change.record_id) in self.store.gone
        if self.system != ALOWARE and change.record_id is not None and record is None and not gone:
            return "NOT_FOUND"
        if record is not None and record.converted_to is not None:
            return "CANNOT_UPDATE_CONVERTED_LEAD"
        if change.kind == "archive":
            return "" if Capability.ARCHIVE in self.capabilities else "CANNOT_ARCHIVE"
        return self._bad_value(change, record) or self._missing_value(change, record) or self._taken(change, record)

    def _bad_value(self, change: Change, record: Record | None) -> str:
        known = self.schema.get(change.object, {})
        for name, value in change.fields.items():
            rule = known.get(name)
            if rule is None:
                return f"INVALID_FIELD ({name})"
            if value == "" and Capability.CLEAR not in self.capabilities:
                return f"CANNOT_CLEAR ({name})"
            keyed = self.system == ALOWARE and name == PHONE
            if not keyed and not (rule.updateable if record else rule.createable):
                return f"READ_ONLY ({name})"
            if rule.length is not None and len(value) > rule.length:
                return f"STRING_TOO_LONG ({name})"
            if rule.options is not None and value and value not in rule.options:
                return f"INVALID_OPTION ({name})"
        return ""

    def _missing_value(self, change: Change, record: Record | None) -> str:
        held = record.values if record else {PHONE: change.phone}
        for name, rule in self.schema.get(change.object, {}).items():
            if rule.required and not change.fields.get(name, held.get(name)):
                return f"REQUIRED_FIELD_MISSING ({name})"
        return ""

    def _taken(self, change: Change, record: Record | None) -> str:
        for name in self.unique:
            value = change.fields.get(name, "").lower()
            for other in self._records(change.object).values():
                if value and other is not record and other.values.get(name, "").lower() == value:
                    return f"CONFLICT ({name}): the value belongs to {other.id}"
        return ""
