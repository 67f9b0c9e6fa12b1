"""The Salesforce emulator against its fact sheet: sessions, rows, paging, collections, faults, people."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tasks.sandbox import salesforce
from tasks.sandbox.faults import Fault
from tasks.sandbox.salesforce.ids import is_id, to18
from tasks.sandbox.store import Store
from tasks.sandbox.world import World
from tests.contract.salesforce_world import LONG_AGO, Org, error_of, org, serving, stage

__all__ = ["org", "stage"]


def typed(name: str, **values: Any) -> dict[str, Any]:
    return {"attributes": {"type": name}, **values}


def fault(org: Org, kind: str, times: int = 1) -> None:
    org.world.faults.pending.append(Fault("salesforce", kind, times))


# --- sessions ---------------------------------------------------------------------------------------------------------


def test_a_token_has_the_documented_keys_and_no_lifetime(org: Org) -> None:
    response = org.log_in()
    assert response.headers["cache-control"] == "no-store"
    granted = response.json()
    assert set(granted) == {"access_token", "signature", "scope", "instance_url", "id", "token_type", "issued_at"}
    assert granted["instance_url"] == org.url
    assert granted["issued_at"].isdigit()


def test_credentials_may_come_as_basic(org: Org) -> None:
    form, auth = {"grant_type": "client_credentials"}, (org.client_id, org.client_secret)
    assert httpx.post(f"{org.url}/services/oauth2/token", data=form, auth=auth).status_code == 200


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "wrong"}, "invalid_client_id"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_refused_logins_are_objects(org: Org, change: dict[str, str], error: str) -> None:
    form = {"grant_type": "client_credentials", "client_id": org.client_id, "client_secret": org.client_secret}
    response = httpx.post(f"{org.url}/services/oauth2/token", data=form | change)
    assert (response.status_code, response.json()["error"]) == (400, error)


def test_expire_ends_the_session_until_the_next_login(org: Org) -> None:
    fault(org, "expire")
    for _ in range(2):
        assert error_of(org.http.get("limits")) == (401, "INVALID_SESSION_ID")
    org.log_in()
    assert org.http.get("limits").status_code == 200


def test_the_organisation_and_the_session_survive_a_restart(tmp_path: Path) -> None:
    seen = []
    for _ in range(2):
        store = Store(tmp_path / "world.sqlite")
        with serving(World(store)) as served:
            served.create("Contact", LastName="Kept")
            me = served.http.get(f"{served.url}/services/oauth2/userinfo").json()
            seen.append((me["organization_id"], served.http.headers["authorization"]))
            count = served.ask("SELECT COUNT() FROM Contact").json()["totalSize"]
        store.close()
    assert seen[0] == seen[1]
    assert count == 2


# --- addresses --------------------------------------------------------------------------------------------------------


def test_versions_31_to_66_are_served(org: Org) -> None:
    listed = httpx.get(f"{org.url}/services/data")
    assert "sforce-limit-info" not in listed.headers
    assert [each["version"] for each in listed.json()] == [f"{n}.0" for n in range(31, 67)]
    assert listed.json()[0] == {"label": "Summer '14", "url": "/services/data/v31.0", "version": "31.0"}
    assert [org.http.get(f"{org.url}/services/data/v{n}.0/limits").status_code for n in (30, 31, 66, 67)] == [
        404, 200, 200, 404,
    ]  # fmt: skip


def test_the_resources_are_listed(org: Org) -> None:
    assert org.http.get("").json()["query"] == "/services/data/v60.0/query"


def test_every_data_call_is_counted(org: Org) -> None:
    used = [org.http.get("limits").headers["sforce-limit-info"] for _ in range(2)]
    assert used == ["api-usage=1/15000", "api-usage=2/15000"]
    assert org.http.get("limits").json()["DailyApiRequests"]["Remaining"] == 15_000 - 2


def test_the_daily_limit_holds_where_real_limits_do(org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.sandbox.salesforce.web.DAILY_CALLS", 1)
    assert [org.http.get("limits").status_code for _ in range(2)] == [200, 200]
    org.world.real_limits = True
    assert error_of(org.http.get("limits")) == (403, "REQUEST_LIMIT_EXCEEDED")


@pytest.mark.parametrize(("length", "status"), [(15_000, 400), (16_300, 431), (16_500, 414)])
def test_long_addresses(org: Org, length: int, status: int) -> None:
    assert org.http.get("query", params={"q": "x" * length}).status_code == status


def test_a_long_query_fits_in_a_composite(org: Org) -> None:
    kept = org.create("Contact", LastName="Kept", Email="kept@x.example")
    emails = ", ".join(f"'p{n}@x.example'" for n in range(1_500))
    soql = f"SELECT Id FROM Contact WHERE Email IN ({emails}, 'kept@x.example')"
    part = {"method": "GET", "url": f"/services/data/v60.0/query?q={soql}", "referenceId": "long"}
    (answered,) = org.http.post("composite", json={"compositeRequest": [part]}).json()["compositeResponse"]
    assert answered["httpStatusCode"] == 200
    assert [row["Id"] for row in answered["body"]["records"]] == [kept]


def test_a_composite_is_one_call_with_many_fates(org: Org) -> None:
    base = "/services/data/v60.0/sobjects/Contact"
    parts = [
        {"method": "PATCH", "url": f"{base}/Email/a%40x.example", "body": {"LastName": "A"}, "referenceId": "made"},
        {"method": "POST", "url": f"{base}/", "body": {"FirstName": "B"}, "referenceId": "refused"},
    ]
    response = org.http.post("composite", json={"compositeRequest": parts})
    made, refused = response.json()["compositeResponse"]
    assert (made["httpStatusCode"], made["referenceId"], refused["httpStatusCode"]) == (201, "made", 400)
    assert made["httpHeaders"]["Location"].endswith(made["body"]["id"])
    assert org.row("Contact", made["body"]["id"])["Email"] == "a@x.example"
    assert response.headers["sforce-limit-info"].startswith("api-usage=1/")


# --- single rows ------------------------------------------------------------------------------------------------------


def test_a_row_lives_and_dies(org: Org) -> None:
    created = org.http.post("sobjects/Contact", json={"LastName": "Adams", "Title": "", "FirstName": "Zoe"})
    record_id = created.json()["id"]
    assert created.headers["location"] == f"/services/data/v60.0/sobjects/Contact/{record_id}"
    before = org.row("Contact", record_id)
    assert (before["Name"], before["Title"], before["DoNotCall"]) == ("Zoe Adams", None, False)
    path = f"sobjects/Contact/{record_id[:15]}"
    assert org.http.patch(path, json={"firstname": None}).status_code == 204
    after = org.row("Contact", record_id)
    assert (after["Name"], after["CreatedDate"]) == ("Adams", before["CreatedDate"])
    assert after["SystemModstamp"] > before["SystemModstamp"]
    assert org.http.delete(path).status_code == 204
    assert error_of(org.http.get(path)) == (404, "NOT_FOUND")
    assert error_of(org.http.delete(path)) == (404, "ENTITY_IS_DELETED")
    assert error_of(org.http.patch(path, json={"Title": "x"})) == (404, "ENTITY_IS_DELETED")


def test_fields_are_chosen(org: Org) -> None:
    path = f"sobjects/Contact/{org.create('Contact', LastName='Adams')}"
    chosen = org.http.get(path, params={"fields": "LastName,Phone"})
    assert list(chosen.json()) == ["attributes", "LastName", "Phone", "Id"]
    assert chosen.headers["last-modified"].endswith("GMT")
    assert error_of(org.http.get(path, params={"fields": "Nope"})) == (400, "INVALID_FIELD")


@pytest.mark.parametrize(
    ("name", "values", "code", "fields"),
    [
        ("Contact", {"FirstName": "x"}, "REQUIRED_FIELD_MISSING", ["LastName"]),
        ("Contact", {"LastName": ""}, "REQUIRED_FIELD_MISSING", ["LastName"]),
        ("Lead", {"LastName": "x"}, "REQUIRED_FIELD_MISSING", ["Company"]),
        ("Contact", {"LastName": "x", "Email": "no mail"}, "INVALID_EMAIL_ADDRESS", ["Email"]),
        ("Contact", {"LastName": "x" * 81}, "STRING_TOO_LONG", ["LastName"]),
        ("Contact", {"LastName": "x", "Nope": 1}, "INVALID_FIELD", None),
        ("Contact", {"LastName": "x", "Name": "y"}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["Name"]),
        ("Contact", {"LastName": "x", "AccountId": "nope"}, "MALFORMED_ID", ["AccountId"]),
        ("Contact", {"LastName": "x", "AccountId": "001000000000001AAA"}, "INVALID_CROSS_REFERENCE_KEY", []),
        ("Contact", {"LastName": "x", "DoNotCall": "maybe"}, "JSON_PARSER_ERROR", None),
        ("Contact", {"LastName": {"a": 1}}, "JSON_PARSER_ERROR", None),
        ("Contact", {"LastName": "x", "Birthdate": "soon"}, "JSON_PARSER_ERROR", None),
        ("Task", {"CallType": "Sideways"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ["CallType"]),
        ("Task", {"IsClosed": True}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["IsClosed"]),
    ],
)  # fmt: skip
def test_refused_rows(org: Org, name: str, values: dict[str, Any], code: str, fields: list[str] | None) -> None:
    response = org.http.post(f"sobjects/{name}", json=values)
    assert error_of(response) == (400, code)
    assert response.json()[0].get("fields") == fields
    assert org.ask(f"SELECT COUNT() FROM {name}").json()["totalSize"] == 0


def test_too_long_names_the_label(org: Org) -> None:
    (error,) = org.http.post("sobjects/Account", json={"Name": "x" * 256}).json()
    assert error["message"] == f"Account Name: data value too large: {'x' * 256} (max length=255)"


def test_unrestricted_picklists_take_any_text(org: Org) -> None:
    lead = org.create("Lead", LastName="x", Company="y", Status="Nurturing")
    assert org.row("Lead", lead)["Status"] == "Nurturing"
    assert org.row("Lead", org.create("Lead", LastName="x", Company="y"))["Status"] == "Open - Not Contacted"


def test_addresses_show_as_one(org: Org) -> None:
    row = org.row("Contact", org.create("Contact", LastName="x", MailingCity="Rome"))
    assert row["OtherAddress"] is None
    assert row["MailingAddress"]["city"] == "Rome"


def test_upsert_by_email(org: Org) -> None:
    path = "sobjects/Contact/Email/Ann%40x.example"
    first, second = (org.http.patch(path, json={"LastName": name}) for name in ("One", "Two"))
    assert (first.status_code, first.json()["created"]) == (201, True)
    assert (second.status_code, second.json()["created"]) == (200, False)
    assert org.http.get("sobjects/Contact/Email/ANN@x.example").json()["LastName"] == "Two"
    other = org.create("Contact", LastName="Three", Email="ann@X.example")
    several = org.http.patch(path, json={"LastName": "Four"})
    assert several.status_code == 300
    assert [url.rpartition("/")[2] for url in several.json()] == [first.json()["id"], other]
    assert error_of(org.http.patch("sobjects/Contact/Namez/x", json={})) == (404, "NOT_FOUND")
    assert error_of(org.http.patch(path, json={"Email": "x@y.example"})) == (400, "INVALID_FIELD")
    absent = org.http.patch("sobjects/Contact/Email/no@x.example?updateOnly=true", json={"LastName": "x"})
    assert error_of(absent) == (404, "NOT_FOUND")


def test_hidden_fields_are_nowhere(org: Org) -> None:
    salesforce.hide(org.world, "Contact.DoNotCall")
    described = {field["name"] for field in org.http.get("sobjects/Contact/describe").json()["fields"]}
    assert "DoNotCall" not in described
    assert "HasOptedOutOfEmail" in described
    assert error_of(org.ask("SELECT DoNotCall FROM Contact")) == (400, "INVALID_FIELD")


# --- paging -----------------------------------------------------------------------------------------------------------


def test_pages_follow_their_addresses(org: Org) -> None:
    ids = [org.seed("Contact", LastName=f"P{n}") for n in range(450)]
    options = {"Sforce-Query-Options": "batchSize=200"}
    page = org.http.get("queryAll/", params={"q": "SELECT Id FROM Contact ORDER BY Id"}, headers=options).json()
    seen, sizes = page["records"], [len(page["records"])]
    while not page["done"]:
        assert page["nextRecordsUrl"].startswith("/services/data/v60.0/query/0r8")
        page = org.http.get(org.url + page["nextRecordsUrl"]).json()
        seen, sizes = seen + page["records"], [*sizes, len(page["records"])]
        assert page["totalSize"] == 450
    assert "nextRecordsUrl" not in page
    assert (sizes, [row["Id"] for row in seen]) == ([200, 200, 50], sorted(ids))


@pytest.mark.parametrize(("wish", "size"), [("10", 200), ("300", 300), ("9000", 1100)])
def test_a_page_has_200_to_2000_rows(org: Org, wish: str, size: int) -> None:
    for n in range(1_100):
        org.seed("Contact", LastName=f"P{n}")
    options = {"Sforce-Query-Options": f"batchSize={wish}"}
    for fields, most in (("Id", 2_000), ("Id, Description", 1_000)):  # fewer than asked where rows are heavy
        page = org.http.get("query", params={"q": f"SELECT {fields} FROM Contact"}, headers=options).json()
        assert len(page["records"]) == min(size, most)


def test_a_locator_is_taken_by_both_paths(org: Org) -> None:
    """A queryAll's next address says `query`; the other works as well."""
    for n in range(201):
        org.seed("Contact", LastName=f"P{n}")
    options = {"Sforce-Query-Options": "batchSize=200"}
    page = org.http.get("queryAll", params={"q": "SELECT Id FROM Contact"}, headers=options).json()
    by_query = org.http.get(org.url + page["nextRecordsUrl"]).json()
    assert org.http.get(org.url + page["nextRecordsUrl"].replace("/query/", "/queryAll/")).json() == by_query


def test_an_unknown_locator(org: Org) -> None:
    assert error_of(org.http.get("query/0r8xx0000000000ASK-2000")) == (400, "INVALID_QUERY_LOCATOR")


# --- collections ------------------------------------------------------------------------------------------------------


def test_each_row_has_its_own_fate(org: Org) -> None:
    ids = [org.create("Contact", LastName=name) for name in ("A", "B")]
    rows = [
        typed("Contact", id=ids[1], LastName="B2"),
        typed("Contact", Id="003000000000000AAA", LastName="x"),
        typed("Contact", id=ids[0], Email="bad"),
        {"id": ids[0], "attributes": {"type": "Contact"}, "LastName": "A2"},
    ]
    response = org.http.patch("composite/sobjects", json={"allOrNone": False, "records": rows})
    assert response.status_code == 200
    results = response.json()
    assert [result["success"] for result in results] == [True, False, False, True]
    assert [result["errors"][0]["statusCode"] for result in results if result["errors"]] == [
        "INVALID_CROSS_REFERENCE_KEY", "INVALID_EMAIL_ADDRESS",
    ]  # fmt: skip
    assert [result.get("id") for result in results] == [ids[1], None, None, ids[0]]
    assert [org.row("Contact", each)["LastName"] for each in ids] == ["A2", "B2"]


@pytest.mark.parametrize("status", [200, 400])
def test_all_or_none_takes_everything_back(org: Org, status: int) -> None:
    org.world.switches.all_or_none_status = status
    kept = org.create("Contact", LastName="Kept")
    before = org.row("Contact", kept)
    for method, rows in (
        ("POST", [typed("Contact", LastName="New"), typed("Contact")]),
        ("PATCH", [typed("Contact", id=kept, LastName="Moved"), typed("Contact", id=kept, Nope=1)]),
    ):
        response = org.http.request(method, "composite/sobjects", json={"allOrNone": True, "records": rows})
        assert response.status_code == status
        assert response.json()[0]["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert org.row("Contact", kept) == before
    assert org.ids("SELECT Id FROM Contact") == [kept]


def test_upsert_delete_and_retrieve(org: Org) -> None:
    rows = [typed("Contact", Email="a@x.example", LastName="A"), typed("Contact", Email="b@x.example", LastName="B")]
    paths = ["composite/sobjects/Contact/Email"] * 2
    first, second = (org.http.patch(path, json={"records": rows}).json() for path in paths)
    ids = [result["id"] for result in first]
    assert [result["created"] for result in first + second] == [True, True, False, False]
    assert [result["id"] for result in second] == ids
    wanted = [ids[1], "003000000000000AAA", ids[0][:15]]
    by_body = org.http.post("composite/sobjects/Contact", json={"ids": wanted, "fields": ["Email", "Id"]})
    by_address = org.http.get("composite/sobjects/Contact", params={"ids": ",".join(wanted), "fields": "Email,Id"})
    assert by_body.json() == by_address.json()
    assert [row and row["Email"] for row in by_body.json()] == ["b@x.example", None, "a@x.example"]
    deleted = org.http.delete("composite/sobjects", params={"ids": ",".join([*ids, ids[0]]), "allOrNone": "false"})
    assert [result["success"] for result in deleted.json()] == [True, True, False]
    assert org.ids("SELECT Id FROM Contact") == []


def test_collection_limits(org: Org) -> None:
    for count, code in ((0, "REQUIRED_FIELD_MISSING"), (201, "EXCEEDED_ID_LIMIT")):
        rows = [typed("Contact", LastName="x")] * count
        assert error_of(org.http.post("composite/sobjects", json={"records": rows})) == (400, code)
    body = {"ids": ["003000000000000AAA"] * 2_001, "fields": ["Id"]}
    assert error_of(org.http.post("composite/sobjects/Contact", json=body)) == (400, "EXCEEDED_ID_LIMIT")
    assert org.ids("SELECT Id FROM Contact") == []


# --- faults -----------------------------------------------------------------------------------------------------------


def test_lock_refuses_one_row(org: Org) -> None:
    record_id = org.create("Contact", LastName="A")
    fault(org, "lock")
    assert error_of(org.http.patch(f"sobjects/Contact/{record_id}", json={"Title": "x"})) == (400, "UNABLE_TO_LOCK_ROW")
    fault(org, "lock")
    rows = [typed("Contact", LastName=name) for name in "BCD"]
    results = org.http.post("composite/sobjects", json={"records": rows}).json()
    assert [result["success"] for result in results] == [False, True, True]
    assert results[0]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
    assert org.row("Contact", record_id)["Title"] is None


def test_partial_does_the_first_half(org: Org) -> None:
    fault(org, "partial")
    rows = [typed("Contact", LastName=name) for name in "ABCD"]
    results = org.http.post("composite/sobjects", json={"records": rows}).json()
    assert [result["success"] for result in results] == [True, True, False, False]
    assert len(org.ids("SELECT Id FROM Contact")) == 2


@pytest.mark.parametrize(("kind", "code"), [("429", "REQUEST_LIMIT_EXCEEDED"), ("503", "SERVER_UNAVAILABLE")])
def test_busy_bodies(kind: str, code: str) -> None:
    response = salesforce.busy(kind)
    assert response.status_code == int(kind)
    assert f'"errorCode":"{code}"'.encode() in response.body


# --- what people do ---------------------------------------------------------------------------------------------------


def test_converting_a_lead(org: Org) -> None:
    lead = org.create("Lead", LastName="Ray", FirstName="Ana", Company="Acme", Phone="1", City="Rome", DoNotCall=True)
    task = org.create("Task", WhoId=lead, Subject="Call", Status="Completed")
    made = salesforce.convert(org.world, lead)
    contact = org.row("Contact", made["contact_id"])
    assert (contact["Name"], contact["MailingCity"], contact["DoNotCall"]) == ("Ana Ray", "Rome", True)
    assert org.row("Account", made["account_id"])["Name"] == "Acme"
    moved = org.row("Task", task)
    assert (moved["WhoId"], moved["AccountId"]) == (made["contact_id"], made["account_id"])
    gone = org.row("Lead", lead)
    assert (gone["IsConverted"], gone["IsDeleted"], gone["ConvertedContactId"]) == (True, False, made["contact_id"])
    assert gone["LastModifiedById"] != contact["OwnerId"]
    for refused in (
        org.http.patch(f"sobjects/Lead/{lead}", json={"Title": "x"}),
        org.http.post("sobjects/Task", json={"WhoId": lead}),
    ):
        assert error_of(refused) == (400, "CANNOT_UPDATE_CONVERTED_LEAD")
    with pytest.raises(ValueError, match="already"):
        salesforce.convert(org.world, lead)


def test_converting_into_a_contact_fills_only_gaps(org: Org) -> None:
    contact = org.create("Contact", LastName="Old", Phone="1")
    lead = org.create("Lead", LastName="New", Company="Acme", Phone="2", Email="n@x.example")
    assert salesforce.convert(org.world, lead, contact)["contact_id"] == contact
    row = org.row("Contact", contact)
    assert (row["LastName"], row["Phone"], row["Email"]) == ("Old", "1", "n@x.example")
    assert row["AccountId"] is not None


def test_merging(org: Org) -> None:
    master, loser = (org.create("Contact", LastName=name) for name in ("Kept", "Lost"))
    task = org.create("Task", WhoId=loser)
    salesforce.merge(org.world, "Contact", master, [loser])
    soql = "SELECT Id, MasterRecordId FROM Contact WHERE IsDeleted = true AND MasterRecordId != null"
    assert org.records(soql, "queryAll") == [{"Id": loser, "MasterRecordId": master}]
    assert error_of(org.http.get(f"sobjects/Contact/{loser}")) == (404, "NOT_FOUND")
    assert org.row("Task", task)["WhoId"] == master
    for name, kept, lost in (("Task", master, [loser]), ("Contact", master, [loser]), ("Contact", master, [master])):
        with pytest.raises(ValueError, match=r"merge|There is no"):
            salesforce.merge(org.world, name, kept, lost)


def test_updated_and_deleted(org: Org) -> None:
    at = datetime.now(UTC) - timedelta(days=2)
    recent, gone = (org.seed("Contact", LastName=name, at=at) for name in ("New", "Gone"))
    org.seed("Contact", LastName="Old", at=LONG_AGO)
    org.http.delete(f"sobjects/Contact/{gone}")
    now = datetime.now(UTC) + timedelta(minutes=2)
    window = {"start": (at - timedelta(hours=1)).isoformat(), "end": now.isoformat()}
    assert org.http.get("sobjects/Contact/updated/", params=window).json()["ids"] == [recent]
    deleted = org.http.get("sobjects/Contact/deleted/", params=window).json()
    assert [row["id"] for row in deleted["deletedRecords"]] == [gone]
    for bad in ({"start": window["end"], "end": window["start"]}, {"start": "x", "end": "y"}):
        assert error_of(org.http.get("sobjects/Contact/updated/", params=bad)) == (400, "INVALID_REPLICATION_DATE")


def test_seeded_rows_are_a_persons_and_old(org: Org) -> None:
    row = org.row("Lead", org.seed("Lead", LastName="x", Company="y"))
    assert row["CreatedDate"] == row["LastModifiedDate"] == row["SystemModstamp"] == "2024-03-01T12:00:00.000+0000"
    me = org.http.get(f"{org.url}/services/oauth2/userinfo").json()["user_id"]
    assert row["LastModifiedById"] != me
    org.http.patch(f"sobjects/Lead/{row['Id']}", json={"Title": "x"})
    assert org.row("Lead", row["Id"])["LastModifiedById"] == me


def test_calls_are_found_by_their_natural_key(org: Org) -> None:
    contact = org.create("Contact", LastName="x")
    call = {"CallType": "Inbound", "CallDurationInSeconds": 61, "CallObject": "dialer:7", "TaskSubtype": "Call"}
    task = org.create("Task", WhoId=contact, Subject="Call", Status="Completed", ActivityDate="2026-01-02", **call)
    assert org.ids("SELECT Id FROM Task WHERE CallObject = 'dialer:7'") == [task]
    row = org.row("Task", task)
    assert (row["IsClosed"], row["Priority"], row["CallDurationInSeconds"]) == (True, "Normal", 61)
    changed = org.http.patch(f"sobjects/Task/{task}", json={"TaskSubtype": "Email"})
    assert error_of(changed) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")


def test_the_id_checksum() -> None:
    assert to18("003ak00000luKU1") == "003ak00000luKU1AAM"  # recorded
    assert is_id("003ak00000luKU1AAM")
    assert not is_id("003ak00000luKU1AAA")
