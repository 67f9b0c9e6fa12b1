"""What must always hold (design, chapter 10), as the machine asks it: of every write, and of a town at rest."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from tasks.core.model import ALOWARE, Outcome
from tasks.core.plan import Plan
from tasks.core.state import REPRESENTATIVE, RETIRED, SHADOW, State
from tests.property.machine_fakes import STATUSES
from tests.property.machine_town import Period, Town, Write
from tests.property.naive_words import canonical

# --- of every write, at the moment when it happens ---


def an_inbound_scope_is_never_written(town: Town, write: Write) -> None:
    """§10.3, as of apply time, by the operator's own memory of what is open; paused and disconnected systems too."""
    change = write.change
    names = {prop: name for name, prop in town.policy.mapped(change.system, change.object).items()}
    scopes = {f"{change.system}.create"}
    if change.kind == "update":
        scopes = {town.policy.scope(names[prop], change.system) for prop in change.fields}
        narrowed = [prop for prop in change.fields if town.policy.fields[names[prop]].direction == "inbound"]
        assert not narrowed or change.system == ALOWARE, f"{change} writes a field that the policy narrows"
    assert all(town.books.may_write(scope) for scope in scopes), f"{change} is written, and {scopes} are not open"


def a_blank_never_erases(town: Town, write: Write) -> None:
    """§10.9: under `ignore` nothing is written blank."""
    names = {prop: name for name, prop in town.policy.mapped(write.change.system, write.change.object).items()}
    erased = [prop for prop, value in write.change.fields.items() if value == ""]
    assert all(town.policy.fields[names[prop]].blanks == "clear" for prop in erased), f"{write.change} erases"


def consent_is_never_undone(town: Town, write: Write) -> None:
    """§10.9: what Tandem writes about consent is that somebody refused it, never that they don't any more."""
    names = {prop: name for name, prop in town.policy.mapped(write.change.system, write.change.object).items()}
    said = [value for prop, value in write.change.fields.items() if town.policy.fields[names[prop]].type == "consent"]
    assert all(value == "true" for value in said), f"{write.change} takes a refusal back"


def only_representatives_are_written(town: Town, write: Write) -> None:
    """§3.5-7: shadows, tombstones, retired contacts and strangers are never written."""
    assert write.change.kind == "create" or write.role == REPRESENTATIVE, f"{write.change} is for a {write.role!r}"


def aloware_has_one_contact_for_a_number(town: Town, write: Write) -> None:
    """§10.4: what is created has no contact yet, what is updated is the very contact that was meant."""
    if write.change.system == ALOWARE:
        contacts = town.systems[ALOWARE].store.objects.get("contacts", {}).values()
        holders = [contact.id for contact in contacts if contact.values.get("phone_number") == write.change.phone]
        meant = [] if write.change.kind == "create" else [write.change.record_id]
        assert holders == meant, f"{write.change} reaches {holders}"


def nobody_rises_from_the_dead(town: Town, write: Write) -> None:
    """§3.11: a record that somebody deleted isn't created anew from the other sides."""
    if write.change.kind == "create":
        assert (write.person, write.change.system) not in town.buried, f"{write.change} revives {write.person}"


def nobody_is_born_twice(town: Town, write: Write) -> None:
    """§10.4: no re-run creates a second record of a person (Aloware contacts follow the number)."""
    if write.change.kind == "create":
        first = town.born.get((write.person, write.change.system), "")
        there = first != "" and town.record(first) is not None and town.serves(first, write.person)
        assert not there, f"{write.change} is a second {first} of {write.person}"


EVERY_WRITE = (
    an_inbound_scope_is_never_written,
    a_blank_never_erases,
    consent_is_never_undone,
    only_representatives_are_written,
    aloware_has_one_contact_for_a_number,
    nobody_rises_from_the_dead,
    nobody_is_born_twice,
)


def what_was_predicted_was_written(town: Town, plan: Plan) -> None:
    """§10.6: without faults and concurrent edits, predicted writes equal actual ones, and no more than them."""
    predicted = {
        (change, prop, after)
        for change, prop, after in plan.cells[["change", "property", "after"]].itertuples(index=False)
        if change not in plan.held
    }
    actual = {(w.change.id, prop, after) for w in town.writes for prop, after in w.change.fields.items()}
    assert actual == predicted, f"predicted only: {predicted - actual}, written only: {actual - predicted}"
    failed = [w for w in town.writes if w.receipt is None or w.receipt.outcome != Outcome.APPLIED]
    assert all(write.receipt and write.receipt.reason == "REFUSED" for write in failed), failed


# --- of a town at rest ---


@dataclass(frozen=True)
class Rest:
    """A town in which nothing is left to do: the ledger, and the plan that says so."""

    town: Town
    plan: Plan
    state: State

    @cached_property
    def role(self) -> dict[str, str]:
        return dict(self.state.links["role"])

    @cached_property
    def person(self) -> dict[str, str]:
        return dict(self.state.links["person"])

    @cached_property
    def voices(self) -> dict[str, dict[str, str]]:
        """Person → system → the record that speaks; of enabled objects of connected systems."""
        found: dict[str, dict[str, str]] = {}
        for ref, role in self.role.items():
            if role == REPRESENTATIVE and self.town.in_sight(ref):
                found.setdefault(self.person[ref], {})[ref.partition(":")[0]] = ref
        return found

    def records_of(self, person: str) -> set[str]:
        return {ref for ref, owner in self.person.items() if owner == person}

    @cached_property
    def settled(self) -> dict[tuple[str, str], tuple[str, str]]:
        """(ref, field) → the golden and the value for which a difference is accepted."""
        rows = self.state.settled[["ref", "field", "golden", "value"]].itertuples(index=False)
        return {(ref, name): (golden, value) for ref, name, golden, value in rows}

    def golden(self, person: str, name: str) -> str | None:
        known = self.state.golden
        value = known[name].get(person) if name in known else None
        return None if pd.isna(value) else str(value)

    def says(self, ref: str, name: str) -> str | None:
        """The canonical value; None where there is none to speak of."""
        raw = self.town.value(ref, name)
        return None if raw is None else canonical(raw, name, ref.partition(":")[0], self.town.policy, STATUSES)


def every_living_record_has_one_fate(rest: Rest) -> None:
    """§3: held to be somebody, set aside aloud, or retired; nothing is forgotten."""
    aside = {
        f"{s}:{o}:{r}" for s, o, r in rest.plan.quarantine[["system", "object", "record_id"]].itertuples(index=False)
    }
    for ref in rest.town.living():
        if rest.town.in_sight(ref) and rest.town.in_scope(ref) and rest.town.is_awake(ref):
            fate = rest.role.get(ref)
            assert fate in (REPRESENTATIVE, SHADOW, RETIRED) or ref in aside, f"{ref} is {fate}, and nobody says why"


def a_number_is_one_person_s(rest: Rest) -> None:
    """§3.1: no two people hold one key; nobody has two voices in a system."""
    speakers = rest.state.links[rest.state.links["role"] == REPRESENTATIVE]
    alive = speakers[[rest.town.in_sight(ref) for ref in speakers.index]]
    assert not alive.duplicated(["person", "system"]).any(), alive.to_string()
    keys = rest.state.people["key"].reindex(rest.state.links["person"].unique()).dropna()
    assert not keys.duplicated().any(), keys.to_string()


def aloware_has_no_number_twice(rest: Rest) -> None:
    """§10.4."""
    numbers = [rest.town.value(ref, "phone") for ref in rest.town.living("aloware")]
    assert len(numbers) == len(set(numbers)), numbers


def the_retired_stay_retired(rest: Rest) -> None:
    """§3.7: a contact that was left behind never becomes a person; it serves again only under its own number."""
    for ref in rest.town.retired:
        person = rest.person.get(ref, "")
        assert person != ref or ref in rest.town.founders, f"{ref} was retired and is a person now"
        if rest.role.get(ref) in (REPRESENTATIVE, SHADOW) and rest.town.record(ref):
            key = rest.state.people["key"].get(person)
            assert rest.says(ref, "phone") == key, f"retired {ref} speaks for {person}, whose number is {key}"


def every_difference_is_explained(rest: Rest) -> None:
    """§4, §10.1: what still differs is settled, held, refused, set aside, or may not be written."""
    for person, sides in sorted(rest.voices.items()):
        for name in rest.town.policy.fields:
            golden = rest.golden(person, name)
            for ref in sides.values():
                value = rest.says(ref, name)
                if value is not None and value != (golden or ""):
                    why = list(_explanations(rest, person, ref, name, value, golden))
                    assert why, f"{name} of {person}: {ref} says {value!r}, decided is {golden!r}, and nobody says why"


def an_edit_reaches_every_side(before: Rest, rest: Rest, period: Period) -> None:
    """§10.2: an observed edit with authority and no competing edit reaches every side that may be written.

    Asked where nothing else happened to the person, so that nobody can differ about who competes with whom.
    """
    for ref, name in sorted(period.typed):
        person = rest.person.get(ref, "")
        value = rest.says(ref, name)
        if value and value != before.golden(person, name) and _undisputed(before, rest, period, ref, name):
            for other in rest.voices[person].values():
                if rest.town.may_write(other, name) and rest.says(other, name) is not None:
                    said = rest.says(other, name)
                    assert said == value, f"{ref} was given the {name} {value!r}, and {other} says {said!r}"


def _undisputed(before: Rest, rest: Rest, period: Period, ref: str, name: str) -> bool:
    person, system = rest.person.get(ref, ""), ref.partition(":")[0]
    mine, mine_before = rest.records_of(person), before.records_of(person)
    if period.turned or mine != mine_before or mine & (period.shaken | rest.town.refused):
        return False
    if before.role.get(ref) != REPRESENTATIVE or rest.role.get(ref) != REPRESENTATIVE:
        return False
    if not (rest.town.in_sight(ref) and rest.town.is_awake(ref)):
        return False
    if {other for other, field_name in period.typed if field_name == name and other in mine} != {ref}:
        return False
    field = rest.town.policy.fields[name]
    if (
        field.blanks == "fill-only"
        or field.rule == "rank"
        or (field.type == "consent" and rest.says(ref, name) != "true")
    ):
        return False
    crms = [side for crm, side in rest.voices[person].items() if crm != ALOWARE]
    heard = any(rest.says(side, name) is not None and rest.town.is_open(side, name) for side in crms)
    return system != ALOWARE or heard or not crms


def _explanations(rest: Rest, person: str, ref: str, name: str, value: str, golden: str | None) -> Iterator[str]:
    system, _, record_id = ref.split(":", 2)
    if not rest.town.may_write(ref, name):
        yield "not open"
    if rest.settled.get((ref, name), ("-", "-")) in ((golden or "", value), ("", value)):
        yield "settled"
    if golden is not None and golden in [
        rest.says(ref, other) for other in rest.town.phone_fields(ref) if other != name
    ]:
        yield "already in another phone field"
    for row in rest.plan.collisions.to_dict("records"):
        held = json.loads(row["records"])
        if ref in held or any(golden == rest.says(other, name) != "" for other in held):
            yield row["kind"]
    refused = rest.plan.refused
    if ((refused["system"] == system) & (refused["record_id"] == record_id) & (refused["field"] == name)).any():
        yield "refused"
    conflicts = rest.plan.conflicts
    if ((conflicts["person"] == person) & (conflicts["field"] == name) & conflicts["winner"].isna()).any():
        yield "waits for a person's decision"
    asleep = [other for other in rest.voices[person].values() if not rest.town.is_awake(other)]
    if any(rest.town.is_open(other, name) for other in asleep):
        yield "waits for a paused system, which must be told too"
    field = rest.town.policy.fields[name]
    if field.blanks == "fill-only" and value:
        yield "only blanks are filled"
    if field.type == "consent" and golden != "true":
        yield "Tandem never says that somebody withdrew a no"


AT_REST = (
    every_living_record_has_one_fate,
    a_number_is_one_person_s,
    aloware_has_no_number_twice,
    the_retired_stay_retired,
    every_difference_is_explained,
)
