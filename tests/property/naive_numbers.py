"""Whose number is which, a second time: who asks for another one, and who may have it (design §3.2 and 7)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from tasks.core.model import ALOWARE, CRMS, SYSTEMS
from tasks.core.policy import Policy
from tests.property import reference
from tests.property.naive_world import DEAD, OUTSIDE, RETIRED, SPEAKS, Ledger, Row


@dataclass(frozen=True)
class Ask:
    """A record in which somebody typed another number for its person."""

    ref: str
    system: str
    field: str
    number: str


class Numbers:
    """The moves of one run.

    `theirs` are the records in scope with their person, `outside` those out of scope, `base_of` whose bases they go by,
    `ended` the records that speak no more.
    """

    def __init__(
        self,
        rows: Mapping[str, Row],
        ledger: Ledger,
        policy: Policy,
        theirs: Mapping[str, str],
        outside: Mapping[str, str],
        ended: Collection[str],
        base_of: Mapping[str, str | None],
        absorbed: Mapping[str, str],
    ) -> None:
        self.rows, self.ledger, self.policy, self.theirs, self.base_of = rows, ledger, policy, theirs, base_of
        self.outside, self.ended, self.absorbed = outside, ended, dict(absorbed)
        self.before = {person: key for person, key in ledger.keys.items() if person not in absorbed}
        self.asks = {person: self._asked(person) for person in self.before}
        self.after: dict[str, str] = {}
        self.unions: list[tuple[str, str]] = []
        self.held: set[tuple[str, str]] = set()
        self.disputes: list[tuple[set[str], str]] = []  # records that ask in vain for a number

    def move(self) -> None:
        """Until nobody becomes one with anybody: who meets somebody after all moves stays, or is that very person."""
        wanted = {person: number for person in self.before if (number := self._decided(person)) is not None}
        while True:
            self.after, stuck = self._after(wanted)
            resting = {p: n for p, n in stuck.items() if n in [k for o, k in self.after.items() if o not in stuck]}
            more = self._unions(resting) or self._unions(stuck)
            if not more:
                break
            for person, other in more:
                self.unions.append((person, other))
                self.absorbed[person] = other
                del self.before[person]
                wanted.pop(person, None)
        self.held = {(ask.ref, ask.field) for person in stuck for ask in self.asks[person]}
        for number in sorted(set(stuck.values())):
            movers = [person for person, wish in stuck.items() if wish == number]
            claims = {ask.ref for person in movers for ask in self.asks[person] if ask.number == number}
            self.disputes.append((claims, number))

    # --- who asks ---

    def _asked(self, person: str) -> list[Ask]:
        """The asks of one person, the first system's first."""
        mine = [ref for ref, owner in self.theirs.items() if owner == person]
        asks = [ask for ref in mine if self._may_ask(ref, person, mine) and (ask := self._ask(ref, person)) is not None]
        return sorted(asks, key=lambda ask: (SYSTEMS.index(ask.system), ask.ref))

    def _may_ask(self, ref: str, person: str, mine: list[str]) -> bool:
        """A record that speaks, or comes back to where nobody does; an agent only where they have a say."""
        system, role = self.rows[ref].system, self._was(ref)
        seated = any(self.rows[other].system == system and self._was(other) == SPEAKS for other in mine)
        if role != SPEAKS and (role not in (OUTSIDE, DEAD) or seated):
            return False
        return system != ALOWARE or self._agents_may(person, mine)

    def _was(self, ref: str) -> str:
        source = self.base_of[ref]
        return self.ledger.links[source].role if source in self.ledger.links else ""

    def _agents_may(self, person: str, mine: list[str]) -> bool:
        """§4: a CRM that has them takes phone edits, or no CRM has them."""
        linked = {
            ref.partition(":")[0]
            for ref, link in self.ledger.links.items()
            if self._now(link.person) == person and link.role != DEAD
        }
        here = {self.rows[ref].system for ref in mine}
        two_way = [
            f for f in self.policy.fields.values() if f.type == "phone" and f.aloware and f.direction != "inbound"
        ]
        opened = [crm for crm in CRMS if self.ledger.was_two_way(f"{crm}.update")] if two_way else []
        return bool(here & set(opened)) or not (linked | here) & set(CRMS)

    def _now(self, person: str) -> str:
        while person in self.absorbed:
            person = self.absorbed[person]
        return person

    def _ask(self, ref: str, person: str) -> Ask | None:
        """Only the cell that the key came from asks; of a record that never had it, its first valid number."""
        row, key = self.rows[ref], self.ledger.keys[person]
        fields = self.policy.phone_fields(row.system, row.object)
        bases = {name: self.ledger.bases.get((self.base_of[ref] or "", name)) for name in fields}
        source = next((name for name in fields if bases[name] == key), None)
        for name in [source] if source else fields:
            value = row.values[name]
            if value and bases[name] is not None and value != bases[name] and (source or value == row.key):
                return Ask(ref, row.system, name, value) if value != key else None
        return None

    def _decided(self, person: str) -> str | None:
        """Of several numbers, the one that wins by the rule of the field."""
        asks = self.asks[person]
        if not asks:
            return None
        name, key = asks[0].field, self.ledger.keys[person]
        cell: dict[str, object] = {"golden": key, "golden_from": None, "inherited": False}
        for system in SYSTEMS:
            asked = next((ask.number for ask in asks if ask.system == system), None)
            cell |= {system: asked, f"{system}_base": key if asked else None, f"{system}_speaks": bool(asked)}
            cell |= {f"{system}_writable": False, f"{system}_paused": False, f"{system}_settled": None}
        tolerance = timedelta(seconds=self.policy.recency.tolerance_seconds)
        number = reference.decide(cell, self.policy.fields[name], "restore", tolerance)["golden"]
        return number if number in [ask.number for ask in asks] else None

    # --- who may ---

    def _after(self, wanted: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
        """Keys after the moves that pass, and the moves that don't."""
        going = dict(wanted)
        while True:
            after = self.before | going
            numbers = list(after.values())
            meet = [person for person, number in going.items() if numbers.count(number) > 1]
            if not meet:
                return after, {person: number for person, number in wanted.items() if person not in going}
            for person in meet:
                del going[person]

    def _unions(self, stuck: Mapping[str, str]) -> list[tuple[str, str]]:
        """Who becomes one with the holder of the first such number, or with the first who asked: no CRM knows both."""
        for number in sorted(set(stuck.values())):
            movers = sorted((p for p, wish in stuck.items() if wish == number), key=self._order)
            holders = [person for person, key in self.after.items() if key == number]
            head, *others = [*holders, *movers]
            known, joining = self._crms_of(head), []
            for other in others:
                if not known & self._crms_of(other):
                    joining.append((other, head))
                    known |= self._crms_of(other)
            if joining and (holders or len(joining) == len(others)):
                return joining
        return []

    def _order(self, person: str) -> tuple[int, str]:
        return SYSTEMS.index(self.asks[person][0].system), person

    def _crms_of(self, person: str) -> set[str]:
        """CRMs in which somebody is, in sight or not."""
        seen = {**self.theirs, **self.outside}
        here = {ref.partition(":")[0] for ref, owner in seen.items() if self._now(owner) == person}
        unseen = {
            ref.partition(":")[0]
            for ref, link in self.ledger.links.items()
            if self._now(link.person) == person and link.role not in (DEAD, RETIRED) and ref not in self.ended
        }
        return (here | unseen) & set(CRMS)
