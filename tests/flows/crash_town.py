"""Two offices in which the same people do the same things, so that what a crash does to one can be seen in the other.

Every round the people of the last one have something happen to them, and new people come: edits in every system, key
moves on either side, a conversion, a deletion, addresses that a system refuses, and people whom no CRM knows yet.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from tasks.core.model import SALESFORCE
from tasks.ledger import open_ledger
from tasks.settings import Settings
from tests.flows.worlds import Office, number

TABLES = {
    "salesforce:Contact": "salesforce.Contact",
    "salesforce:Lead": "salesforce.Lead",
    "hubspot:contacts": "hubspot.contacts",
    "aloware:contacts": "aloware.contact",
}
SHOWN = {
    "salesforce:Contact": ("FirstName", "LastName", "Email", "Phone", "MobilePhone", "IsDeleted"),
    "salesforce:Lead": ("FirstName", "LastName", "Email", "Phone", "Company", "IsDeleted", "IsConverted"),
    "hubspot:contacts": ("firstname", "lastname", "email", "phone", "company", "hs_lead_status", "lifecyclestage"),
    "aloware:contacts": ("phone_number", "first_name", "last_name", "email", "company_name"),
}
FLOOD = 12  # edits of one kind in one system: more than the gate lets pass


PARTS = ("in salesforce", "in hubspot", "in aloware", "moves", "moved by an agent", "converted", "deleted", "bad")
PARTS += ("born", "born nameless", "after", "after agent")

Cast = Mapping[str, str]  # what those who came in one round are there for → their number


def newcomers() -> Cast:
    """Numbers for those who come in this round."""
    return {part: number() for part in PARTS}


def arrive(office: Office, turn: int, cast: Cast) -> None:
    """The new people are entered on the vendors' screens."""
    person = office.person
    for part in ("in salesforce", "in hubspot", "in aloware", "moves", "moved by an agent", "deleted", "bad"):
        name = f"{part.title().replace(' ', '')}{turn}"
        person.create_in_salesforce("Contact", FirstName="Ann", LastName=name, Phone=cast[part])
        if part in ("in salesforce", "in hubspot", "deleted"):
            person.create_in_hubspot(firstname="Ann", lastname=name, phone=cast[part])
    lead = {"FirstName": "Lea", "LastName": f"Lead{turn}", "Company": f"Lead{turn}", "Phone": cast["converted"]}
    person.create_in_salesforce("Lead", **lead)
    person.create_in_aloware(
        phone_number=cast["born"], first_name="New", last_name=f"Born{turn}", email=f"born{turn}@new.example"
    )
    person.create_in_aloware(phone_number=cast["born nameless"], first_name=f"Nameless{turn}")


def befall(office: Office, turn: int, cast: Cast) -> None:
    """What happens to those who came in the last round."""
    person = office.person
    (record,) = person.in_salesforce("Contact", cast["in salesforce"])
    person.edit_in_salesforce("Contact", record["Id"], LastName=f"EditedS{turn}", Email=f"edited{turn}@crm.example")
    (record,) = person.in_hubspot(cast["in hubspot"])
    person.edit_in_hubspot(record["id"], lastname=f"EditedH{turn}")
    agent(office, cast["in aloware"], last_name=f"EditedA{turn}", first_name="Agent")
    (record,) = person.in_salesforce("Contact", cast["moves"])
    person.edit_in_salesforce("Contact", record["Id"], Phone=cast["after"])
    agent(office, cast["moved by an agent"], phone_number=cast["after agent"])
    (lead,) = person.in_salesforce("Lead", cast["converted"])
    person.convert(lead["Id"])
    (record,) = person.in_salesforce("Contact", cast["deleted"])
    person.delete(SALESFORCE, "Contact", record["Id"])
    agent(office, cast["bad"], email=f"bad{turn}@lee.exam-ple", last_name=f"Good{turn}")


def flood(office: Office, turn: int) -> None:
    """So many people are renamed in Salesforce that the gate holds them."""
    rows = office.person.ask_salesforce("SELECT Id, Phone FROM Contact WHERE FirstName = 'Flooded'")
    for n, row in enumerate(sorted(rows, key=lambda row: row["Phone"])):
        office.person.edit_in_salesforce("Contact", row["Id"], LastName=f"Flood{n}x{turn}")


def settle_in(office: Office, phones: list[str]) -> None:
    """Those whom a flood will rename."""
    for n, phone in enumerate(phones):
        office.person.create_in_salesforce("Contact", FirstName="Flooded", LastName=f"Flood{n}", Phone=phone)


def agent(office: Office, phone: str, **values: str) -> None:
    office.person.edit_in_aloware(str(office.contact(phone)["id"]), **values)


# What there is, in words that are the same in both offices although ids differ.


def records(office: Office) -> dict[str, dict[str, str]]:
    """Kind of record → id → what it says."""
    store, found = office.running.world.store, {}
    for kind, name in TABLES.items():
        rows = list(store.table(name).rows())
        if kind == "hubspot:contacts":
            rows = [{**row["properties"], "id": row["id"]} for row in rows if not row["archived"]]
        key = "Id" if kind.startswith(SALESFORCE) else "id"
        found[kind] = {str(row[key]): _said(kind, row) for row in rows}
    return found


def _said(kind: str, row: dict[str, Any]) -> str:
    return f"{kind} " + " | ".join(str(row.get(name) or "") for name in SHOWN[kind])


def believed(office: Office, there: Mapping[str, Mapping[str, str]]) -> Counter[str]:
    """What the ledger holds of people and records, a line a fact; runs, times and ids left out."""
    policy = Settings.load().policy()
    with open_ledger(office.environment.get("TANDEM_DATABASE_URL"), office.home) as ledger:
        state = ledger.memory.state(list(policy.fields))
    said = {f"{kind}:{key}": line for kind, rows in there.items() for key, line in rows.items()}
    people = ("person " + state.people["key"]).to_dict()

    def called(ref: str) -> str:
        if ref in said:
            return said[ref]
        head, plus, person = ref.partition(":+")  # a create that was refused
        return f"{head} of {people.get(person, 'somebody')}" if plus else "a record that is gone"

    lines = [f"link of {called(ref)} to {people[row['person']]} as {row['role']}" for ref, row in rows(state.links)]
    lines += [f"{people[who]} is {_told(row, '_run')}" for who, row in rows(state.golden) if who in people]
    lines += [f"base of {called(ref)}: {_told(row)}" for ref, row in rows(state.bases)]
    lines += [f"settled of {called(row['ref'])}: {_told(row, 'ref')}" for _, row in rows(state.settled)]
    lines += [f"{people[row['person']]} has {row['number']} ({row['kind']})" for _, row in rows(state.numbers)]
    return Counter(lines)


def rows(frame: pd.DataFrame) -> Iterator[tuple[str, dict[str, Any]]]:
    return zip(map(str, frame.index), frame.to_dict("records"), strict=True)


def _told(row: Mapping[str, Any], *without: str) -> str:
    return ", ".join(
        f"{name}={value}"
        for name, value in row.items()
        if not pd.isna(value) and not name.endswith(without or ("system", "object", "record_id"))
    )


def difference(struck: Office, calm: Office) -> list[str]:
    """What is otherwise in the office where it crashed."""
    found = []
    seen = {office.home: records(office) for office in (struck, calm)}
    for what in ("records", "ledger"):
        here, there = (
            Counter(line for rows in seen[office.home].values() for line in rows.values())
            if what == "records"
            else believed(office, seen[office.home])
            for office in (struck, calm)
        )
        found += [f"{what}, too many: {line}" for line in (here - there).elements()]
        found += [f"{what}, missing: {line}" for line in (there - here).elements()]
    return found
