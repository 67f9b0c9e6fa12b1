"""Who is who, a second time: one record after the other, in plain Python, from the words of design §3 alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tasks.core.model import ALOWARE, SYSTEMS
from tasks.core.policy import Policy
from tests.property.naive_numbers import Numbers
from tests.property.naive_world import DEAD, OUTSIDE, RETIRED, SHADOW, SPEAKS, Ledger, Link, Row


@dataclass
class Who:
    """What is known after this run's look: who each record is, and whose number is which."""

    person: dict[str, str] = field(default_factory=dict)  # of records in sight that belong to somebody
    base_of: dict[str, str | None] = field(default_factory=dict)  # whose bases a record goes by; None: it joins
    role: dict[str, str] = field(default_factory=dict)  # of those of them that speak, or might
    foreign: set[str] = field(default_factory=set)  # Aloware contacts that changed hands
    absorbed: dict[str, str] = field(default_factory=dict)  # who turned out to be whom
    keys: dict[str, str] = field(default_factory=dict)
    held: set[tuple[str, str]] = field(default_factory=set)  # (ref, field): a number that its person may not have
    links: dict[str, Link] = field(default_factory=dict)  # the crosswalk as it will be
    lost: set[str] = field(default_factory=set)  # records that nobody can place
    collisions: set[tuple[str, frozenset[str]]] = field(default_factory=set)

    def survivor(self, person: str) -> str:
        while person in self.absorbed:
            person = self.absorbed[person]
        return person

    def value(self, row: Row, name: str) -> str | None:
        """What a record says to its person."""
        return None if (row.ref, name) in self.held else row.values.get(name)


class Registry:
    """One run of the rules; the methods stand in the order of design §3."""

    def __init__(self, rows: Mapping[str, Row], ledger: Ledger, gone: Mapping[str, str], policy: Policy) -> None:
        self.rows, self.ledger, self.policy = rows, ledger, policy
        self.who = Who()
        self.ended: dict[str, str] = {ref: heir for ref, heir in gone.items() if ref not in rows}
        self.ended |= {row.ref: row.heir for row in rows.values() if row.heir}
        self.present = {ref: row for ref, row in rows.items() if ref not in self.ended}
        self.inside = {ref for ref, row in self.present.items() if row.in_scope}
        self.retired: set[str] = set()
        self.told: set[tuple[str | None, str]] = set()  # numbers of which something was said, and what

    def settle(self) -> Who:
        self.keep_what_is_linked()
        self.follow_conversions_and_merges()
        self.move_keys()
        self.place_the_unlinked_by_number()
        self.hand_over_contacts()
        self.place_the_unlinked_by_address()
        self.give_roles()
        self.write_the_crosswalk()
        self.suspect()
        return self.who

    # §3.2, 11: a linked record keeps its person, also one that comes back from the dead.

    def keep_what_is_linked(self) -> None:
        for ref in self.present:
            if ref in self.ledger.links:
                self._belongs(ref, self.ledger.links[ref].person, ref)

    def _belongs(self, ref: str, person: str, base_of: str | None) -> None:
        self.who.person[ref], self.who.base_of[ref] = person, base_of

    # §3.3, 9: conversions and merges hand the link on; on somebody's record they make two persons one.

    def follow_conversions_and_merges(self) -> None:
        for ref in sorted(ref for ref in self.ended if ref in self.ledger.links):
            heir = self._heir(ref)
            if heir in self.ledger.links:
                self._become_one(self.ledger.links[ref].person, self.ledger.links[heir].person)
        newcomers = {self._heir(ref) for ref in self.ended if ref in self.ledger.links} & set(self.present)
        for heir in sorted(newcomers - set(self.ledger.links)):
            first, *others = sorted(self._forebears(heir), key=lambda ref: self._claim(ref, heir))
            person = self.ledger.links[first].person
            self._belongs(heir, person, first)
            for other in others:
                self._become_one(self.ledger.links[other].person, person)
        self._unite()

    def _heir(self, ref: str) -> str:
        """The record that a record went into, past those that were never known."""
        heir, seen = self.ended[ref], {ref}
        while heir in self.ended and heir not in self.ledger.links and heir not in seen:
            seen.add(heir)
            heir = self.ended[heir]
        return heir

    def _forebears(self, heir: str) -> list[str]:
        return [ref for ref in self.ended if ref in self.ledger.links and self._heir(ref) == heir]

    def _claim(self, ref: str, heir: str) -> tuple[bool, bool, str]:
        """First whoever holds the new record's number, then whoever spoke."""
        link = self.ledger.links[ref]
        return self.ledger.keys.get(link.person) != self.rows[heir].key, link.role != SPEAKS, ref

    def _become_one(self, absorbed: str, survivor: str) -> None:
        absorbed, survivor = self.who.survivor(absorbed), self.who.survivor(survivor)
        if absorbed != survivor:
            self.who.absorbed[absorbed] = survivor

    def _unite(self) -> None:
        """Records of the absorbed are their survivor's, and join."""
        for ref, person in list(self.who.person.items()):
            if person in self.who.absorbed:
                self._belongs(ref, self.who.survivor(person), None)

    # §3.7: keys move by edits, judged after all moves.

    def move_keys(self) -> None:
        theirs = {ref: person for ref, person in self.who.person.items() if ref in self.inside}
        outside = {ref: person for ref, person in self.who.person.items() if ref not in self.inside}
        numbers = Numbers(
            self.rows, self.ledger, self.policy, theirs, outside, self.ended, self.who.base_of, self.who.absorbed
        )
        numbers.move()
        for absorbed, survivor in numbers.unions:
            self._become_one(absorbed, survivor)
        self._unite()
        self.who.keys, self.who.held = numbers.after, numbers.held
        for claimants, number in numbers.disputes:
            holders = [person for person, key in self.who.keys.items() if key == number]
            theirs_too = {ref for ref, person in theirs.items() if person in holders}
            self._tell("number-taken", number, claimants | theirs_too)

    # §3.4: the unlinked join the holder of their number, or found a person.

    def place_the_unlinked_by_number(self) -> None:
        free = [ref for ref in self.inside if ref not in self.who.person and self.rows[ref].key]
        spare = self._spare_numbers(free) if self.policy.phones.shared_number == "next-number" else {}
        for ref in sorted(free, key=lambda ref: (SYSTEMS.index(self.rows[ref].system), ref)):
            number = spare.get(ref, str(self.rows[ref].key))
            holder = next((person for person, key in self.who.keys.items() if key == number), None)
            if holder is None:
                holder = ref
                self.who.keys[ref] = number
            self._belongs(ref, holder, ref)

    def _spare_numbers(self, free: list[str]) -> dict[str, str]:
        """§3.5, next-number: who isn't picked for a number goes by their next one that nobody has for a key."""
        taken = {*self.who.keys.values(), *(str(self.rows[ref].key) for ref in free)}
        seats = {
            (self._seat(ref), self.who.keys.get(person))
            for ref, person in self.who.person.items()
            if ref in self.inside
        }
        spare: dict[str, str] = {}
        for ref in sorted(free, key=lambda ref: (self._age(ref), self.rows[ref].ref.split(":")[2])):
            row = self.rows[ref]
            if (self._seat(ref), row.key) not in seats:
                seats.add((self._seat(ref), row.key))
                continue
            numbers = [row.values[name] for name in self.policy.phone_fields(row.system, row.object)]
            if (number := next((n for n in numbers if n and n not in taken), None)) is not None:
                spare[ref] = number
                taken.add(number)
        return spare

    def _seat(self, ref: str) -> tuple[str, str]:
        return self.rows[ref].system, self.rows[ref].object

    def _age(self, ref: str) -> float:
        """What the policy's pick sorts by."""
        return self.rows[ref].created * (1 if self.policy.phones.pick == "oldest" else -1)

    # §3.7: Aloware's contacts follow the number, or are left behind.

    def hand_over_contacts(self) -> None:
        contacts = [ref for ref in self.inside if self.rows[ref].system == ALOWARE and ref in self.who.person]
        carried = {self.rows[ref].key for ref in self.inside if self.rows[ref].system == ALOWARE}
        held = {ref for ref, _ in self.who.held}
        owners = {ref: self._owner(ref, held, carried) for ref in contacts}
        for ref, owner in owners.items():
            person = self.who.person[ref]
            if owner is None:
                if self._is_left_behind(ref, carried):
                    self.retired.add(ref)
            elif owner != person:
                self.who.person[ref] = owner
                self.who.foreign.add(ref)
                self.who.held -= {cell for cell in self.who.held if cell[0] == ref}

    def _owner(self, ref: str, held: set[str], carried: set[str | None]) -> str | None:
        """Whoever holds its number; who asked for it in vain keeps it while they have no other contact."""
        if ref in held and self.who.keys.get(self.who.person[ref]) not in carried:
            return self.who.person[ref]
        return next((person for person, key in self.who.keys.items() if key == self.rows[ref].key), None)

    def _is_left_behind(self, ref: str, carried: set[str | None]) -> bool:
        """Its person moved, became somebody else, or is served by another contact; else an agent renumbered it."""
        person = self.who.person[ref]
        was = self.ledger.links[ref].role if ref in self.ledger.links else ""
        moved = self.ledger.keys.get(person) != self.who.keys.get(person)
        return was == RETIRED or self.who.base_of[ref] is None or moved or self.who.keys.get(person) in carried

    # §3.8: an address leads to a person where one side has no phone and it is unique on both sides.

    def place_the_unlinked_by_address(self) -> None:
        numberless = [ref for ref in self.inside if ref not in self.who.person]
        led = {ref: self._led(ref, numberless) for ref in numberless}
        for ref, person in led.items():
            if person is None:
                self.who.lost.add(ref)
            else:
                self._belongs(ref, person, ref)

    def _led(self, ref: str, numberless: Iterable[str]) -> str | None:
        row, address = self.rows[ref], self.rows[ref].values.get("email")
        rivals = [
            r for r in numberless if self.rows[r].system == row.system and self.rows[r].values.get("email") == address
        ]
        known = self.inside & set(self.who.person) - self.retired - self.who.foreign
        holders = {self.who.person[r] for r in known if self.rows[r].values.get("email") == address}
        return holders.pop() if address and len(rivals) == 1 and len(holders) == 1 else None

    # §3.5, 6: one voice per person and system.

    def give_roles(self) -> None:
        groups: dict[tuple[str, str], list[str]] = {}
        for ref in sorted((self.inside & set(self.who.person)) - self.retired):
            groups.setdefault((self.who.person[ref], self.rows[ref].system), []).append(ref)
        for group in groups.values():
            chosen = min(group, key=self._precedence)
            self.who.role |= {ref: SPEAKS if ref == chosen else SHADOW for ref in group}
            if len(group) > 1:
                one_object = len({self.rows[ref].object for ref in group}) == 1
                kind = "shared-number" if one_object else "lead-and-contact"
                self._tell(kind, self.who.keys.get(self.who.person[chosen]), set(group))

    def _precedence(self, ref: str) -> tuple[int, bool, bool, bool, float, str]:
        """The object with priority; in Aloware the person's own number; who spoke; a number before an address; age."""
        row, person = self.rows[ref], self.who.person[ref]
        stray = row.system == ALOWARE and row.key != self.who.keys.get(person)
        source = self.who.base_of[ref]
        spoke = source in self.ledger.links and self.ledger.links[str(source)].role == SPEAKS
        rank = self.policy.objects(row.system).index(row.object)
        return rank, stray, not (spoke and ref not in self.who.foreign), row.key is None, self._age(ref), ref

    def write_the_crosswalk(self) -> None:
        links = {}
        for ref, link in self.ledger.links.items():
            role = DEAD if ref in self.ended and link.role != RETIRED else link.role
            links[ref] = Link(self.who.survivor(link.person), role)
        links |= {ref: Link(self.who.person[ref], role) for ref, role in self.who.role.items()}
        links |= {ref: Link(self.who.person[ref], RETIRED) for ref in self.retired}
        outside = set(self.present) - self.inside
        links |= {ref: Link(self.who.person[ref], OUTSIDE) for ref in outside & set(self.who.person)}
        self.who.links = links
        for absorbed in self.who.absorbed:
            both = {absorbed, self.who.survivor(absorbed)}
            records = {ref for ref, link in self.ledger.links.items() if link.person in both and link.role != DEAD}
            self._tell("became-one", self.ledger.keys.get(absorbed), records)

    def _tell(self, kind: str, number: str | None, refs: set[str]) -> None:
        self.who.collisions.add((kind, frozenset(refs)))
        self.told.add((number, kind))

    # §3.1: a match on another number than the key is a possible collision, where nothing else was said of that number.

    def suspect(self) -> None:
        told = {number for number, _ in self.told}
        carriers: dict[str, set[str]] = {}
        for ref in self.who.role:
            for name in self.policy.phone_fields(self.rows[ref].system, self.rows[ref].object):
                if number := self.rows[ref].values[name]:
                    carriers.setdefault(number, set()).add(ref)
        for number, refs in carriers.items():
            if number not in told and len({self.who.person[ref] for ref in refs}) > 1:
                self.who.collisions.add(("possible", frozenset(refs)))


def identify(rows: Mapping[str, Row], ledger: Ledger, gone: Mapping[str, str], policy: Policy) -> Who:
    """Who is who after this look at the systems."""
    return Registry(rows, ledger, gone, policy).settle()
