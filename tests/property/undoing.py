"""A few people in three fakes, whom a run has changed: what of it an undo must put back, said without a look at how."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from flows.apply import carry_out
from flows.plan import draft, look
from flows.undo import take_back
from tasks import gate
from tasks.core.model import ALOWARE, SCOPES, SYSTEMS
from tasks.core.policy import PLACES, Policy
from tasks.core.run import Asked, RunReport
from tasks.quality.checked import Checked
from tasks.settings import Settings
from tests.property.machine_fakes import STATUSES, Clock, Watched
from tests.property.machine_town import Sitting
from tests.unit.ledgers import create_ledger

Cell = tuple[str, str, str, str]  # system, object, record id, property
Screen = dict[tuple[str, str, str], dict[str, str]]
SAID = {
    "first_name": ("Ann", "Bob", "Cyd", ""),
    "last_name": ("Lee", "Low"),
    "email": ("a", "b", ""),
    "no_calls": ("true", "false", ""),
    "lead_status": ("NEW", "OPEN", ""),
    "phone": ("0", "1"),
}


@dataclass(frozen=True)
class Deed:
    """Somebody types into the record that a person has in a place, or deletes it, or enters one where there is none."""

    who: int
    place: str
    name: str
    choice: int
    delete: bool = False


@dataclass
class Bystander:
    """Who lets every call and write pass."""

    def moment(self) -> None: ...

    def about_to_write(self, change: object) -> None: ...

    def wrote(self, change: object, receipt: object) -> None: ...


@dataclass
class Street:
    """People called by numbers, in systems that know some of them; a ledger, and runs."""

    home: Path
    policy: Policy
    open_scopes: Sequence[str]
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.systems = {system: Watched(system, self.policy, self.clock, Bystander()) for system in SYSTEMS}
        settings = Settings(self.home, create_ledger(), self.home / "none.toml", 1.0, None)
        self.session = Sitting(settings, self.policy, connectors=self.systems)
        self.session.clock = self.clock
        for system in SYSTEMS:
            self.session.ledger.connections.connect(system, "fake", self.clock.tick())
        for scope in SCOPES:
            self.direct(scope, "two-way" if scope in self.open_scopes else "inbound")

    def direct(self, scope: str, direction: str) -> None:
        self.session.ledger.connections.set_direction(scope, direction, self.clock.tick())

    def do(self, deed: Deed) -> None:
        system, object_name = PLACES[deed.place]
        record_id = f"{deed.who}-{deed.place}"
        there = self.systems[system].get(object_name, record_id)
        if deed.delete and there is not None:
            self.systems[system].delete(object_name, record_id)
        elif there is None:
            names = self.policy.mapped(system, object_name)
            said = {prop: self._said(deed, name) for name, prop in names.items()}
            self.systems[system].put(object_name, said, record_id)
        elif deed.name in self.policy.mapped(system, object_name) and (system, deed.name) != (ALOWARE, "phone"):
            prop = self.policy.mapped(system, object_name)[deed.name]
            self.systems[system].put(object_name, {prop: self._said(deed, deed.name)}, record_id)

    def type_over(self, written: set[Cell], place: int, choice: int) -> str:
        """Somebody types into one of the cells that a run wrote; gives whose it is."""
        if not written:
            return ""
        cell = sorted(written)[place % len(written)]
        system, object_name, record_id, prop = cell
        who = self.who(cell, self.screen())
        values = SAID.get(self.field(cell), ("Other",))
        if self.field(cell) in ("first_name", "last_name", "no_calls"):
            self.systems[system].put(object_name, {prop: values[choice % len(values)] or "Zoe"}, record_id)
        return who

    def _said(self, deed: Deed, name: str) -> str:
        """What people say of themselves is theirs alone, so that nobody's address or number is another's."""
        value = SAID[name][deed.choice % len(SAID[name])] if name in SAID else f"Some {name}"
        if name == "email":
            return value and f"{value}{deed.who}@example.com"
        if name == "phone":
            renumbered = int(value) if deed.name == "phone" and deed.place != "aloware" else 0
            return f"+1415555{2000 + 10 * deed.who + renumbered}"
        if name == "lead_status" and deed.place == "aloware":
            return {status: id_ for id_, status in STATUSES.items()}.get(value, "")
        return value or ("Lee" if name == "last_name" else "")

    def reconcile(self) -> RunReport:
        run = self.session.ledger.runs.begin("test", self.session.now())
        with self.session.ledger.lease.held(run, self.session.now()):
            plan = draft(self.session, run, Asked("test", initial=True), look(self.session), STATUSES)
            return carry_out(self.session, plan, STATUSES)

    def undo(self, report: RunReport) -> RunReport:
        run = self.session.ledger.runs.begin("undo", self.session.now())
        with self.session.ledger.lease.held(run, self.session.now()):
            return carry_out(self.session, take_back(self.session, run, report.plan.run, STATUSES), STATUSES)

    def screen(self) -> Screen:
        """What every record says."""
        return {
            (system, name, record_id): dict(record.values)
            for system, fake in self.systems.items()
            for name, records in fake.store.objects.items()
            for record_id, record in records.items()
        }

    def who(self, record: Sequence[str], screen: Screen) -> str:
        """Whose record that is, by the number that it says."""
        return str((int(self.number(record, screen)[-4:]) - 2000) // 10)

    def number(self, record: Sequence[str], screen: Screen) -> str:
        system, object_name, record_id = record[:3]
        return screen[system, object_name, record_id][self.policy.mapped(system, object_name)["phone"]]

    def field(self, cell: Cell) -> str:
        """The policy's word for a property."""
        system, object_name, _, prop = cell
        return next(name for name, known in self.policy.mapped(system, object_name).items() if known == prop)

    def open(self, scope: str) -> bool:
        return self.session.ledger.connections.directions()[scope] == "two-way"


def unjudged(patched: pytest.MonkeyPatch) -> None:
    """A gate that finds nothing wrong with any data."""
    for check in ("check_snapshot", "check_after_state"):
        patched.setattr(gate, check, lambda *_: Checked())


def moved(before: Screen, after: Screen) -> set[Cell]:
    """Properties of records that are in both and say something else there."""
    return {
        (*record, prop)
        for record in before.keys() & after.keys()
        for prop in before[record].keys() | after[record].keys()
        if before[record].get(prop, "") != after[record].get(prop, "")
    }
