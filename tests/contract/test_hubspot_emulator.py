"""What the HubSpot emulator promises beyond the recordings: limits, conflicts, search, merges, faults."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tasks.sandbox.faults import Fault
from tasks.sandbox.hubspot import busy, seed
from tasks.sandbox.hubspot.errors import Conflict
from tasks.sandbox.store import Store
from tasks.sandbox.world import Clock, World
from tests.contract.hubspot_world import CONTACTS, LONG_AGO, PROPERTIES, Portal, Stage, staged


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with staged() as served:
        yield served


@pytest.fixture
def hub(stage: Stage) -> Iterator[Portal]:
    with stage.portal() as fresh:
        yield fresh


def where(name: str, operator: str, **given: Any) -> dict[str, Any]:
    return {"propertyName": name, "operator": operator, **given}


def traced(*properties: dict[str, str]) -> dict[str, Any]:
    return {"inputs": [{"properties": p, "objectWriteTraceId": str(n)} for n, p in enumerate(properties)]}


def properties_of(hub: Portal, record: str, *names: str) -> dict[str, str | None]:
    answer = hub.http.get(f"{CONTACTS}/{record}", params={"properties": ",".join(names)})
    assert answer.status_code == 200, answer.text
    found: dict[str, str | None] = answer.json()["properties"]
    return found


# The door


def test_a_wrong_token_is_refused_in_hubspots_words(hub: Portal) -> None:
    answer = httpx.get(f"{hub.url}{CONTACTS}", headers={"Authorization": "Bearer other"})
    assert answer.status_code == 401
    assert answer.json()["category"] == "INVALID_AUTHENTICATION"
    assert answer.json()["message"].startswith("Authentication credentials not found. This API supports OAuth 2.0")
    assert answer.headers["X-HubSpot-Correlation-Id"] == answer.json()["correlationId"]


@pytest.mark.parametrize("base", ["/crm/v3/objects", "/crm/objects/2026-03", "/crm/objects/2026-09"])
@pytest.mark.parametrize("name", ["contacts", "CONTACT", "0-1"])
def test_all_addresses_of_contacts_answer_alike(hub: Portal, base: str, name: str) -> None:
    record = hub.seed(email="a@example.com")
    assert hub.http.get(f"{base}/{name}/{record}").json()["properties"]["email"] == "a@example.com"


def test_dated_addresses_of_the_rest(hub: Portal) -> None:
    for path in ("/crm/properties/2026-09/contacts/email", "/crm/owners/2026-09", "/account-info/2026-03/details"):
        assert hub.http.get(path).status_code == 200
    assert hub.http.get("/crm/objects/2031-03/contacts").status_code == 404


def test_rate_headers_count_down_and_searches_carry_daily_ones_only(hub: Portal) -> None:
    first, second = (hub.http.get(CONTACTS).headers for _ in range(2))
    left = "X-HubSpot-RateLimit-Remaining"
    assert (first["X-HubSpot-RateLimit-Max"], int(first[left]) - int(second[left])) == ("100", 1)
    assert first["content-type"] == "application/json;charset=utf-8"
    searched = hub.post(f"{CONTACTS}/search", {}).headers
    assert "X-HubSpot-RateLimit-Daily-Remaining" in searched
    assert left not in searched
    assert hub.http.get("/account-info/v3/api-usage/daily/private-apps").json()["results"][0]["currentUsage"] == 4


class StoppedClock(Clock):
    """Time moves when told to."""

    moment = LONG_AGO

    def now(self) -> datetime:
        return self.moment


def test_real_limits_refuse_the_sixth_search_and_the_burst(stage: Stage) -> None:
    clock = StoppedClock()
    with stage.portal(World(Store(), clock, real_limits=True)) as hub:
        searches = [hub.post(f"{CONTACTS}/search", {}) for _ in range(6)]
        assert [a.status_code for a in searches] == [200] * 5 + [429]
        assert searches[-1].json()["message"] == "You have reached your secondly limit."
        assert "policyName" not in searches[-1].json()
        reads = [hub.http.get(CONTACTS) for _ in range(101)]
        assert [a.status_code for a in reads] == [200] * 100 + [429]
        assert reads[-1].json()["policyName"] == "TEN_SECONDLY_ROLLING"
        clock.moment += timedelta(seconds=10)
        assert hub.http.get(CONTACTS).status_code == 200


def test_a_portal_survives_a_restart(stage: Stage, tmp_path: Path) -> None:
    """Rows, held addresses, edited options and the token are still there."""
    store = Store(tmp_path / "world.sqlite")
    with stage.portal(World(store)) as hub:
        token, record = hub.token, hub.seed(email="a@example.com", phone="1")
        hub.http.patch(f"{PROPERTIES}/hs_lead_status", json={"options": [{"label": "Only", "value": "ONLY"}]})
    store.close()
    with stage.portal(World(Store(tmp_path / "world.sqlite"))) as hub:
        assert hub.token == token
        assert properties_of(hub, record, "phone")["phone"] == "1"
        assert hub.post(CONTACTS, {"properties": {"email": "a@example.com"}}).status_code == 409
        assert len(hub.http.get(f"{PROPERTIES}/hs_lead_status").json()["options"]) == 1


def test_bad_json_is_named_by_line_and_column(hub: Portal) -> None:
    answer = hub.http.post(CONTACTS, content=b'{\n "properties": {]}')
    assert (answer.status_code, "category" in answer.json()) == (400, False)
    assert answer.json()["message"].startswith("Invalid input JSON on line 2, column 17: ")


# Values


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"nickname": "x"}, "PROPERTY_DOESNT_EXIST"),
        ({"hs_lead_status": "new"}, "INVALID_OPTION"),
        ({"email": "not an address"}, "INVALID_EMAIL"),
        ({"hs_calculated_phone_number": "+14155552671"}, "READ_ONLY_VALUE"),
        ({"hubspot_owner_id": "1"}, "INVALID_OPTION"),
    ],
)
def test_values_that_are_refused(hub: Portal, properties: dict[str, str], code: str) -> None:
    record = hub.seed(email="a@example.com")
    for answer in (
        hub.post(CONTACTS, {"properties": properties}),
        hub.http.patch(f"{CONTACTS}/{record}", json={"properties": properties}),
    ):
        assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
        assert answer.json()["errors"][0]["code"] == code


def test_an_empty_string_clears_and_is_echoed(hub: Portal) -> None:
    record = hub.seed(phone="555-122-2323")
    answer = hub.http.patch(f"{CONTACTS}/{record}", json={"properties": {"phone": ""}})
    assert answer.json()["properties"]["phone"] == ""
    assert properties_of(hub, record, "phone")["phone"] is None


@pytest.mark.parametrize(
    ("phone", "calculated", "searchable"),
    [
        ("+33 6 12 34 56 78", "+33612345678", "612345678"),
        ("555-122-2323", None, "5551222323"),
        ("08180854296", None, "8180854296"),
        ("call me", None, None),
    ],
)
def test_calculated_phones(hub: Portal, phone: str, calculated: str | None, searchable: str | None) -> None:
    names = ("hs_calculated_phone_number", "hs_searchable_calculated_phone_number")
    found = properties_of(hub, hub.seed(phone=phone), *names)
    assert (found[names[0]], found[names[1]]) == (calculated, searchable)


def test_every_write_moves_the_modification_date(hub: Portal) -> None:
    record = hub.seed(firstname="Ann")
    dates = [properties_of(hub, record)["lastmodifieddate"]]
    for _ in range(2):
        hub.http.patch(f"{CONTACTS}/{record}", json={"properties": {"firstname": "Ann"}})
        dates.append(properties_of(hub, record)["lastmodifieddate"])
    assert dates[0] == "2024-03-01T12:30:00.250Z"
    assert dates == sorted(set(dates), key=str)


# Uniqueness


def test_an_update_to_a_taken_address_names_the_holder_second(hub: Portal) -> None:
    holder, record = hub.seed(email="a@example.com"), hub.seed(email="b@example.com")
    answer = hub.http.patch(f"{CONTACTS}/{record}", json={"properties": {"email": "A@example.com"}})
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    assert answer.json()["message"] == (
        "Cannot set PropertyValueCoordinates{portalId=44237313, propertyName=email, value=a@example.com}"
        f" on {record}. {holder} already has that value."
    )


def test_an_address_may_be_released_and_claimed_in_one_batch_in_that_order(hub: Portal) -> None:
    first, second = hub.seed(email="a@example.com"), hub.seed(email="b@example.com")
    release = {"id": first, "properties": {"email": "c@example.com"}}
    claim = {"id": second, "properties": {"email": "a@example.com"}}
    assert hub.post(f"{CONTACTS}/batch/update", {"inputs": [claim, release]}).status_code == 400
    assert properties_of(hub, first, "email")["email"] == "a@example.com"
    assert hub.post(f"{CONTACTS}/batch/update", {"inputs": [release, claim]}).status_code == 200
    assert hub.http.get(f"{CONTACTS}/a@example.com?idProperty=email").json()["id"] == second


def test_one_address_twice_in_a_traced_batch_fails_the_second(hub: Portal) -> None:
    same = {"email": "a@example.com"}
    body = hub.post(f"{CONTACTS}/batch/create", traced(same, same)).json()
    assert body["errors"][0]["context"] == {"objectWriteTraceId": ["1"], "existingId": [body["results"][0]["id"]]}


def test_a_bad_value_fails_alone_with_trace_ids(hub: Portal) -> None:
    answer = hub.post(f"{CONTACTS}/batch/create", traced({"hs_lead_status": "?"}, {"firstname": "Ann"}))
    assert (answer.status_code, answer.json()["numErrors"]) == (207, 1)
    assert answer.json()["errors"][0]["category"] == "VALIDATION_ERROR"
    assert answer.json()["errors"][0]["context"] == {"objectWriteTraceId": ["0"]}
    assert [r["properties"]["firstname"] for r in answer.json()["results"]] == ["Ann"]


def test_archiving_frees_the_address(hub: Portal) -> None:
    record = hub.seed(email="a@example.com")
    assert hub.http.delete(f"{CONTACTS}/{record}").status_code == 204
    assert hub.http.get(f"{CONTACTS}/{record}").status_code == 404
    assert hub.http.get(f"{CONTACTS}/{record}?archived=True").json()["archived"] is True
    assert hub.post(CONTACTS, {"properties": {"email": "a@example.com"}}).status_code == 201


def test_a_unique_custom_property_identifies_contacts(hub: Portal) -> None:
    definition = {"name": "key", "label": "Key", "groupName": "contactinformation", "type": "string"}
    hub.post(PROPERTIES, {**definition, "fieldType": "text", "hasUniqueValue": True})
    body = {"inputs": [{"id": "k1", "idProperty": "key", "properties": {"firstname": "Ann"}}]}
    first, second = (hub.post(f"{CONTACTS}/batch/upsert", body).json()["results"][0] for _ in range(2))
    assert (first["new"], second["new"], first["id"]) == (True, False, second["id"])
    assert hub.post(CONTACTS, {"properties": {"key": "k1"}}).status_code == 409


def test_seeds_never_share_an_address(hub: Portal) -> None:
    hub.seed(email="a@example.com")
    with pytest.raises(Conflict):
        seed(hub.world, {"email": "A@example.com"}, LONG_AGO)


def test_batches_take_a_hundred_inputs(hub: Portal) -> None:
    body = {"inputs": [{"properties": {"firstname": str(n)}} for n in range(101)]}
    assert hub.post(f"{CONTACTS}/batch/create", body).status_code == 400
    assert len(hub.post(f"{CONTACTS}/batch/create", {"inputs": body["inputs"][:100]}).json()["results"]) == 100


# Search


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([where("firstname", "EQ", value="ANN")], "a"),
        ([where("firstname", "NEQ", value="ann")], "b"),
        ([where("firstname", "IN", values=["ann", "Bob"])], "a"),
        ([where("firstname", "NOT_IN", values=["ann"])], "b"),
        ([where("firstname", "HAS_PROPERTY")], "ab"),
        ([where("firstname", "NOT_HAS_PROPERTY")], "c"),
        ([where("hs_lead_status", "EQ", value="NEW")], "a"),
        ([where("hs_lead_status", "EQ", value="new")], ""),
        ([where("email", "CONTAINS_TOKEN", value="*@other.example")], "c"),
        ([where("email", "NOT_CONTAINS_TOKEN", value="other")], "ab"),
        ([where("hs_object_id", "GT", value="171591000198")], "bc"),
        ([where("hs_object_id", "BETWEEN", value="171591000199", highValue="171591000199")], "b"),
        ([where("createdate", "GTE", value="1709296200250"), where("email", "LT", value="b")], "a"),
        ([where("createdate", "LT", value="2024-03-01T12:30:00.250Z")], ""),
    ],
)
def test_operators(hub: Portal, filters: list[dict[str, Any]], found: str) -> None:
    hub.seed(email="a@example.com", firstname="Ann", hs_lead_status="NEW")
    hub.seed(email="b@example.com", firstname="Bob")
    hub.seed(email="c@other.example")
    assert "".join(sorted(str(email)[0] for email in hub.emails(*filters))) == found


def test_groups_are_alternatives_and_queries_look_everywhere(hub: Portal) -> None:
    hub.seed(email="a@example.com", firstname="Ann", lastname="Lee")
    hub.seed(email="b@example.com", phone="+1 415 555 2671")
    groups = [{"filters": [where("firstname", "EQ", value="ann")]}, {"filters": [where("phone", "HAS_PROPERTY")]}]
    assert hub.search({"filterGroups": groups})["total"] == 2
    assert hub.search({"query": "ann lee"})["total"] == 1
    assert hub.search({"query": "4155552671"})["total"] == 1


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"after": "10000"},
        {"query": "x" * 3001},
        {"sorts": ["email", "firstname"]},
        {"filterGroups": [{"filters": [where("email", "HAS_PROPERTY")] * 7}]},
        {"filterGroups": [{"filters": [where("nickname", "EQ", value="x")]}]},
        {"filterGroups": [{"filters": [where("email", "LIKE", value="x")]}]},
        {"filterGroups": "email"},
        {"filterGroups": [{"filters": [where("createdate", "GT", value="yesterday")]}]},
    ],
)
def test_searches_that_are_refused(hub: Portal, body: dict[str, Any]) -> None:
    assert hub.post(f"{CONTACTS}/search", body).status_code == 400


def test_archived_contacts_are_not_found(hub: Portal) -> None:
    seed(hub.world, {"email": "gone@example.com"}, LONG_AGO, archived=True)
    assert hub.search({})["total"] == 0
    assert len(hub.http.get(f"{CONTACTS}?archived=true").json()["results"]) == 1


# Merges


def test_a_merge_makes_a_new_record_and_the_old_ids_lead_to_it(hub: Portal) -> None:
    first = hub.seed(email="a@example.com", firstname="Ann")
    second = hub.seed(email="b@example.com", firstname="Other", phone="1")
    answer = hub.post(f"{CONTACTS}/merge", {"primaryObjectId": first, "objectIdToMerge": second})
    merged = answer.json()["id"]
    assert merged not in (first, second)
    for old in (first, second):
        found = hub.http.get(f"{CONTACTS}/{old}?properties=hs_merged_object_ids,firstname,phone,email").json()
        assert found["id"] == merged
    assert found["properties"]["hs_merged_object_ids"] == f"{first};{second}"
    assert [found["properties"][n] for n in ("firstname", "phone", "email")] == ["Ann", "1", "a@example.com"]
    assert [r["id"] for r in hub.http.get(f"{CONTACTS}?archived=true").json()["results"]] == [first, second]
    assert hub.emails(where("hs_merged_object_ids", "EQ", value=second)) == ["a@example.com"]
    update = {"inputs": [{"id": second, "properties": {"firstname": "New"}}]}
    assert [r["id"] for r in hub.post(f"{CONTACTS}/batch/update", update).json()["results"]] == [merged]


def test_secondary_addresses_are_held_but_not_searched_as_email(hub: Portal) -> None:
    first, second = hub.seed(email="a@example.com"), hub.seed(email="b@example.com")
    merged = hub.post(f"{CONTACTS}/merge", {"primaryObjectId": first, "objectIdToMerge": second}).json()["id"]
    assert hub.emails(where("email", "EQ", value="b@example.com")) == []
    assert hub.emails(where("hs_additional_emails", "EQ", value="b@example.com")) == ["a@example.com"]
    assert hub.http.get(f"{CONTACTS}/b@example.com?idProperty=email").json()["id"] == merged
    assert hub.post(CONTACTS, {"properties": {"email": "b@example.com"}}).status_code == 409


def test_switches_for_merges(hub: Portal) -> None:
    hub.world.switches.hubspot_primary_id_preservation = True
    hub.world.switches.hubspot_merged_ids_resolve = False
    first, second = hub.seed(email="a@example.com"), hub.seed(email="b@example.com")
    merged = hub.post(f"{CONTACTS}/merge", {"primaryObjectId": first, "objectIdToMerge": second}).json()
    assert (merged["id"], merged["properties"]["hs_merged_object_ids"]) == (first, second)
    assert hub.http.get(f"{CONTACTS}/{second}").status_code == 404


# Properties


def test_lead_status_definition(hub: Portal) -> None:
    found = hub.http.get(f"{PROPERTIES}/hs_lead_status").json()
    options = [(o["value"], o["displayOrder"]) for o in found["options"]]
    assert options[2:5] == [("IN_PROGRESS", 2), ("OPEN_DEAL", 2), ("UNQUALIFIED", 3)]
    assert (found["type"], found["fieldType"], found["groupName"]) == ("enumeration", "radio", "sales_properties")
    assert found["modificationMetadata"] == {
        "archivable": True,
        "readOnlyDefinition": True,
        "readOnlyOptions": False,
        "readOnlyValue": False,
    }


def test_options_decide_what_may_be_written(hub: Portal) -> None:
    record = hub.seed(hs_lead_status="OPEN")
    options = [{"label": "Fresh", "value": "NEW", "hidden": False, "displayOrder": 0}]
    assert hub.http.patch(f"{PROPERTIES}/hs_lead_status", json={"options": options}).status_code == 200
    refused = hub.http.patch(f"{CONTACTS}/{record}", json={"properties": {"hs_lead_status": "OPEN"}})
    assert refused.json()["errors"][0]["code"] == "INVALID_OPTION"
    assert hub.http.patch(f"{CONTACTS}/{record}", json={"properties": {"hs_lead_status": "NEW"}}).status_code == 200


def test_hubspots_own_definitions_are_kept(hub: Portal) -> None:
    assert hub.http.patch(f"{PROPERTIES}/hs_lead_status", json={"label": "Mine"}).status_code == 400
    assert hub.http.patch(f"{PROPERTIES}/lifecyclestage", json={"options": []}).status_code == 400
    assert hub.http.get(f"{PROPERTIES}/nickname").status_code == 404


# Faults


def fault(hub: Portal, kind: str, times: int = 1, match: str = "") -> None:
    hub.world.faults.pending.append(Fault("hubspot", kind, times, match))


def test_lag_hides_a_written_record_from_three_searches(hub: Portal) -> None:
    fault(hub, "lag")
    hub.post(CONTACTS, {"properties": {"email": "a@example.com"}})
    assert [hub.search({})["total"] for _ in range(4)] == [0, 0, 0, 1]
    assert hub.post(CONTACTS, {"properties": {"email": "a@example.com"}}).status_code == 409


def test_partial_does_the_first_half(hub: Portal) -> None:
    fault(hub, "partial", times=2)
    answer = hub.post(f"{CONTACTS}/batch/create", traced({"firstname": "A"}, {"firstname": "B"}))
    assert (answer.status_code, len(answer.json()["results"])) == (207, 1)
    error = answer.json()["errors"][0]
    assert (error["category"], error["context"]) == ("INTERNAL_ERROR", {"objectWriteTraceId": ["1"]})
    ids = [hub.seed(), hub.seed()]
    update = {"inputs": [{"id": i, "properties": {"firstname": "C"}} for i in ids]}
    body = hub.post(f"{CONTACTS}/batch/update", update).json()
    assert ([r["id"] for r in body["results"]], body["errors"][0]["context"]) == ([ids[0]], {"ids": [ids[1]]})
    assert properties_of(hub, ids[1], "firstname")["firstname"] is None


def test_lock_and_expiry_strike_once(hub: Portal) -> None:
    fault(hub, "lock")
    fault(hub, "expire")
    assert [hub.http.get(CONTACTS).status_code for _ in range(2)] == [401, 200]
    assert [hub.post(CONTACTS, {"properties": {}}).status_code for _ in range(2)] == [423, 201]


def test_overload_bodies() -> None:
    assert b'"policyName":"TEN_SECONDLY_ROLLING"' in busy("429").body
    assert (busy("429").status_code, busy("503").status_code) == (429, 503)
