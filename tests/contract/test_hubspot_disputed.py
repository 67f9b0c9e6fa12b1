"""The HubSpot emulator where sources disagree or a portal decides: switches, tokens, an admin's rules, short pages."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tasks.sandbox.faults import Fault
from tasks.sandbox.hubspot import must, seed_owner
from tasks.sandbox.store import Store
from tasks.sandbox.world import World
from tests.contract.hubspot_world import CONTACTS, LONG_AGO, Portal, Stage, staged

DATED = "/crm/objects/2026-09/contacts"
LEFT = "X-HubSpot-RateLimit-Remaining"


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with staged() as served:
        yield served


@pytest.fixture
def hub(stage: Stage) -> Iterator[Portal]:
    with stage.portal() as fresh:
        yield fresh


def batch(*inputs: dict[str, Any]) -> dict[str, Any]:
    return {"inputs": [i | {"objectWriteTraceId": str(n)} for n, i in enumerate(inputs)]}


# Tokens


def test_a_private_app_and_a_service_key_share_the_day_but_not_the_burst(stage: Stage) -> None:
    with stage.portal(World(Store(), real_limits=True)) as hub:
        key = {"Authorization": f"Bearer {hub.world.credential('hubspot.service_key')}"}
        for _ in range(100):
            hub.http.get(CONTACTS)
        refused, other = hub.http.get(CONTACTS), hub.http.get(CONTACTS, headers=key)
    assert (refused.status_code, refused.headers[LEFT]) == (429, "0")
    assert (other.status_code, other.headers[LEFT]) == (200, "99")
    assert other.headers["X-HubSpot-RateLimit-Daily-Remaining"] == str(250_000 - 101)


def test_every_answer_to_a_known_token_says_what_is_left(hub: Portal) -> None:
    for answer in (hub.http.get(CONTACTS), hub.http.get(f"{CONTACTS}/1"), hub.post(CONTACTS, {})):
        assert set(answer.headers) >= {LEFT.lower(), "x-hubspot-ratelimit-max", "x-hubspot-ratelimit-daily-remaining"}
    assert LEFT not in httpx.get(f"{hub.url}{CONTACTS}").headers


# An admin's rules


def test_an_admin_s_rules_bind_writes_since_2026_09(hub: Portal) -> None:
    must(hub.world, "company")
    must(hub.world, "jobtitle", ("hs_lead_status", "OPEN"))
    lacking, complete = {"properties": {"firstname": "A"}}, {"properties": {"firstname": "B", "company": "Co"}}
    answer = hub.post(f"{DATED}/batch/create", batch(lacking, complete))
    assert (answer.status_code, [r["properties"]["firstname"] for r in answer.json()["results"]]) == (207, ["B"])
    (error,) = answer.json()["errors"]
    assert (error["category"], error["context"]) == ("VALIDATION_ERROR", {"objectWriteTraceId": ["0"]})
    assert error["errors"][0]["context"] == {"propertyName": ["company"]}
    assert [hub.post(path, lacking).status_code for path in (DATED, "/crm/objects/2026-03/contacts", CONTACTS)] == [
        400,
        201,
        201,
    ]
    record = answer.json()["results"][0]["id"]
    opened = {"properties": {"hs_lead_status": "OPEN"}}
    assert hub.http.patch(f"{DATED}/{record}", json=opened).status_code == 400
    opened["properties"]["jobtitle"] = "Boss"
    assert hub.http.patch(f"{DATED}/{record}", json=opened).status_code == 200


# Conflicts


def test_a_secondary_address_is_its_merged_holder_s(hub: Portal) -> None:
    first, second, third = (hub.seed(email=f"{name}@example.com") for name in "abc")
    merged = hub.post(f"{CONTACTS}/merge", {"primaryObjectId": first, "objectIdToMerge": second}).json()["id"]
    claim = {"properties": {"email": "b@example.com"}}
    assert (
        hub.http.patch(f"{CONTACTS}/{third}", json=claim)
        .json()["message"]
        .endswith(f" on {third}. {merged} already has that value.")
    )
    created = hub.post(f"{CONTACTS}/batch/create", batch(claim)).json()
    assert created["errors"][0]["context"]["existingId"] == [merged]
    read = {"idProperty": "email", "properties": ["email"], "inputs": [{"id": "b@example.com"}]}
    (found,) = hub.post(f"{CONTACTS}/batch/read", read).json()["results"]
    assert (found["id"], found["properties"]["email"]) == (merged, "a@example.com")


@pytest.mark.parametrize("traced", [True, False])
def test_a_taken_address_in_a_batch_update_fails_alone_or_refuses_all(hub: Portal, traced: bool) -> None:
    hub.world.switches.hubspot_traced_updates = traced
    holder, *others = (hub.seed(email=f"{name}@example.com") for name in "abc")
    values = [{"email": "a@example.com"}, {"firstname": "New"}]
    inputs = batch(*({"id": i, "properties": v} for i, v in zip(others, values, strict=True)))
    answer = hub.post(f"{CONTACTS}/batch/update", inputs)
    said = answer.json()["errors"][0] if traced else answer.json()
    assert answer.status_code == (207 if traced else 400)
    assert said["category"] == "VALIDATION_ERROR"
    assert said["message"].endswith(f" on {others[0]}. {holder} already has that value.")
    changed = hub.http.get(f"{CONTACTS}/{others[1]}").json()["properties"]["firstname"]
    assert changed == ("New" if traced else None)


def test_a_refused_batch_may_name_the_first_holder(hub: Portal) -> None:
    hub.world.switches.hubspot_conflict_names_first = True
    holders = [hub.seed(email=f"{name}@example.com") for name in "ab"]
    inputs = [{"properties": {"email": f"{name}@example.com"}} for name in "ab"]
    answer = hub.post(f"{CONTACTS}/batch/create", {"inputs": inputs})
    assert (answer.status_code, answer.json()["message"]) == (409, f"Contact already exists. Existing ID: {holders[0]}")


@pytest.mark.parametrize("endpoint", ["read", "update", "upsert"])
def test_an_id_twice_refuses_the_whole_batch_trace_ids_or_not(hub: Portal, endpoint: str) -> None:
    record = hub.seed(firstname="Old")
    inputs = batch(*({"id": record, "properties": {"firstname": name}} for name in "AB"))
    answer = hub.post(f"{CONTACTS}/batch/{endpoint}", inputs)
    assert (answer.status_code, answer.json()["context"]) == (400, {"ids": [record]})
    assert hub.http.get(f"{CONTACTS}/{record}").json()["properties"]["firstname"] == "Old"


def test_a_merged_away_id_may_be_missing_without_a_word(hub: Portal) -> None:
    hub.world.switches.hubspot_merged_ids_silent = True
    first, second, other = (hub.seed() for _ in range(3))
    hub.post(f"{CONTACTS}/merge", {"primaryObjectId": first, "objectIdToMerge": second})
    inputs = batch(*({"id": i, "properties": {"firstname": "New"}} for i in (second, other)))
    answer = hub.post(f"{CONTACTS}/batch/update", inputs)
    assert (answer.status_code, [r["id"] for r in answer.json()["results"]]) == (200, [other])


def test_results_may_repeat_trace_ids(hub: Portal) -> None:
    hub.world.switches.hubspot_echoed_traces = True
    answer = hub.post(f"{CONTACTS}/batch/create", batch({"properties": {"firstname": "Ann"}}))
    assert [r["objectWriteTraceId"] for r in answer.json()["results"]] == ["0"]


# Search and pages


@pytest.mark.parametrize(("as_texts", "found"), [(False, 2), (True, 0)])
def test_ids_compare_as_numbers_or_as_texts(hub: Portal, as_texts: bool, found: int) -> None:
    hub.world.switches.hubspot_ids_as_texts = as_texts
    for _ in range(2):
        hub.seed()
    beyond = {"propertyName": "hs_object_id", "operator": "GT", "value": "99"}
    assert hub.search({"filterGroups": [{"filters": [beyond]}]})["total"] == found


def test_a_short_page_leads_on_to_the_rest(hub: Portal) -> None:
    ids = [hub.seed(email=f"p{n}@example.com") for n in range(5)]
    owners = [seed_owner(hub.world, f"{n}@corp.example", n, "Rep", LONG_AGO) for n in "ab"]
    for read, expected in ((listed, ids), (searched, ids), (owned, owners)):
        hub.world.faults.pending.append(Fault("hubspot", "short"))
        short, after = read(hub, None)
        rest, end = read(hub, after)
        assert 0 < len(short) < len(expected)
        assert (short + rest, end) == (expected, None)


def page(body: dict[str, Any]) -> tuple[list[str], str | None]:
    return [r["id"] for r in body["results"]], body.get("paging", {}).get("next", {}).get("after")


def listed(hub: Portal, after: str | None) -> tuple[list[str], str | None]:
    return page(hub.http.get(CONTACTS, params={"limit": "100"} | ({"after": after} if after else {})).json())


def searched(hub: Portal, after: str | None) -> tuple[list[str], str | None]:
    return page(hub.search({"limit": 100, "sorts": ["hs_object_id"]} | ({"after": after} if after else {})))


def owned(hub: Portal, after: str | None) -> tuple[list[str], str | None]:
    return page(hub.http.get("/crm/v3/owners", params={"after": after} if after else {}).json())
