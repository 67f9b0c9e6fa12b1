"""The fault drill: people work, a vendor fails in one of its ways while a run goes, and in the end all is as it should.

In each round somebody edits a name in every system, an agent enters somebody whom no CRM knows, and Salesforce gets a
Contact; then faults strike a run, and calm ones follow. Every edit must have reached every system, and nobody may be
there twice.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from random import Random

import pytest

from flows.reconcile import reconcile
from tasks.connectors.patience import Patience
from tasks.core.errors import ConnectorError
from tasks.core.model import ALOWARE, HUBSPOT, SALESFORCE, SYSTEMS
from tasks.sandbox import faults as scripted
from tasks.sandbox.faults import KINDS
from tests.flows.members import Member, everywhere
from tests.flows.worlds import Office, number

NAME = {SALESFORCE: "LastName", HUBSPOT: "lastname", ALOWARE: "last_name"}
CALM_RUNS = 3  # that may follow until everybody agrees again
READS = {SALESFORCE: "", HUBSPOT: "", ALOWARE: ""}  # the first request of a run reads
WRITES = {SALESFORCE: "/composite/sobjects", HUBSPOT: "/batch/update", ALOWARE: "/forms"}
ANYWHERE = {
    SALESFORCE: ("", "/composite", "/composite/sobjects", "/describe"),
    HUBSPOT: ("", "/batch/", "/batch/create", "/batch/update", "/batch/read", "/search"),
    ALOWARE: ("", "/forms", "/phone-number", "/dispositions"),
}


@dataclass(frozen=True)
class Fault:
    """`times` requests to `system` whose path holds `match` suffer `kind`."""

    system: str
    kind: str
    times: int = 1
    match: str = ""


@dataclass
class Drill:
    """An office with every scope open, and what has been found wanting in it so far."""

    office: Office
    members: list[Member] = field(default_factory=everywhere)
    failures: list[str] = field(default_factory=list)
    struck: Counter[tuple[str, str]] = field(default_factory=Counter)  # (system, kind) → how often
    _turn: Iterator[int] = field(default_factory=count)

    def round(self, name: str, faults: Sequence[Fault]) -> None:
        """People work, those faults strike a run, and it is told under `name` what is not as it should be then."""
        deeds = self.people_work(next(self._turn))
        for fault in faults:
            self.office.person.break_next(fault.system, fault.kind, fault.match, fault.times)
        with nervous():
            _run()
        self.struck += _tally(faults) - _tally(self.office.running.world.faults.pending)
        self.office.person.repair()
        self.office.person.log_in()  # whose session may have expired, too
        for _ in range(CALM_RUNS):
            if reconcile().converged and not list(self.wanting(deeds)):
                break
        self.failures += [f"{name}: {what}" for what in self.wanting(deeds)]

    def ends_quietly(self) -> bool:
        """Whether there is nothing left to do."""
        return reconcile().plan.changes.empty

    def people_work(self, turn: int) -> "Deeds":
        """An edit in every system, and somebody new in two of them."""
        person, names = self.office.person, {}
        for n, system in enumerate(SYSTEMS):
            member = self.members[(turn * len(SYSTEMS) + n) % len(self.members)]
            names[f"Turn{turn}{system}"] = member
            person.edit(system, *member.records[system], NAME[system], f"Turn{turn}{system}")
        born, entered = number(), number()
        person.create_in_aloware(phone_number=born, first_name="New", last_name=f"Born{turn}")
        person.create_in_salesforce("Contact", LastName=f"Entered{turn}", Phone=entered)
        return Deeds(names, born, entered)

    def wanting(self, deeds: "Deeds") -> Iterator[str]:
        """What has not come of that."""
        person = self.office.person
        for name, member in deeds.names.items():
            for system in SYSTEMS:
                found = person.value(system, *member.records[system], NAME[system])
                if found != name:
                    yield f"{name} has not reached {system}, which says {found}"
        aloware = person.aloware_numbers()
        for phone in (deeds.born, deeds.entered):
            there = {
                SALESFORCE: len(person.in_salesforce("Contact", phone)),
                HUBSPOT: len(person.in_hubspot(phone)),
                ALOWARE: aloware.count(phone),
            }
            expected = dict.fromkeys(SYSTEMS, 1) | ({} if phone == deeds.born else {HUBSPOT: there[HUBSPOT]})
            if there != expected or there[HUBSPOT] > 1:
                yield f"{phone} is there so many times: {there}"


@dataclass(frozen=True)
class Deeds:
    """What people did in a round: name → whose it is now, and the numbers of the two who are new."""

    names: dict[str, Member]
    born: str
    entered: str


def alone(where: Mapping[str, str]) -> Iterable[tuple[str, list[Fault]]]:
    """Every kind of fault by itself, in all systems at once, at requests whose path holds what `where` says of each."""
    for kind in KINDS:
        yield kind, [Fault(system, kind, match=where[system]) for system in SYSTEMS]


def mixed(seed: int, rounds: int) -> Iterable[tuple[str, list[Fault]]]:
    """Some faults together, the same ones for the same seed."""
    dice = Random(seed)
    for turn in range(rounds):
        systems = [dice.choice(SYSTEMS) for _ in range(dice.randint(1, 4))]
        faults = [Fault(s, dice.choice(KINDS), dice.randint(1, 3), dice.choice(ANYWHERE[s])) for s in systems]
        yield f"seed {seed}, round {turn}, {faults}", faults


def _tally(faults: Iterable[Fault | scripted.Fault]) -> "Counter[tuple[str, str]]":
    """(system, kind) → how many requests of it they are for."""
    counts: Counter[tuple[str, str]] = Counter()
    for fault in faults:
        counts[fault.system, fault.kind] += fault.times
    return counts


@contextmanager
def nervous() -> Iterator[None]:
    """Runs wait half a second for an answer, and give up on a system after a few quick repeats."""
    with pytest.MonkeyPatch.context() as patch:
        patience = Patience(timeout=0.5, per_call=1.2, first_wait=0.02, longest_wait=0.1)
        patch.setattr("tasks.session.Patience", lambda timeout: patience)
        yield


def _run() -> None:
    """A run that may give up on a system."""
    with suppress(ConnectorError):
        reconcile()
