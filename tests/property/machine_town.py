"""The machine's town: three systems and the people at their screens, a ledger, and runs that may end at any moment."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from flows.apply import carry_out
from flows.plan import draft, look
from tasks.connectors.fake_store import Record
from tasks.core.model import (
    ALOWARE,
    HUBSPOT,
    SALESFORCE,
    SCOPES,
    SYSTEMS,
    Change,
    Direction,
    Outcome,
    Receipt,
    reference,
)
from tasks.core.plan import ONE_TIME, Plan
from tasks.core.policy import PLACES, Policy
from tasks.core.run import Asked, RunReport
from tasks.core.state import REPRESENTATIVE, RETIRED, SHADOW
from tasks.session import Session
from tasks.settings import Settings
from tests.property.machine_fakes import STATUSES, Clock, Killed, Watched
from tests.unit.ledgers import create_ledger


class Sitting(Session):
    """A session in which the town's clock goes."""

    clock: Clock

    def now(self) -> datetime:
        return self.clock.tick()


@dataclass
class Write:
    """One write that a system was asked to make, what was there before, and how it ended."""

    change: Change
    person: str
    role: str  # the target's, as the plan leaves it: "" for a create
    before: dict[str, str] | None
    receipt: Receipt | None = None  # None: nobody knows yet


@dataclass
class Period:
    """What happened since the town was last at rest."""

    typed: set[tuple[str, str]] = field(default_factory=set)  # (ref, field)
    shaken: set[str] = field(default_factory=set)  # records that were entered, removed, joined, or given a number
    turned: bool = False  # an operator turned a switch


@dataclass
class Books:
    """What the operator last said, as the operator remembers it."""

    directions: dict[str, Direction] = field(default_factory=lambda: dict.fromkeys(SCOPES, "inbound"))
    paused: set[str] = field(default_factory=set)
    connected: set[str] = field(default_factory=lambda: set(SYSTEMS))

    def may_write(self, scope: str) -> bool:
        system = scope.partition(".")[0]
        open_ = system == ALOWARE or self.directions[scope] == "two-way"
        return open_ and system in self.connected and system not in self.paused

    @property
    def may_pull(self) -> bool:
        """Whether Salesforce and Aloware are there for a one-time pull."""
        return {SALESFORCE, ALOWARE} <= self.connected - self.paused


class Town:
    """Everything that exists in one history."""

    def __init__(self, home: Path, policy: Policy, guard: Callable[["Town", Write], None]) -> None:
        """`guard` is shown every write before it happens."""
        self.home, self.policy, self._guard, self.clock = home, policy, guard, Clock()
        self.books = Books()
        self.period = Period()
        self.writes: list[Write] = []  # of the last run
        self._person_of: dict[str, str] = {}
        self._role_of: dict[str, str] = {}
        self._owner_of: dict[str, str] = {}
        self.moments_left: int | None = None
        self.bin: dict[str, Record] = {}
        self.refused: set[str] = set()  # records that their system refuses to change
        self.buried: set[tuple[str, str]] = set()  # (person, system) whose record there was deleted
        self.born: dict[tuple[str, str], str] = {}  # (person, system) → the record that a run created
        self.neighbours: set[str] = set()  # records that nobody touches
        self.retired: set[str] = set()
        self.founders: set[str] = set()  # records that founded a person before they were retired
        self.systems = {system: Watched(system, policy, self.clock, self) for system in SYSTEMS}
        self.address = create_ledger()
        self.session = self._sit_down()
        for system in SYSTEMS:
            self.session.ledger.connections.connect(system, "fake", self.clock.tick())

    def _sit_down(self) -> Sitting:
        settings = Settings(self.home, self.address, self.home / "none.toml", 1.0, None)
        session = Sitting(settings, self.policy, connectors=self.systems)
        session.clock = self.clock
        return session

    def close(self) -> None:
        self.session.close()

    # --- what is there ---

    def living(self, *places: str) -> list[str]:
        """References of the records that people can work with, in a stable order."""
        return [
            reference(*PLACES[place], record_id)
            for place in places or tuple(PLACES)
            for record_id, record in self._records(place).items()
            if record.converted_to is None and reference(*PLACES[place], record_id) not in self.neighbours
        ]

    def record(self, ref: str) -> Record | None:
        system, object_name, record_id = ref.split(":", 2)
        return self.systems[system].store.objects.get(object_name, {}).get(record_id)

    def value(self, ref: str, name: str) -> str | None:
        """What a record's screen shows for one of the policy's fields; None where it has no such field."""
        system, object_name, _ = ref.split(":", 2)
        prop = self.policy.mapped(system, object_name).get(name)
        record = self.record(ref)
        return None if prop is None or record is None else record.values.get(prop, "")

    def in_sight(self, ref: str) -> bool:
        """Whether Tandem sees records like that one: their system connected, their module on."""
        system, object_name, _ = ref.split(":", 2)
        return system in self.books.connected and object_name in self.policy.objects(system)

    def in_scope(self, ref: str) -> bool:
        """Whether a record says what the policy's `where` wants."""
        system, object_name, _ = ref.split(":", 2)
        values = record.values if (record := self.record(ref)) else {}
        return all(values.get(prop, "") in may for prop, may in self.policy.where(system, object_name).items())

    def is_awake(self, ref: str) -> bool:
        return ref.partition(":")[0] not in self.books.paused

    def may_write(self, ref: str, name: str) -> bool:
        """Whether a run may change that field of that record now."""
        return self.is_open(ref, name) and self.is_awake(ref)

    def is_open(self, ref: str, name: str) -> bool:
        """Whether edits of that field may flow to that record, be it later."""
        system, field = ref.partition(":")[0], self.policy.fields[name]
        if system == ALOWARE:
            return system in self.books.connected and field.aloware != "phone_number"
        two_way = self.books.directions[self.policy.scope(name, system)] == "two-way"
        return two_way and system in self.books.connected and field.direction != "inbound"

    def role_of(self, ref: str) -> str:
        """As the plan that is carried out leaves it; "" for a stranger."""
        return self._role_of.get(ref, "")

    def serves(self, ref: str, person: str) -> bool:
        """Whether a record is that person's, and not left behind, as the plan that is carried out leaves it."""
        return self._owner_of.get(ref) == person and self.role_of(ref) != RETIRED

    def phone_fields(self, ref: str) -> list[str]:
        system, object_name, _ = ref.split(":", 2)
        return self.policy.phone_fields(system, object_name)

    def _records(self, place: str) -> Mapping[str, Record]:
        system, object_name = PLACES[place]
        return dict(sorted(self.systems[system].store.objects.get(object_name, {}).items()))

    # --- what people do ---

    def enter(self, place: str, **fields: str) -> str | None:
        """Somebody enters a record; None when the vendor wouldn't let them."""
        system, object_name = PLACES[place]
        mapped = self.policy.mapped(system, object_name)
        values = {mapped[name]: value for name, value in fields.items() if name in mapped}
        if not self._vendor_allows(system, object_name, None, values):
            return None
        ref = reference(system, object_name, self.systems[system].put(object_name, values))
        self.period.shaken.add(ref)
        return ref

    def settle_in(self, place: str, **fields: str) -> None:
        """Somebody is there from the start, and nothing ever happens to them."""
        if ref := self.enter(place, **fields):
            self.neighbours.add(ref)

    def type_into(self, ref: str, **fields: str) -> bool:
        """Somebody types values into a record's screen; whether the vendor took it."""
        system, object_name, record_id = ref.split(":", 2)
        mapped = self.policy.mapped(system, object_name)
        values = {mapped[name]: value for name, value in fields.items() if name in mapped}
        if not values or not self._vendor_allows(system, object_name, record_id, values):
            return False
        self.systems[system].put(object_name, values, record_id)
        self.period.typed |= {(ref, name) for name in fields if name in mapped}
        if {"phone", "mobile_phone", "email"} & set(fields):
            self.period.shaken.add(ref)
        return True

    def _vendor_allows(self, system: str, object_name: str, record_id: str | None, values: Mapping[str, str]) -> bool:
        """One Aloware contact for a number, which it must have; one HubSpot contact for an address."""
        records = self.systems[system].store.objects.get(object_name, {})
        others = [record for id_, record in records.items() if id_ != record_id]
        for prop in ("phone_number", *self.systems[system].unique):
            value = values.get(prop, "").lower()
            if value and any(other.values.get(prop, "").lower() == value for other in others):
                return False
        needs = system == ALOWARE and (record_id is None or "phone_number" in values)
        return not needs or values.get("phone_number", "").startswith("+")

    def delete(self, ref: str, merged_into: str = "") -> None:
        system, object_name, record_id = ref.split(":", 2)
        self.clock.tick()
        self.period.shaken |= {ref, merged_into}
        link = self.session.state().links.reindex([ref]).iloc[0]
        if not merged_into and link["role"] in (REPRESENTATIVE, SHADOW):
            self.buried.add((link["person"], system))
        if not merged_into:
            self.bin[ref] = replace(self.systems[system].store.objects[object_name][record_id])
        self.systems[system].delete(object_name, record_id, merged_into.split(":")[-1] if merged_into else "")

    def merge_into_new(self, winner: str, loser: str) -> str:
        """HubSpot merges two contacts into one with an id of its own, and the first one's values."""
        values = dict(self.systems[HUBSPOT].store.objects["contacts"][winner.split(":")[2]].values)
        new = reference(HUBSPOT, "contacts", self.systems[HUBSPOT].put("contacts", values))
        self.period.shaken.add(new)
        self.delete(winner, new)
        self.delete(loser, new)
        return new

    def convert(self, lead: str, contact: str) -> None:
        self.period.shaken |= {lead, contact}
        self.systems[SALESFORCE].convert(lead.split(":")[2], contact.split(":")[2])

    def restore(self, ref: str) -> None:
        system, object_name, record_id = ref.split(":", 2)
        self.systems[system].restore(object_name, record_id, self.bin.pop(ref))
        self.period.shaken.add(ref)
        self.buried = {(person, where) for person, where in self.buried if where != system}

    def refuse(self, ref: str) -> None:
        """Its system refuses every change of that record from now on."""
        system, _, record_id = ref.split(":", 2)
        self.systems[system].refuse(self.value(ref, "phone") or "" if system == ALOWARE else record_id)
        self.refused.add(ref)

    # --- what operators do ---

    def direct(self, scope: str, direction: Direction) -> None:
        self.period.turned = True
        if scope.partition(".")[0] in self.books.connected:
            self.session.ledger.connections.set_direction(scope, direction, self.clock.tick())
            self.books.directions[scope] = direction

    def pause(self, system: str) -> None:
        self.period.turned = True
        self.session.ledger.connections.pause(system)
        self.books.paused.add(system)

    def resume(self, system: str) -> None:
        self.period.turned = True
        self.session.ledger.connections.resume(system)
        self.books.paused.discard(system)

    def disconnect(self, crm: str) -> None:
        self.period.turned = True
        self.session.ledger.connections.disconnect(crm, self.clock.tick())
        self.books.connected.discard(crm)

    def connect(self, system: str) -> None:
        self.period.turned = True
        self.session.ledger.connections.connect(system, "fake", self.clock.tick())
        self.books.connected.add(system)
        self.books.paused.discard(system)
        self.books.directions |= {scope: "inbound" for scope in SCOPES if scope.startswith(f"{system}.")}

    def rule(self, policy: Policy) -> None:
        """The operator writes another policy."""
        self.period.turned = True
        stores = {system: connector.store for system, connector in self.systems.items()}
        self.session.close()
        self.policy = policy
        self.systems = {system: Watched(system, policy, self.clock, self) for system in SYSTEMS}
        for system, store in stores.items():
            self.systems[system].store = store
        self.session = self._sit_down()

    # --- what runs do ---

    def draft(self, mode: str = "incremental", objects: tuple[str, ...] = (), full: bool = False) -> Plan:
        """A plan, stored and not carried out."""
        session = self.session
        run = session.ledger.runs.begin(mode, session.now())
        with session.ledger.lease.held(run, session.now()):
            return draft(session, run, Asked(mode, initial=True, objects=objects), look(session, full), STATUSES)

    def carry_out(self, plan: Plan) -> RunReport:
        """That plan, however old it is."""
        session = self.session
        self.writes.clear()
        self._person_of = dict(zip(plan.changes["id"], plan.changes["person"], strict=True))
        before, after = session.state().links, plan.advance.links
        self._role_of = before["role"].to_dict() | after["role"].to_dict()
        self._owner_of = before["person"].to_dict() | after["person"].to_dict()
        with session.ledger.lease.held(plan.run, session.now()):
            return carry_out(session, plan, STATUSES)

    def run(self) -> RunReport:
        return self.carry_out(self.draft())

    def one_time_pull(self, objects: tuple[str, ...]) -> RunReport:
        return self.carry_out(self.draft(ONE_TIME, objects))

    def run_killed(self, after: int) -> bool:
        """A run whose process ends after so many calls and answers; whether it did."""
        self.moments_left = after
        try:
            self.run()
        except Killed:
            return True
        finally:
            self.moments_left = None
        return False

    def remember_the_retired(self) -> None:
        """Note who is retired now, and who among them founded somebody."""
        state = self.session.state()
        retired = set(state.links.index[state.links["role"] == RETIRED])
        self.founders |= (retired - self.retired) & set(state.people.index)
        self.retired |= retired

    def calm(self) -> None:
        """Nothing fails any more, and exports are fresh."""
        self.moments_left = None
        for system in self.systems.values():
            system.fail(0)
            system.thaw()

    # --- what the systems tell (see `machine_fakes.Witness`) ---

    def moment(self) -> None:
        if self.moments_left is not None:
            self.moments_left -= 1
            if self.moments_left < 0:
                raise Killed

    def about_to_write(self, change: Change) -> None:
        target = reference(change.system, change.object, change.record_id) if change.record_id else ""
        there = self.record(target) if target else None
        before = None if there is None else dict(there.values)
        self.writes.append(Write(change, self._person_of[change.id], self.role_of(target), before))
        self._guard(self, self.writes[-1])

    def wrote(self, change: Change, receipt: Receipt) -> None:
        self.writes[-1].receipt = receipt
        if change.kind == "create" and receipt.outcome == Outcome.APPLIED:
            made = reference(change.system, change.object, receipt.record_id or "")
            self.born[self.writes[-1].person, change.system] = made
