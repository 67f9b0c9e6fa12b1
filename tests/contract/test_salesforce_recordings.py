"""The emulator's answers beside bodies recorded from real orgs: same keys, same codes, and same words where sure."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tasks.sandbox import salesforce
from tasks.sandbox.faults import Fault
from tests.contract.salesforce_world import Org, org, stage

__all__ = ["org", "stage"]

RECORDED = Path(__file__).parents[2].parent / "shared" / "recorded" / "salesforce"
pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded payloads are not beside the checkout")

ALSO_VISIBLE = {"DoNotCall", "HasOptedOutOfEmail"}  # hidden from the recorded user by field-level security
FLAGS = (
    "type", "soapType", "length", "byteLength", "precision", "scale", "digits", "createable", "updateable",
    "nillable", "defaultedOnCreate", "filterable", "sortable", "groupable", "aggregatable", "idLookup",
    "restrictedPicklist", "referenceTo", "relationshipName", "compoundFieldName", "defaultValue", "nameField",
    "namePointing", "polymorphicForeignKey", "queryByDistance", "extraTypeInfo",
)  # fmt: skip


def recorded(name: str) -> Any:
    return json.loads((RECORDED / f"{name}.json").read_text())


def shape(body: Any) -> Any:
    """A body with its leaves reduced to their types, and lists to their distinct shapes."""
    if isinstance(body, dict):
        return {key: shape(value) for key, value in body.items()}
    if isinstance(body, list):
        distinct = {json.dumps(shape(each), sort_keys=True): shape(each) for each in body}
        return [distinct[key] for key in sorted(distinct)]
    return type(body).__name__


def same(response: httpx.Response, name: str, status: int = 400) -> None:
    """The very body that was recorded."""
    assert (response.status_code, response.json()) == (status, recorded(name))


def calls(name: str) -> list[tuple[Any, Any]]:
    """What a recorded YAML asked and what was answered; None for a request without a body."""
    yaml = pytest.importorskip("yaml")
    recordings = yaml.safe_load((RECORDED / f"{name}.yaml").read_text())["interactions"]
    kept = [(each["request"]["body"], each["response"]["body"]["string"]) for each in recordings if "request" in each]
    return [(asked and json.loads(asked), json.loads(answered)) for asked, answered in kept]


# --- describes --------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["Contact", "Lead", "Account"])
def described(request: pytest.FixtureRequest, org: Org) -> tuple[dict[str, Any], dict[str, Any]]:
    """Ours and the recorded describe of one object."""
    ours = org.http.get(f"sobjects/{request.param}/describe").json()
    return ours, recorded(f"cumulusci__describe_{request.param}")


def test_a_describe_has_the_recorded_keys(described: tuple[dict[str, Any], dict[str, Any]]) -> None:
    ours, theirs = described
    assert set(theirs) <= set(ours)
    assert {key: ours[key] for key in ("name", "label", "keyPrefix", "labelPlural")} == {
        key: theirs[key] for key in ("name", "label", "keyPrefix", "labelPlural")
    }
    assert set(ours["fields"][0]) == set(theirs["fields"][0])


def test_fields_have_the_recorded_flags(described: tuple[dict[str, Any], dict[str, Any]]) -> None:
    ours, theirs = ({field["name"]: field for field in side["fields"]} for side in described)
    assert set(ours) - set(theirs) <= ALSO_VISIBLE
    differing = [
        (name, flag, ours[name][flag], theirs[name][flag])
        for name in ours.keys() & theirs.keys()
        for flag in (*FLAGS, "picklistValues")
        if ours[name][flag] != theirs[name][flag]
    ]
    assert differing == []


def test_labels_are_the_recorded_ones(described: tuple[dict[str, Any], dict[str, Any]]) -> None:
    ours, theirs = ({field["name"]: field["label"] for field in side["fields"]} for side in described)
    assert {name: label for name, label in ours.items() if theirs.get(name, label) != label} == {}


# --- queries ----------------------------------------------------------------------------------------------------------


def test_a_page_of_contacts(org: Org) -> None:
    page = recorded("amp-labs__query_contacts_page")
    for record in page["records"]:
        org.seed("Contact", LastName="x", Department=record["Department"], AssistantName=record["AssistantName"])
    ours = org.ask("SELECT AccountId, Department, AssistantName, Description FROM Contact").json()
    assert {key: ours[key] for key in ("totalSize", "done")} == {key: page[key] for key in ("totalSize", "done")}
    for mine, theirs in zip(ours["records"], page["records"], strict=True):
        assert list(mine) == list(theirs)
        assert mine["Department"] == theirs["Department"]
        assert re.sub("003.*", "", mine["attributes"]["url"]) == re.sub("003.*", "", theirs["attributes"]["url"])


def test_a_compound_address(org: Org) -> None:
    record = recorded("amp-labs__query_leads_page")["records"][0]
    address = {name[0].upper() + name[1:]: value for name, value in record["Address"].items() if value is not None}
    org.seed("Lead", LastName="x", Company="y", FirstName=record["FirstName"], **address)
    (ours,) = org.ask("SELECT Address, City, FirstName FROM Lead").json()["records"]
    assert list(ours["Address"].items()) == list(record["Address"].items())


def test_envelopes(org: Org) -> None:
    assert org.ask("SELECT Id FROM Contact").json() == recorded("restforce__query_empty")
    for _ in range(201):
        org.seed("Contact", LastName="x")
    options = {"Sforce-Query-Options": "batchSize=200"}
    first = org.http.get("query", params={"q": "SELECT Id FROM Contact"}, headers=options).json()
    last = org.http.get(org.url + first["nextRecordsUrl"]).json()
    assert set(first) == set(recorded("restforce__query_first_page"))
    assert set(last) == set(recorded("restforce__query_last_page"))


def test_an_unknown_object(org: Org) -> None:
    same(org.ask("SELECT Id,Name,BillingCity,IsDeleted FROM Accout"), "amp-labs__query_unknown_object")


def test_an_unknown_field(org: Org) -> None:
    """Code and keys are recorded; the pointer before the words is what the documentation shows."""
    response = org.ask("SELECT AccountNumer FROM Account")
    (ours,), (theirs,) = response.json(), recorded("amp-labs__query_unknown_field")
    assert (response.status_code, ours["errorCode"], set(ours)) == (400, theirs["errorCode"], set(theirs))
    assert "No such column 'AccountNumer' on" in ours["message"]


# --- single rows ------------------------------------------------------------------------------------------------------


def test_a_created_row(org: Org) -> None:
    response = org.http.post("sobjects/Account", json={"Name": "Acme"})
    assert response.status_code == 201
    assert shape(response.json()) == shape(recorded("amp-labs__create_account_success"))


def test_refused_writes(org: Org) -> None:
    account = org.create("Account", Name="Acme")
    read_only = org.http.patch(f"sobjects/Account/{account}", json={"MasterRecordId": account})
    same(read_only, "amp-labs__write_read_only_field")
    unknown = org.http.post("sobjects/Contact", json={"foo": 1, "LastName": "x"})
    assert shape(unknown.json()) == shape(recorded("restforce__write_unknown_field"))
    assert unknown.json()[0]["message"] == "No such column 'foo' on sobject of type Contact"
    org.http.delete(f"sobjects/Account/{account}")
    same(org.http.delete(f"sobjects/Account/{account}"), "amp-labs__delete_already_deleted", 404)


def test_upserts(org: Org) -> None:
    unknown = org.http.patch("sobjects/Contact/Namez/x", json={"LastName": "x"})
    same(unknown, "restforce__upsert_unknown_external_id_field", 404)
    for _ in range(2):
        org.seed("Contact", LastName="x", Email="a@x.example")
    several = org.http.patch("sobjects/Contact/Email/a@x.example", json={"LastName": "x"})
    assert several.status_code == 300
    assert shape(several.json()) == shape(recorded("restforce__upsert_multiple_matches"))


def test_an_unknown_describe(org: Org) -> None:
    same(org.http.get("sobjects/Nothing/describe"), "restforce__describe_not_found", 404)


# --- sessions ---------------------------------------------------------------------------------------------------------


def test_sessions(org: Org) -> None:
    refused = httpx.post(f"{org.url}/services/oauth2/token", data={"grant_type": "client_credentials"})
    for name in ("restforce__login_failed", "restforce__refresh_failed"):
        assert shape(refused.json()) == shape(recorded(name))
    org.world.faults.pending.append(Fault("salesforce", "expire"))
    same(org.http.get("limits"), "restforce__expired_session", 401)


# --- collections ------------------------------------------------------------------------------------------------------


def test_created_and_updated_rows(org: Org) -> None:
    created = org.http.post("composite/sobjects", json=recorded("amp-labs__collections_create_contacts_request"))
    assert created.status_code == 200
    assert shape(created.json()) == shape(recorded("amp-labs__collections_create_contacts_success"))
    update = recorded("amp-labs__collections_update_contacts_request")
    for row, result in zip(update["records"], created.json(), strict=True):
        row["id"] = result["id"]
    updated = org.http.patch("composite/sobjects", json=update)
    assert shape(updated.json()) == shape(recorded("amp-labs__collections_update_contacts_success"))


def test_refused_collections(org: Org) -> None:
    typed = {"attributes": {"type": "Contact"}}
    rows = [typed, typed | {"LastName": "x"}]
    refused = org.http.post("composite/sobjects", json={"allOrNone": True, "records": rows})
    same(refused, "amp-labs__collections_create_contacts_all_or_none", 200)
    same(org.http.post("composite/sobjects", json={"records": []}), "amp-labs__collections_create_empty_list")
    same(
        org.http.patch("composite/sobjects", json={"records": rows}),
        "amp-labs__collections_update_contacts_no_ids",
        200,
    )
    ids = [org.create("Contact", LastName="x") for _ in range(2)]
    rows = [typed | {"id": ids[0], "Title": "x"}, typed | {"id": ids[1], "unknownField_LastName": "x"}]
    refused = org.http.patch("composite/sobjects", json={"allOrNone": True, "records": rows})
    same(refused, "amp-labs__collections_update_contacts_all_or_none", 200)


def test_upserted_rows(org: Org) -> None:
    """The recorded requests sent again: people by e-mail, created at first and found later."""
    runs = [call for call in calls("cumulusci__collections_upsert_by_email_and_query") if "created" in str(call[1])]
    assert len(runs) == 2
    for asked, answered in runs:
        ours = org.http.patch("composite/sobjects/Contact/Email", json=asked)
        assert ours.status_code == 200
        assert [(set(row), row["created"]) for row in ours.json()] == [(set(row), row["created"]) for row in answered]


def test_updated_accounts(org: Org) -> None:
    asked, answered = next(call for call in calls("cumulusci__collections_update_account") if call[0])
    for row in asked["records"]:
        row["Id"] = org.create("Account", Name="x")
    ours = org.http.patch("composite/sobjects", json=asked)
    assert shape(ours.json()) == shape(answered)
    assert [row["id"] for row in ours.json()] == [row["Id"] for row in asked["records"]]


# --- bulk jobs --------------------------------------------------------------------------------------------------------


def test_a_bulk_query_job(org: Org) -> None:
    """The same keys in the same order, and the version a number."""
    body = {"operation": "query", "query": "SELECT Id FROM Account", "contentType": "CSV"}
    ours, theirs = org.http.post("jobs/query", json=body).json(), recorded("amp-labs__bulk_query_job_created")
    assert list(ours) == list(theirs)
    assert shape(ours) == shape(theirs)


def test_a_bulk_upload_from_end_to_end(org: Org) -> None:
    """Made, closed, at work and done: each answer has the recorded keys."""
    body = {"operation": "upsert", "object": "Contact", "externalIdFieldName": "Email", "lineEnding": "LF"}
    said = [org.http.post("jobs/ingest", json=body)]
    path = f"jobs/ingest/{said[0].json()['id']}"
    org.http.put(f"{path}/batches", content="Email,LastName\na@x.example,A\n")
    said += [org.http.patch(path, json={"state": "UploadComplete"}), org.http.get(path), org.http.get(path)]
    names = ("bulk_upsert_job_created", "bulk_upsert_job_upload_complete", "bulk_job_in_progress", "bulk_job_complete")
    for response, name in zip(said, names, strict=True):
        theirs = recorded(f"amp-labs__{name}")
        assert response.json()["state"] == theirs["state"]
        assert list(response.json()) == list(theirs)
        assert shape(response.json()) == shape(theirs)


def test_a_bulk_upload_with_an_unknown_column(org: Org) -> None:
    theirs = recorded("amp-labs__bulk_job_failed")
    body = {"operation": "upsert", "object": "Contact", "externalIdFieldName": "Email"}
    path = f"jobs/ingest/{org.http.post('jobs/ingest', json=body).json()['id']}"
    org.http.put(f"{path}/batches", content="Email,StageName_invalid_field_on_purpose\na@x.example,A\n")
    org.http.patch(path, json={"state": "UploadComplete"})
    ours = [org.http.get(path).json() for _ in range(2)][-1]
    varying = {"id", "object", "createdById", "createdDate", "systemModstamp", "externalIdFieldName"}
    assert list(ours) == list(theirs)
    assert {k: v for k, v in ours.items() if k not in varying} == {k: v for k, v in theirs.items() if k not in varying}


def test_a_bulk_row_that_fails(org: Org) -> None:
    """The whole file, apart from the names of its columns."""
    theirs = (RECORDED / "amp-labs__bulk_failed_results.csv").read_text().strip()
    names = {"StageName": "Title", ",Name": ",FirstName", "external_id__c": "LastName", "CloseDate": "Birthdate"}
    for name, ours in names.items():
        theirs = theirs.replace(name, ours)
    columns = theirs.splitlines()[0].partition('"sf__Error",')[2]
    row = theirs.splitlines()[1].split(' --",')[1]
    job = org.http.post("jobs/ingest", json={"operation": "insert", "object": "Contact"}).json()["id"]
    path = f"jobs/ingest/{job}"
    org.http.put(f"{path}/batches", content=f"{columns}\n{row}\n")
    org.http.patch(path, json={"state": "UploadComplete"})
    for _ in range(2):
        org.http.get(path)
    assert org.http.get(f"{path}/failedResults").text.strip() == theirs


# --- composite --------------------------------------------------------------------------------------------------------


def compose(org: Org, *parts: dict[str, str]) -> Any:
    response = org.http.post("composite", json={"compositeRequest": parts})
    assert response.status_code == 200
    return response.json()


def test_a_composite_with_a_missing_object(org: Org) -> None:
    part = {"referenceId": "CCI__RefId__0__", "method": "GET", "url": "/services/data/v60.0/sobjects/Foo"}
    ((_, theirs),) = calls("cumulusci__composite_not_found")
    assert compose(org, part) == theirs


def test_a_composite_that_half_fails(org: Org) -> None:
    ((_, theirs),) = calls("cumulusci__composite_count_partial_failure")
    for _ in range(theirs["compositeResponse"][0]["body"]["totalSize"]):
        org.seed("Account", Name="x")
    url = "/services/data/v60.0/query/?q=select count() from "
    ours = compose(
        org,
        {"referenceId": "refAccount", "method": "GET", "url": f"{url}Account"},
        {"referenceId": "refXYZZY", "method": "GET", "url": f"{url}XYZZY"},
    )
    assert ours == theirs


# --- replication ------------------------------------------------------------------------------------------------------


def test_replication(org: Org) -> None:
    now = datetime.now(UTC)
    kept, gone = (org.seed("Contact", LastName="x", at=now - timedelta(hours=1)) for _ in range(2))
    salesforce.merge(org.world, "Contact", kept, [gone])
    window = {"start": (now - timedelta(hours=2)).isoformat(), "end": (now + timedelta(minutes=2)).isoformat()}
    updated = org.http.get("sobjects/Contact/updated", params=window).json()
    assert shape(updated) == shape(recorded("restforce__get_updated"))
    deleted = org.http.get("sobjects/Contact/deleted", params=window).json()
    assert shape(deleted) == shape(recorded("restforce__get_deleted"))
