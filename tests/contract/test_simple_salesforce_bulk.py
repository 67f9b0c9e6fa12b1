"""The emulator under simple-salesforce where it works in bulk and where it signs in with a key."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceMalformedRequest

from tasks.sandbox import salesforce
from tasks.sandbox.store import Store
from tasks.sandbox.world import World
from tests.contract.salesforce_world import Org, serving
from tests.contract.test_simple_salesforce import Plain, login


@pytest.fixture(scope="module")
def served() -> Iterator[Org]:
    store = Store()
    with serving(World(store)) as org:
        yield org
    store.close()


@pytest.fixture(scope="module")
def client(served: Org) -> Any:
    return login(served, served.client_secret)


def signed_in(served: Org, username: str) -> Any:
    """A client with the app's key."""
    session = requests.Session()
    session.trust_env = False
    session.mount(served.url.replace("http:", "https:"), Plain(served.url))
    session.mount("https://acme.my.salesforce.com", Plain(served.url))
    keys = salesforce.credentials(served.world)
    return Salesforce(
        username=username, consumer_key=keys["client_id"], privatekey=keys["jwt_key"], domain="acme.my",
        session=session, version="60.0",
    )  # fmt: skip


def test_it_signs_in_with_a_key(served: Org) -> None:
    """It writes the expiry as a text and its own host as the audience."""
    client = signed_in(served, salesforce.credentials(served.world)["username"])
    assert client.query("SELECT Id FROM Task")["totalSize"] == 0
    with (
        pytest.warns(UserWarning, match="authorize"),
        pytest.raises(SalesforceAuthenticationFailed, match="hasn't approved"),
    ):
        signed_in(served, "nobody@x.example")


def read(pages: Any) -> list[dict[str, str]]:
    """The rows of every page; each page is a CSV of its own."""
    return [row for page in pages for row in csv.DictReader(io.StringIO(str(page), newline=""))]


def test_a_bulk_query_reads_every_page(served: Org, client: Any) -> None:
    """Locators end where the vendor says `null`; names of relationships and nasty texts arrive."""
    account = served.seed("Account", Name='Smith, "Bros"')
    for n in range(5):
        served.seed("Contact", LastName=f"P{n}", Department="Bulk", AccountId=account, Title="a\nb" if n else None)
    soql = "SELECT LastName, Account.Name, Title FROM Contact WHERE Department = 'Bulk' ORDER BY LastName"
    rows = read(client.bulk2.Contact.query(soql, max_records=2, wait=0))
    assert [row["LastName"] for row in rows] == [f"P{n}" for n in range(5)]
    assert {row["Account.Name"] for row in rows} == {'Smith, "Bros"'}
    assert [row["Title"] for row in rows] == ["", *["a\nb"] * 4]


def test_a_bulk_query_all_reads_the_deleted(served: Org, client: Any) -> None:
    gone = served.seed("Lead", LastName="Gone", Company="Bulk")
    client.Lead.delete(gone)
    soql = "SELECT Id FROM Lead WHERE Company = 'Bulk'"
    assert read(client.bulk2.Lead.query(soql, wait=0)) == []
    assert read(client.bulk2.Lead.query_all(soql, wait=0)) == [{"Id": gone}]


def test_a_refused_bulk_query_is_understood(client: Any) -> None:
    with pytest.raises(SalesforceMalformedRequest) as caught:
        list(client.bulk2.Contact.query("SELECT Nope FROM Contact", wait=0))
    assert caught.value.content[0]["errorCode"] == "INVALID_FIELD"


def test_bulk_uploads(served: Org, client: Any) -> None:
    """Insert, update, upsert and delete, with what failed told row by row."""
    contacts = client.bulk2.Contact
    (made,) = contacts.insert(
        records=[{"LastName": "A", "Email": "bulk-a@x.example"}, {"LastName": "", "Email": ""}], wait=0
    )
    assert (made["numberRecordsTotal"], made["numberRecordsProcessed"], made["numberRecordsFailed"]) == (2, 2, 1)
    (new,) = read([contacts.get_successful_records(made["job_id"])])
    (refused,) = read([contacts.get_failed_records(made["job_id"])])
    assert refused["sf__Error"].startswith("REQUIRED_FIELD_MISSING:")
    assert read([contacts.get_unprocessed_records(made["job_id"])]) == []
    contacts.update(records=[{"Id": new["sf__Id"], "Title": "CTO", "LastName": ""}], wait=0)
    assert (client.Contact.get(new["sf__Id"])["Title"], client.Contact.get(new["sf__Id"])["LastName"]) == ("CTO", "A")
    contacts.update(records=[{"Id": new["sf__Id"], "Title": "#N/A"}], wait=0)
    assert client.Contact.get(new["sf__Id"])["Title"] is None
    rows = [{"Email": "BULK-A@x.example", "Title": "CEO"}, {"Email": "bulk-b@x.example", "Title": "x"}]
    (both,) = contacts.upsert(records=rows, external_id_field="Email", wait=0)
    assert (both["numberRecordsProcessed"], both["numberRecordsFailed"]) == (2, 1)  # the second has no last name
    contacts.delete(records=[{"Id": new["sf__Id"]}], wait=0)
    assert served.ids("SELECT Id FROM Contact WHERE Email = 'bulk-a@x.example'") == []
