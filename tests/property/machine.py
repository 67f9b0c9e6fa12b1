"""The machine: histories that nobody thought of. People work in three systems, operators turn switches, runs come and
go or die, and whenever the town comes to rest every promise of design, chapter 10, must hold.

Rules are deeds. Which record a deed is about is drawn as a number, so that histories shrink to few and simple deeds;
a deed that makes no sense where it falls is not done.
"""

import sys
import tempfile
from pathlib import Path
from typing import Literal

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from msgspec.structs import replace

from tasks.core.model import ALOWARE, CRMS, SCOPES, SYSTEMS, Direction
from tasks.core.plan import Plan
from tasks.core.policy import PLACES
from tests.property.machine_policies import POLICIES, SHIPPED
from tests.property.machine_promises import (
    AT_REST,
    EVERY_WRITE,
    Rest,
    an_edit_reaches_every_side,
    what_was_predicted_was_written,
)
from tests.property.machine_town import Period, Town, Write

NUMBERS = ("+14155552671", "(415) 555-2672", "415.555.2673", "+14155552674", "ask Bob", "")
ADDRESSES = ("", "ann@example.com", "Bob@Example.com", "cy@example.com")
NAMES = ("Ann", "Bob", "Zoë ", "")
STATUS = {"hubspot": ("NEW", "OPEN", "LOST", ""), "aloware": ("1", "3", "")}  # LOST has no disposition
MODULES = (("contacts", "leads"), ("contacts",), ("leads",))
NEIGHBOURS = 8  # people to whom nothing happens: in a smaller town everything is a breaker's business
REST = 3  # runs that may follow each other before the next plan must be empty

Modules = tuple[Literal["contacts", "leads"], ...]

somebody = st.integers(0, 11)
someone_else = st.integers(0, 11)
places = st.sampled_from(tuple(PLACES))
numbers = st.sampled_from(NUMBERS)
addresses = st.sampled_from(ADDRESSES)
names = st.sampled_from(NAMES)
newcomers = st.tuples(places, numbers, addresses, names)


class Machine(RuleBasedStateMachine):
    """One history."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="town-")
        self.town = Town(Path(self.folder.name), SHIPPED, _guard)
        self.drawer: list[Plan] = []
        self.rest: Rest | None = None

    def teardown(self) -> None:
        try:
            if sys.exception() is None:  # a deed that failed has said what there is to say
                self.come_to_rest()
        finally:
            self.town.close()
            self.folder.cleanup()

    @initialize(
        about=st.sampled_from(tuple(POLICIES)),
        people=st.lists(newcomers, min_size=1, max_size=7),
        scopes=st.sets(st.sampled_from(SCOPES)),
    )
    def a_town_is_connected(self, about: str, people: list[tuple[str, str, str, str]], scopes: set[str]) -> None:
        self.town.rule(POLICIES[about])
        for n in range(NEIGHBOURS):
            for place in ("contact", "hubspot", "aloware"):
                self.town.settle_in(place, phone=f"+1415777{2000 + n}", first_name=f"Nora {n}", last_name="Low")
        for place, number, address, name in people:
            self._enter(place, number, address, name)
        for scope in sorted(scopes):
            self.town.direct(scope, "two-way")
        self.town.run()

    # --- people ---

    @rule(newcomer=newcomers)
    def somebody_is_entered(self, newcomer: tuple[str, str, str, str]) -> None:
        self._enter(*newcomer)

    @rule(who=somebody, name=names)
    def a_name_is_edited(self, who: int, name: str) -> None:
        self._type(who, first_name=name)

    @rule(who=somebody, address=addresses)
    def an_address_is_edited(self, who: int, address: str) -> None:
        self._type(who, email=address)

    @rule(who=somebody, number=numbers)
    def a_number_is_edited(self, who: int, number: str) -> None:
        self._type(who, phone=_spelt(number, self._who(who)))

    @rule(who=somebody, surname=st.sampled_from(("Lee", "Kim")))
    def a_surname_is_edited(self, who: int, surname: str) -> None:
        """Under some policies a Lead called Kim is out of scope."""
        self._type(who, last_name=surname)

    @rule(who=somebody, number=numbers)
    def a_second_number_is_edited(self, who: int, number: str) -> None:
        self._type(who, mobile_phone=number)

    @rule(who=somebody, n=st.integers(0, 3))
    def a_status_is_picked(self, who: int, n: int) -> None:
        if ref := self._who(who, "hubspot", "aloware"):
            words = STATUS[ref.partition(":")[0]]
            self._write(ref, lead_status=words[n % len(words)])

    @rule(who=somebody, said=st.sampled_from(("true", "false", "")))
    def calls_are_refused_or_allowed(self, who: int, said: str) -> None:
        self._type(who, no_calls=said)

    @rule(who=somebody, other=someone_else)
    def two_people_swap_numbers(self, who: int, other: int) -> None:
        self._rotate([self._who(who), self._who(other)])

    @rule(first=somebody, second=somebody, third=somebody)
    def three_people_rotate_numbers(self, first: int, second: int, third: int) -> None:
        self._rotate([self._who(first), self._who(second), self._who(third)])

    @rule(who=somebody)
    def a_record_is_deleted(self, who: int) -> None:
        if ref := self._who(who):
            note(f"   {ref} is deleted")
            self.town.delete(ref)

    @rule(n=somebody)
    def a_record_is_restored(self, n: int) -> None:
        if bin := sorted(self.town.bin):
            note(f"   {bin[n % len(bin)]} is restored")
            self.town.restore(bin[n % len(bin)])

    @rule(place=st.sampled_from(("contact", "lead", "hubspot")), who=somebody, other=someone_else)
    def two_records_are_merged(self, place: str, who: int, other: int) -> None:
        winner, loser = self._who(who, place), self._who(other, place)
        if winner and loser and winner != loser:
            note(f"   {loser} is merged into {winner}")
            self.town.delete(loser, winner)

    @rule(who=somebody, other=someone_else)
    def two_hubspot_contacts_become_a_new_one(self, who: int, other: int) -> None:
        """A HubSpot merge may yield a new id (fact sheet, merges)."""
        winner, loser = self._who(who, "hubspot"), self._who(other, "hubspot")
        if winner and loser and winner != loser:
            new = self.town.merge_into_new(winner, loser)
            note(f"   {winner} and {loser} become {new}")

    @rule(who=somebody)
    def a_lead_becomes_a_new_contact(self, who: int) -> None:
        if lead := self._who(who, "lead"):
            fields = {name: self.town.value(lead, name) or "" for name in self.town.policy.fields}
            if contact := self.town.enter("contact", **fields):
                note(f"   {lead} is converted into {contact}, a new one")
                self.town.convert(lead, contact)

    @rule(who=somebody, other=someone_else)
    def a_lead_is_converted_into_somebody_s_contact(self, who: int, other: int) -> None:
        lead, contact = self._who(who, "lead"), self._who(other, "contact")
        if lead and contact:
            note(f"   {lead} is converted into {contact}")
            self.town.convert(lead, contact)

    # --- operators ---

    @rule(scope=st.sampled_from(SCOPES), direction=st.sampled_from(("inbound", "two-way")))
    def a_scope_is_set(self, scope: str, direction: Direction) -> None:
        self.town.direct(scope, direction)

    @rule(priority=st.sampled_from(("contact", "lead")), modules=st.sampled_from(MODULES))
    def salesforce_is_configured(self, priority: Literal["contact", "lead"], modules: Modules) -> None:
        if priority + "s" in modules:
            rules = replace(self.town.policy.salesforce, priority=priority, modules=modules)
            self.town.rule(replace(self.town.policy, salesforce=rules))

    @rule(system=st.sampled_from(SYSTEMS))
    def a_system_is_paused_or_resumed(self, system: str) -> None:
        """One that no run has seen yet has nothing that could stand."""
        if system in self.town.books.paused:
            self.town.resume(system)
        elif system in self.town.books.connected:
            self.town.pause(system)

    @rule(crm=st.sampled_from(CRMS))
    def a_crm_is_disconnected_or_connected(self, crm: str) -> None:
        """The other CRM and Aloware stay: without them there is nothing to run."""
        if crm not in self.town.books.connected:
            self.town.connect(crm)
        elif set(CRMS) <= self.town.books.connected:
            self.town.disconnect(crm)

    @rule()
    def the_aloware_export_is_made(self) -> None:
        """From now on the list shows what is now, until the town comes to rest."""
        self.town.systems[ALOWARE].freeze()

    # --- trouble ---

    @rule(system=st.sampled_from(SYSTEMS), times=st.integers(1, 4))
    def writes_will_fail(self, system: str, times: int) -> None:
        self.town.systems[system].fail(times)

    @rule(who=somebody)
    def writes_will_be_refused(self, who: int) -> None:
        if ref := self._who(who):
            note(f"   {ref} will refuse")
            self.town.refuse(ref)

    # --- runs ---

    @rule()
    def a_run(self) -> None:
        self.town.run()

    @rule(after=st.integers(3, 24))
    def a_run_is_killed(self, after: int) -> None:
        self.town.run_killed(after)

    @rule()
    def a_plan_is_made(self) -> None:
        """Nobody applies it yet."""
        self.drawer.append(self.town.draft())

    @rule()
    def an_old_plan_is_applied(self) -> None:
        if self.drawer:
            self.town.carry_out(self.drawer.pop())

    @rule()
    def everything_is_listed_backwards(self) -> None:
        """§10.8: the same world gives the same plan, whatever the order of rows."""
        one = self.town.draft(full=True)
        for system in self.town.systems.values():
            system.list_backwards()
        assert self.town.draft(full=True).checksum == one.checksum

    @rule(objects=st.sampled_from((("Contact",), ("Lead",), ("Contact", "Lead"))))
    def a_one_time_pull(self, objects: tuple[str, ...]) -> None:
        """Design §8: it writes no CRM."""
        enabled = tuple(name for name in objects if name in self.town.policy.salesforce.objects)
        if enabled and self.town.books.may_pull:
            self.town.one_time_pull(enabled)
            assert all(write.change.system == ALOWARE for write in self.town.writes)

    @rule()
    def the_town_comes_to_rest(self) -> None:
        self.come_to_rest()

    def come_to_rest(self) -> None:
        """§10.1: once nothing fails and nobody edits, the next plan has no changes."""
        self.town.calm()
        for _ in range(REST):
            plan = self.town.draft()
            assert plan.verdict.outcome == "pass", plan.verdict
            self.town.carry_out(plan)
            what_was_predicted_was_written(self.town, plan)
            if plan.changes.empty:
                break
        assert plan.changes.empty, f"after {REST} runs there is still something to do:\n{plan.cells.to_string()}"
        self.town.remember_the_retired()
        rest = Rest(self.town, plan, self.town.session.state())
        for promise in AT_REST:
            promise(rest)
        if self.rest is not None:
            an_edit_reaches_every_side(self.rest, rest, self.town.period)
        self.rest, self.town.period = rest, Period()

    # --- who is meant ---

    def _who(self, n: int, *where: str) -> str | None:
        living = self.town.living(*where)
        return living[n % len(living)] if living else None

    def _enter(self, place: str, number: str, address: str, name: str) -> None:
        spelt = _spelt(number, place)
        ref = self.town.enter(place, phone=spelt, email=address, first_name=name, last_name="Lee")
        note(f"   {ref} is entered: {spelt!r} {address!r} {name!r}")

    def _type(self, who: int, **fields: str) -> None:
        if ref := self._who(who):
            self._write(ref, **fields)

    def _write(self, ref: str, **fields: str) -> None:
        if self.town.type_into(ref, **fields):
            note(f"   {ref}: {fields}")

    def _rotate(self, refs: list[str | None]) -> None:
        """Each gets the next one's number; in Aloware, where a number can't be held twice, contacts can't swap."""
        if None in refs or len(set(refs)) < len(refs) or any(ref.startswith(ALOWARE) for ref in refs if ref):
            return
        held = [self.town.value(ref, "phone") or "" for ref in refs if ref]
        for ref, number in zip(refs, [*held[1:], held[0]], strict=True):
            self.town.type_into(str(ref), phone=number)
        note(f"   {refs} rotate {held}")


def _guard(town: Town, write: Write) -> None:
    for promise in EVERY_WRITE:
        promise(town, write)


def _spelt(number: str, where: str | None) -> str:
    """Aloware holds numbers in E.164 only."""
    digits = "".join(c for c in number if c.isdigit())
    return f"+1{digits[-10:]}" if digits and (where or "").startswith(ALOWARE) else number
