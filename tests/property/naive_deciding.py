"""What every value becomes and who is told, a second time: one person, one field, one record at a time (design §4, 5).

A single cell's decision is the reference's (`reference.decide`); who speaks, who may be written, what is written and
what is created are told here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tasks.core.model import ALOWARE, CRMS, HUBSPOT, SALESFORCE, SYSTEMS
from tasks.core.policy import Field, Policy
from tests.property import reference
from tests.property.naive_identity import Who
from tests.property.naive_world import DEAD, OUTSIDE, RETIRED, SHADOW, SPEAKS, Ledger, Row
from tests.property.simulation import OPTIONS, REQUIRED, STATUSES

Cell = dict[str, Any]
Target = tuple[str, str]  # ("record", its reference), or (a system, the person who gets a record there)


@dataclass
class Said:
    """What a run would do: golden by (person, field), and per target the values to write, by field."""

    golden: dict[tuple[str, str], str | None] = field(default_factory=dict)
    writes: dict[tuple[Target, str], str] = field(default_factory=dict)  # canonical
    refused: set[tuple[Target, str]] = field(default_factory=set)
    cells: int = 0


class Desk:
    """One run of the rules over people whose identity is known."""

    def __init__(self, rows: Mapping[str, Row], ledger: Ledger, who: Who, policy: Policy) -> None:
        self.rows, self.ledger, self.who, self.policy = rows, ledger, who, policy
        self.said = Said()
        self.voices: dict[tuple[str, str], Row] = {
            (who.person[ref], rows[ref].system): rows[ref] for ref, role in who.role.items() if role == SPEAKS
        }
        self.decided: dict[tuple[str, str], Cell] = {}

    def work(self) -> Said:
        for person in self.who.keys:
            for name in self.policy.fields:
                self.decide(person, name)
        for person in self.who.keys:
            self.create(person)
        self.drop_repeated_numbers()
        self.hold_claimed_addresses()
        self.refuse_what_cannot_land()
        return self.said

    # --- one cell ---

    def decide(self, person: str, name: str) -> None:
        cell = self._cell(person, name)
        tolerance = timedelta(seconds=self.policy.recency.tolerance_seconds)
        row = reference.decide(cell, self.policy.fields[name], self.policy.aloware.drift, tolerance)
        self.decided[person, name] = row
        self.said.golden[person, name] = row["golden"]
        self.said.cells += len(SYSTEMS)
        for system in SYSTEMS:
            if row[f"{system}_write"]:
                self.said.writes[("record", self.voices[person, system].ref), name] = row["golden"]

    def _cell(self, person: str, name: str) -> Cell:
        golden, standing = self.ledger.golden.get((person, name), (None, None))
        if standing in SYSTEMS and self._gave_way(person, standing):
            standing = ""
        cell: Cell = {"golden": golden, "golden_from": standing, "inherited": False}
        for system in SYSTEMS:
            cell |= self._side(person, name, system)
        if self.policy.fields[name].type == "consent":
            absorbed = [other for other in self.who.absorbed if self.who.survivor(other) == person]
            cell["inherited"] = any(self.ledger.golden.get((other, name), ("",))[0] == "true" for other in absorbed)
        elif golden is None and name in self.policy.phone_fields(ALOWARE, "contacts"):
            # A number that only a shadow says, or another field, is the person's all the same.
            cell["golden"] = None if any(cell[system] for system in SYSTEMS) else self.who.keys.get(person)
        return cell | {"golden_from": self._stands_with(cell, self.policy.fields[name])}

    def _stands_with(self, cell: Cell, field: Field) -> str | None:
        """Under `priority`, the highest side that gave golden or, since, took it over."""
        standing = cell["golden_from"]
        if field.rule != "priority" or standing not in SYSTEMS:
            return standing
        order = list(dict.fromkeys([*field.order, *SYSTEMS]))
        for system in order[: order.index(standing)]:
            if cell[f"{system}_speaks"] and cell[system] == cell[f"{system}_base"] == cell["golden"]:
                return system
        return standing

    def _gave_way(self, person: str, system: str) -> bool:
        """The record that spoke until now lives and doesn't any more: another has priority, or its module is off."""
        spoke = [
            ref
            for ref, link in self.ledger.links.items()
            if link.person == person and link.role == SPEAKS and ref.startswith(f"{system}:")
        ]
        off = (person, system) in self.voices and any(self._is_off(ref, system) for ref in spoke)
        return off or any(self.who.role.get(ref) == SHADOW for ref in spoke)

    def _is_off(self, ref: str, system: str) -> bool:
        return ref.startswith(f"{system}:") and ref.split(":")[1] not in self.policy.objects(system)

    def _side(self, person: str, name: str, system: str) -> Cell:
        row = self.voices.get((person, system))
        value = self.who.value(row, name) if row else None
        if row is None or value is None:
            empty = {"": None, "_base": None, "_speaks": False, "_writable": False, "_paused": False, "_settled": None}
            return {system + part: none for part, none in empty.items()}
        source, foreign = self.who.base_of[row.ref], row.ref in self.who.foreign
        base = None if self._was_shadow(source) else self.ledger.bases.get((source or "", name))
        base = value if foreign else base
        speaks, gained = self._speaks(person, name, system)
        may = self._may_write(row, name)
        return {
            system: value,
            f"{system}_base": None if gained else base,
            f"{system}_speaks": speaks and not gained and not foreign,
            f"{system}_writable": may and system not in self.ledger.paused,
            f"{system}_paused": may and system in self.ledger.paused,
            f"{system}_settled": "" if foreign else self._accepted(row.ref, source, name, value),
        }

    def _was_shadow(self, ref: str | None) -> bool:
        """Who spoke long ago and speaks again joins."""
        return ref in self.ledger.links and self.ledger.links[str(ref)].role == SHADOW

    def _accepted(self, ref: str, source: str | None, name: str, value: str) -> str | None:
        """The golden for which that value is settled; a record new to us takes over what was settled of another."""
        known = self.ledger.settled.get((ref, name)) or self.ledger.settled.get((source or "", name))
        if known is None or known[1] != value or known[2] in ("not writable", "cannot be cleared"):
            return None
        return known[0]

    # --- who may speak, and where may be written ---

    def _speaks(self, person: str, name: str, system: str) -> tuple[bool, bool]:
        """Whether a side has authority, and whether it gained it just now."""
        if system != ALOWARE or self.policy.fields[name].type == "consent":
            return True, False
        if not self._held_by_a_crm(person, name):
            return True, False
        crms = [crm for crm in CRMS if (row := self.voices.get((person, crm))) and name in row.values]
        now = any(self._open(name, crm) for crm in crms)
        before = any(self._open(name, crm) and self.policy.scope(name, crm) not in self.ledger.rebasing for crm in crms)
        return now, now and not before

    def _held_by_a_crm(self, person: str, name: str) -> bool:
        """Whether any record of the person in a CRM, connected or not, has this field."""
        links = self.ledger.links | self.who.links
        living = [ref for ref, link in links.items() if link.person == person and link.role != DEAD]
        mine = living + [ref for ref, owner in self.who.person.items() if owner == person]
        homes = {tuple(ref.split(":")[:2]) for ref in mine if ref.partition(":")[0] in CRMS}
        return any(name in self.policy.mapped(*home) for home in homes)

    def _open(self, name: str, crm: str) -> bool:
        two_way = self.ledger.directions.get(self.policy.scope(name, crm)) == "two-way"
        return two_way and crm in self.ledger.connected and self.policy.fields[name].direction != "inbound"

    def _may_write(self, row: Row, name: str) -> bool:
        """Its scope is open and its property can be changed: an Aloware contact's number can't."""
        prop = self.policy.mapped(row.system, row.object)[name]
        if row.system == ALOWARE:
            return ALOWARE in self.ledger.connected and prop != "phone_number"
        return self._open(name, row.system)

    # --- creates ---

    def create(self, person: str) -> None:
        for system in SYSTEMS:
            if self._is_owed_a_record(person, system):
                values = self._first_values(person, system)
                self.said.writes |= {((system, person), name): value for name, value in values.items()}

    def _is_owed_a_record(self, person: str, system: str) -> bool:
        if system in self.ledger.paused or system not in self.ledger.connected or (person, system) in self.voices:
            return False
        links = [(ref, link) for ref, link in self.who.links.items() if link.person == person]
        if any(ref.startswith(f"{system}:") and link.role in (DEAD, OUTSIDE) for ref, link in links):
            return False
        if system == ALOWARE:
            carried = {self.rows[ref].key for ref in self.who.role if self.rows[ref].system == ALOWARE}
            return self.who.keys[person] not in carried and any((person, crm) in self.voices for crm in CRMS)
        if self.ledger.directions.get(f"{system}.create") != "two-way":
            return False
        ever = person in self.ledger.once_in_crm or any(ref.partition(":")[0] in CRMS for ref, _ in links)
        born_in_aloware = not ever and (person, ALOWARE) in self.voices
        return born_in_aloware or any((person, crm) in self.voices for crm in self.policy.people.create_from)

    def _first_values(self, person: str, system: str) -> dict[str, str]:
        object_name = self.policy.objects(system)[0]
        phones = self.policy.phone_fields(system, object_name)
        values = {}
        for name, prop in self.policy.mapped(system, object_name).items():
            decided = self.decided[person, name]
            value = "" if decided["waits"] else decided["golden"] or ""
            if name in phones:
                value = self.who.keys[person] if name == phones[0] else value if value != self.who.keys[person] else ""
            if self.policy.fields[name].type == "consent" and value != "true":
                value = ""
            invented = self.policy.salesforce.synthetic.get(name) if (object_name, prop) in REQUIRED else None
            if value or invented:
                values[name] = value or str(invented)
        return values

    # --- what isn't written after all ---

    def drop_repeated_numbers(self) -> None:
        """§3.1: a number in one phone field of a record isn't written into another; of two, the first gets it."""
        for ref in {target[1] for target, _ in self.said.writes if target[0] == "record"}:
            row, target = self.rows[ref], ("record", ref)
            phones = self.policy.phone_fields(row.system, row.object)
            while True:
                after = {name: self.said.writes.get((target, name), self.who.value(row, name)) for name in phones}
                repeated = [
                    name
                    for n, name in enumerate(phones)
                    if (target, name) in self.said.writes
                    and any(
                        after[other] == after[name] and (other in phones[:n] or (target, other) not in self.said.writes)
                        for other in phones
                        if other != name
                    )
                ]
                if not repeated:
                    break
                for name in repeated:
                    del self.said.writes[target, name]

    def hold_claimed_addresses(self) -> None:
        """§3.8: no create or e-mail update spreads an address that another person holds."""
        for name in [name for name, f in self.policy.fields.items() if f.type == "email"]:
            while claims := [t for t, n in self.said.writes if n == name and self._claimed_by_another(t, name)]:
                for target in claims:
                    self._hold(target, name)

    def _hold(self, target: Target, name: str) -> None:
        for other in [n for t, n in self.said.writes if t == target]:
            if other == name or target[0] != "record":
                del self.said.writes[target, other]

    def _claimed_by_another(self, target: Target, name: str) -> bool:
        address = self.said.writes[target, name]
        me = self.who.person[target[1]] if target[0] == "record" else target[1]
        system = self.rows[target[1]].system if target[0] == "record" else target[0]
        if any(
            golden == address for (p, n), golden in self.said.golden.items() if n == name and self._alive(p) and p != me
        ):
            return True
        for ref in self.who.role:
            row, person = self.rows[ref], self.who.person[ref]
            released = (("record", ref), name) in self.said.writes and not (system == HUBSPOT == row.system)
            if person != me and self.who.value(row, name) == address and not released:
                return True
        others = [row for row in self.rows.values() if row.system == HUBSPOT and row.ref != target[1]]
        return system == HUBSPOT and any(self.who.value(row, name) == address for row in others)

    def _alive(self, person: str) -> bool:
        """Some record of theirs isn't gone."""
        return any(link.person == person and link.role not in (DEAD, RETIRED) for link in self.who.links.values())

    def refuse_what_cannot_land(self) -> None:
        """A status that the target has no word for, a create without what its object requires."""
        for (target, name), value in list(self.said.writes.items()):
            system, object_name = self._place(target)
            if self.policy.fields[name].type == "status":
                known = STATUSES.values() if system == ALOWARE else OPTIONS
                if value and value not in known:
                    self.said.refused.add((target, name))
                    del self.said.writes[target, name]
        for target in {t for t, _ in self.said.writes if t[0] != "record"}:
            system, object_name = self._place(target)
            given = {self.policy.mapped(system, object_name)[n] for t, n in self.said.writes if t == target}
            required = {prop for o, prop in REQUIRED if o == object_name} if system == SALESFORCE else set()
            required &= set(self.policy.mapped(system, object_name).values())
            if required - given:
                for name in [n for t, n in self.said.writes if t == target]:
                    del self.said.writes[target, name]

    def _place(self, target: Target) -> tuple[str, str]:
        if target[0] == "record":
            return self.rows[target[1]].system, self.rows[target[1]].object
        return target[0], self.policy.objects(target[0])[0]


def decide(rows: Mapping[str, Row], ledger: Ledger, who: Who, policy: Policy) -> Said:
    """What a run would decide, write and create."""
    return Desk(rows, ledger, who, policy).work()
