"""What connectors tell beside plain properties: who the users are, when a value was entered, which Accounts exist."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pandas as pd
import pytest
from pydantic import SecretStr
from scripted import http
from subjects import EXPORT_COLUMNS, logins

from tasks.connectors import salesforce_soql, salesforce_wire
from tasks.connectors.aloware import Aloware
from tasks.connectors.fake import Fake
from tasks.connectors.logins import AlowareLogin
from tasks.connectors.opening import accounts, open_connector
from tasks.connectors.read_only import ReadOnly
from tasks.core.errors import ConnectorError, PolicyError
from tasks.core.model import ALOWARE, CHOICES, HUBSPOT, OWNER, SALESFORCE, Address, Change, Outcome
from tasks.sandbox.acting import Person
from tasks.sandbox.names import AGENTS
from tasks.sandbox.server import Ready, sandbox
from tasks.sandbox.town import agent_email

AGENT_EMAILS = {agent_email(*names) for names in AGENTS}
OWNED = {
    SALESFORCE: {"Contact": ["LastName", "OwnerId"], "Lead": ["LastName"]},
    HUBSPOT: {"contacts": ["hubspot_owner_id"]},
    ALOWARE: {"contacts": ["phone_number", "user_id"]},
}
HEADERS = EXPORT_COLUMNS | {"user_id": "Contact Owner ID"}


@pytest.fixture(scope="module")
def world() -> Iterator[Ready]:
    with sandbox(people=60) as running:
        yield running


@pytest.fixture(scope="module")
def person(world: Ready) -> Iterator[Person]:
    somebody = Person(world.control, world.ready)
    yield somebody
    somebody.close()


def now() -> datetime:
    return datetime.now(UTC)


def connector(world: Ready, system: str, wanted: dict[str, list[str]]) -> Any:
    login = logins(world.ready)[system]
    if isinstance(login, AlowareLogin):
        login = AlowareLogin(login.url, login.token, login.catalogue_url, login.export, HEADERS, login.timezone)
    return open_connector(login, wanted)


@pytest.mark.parametrize("system", OWNED)
def test_active_users_are_told_by_e_mail_where_an_owner_is_wanted(world: Ready, system: str) -> None:
    """By pull and by peek, and asked for once; the ids are those that records are owned by."""
    it = connector(world, system, OWNED[system])
    snapshot = it.pull(now())
    name, frame = next((n, frame) for n, frame in snapshot.frames.items())
    held = frame[OWNED[system][name][-1]].dropna()
    assert set(snapshot.users.values()) >= AGENT_EMAILS
    assert set(held) <= set(snapshot.users)
    before = it.calls["read"]
    address = Address(name, frame["record_id"].iloc[0], frame.get("phone_number", pd.Series([""])).iloc[0])
    assert it.peek([address], now()).users == snapshot.users
    assert it.calls["read"] == before + 1
    assert snapshot.schema[name][OWNED[system][name][-1]].type == OWNER


@pytest.mark.parametrize("system", OWNED)
def test_nobody_is_asked_for_users_whom_no_field_names(world: Ready, system: str) -> None:
    """It would cost calls, and tell us about people who are none of our business."""
    plain = (
        {name: columns[:1] for name, columns in OWNED[system].items()} if system != HUBSPOT else {"contacts": ["email"]}
    )
    assert connector(world, system, plain).pull(now()).users == {}


def test_users_who_have_left_are_nobody(world: Ready, person: Person) -> None:
    """Salesforce keeps them, inactive; HubSpot archives them."""
    left = person.ask_salesforce(f"SELECT Id FROM User WHERE Email = '{agent_email(*AGENTS[0])}'")[0]["Id"]
    table = world.world.store.table("salesforce.User")
    row = table.get(left)
    table.put(left, row | {"IsActive": False})
    assert left not in connector(world, SALESFORCE, OWNED[SALESFORCE]).pull(now()).users
    table.put(left, row)


def test_hubspot_owners_come_page_by_page(world: Ready, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.connectors.hubspot.OWNERS", 2)
    assert set(connector(world, HUBSPOT, OWNED[HUBSPOT]).pull(now()).users.values()) >= AGENT_EMAILS


def test_an_owner_is_written_by_id(world: Ready, person: Person) -> None:
    """In each system by its own."""
    for system in OWNED:
        it = connector(world, system, OWNED[system])
        users = it.pull(now()).users
        new = next(user for user, email in users.items() if email in AGENT_EMAILS)
        name = next(iter(OWNED[system]))
        column = OWNED[system][name][-1]
        values = {"LastName": "Owned", column: new} if system == SALESFORCE else {column: new}
        (receipt,) = it.write([Change("c1", system, name, None, "create", values, "+14155550999")])
        assert receipt.outcome is Outcome.APPLIED, receipt
        frame = it.peek([Address(name, str(receipt.record_id), "+14155550999")], now()).frames[name]
        assert frame[column].tolist() == [new]


@pytest.mark.parametrize("incremental", [False, True])
def test_hubspot_tells_when_a_value_was_entered(world: Ready, person: Person, incremental: bool) -> None:
    """The newest of the property's history: by list, by search (which itself tells none) and by id alike."""
    made = person.create_in_hubspot(email=f"dated{incremental}@x.example", jobtitle="Buyer")
    it = connector(world, HUBSPOT, {"contacts": ["email", "jobtitle", "jobtitle__at"]})
    mark = it.pull(now()).watermark
    before = world.world.clock.now()
    person.edit_in_hubspot(made, jobtitle="Owner")
    after = world.world.clock.now()
    person.edit_in_hubspot(made, email=f"later{incremental}@x.example")
    for snapshot in (it.pull(now(), mark if incremental else None), it.peek([Address("contacts", made)], now())):
        frame = snapshot.frames["contacts"].set_index("record_id")
        assert frame["jobtitle__at"].dtype == "datetime64[us, UTC]"
        assert before < frame.loc[made, "jobtitle__at"] < after
        assert "jobtitle__at" not in snapshot.schema["contacts"]


def test_the_fake_tells_it_too() -> None:
    fake = Fake(HUBSPOT, {"contacts": ["firstname", "firstname__at"]})
    made = fake.put("contacts", {"firstname": "Ann"})
    fake.put("contacts", {"lastname": "Lee"}, made)
    frame = fake.pull(now()).frames["contacts"]
    assert (frame["modified_at"] - frame["firstname__at"]).tolist() == [timedelta(seconds=1)]
    assert set(fake.schema["contacts"]) == {"firstname"}


def test_accounts_are_found_by_name(world: Ready, person: Person) -> None:
    """Whatever the case of letters, quotes and all; several of one name are several; asking for none costs nothing."""
    names = ["O'Brien & \\Sons", "Twin", "twin", *(f"Företag {n} " + "ö" * 60 for n in range(60))]
    ids = [person.create_in_salesforce("Account", Name=name) for name in names]
    it = connector(world, SALESFORCE, {"Contact": ["LastName"]})
    guarded = ReadOnly(it)
    found = accounts(guarded, ["o'brien & \\sons", "TWIN", "Nobody", *names[3:]])
    assert found["O'Brien & \\Sons"] == [ids[0]]
    assert sorted([*found["Twin"], *found["twin"]]) == sorted(ids[1:3])
    assert [found[name] for name in names[3:]] == [[i] for i in ids[3:]]
    assert "Nobody" not in found
    before = it.calls["read"]
    assert accounts(guarded, []) == {}
    assert it.calls["read"] == before


def test_names_are_asked_for_in_shares_that_a_query_can_hold() -> None:
    """Each share's literals stay under the limit, and nothing is left out."""
    names = [f"{n:02}" + "é" * 196 for n in range(30)]  # 200 characters with their quotes, 202 with the comma
    shares = list(salesforce_soql.by_length(names, 1_212))
    assert [name for share in shares for name in share] == names
    assert [len(share) for share in shares] == [6] * 5
    assert list(salesforce_soql.by_length([], 10)) == []


@pytest.mark.parametrize(
    ("field", "kind", "nillable"),
    [
        ({"type": "reference", "referenceTo": ["Group", "User"], "nillable": False}, OWNER, False),
        ({"type": "reference", "referenceTo": ["Account"], "nillable": True}, "reference", True),
        ({"type": "multipicklist", "nillable": True}, CHOICES, True),
        ({"type": "boolean", "nillable": False}, "boolean", False),
    ],
)
def test_a_described_field_says_what_it_can_hold(field: dict[str, Any], kind: str, nillable: bool) -> None:
    found = salesforce_wire.described({"name": "X"} | field)
    assert (found.type, found.nillable) == (kind, nillable)


def aloware(answer: httpx.Response, *wanted: str) -> Aloware:
    login = AlowareLogin("https://vendor.example", SecretStr("s3cr3t"))
    return Aloware(http(lambda _: answer, "aloware"), login, {"contacts": ["phone_number", *wanted]})


def test_a_look_up_that_does_not_show_a_mapped_field_is_refused() -> None:
    """Its read name isn't established; an absent one would look like a blank at every run."""
    shown = {"id": 7, "phone_number": "+12125550100", "zipcode": None}
    addresses = [Address("contacts", "7", "+12125550100")]
    with pytest.raises(PolicyError, match="website"):
        aloware(httpx.Response(200, json=shown), "zipcode", "website").peek(addresses, now())
    frame = aloware(httpx.Response(200, json=shown), "zipcode").peek(addresses, now()).frames["contacts"]
    assert frame["zipcode"].isna().all()


def test_a_list_of_users_that_is_none_is_an_error() -> None:
    with pytest.raises(ConnectorError, match="users"):
        aloware(httpx.Response(200, json={"data": []})).identify()


def test_a_date_of_birth_is_sent_as_documented(world: Ready) -> None:
    """MM/DD/YYYY (fact sheet, section 1.3)."""
    it = connector(world, ALOWARE, {"contacts": ["phone_number"]})
    change = Change("c1", ALOWARE, "contacts", None, "create", {"date_of_birth": "1980-02-17"}, "+14155550998")
    (receipt,) = it.write([change])
    assert receipt.outcome is Outcome.APPLIED
    row = world.world.store.table("aloware.contact").get(str(receipt.record_id))
    assert row is not None
    assert row["date_of_birth"] == "1980-02-17"
