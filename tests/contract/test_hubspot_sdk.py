"""HubSpot's newer Python client, which speaks a dated version, works against the emulator too.

It would send a refused create three times (a 409 passes, to it), hence no retries; and it may not check answers against
its models, in which no property is ever null.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tasks.sandbox.hubspot import seed_owner
from tests.contract.hubspot_world import LONG_AGO, Portal, Stage, staged

hubspot_sdk = pytest.importorskip("hubspot_sdk")


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with staged() as served:
        yield served


@pytest.fixture
def hub(stage: Stage) -> Iterator[Portal]:
    with stage.portal() as fresh:
        yield fresh


@pytest.fixture
def client(hub: Portal) -> Iterator[Any]:
    with hubspot_sdk.HubSpot(access_token=hub.token, base_url=hub.url, max_retries=0) as made:
        yield made


def test_lists_page_by_themselves(hub: Portal, client: Any) -> None:
    seeded = [hub.seed(email=f"p{n}@example.com") for n in range(7)]
    page = client.crm.objects.contacts.list(limit=3, properties=["email", "hs_lead_status"])
    assert [record.id for record in page] == seeded
    first = page.results[0].properties
    assert (first["email"], first["hs_lead_status"]) == ("p0@example.com", None)


def test_records(hub: Portal, client: Any) -> None:
    contacts = client.crm.objects.contacts
    made = contacts.create(properties={"email": "ann@example.com", "firstname": "Ann"}, associations=[])
    changed = contacts.update(made.id, properties={"phone": "+1 415 555 2671"})
    assert changed.properties["hs_calculated_phone_number"] == "+14155552671"
    assert contacts.get("ann@example.com", id_property="email", properties=["phone"]).id == made.id
    with pytest.raises(hubspot_sdk.ConflictError) as refused:
        contacts.create(properties={"email": "ann@example.com"}, associations=[])
    assert f"Existing ID: {made.id}" in refused.value.response.text
    contacts.delete(made.id)
    with pytest.raises(hubspot_sdk.NotFoundError):
        contacts.get(made.id)
    assert [record.id for record in contacts.list(archived=True)] == [made.id]


def test_searches(hub: Portal, client: Any) -> None:
    for number in range(3):
        hub.seed(email=f"p{number}@example.com")
    filters = [{"property_name": "email", "operator": "HAS_PROPERTY"}]
    found = client.crm.objects.contacts.search(
        after="0", filter_groups=[{"filters": filters}], limit=2, properties=["email"], sorts=["-email"], query=""
    )
    assert (found.total, [r.properties["email"] for r in found.results]) == (3, ["p2@example.com", "p1@example.com"])


def test_batches(hub: Portal, client: Any) -> None:
    batch = client.crm.objects.contacts.batch
    made = batch.create(inputs=[{"properties": {"email": f"{c}@example.com"}, "associations": []} for c in "ab"])
    ids = [{"id": record.id} for record in made.results]
    assert len(batch.update(inputs=[i | {"properties": {"firstname": "New"}} for i in ids]).results) == 2
    keyed = [{"id": f"{c}@example.com", "id_property": "email", "properties": {"phone": "1"}} for c in "bc"]
    assert [record.new for record in batch.upsert(inputs=keyed).results] == [False, True]
    read = batch.get(inputs=ids, properties=["firstname"], properties_with_history=[])
    assert [record.properties["firstname"] for record in read.results] == ["New", "New"]
    batch.delete(inputs=ids)
    assert len(list(client.crm.objects.contacts.list())) == 1


def test_merge_and_erase(hub: Portal, client: Any) -> None:
    first, second = hub.seed(email="a@example.com"), hub.seed(email="b@example.com")
    merged = client.crm.objects.contacts.merge(primary_object_id=first, object_id_to_merge=second)
    assert merged.id not in (first, second)
    client.crm.objects.contacts.gdpr_delete(object_id=merged.id)
    assert list(client.crm.objects.contacts.list()) == []


def test_properties(hub: Portal, client: Any) -> None:
    properties = client.crm.properties
    options = properties.get("hs_lead_status", object_type="contacts").options
    kept = [
        {"label": f"{o.label}!", "value": o.value, "hidden": False, "display_order": n} for n, o in enumerate(options)
    ]
    after = properties.update("hs_lead_status", object_type="contacts", options=kept[:2]).options
    assert [(o.label, o.value) for o in after] == [("New!", "NEW"), ("Open!", "OPEN")]
    own = {"label": "Own", "type": "string", "field_type": "text", "group_name": "contactinformation"}
    properties.create("contacts", name="shoe", **own)
    properties.batch.create("contacts", inputs=[own | {"name": "hat", "label": "Hat"}])
    properties.delete("shoe", object_type="contacts")
    names = {definition.name for definition in properties.list("contacts").results}
    assert names & {"shoe", "hat", "email"} == {"hat", "email"}


def test_owners_and_account(hub: Portal, client: Any) -> None:
    owners = [seed_owner(hub.world, f"{name}@corp.example", name, "Rep", LONG_AGO) for name in ("ann", "bob")]
    assert [owner.id for owner in client.crm.owners.list(limit=1)] == owners
    assert client.crm.owners.get(int(owners[1])).email == "bob@corp.example"
    assert client.account.get().portal_id == 44237313
    assert client.account.get_daily_private_apps_usage().results[0].current_usage > 0
