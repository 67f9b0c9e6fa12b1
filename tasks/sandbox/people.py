"""Seeded people: the same small town for the same seed, with the mess that three real systems hold about it.

Every hundred people has one of each slot of the layout below, so that the mess comes in fixed proportions; which
names, numbers and words fill a slot is drawn from the seed. Person `i` is the same however many people there are.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from tasks.sandbox import aloware, hubspot, salesforce
from tasks.sandbox.aloware import dispositions
from tasks.sandbox.names import AGENTS, SHORT
from tasks.sandbox.town import Person, Town, agent_email
from tasks.sandbox.world import World

# Where a person of each slot is.
CONTACT = range(0, 74)
LEAD = range(62, 91)  # 62 to 73 are both
HUBSPOT = {*range(0, 30), *range(62, 66), *range(85, 91), *range(96, 100)}
ALOWARE = {*range(0, 56), *range(62, 81), *range(85, 98)}  # 91 to 95 are only there

# What is messy about some slots.
SHARES_EMAIL_WITH = {40: 41, 43: 44, 46: 47, 77: 48}  # in Salesforce
BAD_PHONE = {59: "", 60: "call reception", 82: "n/a", 99: "12345"}
NO_PHONE_IN_HUBSPOT = {4}  # found again by e-mail
NO_FIRST_NAME = {61, 79, 84}  # in Salesforce
NO_FIRST_NAME_IN_HUBSPOT = {7, 8}
SWAPPED_NAMES = {9, 10, 80}  # in HubSpot; of a Lead in Salesforce
SHORT_NAME_IN_ALOWARE = {*range(11, 17), 49, 50}
OTHER_COMPANY_IN_HUBSPOT = {17, 18, 19}
SHOUTED_EMAIL = {20, 21, 22, 83}  # in Salesforce
OLD_EMAIL_IN_HUBSPOT = {23, 24}
OLD_EMAIL_IN_ALOWARE = {25, 54}
NO_LEAD_STATUS = {6, 26, 98}
OTHER_DISPOSITION = {12, 27, 28, 29, 63, 86}
NO_DISPOSITION = {1, 14, 22, 88}
LITTLE_IN_ALOWARE = {30, 45, 70}  # a name and a number, no more
DO_NOT_CALL_IN_ALOWARE, DO_NOT_CALL_IN_SALESFORCE, OPTED_OUT = {51}, {52}, {53}

# The native dispositions that have the name of a Lead Status of HubSpot.
DISPOSITIONS = {
    "NEW": "New", "OPEN": "Open", "IN_PROGRESS": "In progress", "OPEN_DEAL": "Open Deal",
    "UNQUALIFIED": "Unqualified", "CONNECTED": "Connected", "BAD_TIMING": "Bad timing",
}  # fmt: skip
SETTLED_DAYS = 3  # nothing seeded was touched since


@dataclass(frozen=True)
class Record:
    """One row to be: the vendor's field names, save that links name what they point to (an agent, a company)."""

    system: str
    object: str
    values: dict[str, Any]
    age: timedelta


def people(count: int, seed: int) -> Iterator[Record]:
    """The records of the first `count` people of that seed's town."""
    town = Town(seed)
    for index in range(count):
        rng = Random(f"{seed}/{index}")
        person = town.person(index, rng)
        yield from _records(town, person, rng)


def populate(world: World, people_count: int, seed: int) -> None:
    """Fill a new world: agents and users with the same e-mails everywhere, companies, people. Tells no webhook."""
    settler = _Settler(world)
    for record in people(people_count, seed):
        settler.settle(record)


def _records(town: Town, person: Person, rng: Random) -> Iterator[Record]:
    slot = person.slot
    if slot in CONTACT:
        yield _record("salesforce", "Contact", _contact(town, person, rng), rng)
    if slot in LEAD:
        yield _record("salesforce", "Lead", _lead(town, person, rng), rng)
    if slot in HUBSPOT:
        yield _record("hubspot", "contact", _hubspot_contact(person, rng), rng)
    if slot in ALOWARE:
        yield _record("aloware", "contact", _aloware_contact(person, rng), rng)


def _record(system: str, name: str, values: dict[str, Any], rng: Random) -> Record:
    age = timedelta(days=SETTLED_DAYS + rng.randrange(700), seconds=rng.randrange(86_400))
    return Record(system, name, {field: value for field, value in values.items() if value not in ("", None)}, age)


def _salesforce_person(town: Town, person: Person, rng: Random) -> dict[str, Any]:
    """What a Contact and a Lead have in common."""
    slot = person.slot
    email = person.email
    if slot in SHARES_EMAIL_WITH:
        email = town.email(town.neighbour(person.index, SHARES_EMAIL_WITH[slot]))
    if slot in SHOUTED_EMAIL:
        email = email.title()
    return {
        "FirstName": "" if slot in NO_FIRST_NAME else person.first,
        "LastName": person.last,
        "Email": email,
        "Phone": _typed(person, rng),
        "MobilePhone": town.second_number(person.index) if slot % 10 == 3 else "",
        "Title": rng.choice(("Owner", "Office Manager", "Director of Operations", "Buyer", "")),
        "LeadSource": rng.choice(("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")),
        "DoNotCall": slot in DO_NOT_CALL_IN_SALESFORCE or None,
        "HasOptedOutOfEmail": slot in OPTED_OUT or None,
        "OwnerId": person.agent,
    }


def _contact(town: Town, person: Person, rng: Random) -> dict[str, Any]:
    return {
        **_salesforce_person(town, person, rng),
        "AccountId": person.company,
        "MailingCity": person.city,
        "MailingState": person.state,
        "MailingPostalCode": person.postcode,
        "MailingCountry": person.country,
    }


def _lead(town: Town, person: Person, rng: Random) -> dict[str, Any]:
    values = _salesforce_person(town, person, rng)
    if person.slot in SWAPPED_NAMES:
        values.update(FirstName=person.last, LastName=person.first)
    return {
        **values,
        "Company": person.company,
        "Status": rng.choice(("Open - Not Contacted", "Working - Contacted", "Closed - Not Converted")),
        "City": person.city,
        "State": person.state,
        "PostalCode": person.postcode,
        "Country": person.country,
    }


def _hubspot_contact(person: Person, rng: Random) -> dict[str, Any]:
    slot = person.slot
    first, last = (person.last, person.first) if slot in SWAPPED_NAMES else (person.first, person.last)
    return {
        "firstname": "" if slot in NO_FIRST_NAME_IN_HUBSPOT else first + " " * (slot == 18),
        "lastname": last,
        "email": _old_email(person) if slot in OLD_EMAIL_IN_HUBSPOT else person.email,
        "phone": "" if slot in NO_PHONE_IN_HUBSPOT else _typed(person, rng),
        "company": f"{person.company}, Inc." if slot in OTHER_COMPANY_IN_HUBSPOT else person.company,
        "hs_lead_status": "" if slot in NO_LEAD_STATUS else person.status,
        "lifecyclestage": rng.choice(("lead", "salesqualifiedlead", "customer")),
        "city": person.city,
        "state": person.state,
        "zip": person.postcode,
        "country": person.country,
        "hubspot_owner_id": person.agent,
    }


def _aloware_contact(person: Person, rng: Random) -> dict[str, Any]:
    slot = person.slot
    short = SHORT.get(person.first, person.first[0])
    named = {
        "phone_number": person.phone,
        "first_name": short if slot in SHORT_NAME_IN_ALOWARE else person.first,
        "last_name": person.last,
    }
    if slot in LITTLE_IN_ALOWARE:
        return named
    others = [status for status in DISPOSITIONS if status != person.status]
    return {
        **named,
        "email": _old_email(person) if slot in OLD_EMAIL_IN_ALOWARE else person.email,
        "company_name": person.company,
        "disposition_status_id": _disposition(person, rng.choice(others)),
        "timezone": person.timezone,
        "city": person.city,
        "state": person.state,
        "zipcode": person.postcode,
        "country": person.country,
        "is_dnc": slot in DO_NOT_CALL_IN_ALOWARE,
        "user_id": person.agent,
    }


def _disposition(person: Person, other: str) -> str:
    """The native disposition of the person's status: not everybody's, and for some another one."""
    if person.slot in NO_DISPOSITION or (person.slot not in HUBSPOT and person.slot % 2):
        return ""
    return DISPOSITIONS[other if person.slot in OTHER_DISPOSITION else person.status]


def _typed(person: Person, rng: Random) -> str:
    """The person's number as somebody typed it."""
    if person.slot in BAD_PHONE:
        return BAD_PHONE[person.slot]
    digits = person.phone.removeprefix("+")
    if digits.startswith("44"):
        area = 2 if digits[2] == "2" else 3
        town, rest = digits[2 : 2 + area], f"{digits[2 + area : -4]} {digits[-4:]}"
        return rng.choice((person.phone, f"+44 {town} {rest}", f"0044 {town} {rest}", f"+44 (0){town} {rest}"))
    area_code, exchange, line = digits[1:4], digits[4:7], digits[7:]
    return rng.choice((
        person.phone,
        f"({area_code}) {exchange}-{line}",
        f"{area_code}-{exchange}-{line}",
        f"{area_code}.{exchange}.{line}",
        f"+1 {area_code} {exchange} {line}",
        f"1-{area_code}-{exchange}-{line}",
        f"({area_code}) {exchange}-{line} x12",
        f"{area_code}{exchange}{line}",
    ))  # fmt: skip


def _old_email(person: Person) -> str:
    return f"{person.first[0]}{person.last}{person.index}@mail.example".lower()


class _Settler:
    """Puts records into a world, with the agents and companies that they point to."""

    def __init__(self, world: World) -> None:
        self._world, self._now = world, world.clock.now()
        self._agents = {agent_email(first, last): self._agent(first, last) for first, last in AGENTS}
        self._companies: dict[str, str] = {}
        self._dispositions = {row["name"]: row["id"] for row in dispositions.listing(world)}

    def settle(self, record: Record) -> None:
        values, at = dict(record.values), self._now - record.age
        if "AccountId" in values:
            values["AccountId"] = self._company(values["AccountId"])
        if "disposition_status_id" in values:
            values["disposition_status_id"] = self._dispositions[values["disposition_status_id"]]
        for position, link in enumerate(("OwnerId", "hubspot_owner_id", "user_id")):
            if link in values:
                values[link] = self._agents[values[link]][position]
        if record.system == "salesforce":
            salesforce.seed(self._world, record.object, values, at)
        else:
            (hubspot if record.system == "hubspot" else aloware).seed(self._world, values, at)

    def _agent(self, first: str, last: str) -> tuple[str, str, int]:
        """A user of all three systems: the ids that own a record there."""
        email, at = agent_email(first, last), self._now - timedelta(days=1000)
        user = {"Username": email, "FirstName": first, "LastName": last, "Email": email, "IsActive": True}
        return (
            salesforce.seed(self._world, "User", user, at),
            hubspot.seed_owner(self._world, email, first, last, at),
            aloware.seed_user(self._world, f"{first} {last}", email),
        )

    def _company(self, name: str) -> str:
        if name not in self._companies:
            at = self._now - timedelta(days=900)
            self._companies[name] = salesforce.seed(self._world, "Account", {"Name": name}, at)
        return self._companies[name]
