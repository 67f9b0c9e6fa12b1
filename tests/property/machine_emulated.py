"""The machine over HTTP: the same kind of histories in a sandbox, with the vendors' own ways of failing."""

import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from httpx import HTTPStatusError
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from flows.connections import set_direction
from flows.plan import plan
from flows.reconcile import reconcile
from tasks.core.errors import ConnectorError
from tasks.core.model import ALOWARE, CRMS, HUBSPOT, SALESFORCE, SCOPES, SYSTEMS
from tasks.core.policy import PLACES
from tests.flows.worlds import connected

NEIGHBOURS = 25  # people to whom nothing happens: in a smaller town everything is a breaker's business
NUMBERS = tuple(f"+1415200{n:04d}" for n in range(4))
NAMES = {
    SALESFORCE: ("FirstName", "LastName", "Phone"),
    HUBSPOT: ("firstname", "lastname", "phone"),
    ALOWARE: ("first_name", "last_name", "phone_number"),
}
REST = 3  # runs that may follow each other before the next plan must be empty

somebody = st.integers(0, 11)
numbers = st.sampled_from(NUMBERS)
names = st.sampled_from(("Ann", "Bob", "Zoë"))


@dataclass(frozen=True)
class Card:
    """A record that people work with."""

    system: str
    object: str
    id: str


class EmulatedMachine(RuleBasedStateMachine):
    """One history, in an office of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="office-")))
        self.office = self.stack.enter_context(connected(folder, people=NEIGHBOURS))
        self.person = self.office.person
        self.cards: list[Card] = []
        self.open: set[str] = set()

    def teardown(self) -> None:
        try:
            if sys.exception() is None:  # a deed that failed has said what there is to say
                self.come_to_rest()
        finally:
            self.stack.close()

    @initialize(people=st.lists(st.tuples(st.sampled_from(tuple(PLACES)), numbers, names), min_size=2, max_size=6))
    def people_are_entered(self, people: list[tuple[str, str, str]]) -> None:
        for place, number, name in people:
            self.somebody_is_entered(place, number, name)

    # --- people: what a vendor refuses them isn't done ---

    @rule(place=st.sampled_from(tuple(PLACES)), number=numbers, name=names)
    def somebody_is_entered(self, place: str, number: str, name: str) -> None:
        system, object_name = PLACES[place]
        values = dict(zip(NAMES[system], (name, "Lee", number), strict=True))
        try:
            if system == SALESFORCE:
                company = {"Company": "Acme"} if object_name == "Lead" else {}
                made = self.person.create_in_salesforce(object_name, **values, **company)
            elif system == HUBSPOT:
                made = self.person.create_in_hubspot(**values)
            else:
                made = str(self.person.create_in_aloware(**values)["id"])
        except HTTPStatusError:
            return
        self.cards.append(Card(system, object_name, made))
        note(f"   {self.cards[-1]} is entered: {number} {name}")

    @rule(who=somebody, name=names)
    def a_name_is_edited(self, who: int, name: str) -> None:
        self._type(who, 0, name)

    @rule(who=somebody, number=numbers)
    def a_number_is_edited(self, who: int, number: str) -> None:
        self._type(who, 2, number)

    @rule(who=somebody)
    def a_record_is_deleted(self, who: int) -> None:
        if card := self._card(who):
            note(f"   {card} is deleted")
            self.person.delete(card.system, card.object, card.id)
            self.cards.remove(card)

    @rule(who=somebody, other=somebody)
    def two_records_are_merged(self, who: int, other: int) -> None:
        one, two = self._card(who), self._card(other)
        if one and two and one != two and (one.system, one.object) == (two.system, two.object) and one.system in CRMS:
            note(f"   {two} is merged into {one}")
            self.cards.remove(two)
            if one.system == SALESFORCE:
                self.person.merge_in_salesforce(one.object, one.id, two.id)
            else:
                self.cards.remove(one)
                self.cards.append(Card(HUBSPOT, one.object, self.person.merge_in_hubspot(one.id, two.id)))

    @rule(who=somebody, other=somebody, into_somebody=st.booleans())
    def a_lead_is_converted(self, who: int, other: int, into_somebody: bool) -> None:
        lead, contact = self._card(who, "Lead"), self._card(other, "Contact")
        if lead and (contact or not into_somebody):
            made = self.person.convert(lead.id, contact.id if contact and into_somebody else None)
            note(f"   {lead} is converted into {made}")
            self.cards.remove(lead)
            if not into_somebody:
                self.cards.append(Card(SALESFORCE, "Contact", made))

    # --- operators, runs and trouble ---

    @rule(scope=st.sampled_from(SCOPES), direction=st.sampled_from(("inbound", "two-way")))
    def a_scope_is_set(self, scope: str, direction: str) -> None:
        set_direction(scope, direction)
        self.open = self.open | {scope} if direction == "two-way" else self.open - {scope}

    @rule()
    def the_export_is_made(self) -> None:
        self.person.freeze_exports(True)

    @rule(system=st.sampled_from(SYSTEMS), kind=st.sampled_from(("503", "429", "expire", "reset")))
    def something_breaks(self, system: str, kind: str) -> None:
        self.person.break_next(system, kind)

    @rule()
    def a_run(self) -> None:
        self._run()

    @rule()
    def a_plan_is_made(self) -> None:
        plan(initial=True)

    def _run(self) -> bool:
        """Whether that run had something to do."""
        self.person.forget_requests()
        try:
            report = reconcile(initial=True)
        except ConnectorError as error:
            note(f"   the run gives up: {error}")
            return True
        finally:
            self._closed_crms_are_never_written()
        return not report.plan.changes.empty

    def come_to_rest(self) -> None:
        """§10.1: once nothing fails and nobody edits, the next plan has no changes."""
        self.person.repair()
        self.person.freeze_exports(False)
        assert not all(self._run() for _ in range(REST)), f"after {REST} runs there is still something to do"
        self._aloware_has_no_number_twice()

    def _closed_crms_are_never_written(self) -> None:
        """§10.3."""
        for crm in CRMS:
            if not any(scope.startswith(crm) for scope in self.open):
                assert self.person.writes(crm) == []

    def _aloware_has_no_number_twice(self) -> None:
        """§10.4."""
        held = self.person.aloware_numbers()
        assert len(held) == len(set(held)), held

    # --- who is meant ---

    def _card(self, n: int, object_name: str = "") -> Card | None:
        cards = [card for card in self.cards if card.object == object_name or not object_name]
        return cards[n % len(cards)] if cards else None

    def _type(self, who: int, which: int, value: str) -> None:
        if card := self._card(who):
            try:
                self.person.edit(card.system, card.object, card.id, NAMES[card.system][which], value)
            except HTTPStatusError:
                return
            note(f"   {card}: {value}")
