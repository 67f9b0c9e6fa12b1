"""What an org does on its own, and its smaller limits: owners, duplicates, archives, short ids, short pages."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tasks.sandbox import salesforce
from tasks.sandbox.faults import Fault
from tests.contract.salesforce_world import Org, error_of, org, stage

__all__ = ["org", "stage"]

DECLINED = {"Sforce-Auto-Assign": "FALSE"}
SAVED = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}
LEAD = {"LastName": "Ray", "Company": "Acme"}


def typed(name: str, **values: Any) -> dict[str, Any]:
    return {"attributes": {"type": name}, **values}


# --- assignment rules -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("headers", "moved"), [({}, True), ({"Sforce-Auto-Assign": "TRUE"}, True), (DECLINED, False)])
def test_an_assignment_rule_moves_a_lead_unless_declined(org: Org, headers: dict[str, str], moved: bool) -> None:
    """At each create and at each update, by a single call, a collection or a composite."""
    other = org.seed("User", LastName="Queue", Username="q@x.example", Email="q@x.example")
    old = org.create("Lead", **LEAD)
    salesforce.assign(org.world, "Lead", other)
    new = org.http.post("sobjects/Lead", json=LEAD, headers=headers).json()["id"]
    rows = [typed("Lead", id=old, Title="x")]
    org.http.patch("composite/sobjects", json={"records": rows}, headers=headers)
    part = {"method": "POST", "url": "/services/data/v60.0/sobjects/Lead", "body": LEAD, "referenceId": "a"}
    composed = org.http.post("composite", json={"compositeRequest": [part | {"httpHeaders": headers}]}).json()
    third = composed["compositeResponse"][0]["body"]["id"]
    assert [org.row("Lead", each)["OwnerId"] == other for each in (new, old, third)] == [moved] * 3


def test_a_contact_has_no_assignment_rule(org: Org) -> None:
    salesforce.assign(org.world, "Lead", org.seed("User", LastName="Q", Username="q", Email="q@x.example"))
    me = org.http.get(f"{org.url}/services/oauth2/userinfo").json()["user_id"]
    assert org.row("Contact", org.create("Contact", LastName="x"))["OwnerId"] == me


# --- duplicate rules --------------------------------------------------------------------------------------------------


def create_twice(org: Org, headers: dict[str, str], version: str = "60.0") -> httpx.Response:
    """The answer to a second Contact with the e-mail of the first."""
    org.create("Contact", LastName="First", Email="a@x.example")
    path = f"{org.url}/services/data/v{version}/sobjects/Contact"
    return org.http.post(path, json={"LastName": "Second", "Email": "A@x.example"}, headers=headers)


@pytest.mark.parametrize(
    ("action", "version", "status"), [("alert", "60.0", 201), ("block", "60.0", 400), ("alert", "51.0", 400)]
)
def test_allow_save_works_where_the_rule_only_warns(org: Org, action: Any, version: str, status: int) -> None:
    """And from version 52 on."""
    salesforce.guard(org.world, "Contact", action)
    assert create_twice(org, SAVED, version).status_code == status


@pytest.mark.parametrize("key", ["duplicateResut", "duplicateResult"])
def test_a_refused_duplicate_shows_its_matches(org: Org, key: str) -> None:
    """Under the spelling that the org has; the record shows no more than its id unless asked."""
    org.world.switches.duplicate_key = key
    salesforce.guard(org.world, "Contact", "alert")
    refused = create_twice(org, {})
    assert error_of(refused) == (400, "DUPLICATES_DETECTED")
    (error,) = refused.json()
    ((match,),) = [result["matchRecords"] for result in error[key]["matchResults"]]
    assert error[key]["allowSave"] is True
    assert list(match["record"]) == ["attributes", "Id"]
    details = {"Sforce-Duplicate-Rule-Header": "allowSave=false; includeRecordDetails=true"}
    again = org.http.post("sobjects/Contact", json={"LastName": "x", "Email": "a@x.example"}, headers=details).json()
    assert again[0][key]["matchResults"][0]["matchRecords"][0]["record"]["LastName"] == "First"


def test_a_duplicate_in_a_collection_has_the_words_alone(org: Org) -> None:
    """The row after it in the same call is a duplicate of the one before it too."""
    salesforce.guard(org.world, "Contact", "alert")
    rows = [typed("Contact", LastName=name, Email="a@x.example") for name in "AB"]
    first, second = org.http.post("composite/sobjects", json={"records": rows}).json()
    assert first["success"]
    assert second == {
        "success": False,
        "errors": [{"statusCode": "DUPLICATES_DETECTED", "message": "Use one of these records?", "fields": []}],
    }


def test_an_update_is_minded_only_where_the_email_moves(org: Org) -> None:
    """A record that is a duplicate already may be changed otherwise; deleted ones are no match."""
    ids = [org.create("Contact", LastName=name, Email=email) for name, email in (("A", "a@x.example"), ("B", None))]
    twin = org.seed("Contact", LastName="C", Email="a@x.example")
    salesforce.guard(org.world, "Contact", "alert")
    change = org.http.patch(f"sobjects/Contact/{ids[1]}", json={"Email": "a@x.example"})
    assert error_of(change) == (400, "DUPLICATES_DETECTED")
    assert org.http.patch(f"sobjects/Contact/{twin}", json={"Title": "x", "Email": "A@x.example"}).status_code == 204
    for each in (ids[0], twin):
        org.http.delete(f"sobjects/Contact/{each}")
    assert org.http.patch(f"sobjects/Contact/{ids[1]}", json={"Email": "a@x.example"}).status_code == 204


# --- archived tasks ---------------------------------------------------------------------------------------------------


def test_tasks_closed_a_year_ago_are_archived(org: Org) -> None:
    """`query` drops them without a word; queryAll shows them, and so does their id."""
    now = datetime.now(UTC)
    old, young = (org.seed("Task", Status="Completed", at=now - timedelta(days=days)) for days in (366, 364))
    still_open = org.seed("Task", Status="Not Started", at=now - timedelta(days=366))
    assert org.ids("SELECT Id FROM Task") == [young, still_open]
    assert org.ids(f"SELECT Id FROM Task WHERE Id = '{old}'") == []
    assert org.ids("SELECT Id FROM Task WHERE IsArchived = true", "queryAll") == [old]
    assert org.row("Task", old)["IsArchived"] is True


# --- ids, pages, limits -----------------------------------------------------------------------------------------------


def test_short_ids_are_taken_everywhere_and_long_ones_given(org: Org) -> None:
    account, contact = org.create("Account", Name="Acme"), org.create("Contact", LastName="x")
    short = contact[:15]
    org.http.patch(f"sobjects/Contact/{short}", json={"AccountId": account[:15]})
    org.http.patch("composite/sobjects", json={"records": [typed("Contact", id=short, Title="x")]})
    assert org.records(f"SELECT Id, AccountId, Title FROM Contact WHERE Id IN ('{short}')") == [
        {"Id": contact, "AccountId": account, "Title": "x"}
    ]
    assert org.ids(f"SELECT Id FROM Contact WHERE AccountId = '{account[:15]}'") == [contact]
    assert org.row("Task", org.create("Task", WhoId=short))["WhoId"] == contact
    (deleted,) = org.http.delete("composite/sobjects", params={"ids": short}).json()
    assert deleted["id"] == contact


def test_a_short_page_leads_on_to_the_rest(org: Org) -> None:
    """The fault `short`, on the first page and on a later one: nothing is lost or seen twice."""
    ids = sorted(org.seed("Contact", LastName=f"P{n}") for n in range(450))
    org.world.faults.pending.append(Fault("salesforce", "short", times=2, match="/query"))
    options = {"Sforce-Query-Options": "batchSize=200"}
    page = org.http.get("query", params={"q": "SELECT Id FROM Contact ORDER BY Id"}, headers=options).json()
    seen, sizes = page["records"], [len(page["records"])]
    while not page["done"]:
        page = org.http.get(org.url + page["nextRecordsUrl"]).json()
        seen, sizes = seen + page["records"], [*sizes, len(page["records"])]
    assert sizes == [100, 100, 200, 50]
    assert [row["Id"] for row in seen] == ids


@pytest.mark.parametrize("path", ["sobjects", "sobjects/Contact/describe"])
def test_a_describe_is_sent_again_only_where_it_changed(org: Org, path: str) -> None:
    """By If-Modified-Since; a 304 is a call all the same."""
    first = org.http.get(path)
    known = {"If-Modified-Since": first.headers["last-modified"]}
    again = org.http.get(path, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["sforce-limit-info"] == "api-usage=2/15000"
    old = {"If-Modified-Since": "Fri, 01 May 2020 07:25:37 GMT"}
    for headers in (old, {"If-Modified-Since": "soon"}):
        assert org.http.get(path, headers=headers).json() == first.json()


def test_a_collection_has_ten_chunks_of_one_type(org: Org) -> None:
    """As many types as one likes, but not in turns."""
    pair = [typed("Contact", LastName="x"), typed("Account", Name="y")]
    refused = org.http.post("composite/sobjects", json={"records": [*pair * 5, pair[0]]})
    assert error_of(refused) == (400, "LIMIT_EXCEEDED")
    assert all(row["success"] for row in org.http.post("composite/sobjects", json={"records": pair * 5}).json())
