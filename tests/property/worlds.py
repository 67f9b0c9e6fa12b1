"""Small worlds for properties: streets in which few numbers, addresses and names go round among many records.

Streets know nothing of each other, so that one run of the core tries many situations at once.
"""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tasks.core.matching import Matching
from tasks.core.model import ALOWARE, SCOPES
from tasks.core.plan import Plan
from tasks.core.policy import PLACES, Policy, parse
from tasks.core.state import State
from tests.property.simulation import Properties, Simulation, nothing_known, place_of, set_direction

FIELDS = ("first_name", "email", "phone", "mobile_phone", "lead_status")
STREETS = 30
NAMES = ("Ann", "Bob", "Cy", None)
STATUS = {"hubspot": ("NEW", "OPEN", None), "aloware": ("1", "3", None)}
TYPED = ("phone", "phone", "mobile_phone", "email", "first_name", "lead_status")
DEEDS = (*TYPED, "delete", "convert", "convert into", "merge", "merge into new", "swap", "swap", "blank", "restore")


def shipped_policy(*fields: str, create_from: Sequence[str] = ()) -> Policy:
    """The default policy, with those of its fields."""
    default = Path(__file__).parents[2] / "flows" / "policy" / "default.toml"
    document = tomllib.loads(default.read_text(encoding="utf-8"))
    chosen = {name: document["fields"][name] for name in fields}
    salesforce = document["salesforce"]
    invented = {name: value for name, value in salesforce["synthetic"].items() if name in chosen}
    document["salesforce"] = salesforce | {"synthetic": invented}
    return parse(document | {"fields": chosen, "people": {"create_from": list(create_from)}})


POLICY = shipped_policy(*FIELDS)


@dataclass(frozen=True)
class Stage:
    """One run of a story: what there was, what the run made of it, and what a run right after it would do."""

    known: State
    records: dict[str, Properties]
    matching: Matching
    plan: Plan
    whole: Plan  # the same, had the run looked at everybody
    left_out: int  # people at whom it didn't look
    learned: State
    next: Plan

    def numbers_in_aloware(self) -> set[str | None]:
        return {row["phone_number"] for ref, row in self.records.items() if ref.startswith(ALOWARE)}

    def people_of_released_addresses(self) -> set[str]:
        """Those who have an e-mail address that this run's own writes took from another record."""
        released = self.plan.cells.query("field == 'email'")["before"].str.lower()
        records = self.matching.records
        return set(records.loc[records["email"].isin(released), "person"])


def story(seed: int) -> Iterator[Stage]:
    """Three runs in a world that people disturb in between; some directions open at the start, others later."""
    dice = Random(seed)
    at_first = dice.sample(SCOPES, dice.randint(0, len(SCOPES)))
    world = grown(dice, *at_first)
    for opened in ((), (), dice.sample(SCOPES, 2)):
        world.state = set_direction(world.state, *(scope for scope in opened if scope not in at_first))
        known, records = world.state, {ref: dict(row) for ref, row in world.records.items()}
        left_out = len(known.people) - len(world.seen(None, everybody=False)[1].people)
        matching, whole, plan = world.match(), world.draft(everybody=True), world.run()
        yield Stage(known, records, matching, plan, whole, left_out, world.state, world.draft())
        disturb(world, dice)


def grown(dice: Random, *open_scopes: str) -> Simulation:
    """A world that no run has seen yet."""
    world = Simulation(POLICY, nothing_known(POLICY, open_scopes))
    for street in range(STREETS):
        for house in range(dice.randint(3, 10)):
            place = dice.choice(list(PLACES))
            fields = {name: said(dice, street, place, name) for name in POLICY.mapped(*PLACES[place])}
            if all(vendor_allows(world, place, name, value) for name, value in fields.items()):
                world.add(place, f"{street:02}-{house}", dice.randint(0, 3), **fields)
    return world


def said(dice: Random, street: int, place: str, name: str) -> str | None:
    """Something that a person might type there."""
    if name in ("phone", "mobile_phone"):
        last = f"{2000 + 4 * street + dice.randrange(4)}"
        spellings = [f"+1415555{last}", f"(415) 555-{last}", f"001415555{last}", "ask Bob", None]
        return spellings[0] if place == "aloware" else dice.choice(spellings)
    if name == "email":
        return dice.choice([f"a{street}@example.com", f"B{street}@Example.com", f"b{street}@example.com", None, None])
    return dice.choice(STATUS[place] if name == "lead_status" else NAMES)


def vendor_allows(world: Simulation, place: str, name: str, value: str | None) -> bool:
    """What vendors see to themselves: one Aloware contact for a number, one HubSpot contact for an address."""
    unique = (place, name) in (("aloware", "phone"), ("hubspot", "email"))
    others = (
        {(world.value(ref, name) or "").lower() for ref in world.records if place_of(ref) == place} if unique else ()
    )
    return value is None or value.lower() not in others


def disturb(world: Simulation, dice: Random) -> None:
    """What people do between two runs: about one deed in each street."""
    for ref in sorted(world.records):
        if ref in world.records and world.records[ref]["converted_to"] is None and dice.random() < 0.2:
            _do(world, dice, dice.choice(DEEDS), ref)


def _do(world: Simulation, dice: Random, deed: str, ref: str) -> None:
    place = place_of(ref)
    siblings, contacts = neighbours(world, ref, place), neighbours(world, ref, "contact")
    if deed == "delete":
        world.delete(ref)
    elif deed == "restore" and (lost := sorted(world.bin)):
        restore(world, dice.choice(lost))
    elif deed == "merge" and siblings and place != "aloware":
        world.delete(ref, merged_into=dice.choice(siblings))
    elif deed == "merge into new" and siblings and place == "hubspot":
        other = dice.choice(siblings)
        heir = like(world, ref, place)
        world.delete(ref, merged_into=heir)
        world.delete(other, merged_into=heir)
    elif deed == "convert" and place == "lead":
        world.convert(ref, like(world, ref, "contact"))
    elif deed == "convert into" and place == "lead" and contacts:
        world.convert(ref, dice.choice(contacts))
    elif deed == "swap" and siblings:
        swap(world, ref, dice.choice(siblings))
    elif deed == "blank":
        world.edit(ref, first_name=None)
    elif deed in POLICY.mapped(*PLACES[place]):
        value = said(dice, street(ref), place, deed)
        if vendor_allows(world, place, deed, value):
            world.edit(ref, **{deed: value})


def street(ref: str) -> int:
    """Where a record lives; what runs create lives in the first."""
    house = ref.split(":")[2]
    return int(house[:2]) if house[:2].isdigit() else 0


def neighbours(world: Simulation, ref: str, place: str) -> list[str]:
    """Other records of that place in the same street."""
    return [
        other
        for other in sorted(world.records)
        if other != ref
        and place_of(other) == place
        and street(other) == street(ref)
        and world.records[other]["converted_to"] is None
    ]


def like(world: Simulation, ref: str, place: str) -> str:
    """A new record that says what another one says."""
    shared = set(POLICY.mapped(*PLACES[place])) & set(POLICY.mapped(*PLACES[place_of(ref)]))
    values = {name: world.value(ref, name) for name in sorted(shared)}
    return world.add(place, f"{street(ref):02}-{len(world.records)}-{len(world.gone)}", **values)


def swap(world: Simulation, ref: str, other: str) -> None:
    """Two records exchange their numbers."""
    one, two = world.value(ref, "phone"), world.value(other, "phone")
    world.edit(ref, phone=two)
    world.edit(other, phone=one)


def restore(world: Simulation, ref: str) -> None:
    """A deleted or merged record comes back, where its vendor has room for it."""
    row, place = world.bin[ref], place_of(ref)
    properties = POLICY.mapped(*PLACES[place])
    if all(vendor_allows(world, place, name, row[prop]) for name, prop in properties.items()):
        world.restore(ref)
