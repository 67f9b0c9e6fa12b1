"""The emulator replays what real portals answered: the same calls, the same bodies but for ids and times."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.hubspot_world import CONTACTS, PROPERTIES, Portal, Stage, staged

RECORDED = Path(__file__).parents[2].parent / "shared" / "recorded" / "hubspot"

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="recorded payloads are not beside this checkout")

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_LONG = re.compile(r"\d{12,13}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with staged() as served:
        yield served


@pytest.fixture
def hub(stage: Stage) -> Iterator[Portal]:
    with stage.portal() as fresh:
        yield fresh


def recorded(name: str) -> Any:
    return json.loads((RECORDED / f"amp-labs__{name}.json").read_text())


def masked(body: Any) -> Any:
    """The body with times, ids and correlation ids replaced by what they are."""
    if isinstance(body, dict):
        return {key: masked(item) for key, item in body.items()}
    if isinstance(body, list):
        return [masked(item) for item in body]
    if isinstance(body, str):
        return _LONG.sub("<id>", _UUID.sub("<uuid>", _TIME.sub("<time>", body)))
    return body


def same(answer: httpx.Response, status: int, name: str) -> None:
    assert answer.status_code == status
    assert masked(answer.json()) == masked(recorded(name))


def test_batch_create(hub: Portal) -> None:
    """Every property of the recorded answer, with its value."""
    people = [("lilyskinner", "Lily", "Skinner"), ("marleyfleming", "Marley", "Fleming")]
    inputs = [
        {"properties": {"email": f"{e}@hubspot.com", "firstname": f, "lastname": last}, "objectWriteTraceId": str(n)}
        for n, (e, f, last) in enumerate(people)
    ]
    same(hub.post(f"{CONTACTS}/batch/create", {"inputs": inputs}), 201, "batch_create_contacts_success")


def test_batch_create_partial(hub: Portal) -> None:
    """A taken address fails alone where trace ids are sent; the answer was trimmed of system properties."""
    taken = hub.seed(email="markus.blevins@hubspot.com")
    new = {"email": "siena.dyer@hubspot.com", "firstname": "Siena", "lastname": "Dyer"}
    inputs = [
        {"objectWriteTraceId": "0", "properties": {"email": "markus.blevins@hubspot.com"}},
        {"objectWriteTraceId": "1", "properties": new},
    ]
    answer = hub.post(f"{CONTACTS}/batch/create", {"inputs": inputs})
    theirs, ours = masked(recorded("batch_create_contacts_partial")), masked(answer.json())
    assert answer.status_code == 207
    assert ours["errors"] == theirs["errors"]
    assert answer.json()["errors"][0]["context"]["existingId"] == [taken]
    assert ours["results"][0]["properties"].items() >= theirs["results"][0]["properties"].items()
    assert {**ours, "results": [], "errors": []} == {**theirs, "results": [], "errors": []}


def test_batch_create_conflict_without_trace_ids(hub: Portal) -> None:
    hub.seed(email="a@example.com")
    inputs = [{"properties": {"email": "new@example.com"}}, {"properties": {"email": "a@example.com"}}]
    same(hub.post(f"{CONTACTS}/batch/create", {"inputs": inputs}), 409, "batch_create_contacts_conflict")
    assert hub.http.get(CONTACTS).json()["results"][-1]["properties"]["email"] == "a@example.com"


def test_unknown_properties_on_create(hub: Portal) -> None:
    """Four problems in the message, three in `errors`."""
    inputs = [{"properties": {"first000name": "A", "last000name": "B"}}] * 2
    answer = hub.post(f"{CONTACTS}/batch/create", {"inputs": inputs})
    same(answer, 400, "batch_create_contacts_invalid_properties")


def test_unknown_properties_on_update(hub: Portal) -> None:
    ids = [hub.seed(), hub.seed()]
    inputs = [{"id": i, "properties": {"first000name": "A", "last000name": "B"}} for i in ids]
    answer = hub.post(f"{CONTACTS}/batch/update", {"inputs": inputs})
    same(answer, 400, "batch_update_contacts_invalid_properties")


def _renames(hub: Portal) -> list[dict[str, Any]]:
    names = [("Markus (updated)", "Blevins (updated)"), ("Siena (updated)", "Dyer (updated)")]
    ids = [hub.seed(firstname="Before", lastname="Before") for _ in names]
    return [
        {"id": i, "properties": {"firstname": first, "lastname": last}}
        for i, (first, last) in zip(ids, names, strict=True)
    ]


def without_computed(body: Any) -> Any:
    """The full name is computed: recorded after a create, missing (perhaps trimmed) after an update."""
    for result in body["results"]:
        result["properties"].pop("hs_full_name_or_email")
    return body


def test_batch_update(hub: Portal) -> None:
    answer = hub.post(f"{CONTACTS}/batch/update", {"inputs": _renames(hub)})
    assert answer.status_code == 200
    assert without_computed(masked(answer.json())) == masked(recorded("batch_update_contacts_success"))


def test_batch_update_partial(hub: Portal) -> None:
    inputs = [_renames(hub)[1], {"id": "unknownIdentifier888", "properties": {"firstname": "X"}}]
    answer = hub.post(f"{CONTACTS}/batch/update", {"inputs": inputs})
    assert answer.status_code == 207
    assert without_computed(masked(answer.json())) == masked(recorded("batch_update_contacts_partial"))


def test_batch_update_duplicate_ids(hub: Portal) -> None:
    inputs = [{"id": "123456", "properties": {"firstname": name}} for name in "AB"]
    same(hub.post(f"{CONTACTS}/batch/update", {"inputs": inputs}), 400, "batch_update_contacts_duplicate_ids")


def test_list_page(hub: Portal) -> None:
    """Undefined properties are left out in silence; a further page is linked with the same parameters."""
    for letter in "abcd":
        hub.seed(email=f"{letter}@example.com")
    body = hub.http.get(CONTACTS, params={"limit": 3, "properties": "listId,name,email"}).json()
    theirs = recorded("list_contacts_page")
    for ours, sample in zip(body["results"], theirs["results"], strict=True):
        assert set(sample) <= set(ours)
        assert set(ours["properties"]) == {*sample["properties"], "hs_object_id"}
        assert ours["properties"]["email"] == sample["properties"]["email"]
    link = body["paging"]["next"]["link"]
    assert "properties=listId%2Cname%2Cemail" in link
    assert hub.http.get(link).json()["results"][0]["id"] == body["paging"]["next"]["after"]


def test_search_pages(hub: Portal) -> None:
    """The recorded request, and both recorded shapes of a page."""
    for number in range(3):
        hub.seed(email=f"p{number}@example.com", phone="9195550100" if number else "")
    request = recorded("search_contacts_request_since_until")
    request["filterGroups"][0]["filters"][1]["value"] = "2024-12-31T23:59:59-08:00"
    request["filterGroups"][0]["filters"][0]["value"] = "2024-01-19T04:30:45-08:00"
    assert hub.search(request)["total"] == 3
    request |= {"properties": ["company", "email", "firstname", "lastname", "phone", "website"], "limit": "1"}
    first, last = hub.search(request), hub.search(request | {"after": "2"})
    for ours, name in ((first, "search_contacts_first_page"), (last, "search_contacts_second_page")):
        theirs = recorded(name)
        assert set(ours) == set(theirs)
        assert set(ours["results"][0]) == set(theirs["results"][0])
        assert set(ours["results"][0]["properties"]) == set(theirs["results"][0]["properties"])
    assert first["paging"] == {"next": {"after": "1"}}
    assert first["results"][0]["properties"]["phone"] is None


def test_search_of_unknown_object(hub: Portal) -> None:
    same(hub.post("/crm/v3/objects/butterflies/search", {}), 400, "search_unknown_object")


def test_properties_batch_create(hub: Portal) -> None:
    request = recorded("properties_batch_create_request")
    same(hub.post(f"{PROPERTIES}/batch/create", request), 201, "properties_batch_create_success")
    again = hub.post(f"{PROPERTIES}/batch/create", recorded("properties_batch_create_request_existing"))
    same(again, 207, "properties_batch_create_partial")


def test_property_options_update(hub: Portal) -> None:
    hub.post(f"{PROPERTIES}/batch/create", recorded("properties_batch_create_request"))
    answer = hub.http.patch(f"{PROPERTIES}/interests__c", json=recorded("property_update_options_request"))
    same(answer, 200, "property_update_options_success")


def test_definitions_have_the_recorded_shape(hub: Portal) -> None:
    """Properties in both lists have the same keys, and those that people see the same definition, prose aside."""
    ours = {definition["name"]: definition for definition in hub.http.get(PROPERTIES).json()["results"]}
    common = [d for d in recorded("properties_contacts_sampled")["results"] if d["name"] in ours]
    assert {d["name"] for d in common} >= {"address", "mobilephone", "hs_pipeline"}
    for theirs in common:
        mine = ours[theirs["name"]]
        assert set(theirs) <= set(mine)
        if not theirs["hidden"]:
            assert masked(mine | {"description": ""}) == masked(theirs | {"description": ""})


def test_account_details(hub: Portal) -> None:
    theirs, ours = recorded("account_info"), hub.http.get("/account-info/v3/details").json()
    assert {key: type(item) for key, item in ours.items()} == {key: type(item) for key, item in theirs.items()}
    assert ours["utcOffset"] in ("-04:00", "-05:00")
