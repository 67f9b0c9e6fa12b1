"""Seeded people hold the promised mixture, for any number of people from a hundred up, and are legal at the vendors."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import groupby

import httpx
import phonenumbers
import pytest

from tasks.sandbox.people import Record, people, populate
from tasks.sandbox.server import sandbox
from tasks.sandbox.store import Store
from tasks.sandbox.world import World

LINKS = ("AccountId", "OwnerId", "hubspot_owner_id", "user_id", "disposition_status_id")
COUNTS = [(100, 7), (133, 1), (199, 2), (250, 3), (777, 11)]
PHONES = {
    ("salesforce", "Contact"): ("Phone", "MobilePhone"),
    ("salesforce", "Lead"): ("Phone", "MobilePhone"),
    ("hubspot", "contact"): ("phone",),
    ("aloware", "contact"): ("phone_number",),
}


def number(record: Record) -> str | None:
    """The record's first valid number."""
    for field in PHONES[record.system, record.object]:
        raw = record.values.get(field, "")
        try:
            parsed = phonenumbers.parse(f"+{raw[2:]}" if raw.startswith("00") else raw, "US")
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
    return None


def of(records: Iterable[Record], system: str, name: str = "contact") -> list[Record]:
    return [record for record in records if (record.system, record.object) == (system, name)]


def repeated(values: Iterable[str | None]) -> set[str]:
    return {value for value, times in Counter(values).items() if value and times > 1}


@pytest.fixture(params=COUNTS, ids=lambda case: f"{case[0]} people of seed {case[1]}")
def town(request: pytest.FixtureRequest) -> tuple[int, list[Record]]:
    count, seed = request.param
    return count, list(people(count, seed))


def test_where_people_are(town: tuple[int, list[Record]]) -> None:
    """70 % in Aloware, 25 % have a Lead, 30 % are in HubSpot, 3 % nowhere but in Aloware."""
    count, records = town
    aloware = {number(record) for record in of(records, "aloware")}
    elsewhere = {number(record) for record in records if record.system != "aloware"}
    assert len(of(records, "aloware")) >= 0.7 * count
    assert len(of(records, "salesforce", "Lead")) >= 0.25 * count
    assert len(of(records, "hubspot")) >= 0.3 * count
    assert len(aloware - elsewhere) >= 0.03 * count


def test_most_have_a_contact_alone_with_its_number_and_a_first_name(town: tuple[int, list[Record]]) -> None:
    count, records = town
    contacts = of(records, "salesforce", "Contact")
    shared = repeated(map(number, contacts))
    alone = [c for c in contacts if number(c) and number(c) not in shared and c.values.get("FirstName")]
    assert len(alone) >= 0.6 * count


@pytest.mark.parametrize("seed", [1, 7, 42])
@pytest.mark.parametrize("start", [0, 100, 300])
def test_every_hundred_has_its_mess(seed: int, start: int) -> None:
    records = list(people(start + 100, seed))[sum(1 for _ in people(start, seed)) :]
    contacts, leads = of(records, "salesforce", "Contact"), of(records, "salesforce", "Lead")
    shared = repeated(map(number, contacts)) | repeated(map(number, leads))
    pairs = {number(c) for c in contacts if number(c)} & {number(lead) for lead in leads}
    emails = repeated(record.values.get("Email", "").lower() for record in contacts)
    assert len(shared) >= 3
    assert len(pairs) >= 3
    assert len([record for record in records if number(record) is None]) >= 3
    assert len(emails) >= 3
    assert len(differing(records)) >= 10


def differing(records: list[Record]) -> set[tuple[str, str]]:
    """(number, field) of which two systems hold different values."""
    names = {"FirstName": "first", "firstname": "first", "first_name": "first", "Email": "email", "company": "company"}
    names |= {"LastName": "last", "lastname": "last", "last_name": "last", "email": "email", "company_name": "company"}
    told = sorted(
        (phone, names[field], str(value).strip().lower())
        for record in records
        if (phone := number(record))
        for field, value in record.values.items()
        if field in names
    )
    grouped = groupby(told, key=lambda each: each[:2])
    return {cell for cell, values in grouped if len({value for *_, value in values}) > 1}


def test_aloware_has_one_contact_a_number_and_each_has_a_first_name(town: tuple[int, list[Record]]) -> None:
    contacts = of(town[1], "aloware")
    assert not repeated(record.values["phone_number"] for record in contacts)
    assert all(record.values["first_name"] and number(record) == record.values["phone_number"] for record in contacts)


def test_hubspot_has_one_contact_an_address(town: tuple[int, list[Record]]) -> None:
    assert not repeated(record.values["email"] for record in of(town[1], "hubspot"))


def test_few_numbers_are_unreadable_in_any_object(town: tuple[int, list[Record]]) -> None:
    """So few that nobody would call a system broken."""
    for system, name in PHONES:
        rows = of(town[1], system, name)
        assert len([row for row in rows if number(row) is None]) <= 0.06 * len(rows)


def test_a_seed_is_a_town_and_a_person_stays_whoever_else_comes() -> None:
    small, same, large, other = (list(people(*case)) for case in ((60, 7), (60, 7), (600, 7), (60, 8)))
    assert small == same == large[: len(small)]
    assert small != other


def test_people_stay_apart_in_a_city() -> None:
    """Numbers and addresses stay unique when names and blocks of numbers run out."""
    records = list(people(20_000, 7))
    assert not repeated(record.values["phone_number"] for record in of(records, "aloware"))
    assert not repeated(record.values["email"] for record in of(records, "hubspot"))


@pytest.mark.parametrize("count", [0, 1, 20])
def test_a_small_town_is_a_town(count: int) -> None:
    world = World(Store())
    populate(world, count, 7)
    assert len(world.store.table("aloware.user")) == 5
    assert len(world.store.table("aloware.contact")) == len(of(people(count, 7), "aloware"))


def test_a_settled_world_was_left_alone_for_two_days_and_nobody_has_called() -> None:
    world = World(Store())
    populate(world, 100, 7)
    before = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    times = {
        "salesforce.Contact": "LastModifiedDate",
        "salesforce.Lead": "LastModifiedDate",
        "hubspot.contacts": "updated",
        "aloware.contact": "updated_at",
    }
    for table, column in times.items():
        rows = list(world.store.table(table).rows())
        assert rows, table
        assert all(row[column] < before for row in rows)
    assert not len(world.store.table("aloware.communication"))


def test_vendors_would_take_every_record_from_an_api_client() -> None:
    """Nothing seeded is a value that the vendor itself would refuse."""
    with sandbox() as running, httpx.Client() as client:
        ready = running.ready
        key = {"grant_type": "client_credentials", **ready["salesforce"]}
        session = client.post(ready["salesforce"]["url"] + "/services/oauth2/token", data=key).json()["access_token"]
        for record in people(200, 7):
            sent = {name: value for name, value in record.values.items() if name not in LINKS}
            if record.system == "aloware":
                body = {"api_token": ready["aloware"]["token"], **sent}
                answer = client.post(ready["aloware"]["url"] + "/api/v1/webhook/forms", json=body)
            else:
                path, token, body = (
                    ("/crm/v3/objects/contacts", ready["hubspot"]["token"], {"properties": sent})
                    if record.system == "hubspot"
                    else (f"/services/data/v61.0/sobjects/{record.object}", session, sent)
                )
                bearer = {"Authorization": f"Bearer {token}"}
                answer = client.post(ready[record.system]["url"] + path, json=body, headers=bearer)
            assert answer.status_code == 201, (record, answer.text)
