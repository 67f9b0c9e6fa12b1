"""The emulator under simple-salesforce, a real client that knows nothing of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)

from tasks.sandbox.store import Store
from tasks.sandbox.world import World
from tests.contract.salesforce_world import Org, serving


class Plain(requests.adapters.HTTPAdapter):
    """The client insists on https: send its requests to the emulator's plain http instead."""

    def __init__(self, target: str) -> None:
        self._target = target
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        parts = urlsplit(str(request.url))
        request.url = self._target + parts.path + (f"?{parts.query}" if parts.query else "")
        return super().send(request, *args, **more)


@pytest.fixture(scope="module")
def served() -> Iterator[Org]:
    store = Store()
    with serving(World(store)) as org:
        yield org
    store.close()


def login(served: Org, secret: str) -> Any:
    """A client; `Any` because it makes its objects (`client.Contact`) up as they are asked for."""
    session = requests.Session()
    session.trust_env = False
    session.mount(served.url.replace("http:", "https:"), Plain(served.url))
    session.mount("https://acme.my.salesforce.com", Plain(served.url))
    return Salesforce(
        consumer_key=served.client_id, consumer_secret=secret, domain="acme.my", session=session, version="60.0"
    )


@pytest.fixture(scope="module")
def client(served: Org) -> Any:
    return login(served, served.client_secret)


def code_of(error: Any) -> str:
    return str(error.content[0]["errorCode"])


def test_a_wrong_secret_is_understood(served: Org) -> None:
    with pytest.raises(SalesforceAuthenticationFailed, match="invalid client credentials"):
        login(served, "wrong")


def test_rows(client: Any) -> None:
    made = client.Contact.create({"LastName": "Ray", "FirstName": "Ana", "Email": "ana@x.example"})
    assert made["success"]
    assert client.Contact.update(made["id"], {"Title": "CTO"}) == 204
    row = client.Contact.get(made["id"])
    assert (row["Name"], row["Title"]) == ("Ana Ray", "CTO")
    assert client.Contact.get_by_custom_id("Email", "ana@x.example")["Id"] == made["id"]
    assert client.Contact.upsert("Email/ana@x.example", {"Title": "CEO"}) == 200
    assert client.Contact.upsert("Email/new@x.example", {"LastName": "New"}) == 201
    assert client.Contact.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound):
        client.Contact.get(made["id"])


def test_errors_reach_the_caller(client: Any) -> None:
    with pytest.raises(SalesforceMalformedRequest) as caught:
        client.Contact.create({"FirstName": "Ana"})
    assert code_of(caught.value) == "REQUIRED_FIELD_MISSING"
    with pytest.raises(SalesforceMalformedRequest) as caught:
        client.query("SELECT Nope FROM Contact")
    assert code_of(caught.value) == "INVALID_FIELD"


def test_query_all_reads_every_page(served: Org, client: Any) -> None:
    at = datetime(2024, 1, 1, tzinfo=UTC)
    for number in range(2_300):
        served.seed("Lead", LastName=f"P{number:04}", Company="Paged", at=at + timedelta(minutes=number))
    found = client.query_all("SELECT LastName FROM Lead WHERE Company = 'paged' ORDER BY LastName")
    assert (found["totalSize"], found["done"]) == (2_300, True)
    assert [row["LastName"] for row in found["records"]] == [f"P{number:04}" for number in range(2_300)]
    lazily = client.query_all_iter("SELECT Id FROM Lead WHERE Company = 'Paged'", include_deleted=True)
    assert len(list(lazily)) == 2_300


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("CreatedDate >= 2020-01-01T00:02:00Z AND CreatedDate < 2020-01-01T00:04:00+00:00", ["S2", "S3"]),
        ("LastName LIKE 's_' AND LastName IN ('S0', 'S4')", ["S0", "S4"]),
        ("(LastName = 'S1' OR LastName = 'S3') AND IsConverted = false", ["S1", "S3"]),
    ],
)
def test_soql(served: Org, client: Any, where: str, expected: list[str]) -> None:
    at = datetime(2020, 1, 1, tzinfo=UTC)
    company = f"Soql {len(where)}"
    for number in range(5):
        served.seed("Lead", LastName=f"S{number}", Company=company, at=at + timedelta(minutes=number))
    soql = f"SELECT LastName FROM Lead WHERE Company = '{company}' AND {where} ORDER BY CreatedDate DESC LIMIT 10"
    assert [row["LastName"] for row in client.query(soql)["records"]] == expected[::-1]


def test_describe(client: Any) -> None:
    assert {"Contact", "Lead", "Task"} <= {each["name"] for each in client.describe()["sobjects"]}
    fields = {field["name"]: field for field in client.Lead.describe()["fields"]}
    assert fields["LastName"]["length"] == 80
    assert fields["Status"]["picklistValues"][0]["value"] == "Open - Not Contacted"
    assert client.Contact.metadata()["objectDescribe"]["keyPrefix"] == "003"


def test_collections(client: Any) -> None:
    rows = [{"attributes": {"type": "Contact"}, "LastName": f"C{number}"} for number in range(3)]
    made = client.restful("composite/sobjects", method="POST", json={"allOrNone": False, "records": rows})
    assert [result["success"] for result in made] == [True] * 3
    ids = ",".join(result["id"] for result in made)
    read = client.restful("composite/sobjects/Contact", params={"ids": ids, "fields": "LastName"})
    assert [row["LastName"] for row in read] == ["C0", "C1", "C2"]


def test_limits(client: Any) -> None:
    limits = client.limits()["DailyApiRequests"]
    assert 0 < limits["Remaining"] < limits["Max"] == 15_000
    assert client.api_usage["api-usage"].total == 15_000


def test_replication(served: Org, client: Any) -> None:
    now = datetime.now(UTC)
    recent, gone = (served.seed("Contact", LastName=name, at=now - timedelta(hours=1)) for name in ("New", "Gone"))
    client.Contact.delete(gone)
    start, end = now - timedelta(hours=2), now + timedelta(minutes=2)
    assert recent in client.Contact.updated(start, end)["ids"]
    assert [row["id"] for row in client.Contact.deleted(start, end)["deletedRecords"]][-1:] == [gone]
