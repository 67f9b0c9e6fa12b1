"""How few calls Salesforce takes: looks, writes and pulls of many records are packed as full as the vendor allows."""

from collections.abc import Iterator
from datetime import UTC, datetime
from math import ceil

import httpx
import pandas as pd
import pytest
from subjects import logins

from tasks.connectors.frames import Columns
from tasks.connectors.opening import Wanted, open_connector
from tasks.connectors.patience import Patience
from tasks.connectors.protocol import Connector
from tasks.core.model import SALESFORCE, Address, Change, Outcome
from tasks.sandbox import salesforce
from tasks.sandbox.server import Ready, sandbox

LONG_AGO = datetime(2024, 3, 1, 12, tzinfo=UTC)
PEOPLE = 1_000
WANTED = {"Contact": ["LastName", "Phone"], "Lead": ["LastName", "OwnerId"]}
CLIENT = httpx.Client(verify=False)  # certificates take longer to load than a test
RELATED = {"Contact": ["LastName", "Account.Name"], "Lead": ["LastName"]}


@pytest.fixture(scope="module")
def town() -> Iterator[Ready]:
    """Contacts that were all made in one moment, half of them with an Account; and a few Leads."""
    with sandbox() as running:
        account = salesforce.seed(running.world, "Account", {"Name": "Acme"}, LONG_AGO)
        for n in range(PEOPLE):
            values = {"LastName": f"Person {n}", "AccountId": account if n % 2 else None}
            salesforce.seed(running.world, "Contact", values, LONG_AGO)
        for n in range(20):
            salesforce.seed(running.world, "Lead", {"LastName": f"Lead {n}", "Company": "Acme"}, LONG_AGO)
        yield running


def opened(town: Ready, wanted: Wanted) -> Connector:
    """A connector that has logged in and knows what there is; the log of calls is empty."""
    patience = Patience(first_wait=0.01, longest_wait=0.05)
    connector = open_connector(logins(town.ready)[SALESFORCE], wanted, patience=patience)
    connector.peek([], now())
    CLIENT.delete(f"{town.control}/requests").raise_for_status()
    return connector


def asked(town: Ready) -> list[tuple[str, str]]:
    """Every call since: its method, and the end of its path."""
    made = CLIENT.get(f"{town.control}/requests", params={"system": SALESFORCE}).json()["requests"]
    return [(call["method"], call["path"].partition("/v63.0/")[2]) for call in made]


def now() -> datetime:
    return datetime.now(UTC)


def renamed(record_id: str, name: str) -> Change:
    return Change(f"rename-{record_id}", SALESFORCE, "Contact", record_id, "update", {"LastName": name})


def named(frame: pd.DataFrame) -> dict[str, str]:
    return dict(zip(frame["record_id"], frame["LastName"], strict=True))


@pytest.mark.parametrize("wanted", [WANTED, RELATED], ids=["own", "related"])
def test_a_thousand_updates_take_the_fewest_calls(town: Ready, wanted: Wanted) -> None:
    """A look, the writes, and a look back: 200 changes in a call that writes, 2,000 records in one that reads."""
    ids = opened(town, wanted).pull(now()).frames["Contact"]["record_id"].tolist()
    connector = opened(town, wanted)
    addresses = [Address("Contact", record_id) for record_id in ids]
    before = connector.peek(addresses, now()).frames["Contact"]
    receipts = list(connector.write([renamed(record_id, f"Anew {record_id}") for record_id in ids]))
    after = connector.peek(addresses, now()).frames["Contact"]
    made = [call for call in asked(town) if not call[1].endswith("/describe")]
    assert len(ids) == PEOPLE
    assert {receipt.outcome for receipt in receipts} == {Outcome.APPLIED}
    assert set(before["record_id"]) == set(ids)
    assert named(after) == {record_id: f"Anew {record_id}" for record_id in ids}
    users = 1 if "OwnerId" in wanted["Lead"] else 0  # who they are, once
    assert len(made) - users <= 1.2 * (ceil(PEOPLE / 200) + 2 * ceil(PEOPLE / 2_000))
    if wanted is RELATED:
        assert after["Account.Name"].value_counts().to_dict() == {"Acme": PEOPLE // 2}


def test_a_look_at_several_objects_is_one_call(town: Ready) -> None:
    whole = opened(town, RELATED).pull(now()).frames
    connector = opened(town, RELATED)
    addresses = [Address(name, record_id) for name, frame in whole.items() for record_id in frame["record_id"]]
    found = connector.peek(addresses, now()).frames
    assert {name: len(frame) for name, frame in found.items()} == {"Contact": PEOPLE, "Lead": 20}
    assert asked(town) == [("POST", "composite")]
    assert connector.forecast(addresses, []) == {"read": 1, "write": 0}


def test_what_changed_is_one_call_deletions_and_users_included(town: Ready) -> None:
    connector = opened(town, WANTED)
    mark = connector.pull(now()).watermark
    victim, edited = list(connector.pull(now(), '{"Contact":"2000-01-01T00:00:00Z"}').frames["Contact"]["record_id"])[
        :2
    ]
    contacts = f"{town.ready[SALESFORCE]['url']}/services/data/v63.0/sobjects/Contact"
    CLIENT.delete(f"{contacts}/{victim}", headers=signed(town)).raise_for_status()
    CLIENT.patch(f"{contacts}/{edited}", json={"LastName": "Edited"}, headers=signed(town)).raise_for_status()
    fresh = opened(town, WANTED)
    snapshot = fresh.pull(now(), mark)
    assert asked(town) == [("POST", "composite")]
    assert named(snapshot.frames["Contact"])[edited] == "Edited"
    assert snapshot.gone[f"salesforce:Contact:{victim}"] == ""
    assert victim not in set(snapshot.frames["Contact"]["record_id"])
    assert snapshot.users


def signed(town: Ready) -> dict[str, str]:
    """What lets somebody else's client in: the sandbox has one session for all."""
    keys = {name: town.ready[SALESFORCE][name] for name in ("client_id", "client_secret")}
    form = {"grant_type": "client_credentials", **keys}
    answer = CLIENT.post(f"{town.ready[SALESFORCE]['url']}/services/oauth2/token", data=form).json()
    return {"Authorization": f"Bearer {answer['access_token']}"}


def test_any_number_of_fields_can_be_asked_for(town: Ready) -> None:
    """Addresses over 16,384 characters are refused; a long question goes out in a body."""
    every = list(opened(town, {"Contact": []}).peek([], now()).schema["Contact"])
    related = [f"{link}.{name}" for link in ("Account", "ReportsTo", "Owner") for name in every]
    frame = opened(town, {"Contact": [*every, *related]}).pull(now()).frames["Contact"]
    assert set(every) <= set(frame)
    assert ("POST", "composite") in asked(town)


def test_an_org_that_loses_the_thread_is_asked_what_comes_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """After every page, amid records that were made in the same moment: none is lost, none comes twice."""
    monkeypatch.setattr("tasks.sandbox.salesforce.query.MOST", 200)
    monkeypatch.setattr("tasks.sandbox.salesforce.query.CURSORS", 0)
    with sandbox() as crowd:
        ids = {salesforce.seed(crowd.world, "Contact", {"LastName": f"{n}"}, LONG_AGO) for n in range(700)}
        pages = pulled_pages(opened(crowd, {"Contact": ["LastName"]}), monkeypatch)
        assert [len(page) for page in pages] == [200, 200, 200, 100]
        assert {record_id for page in pages for record_id in page} == ids
        assert sum(path.startswith("query/") for _, path in asked(crowd)) == 3


def pulled_pages(connector: Connector, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The ids of each page that a pull takes in."""
    seen: list[list[str]] = []
    take_in = Columns.add
    monkeypatch.setattr(Columns, "add", lambda self, page: (seen.append(page["record_id"]), take_in(self, page)))
    assert len(connector.pull(now()).frames["Contact"]) == 700
    return seen
