"""HubSpot's own Python client, checking every answer against its models, works against the emulator.

Bodies of a 207 are the exception: the models ask for `links`, which real answers leave out (fact sheet, section 6).
"""

from collections.abc import Iterator

import pytest
from hubspot import HubSpot
from hubspot.crm.contacts import (
    BatchInputSimplePublicObjectBatchInput,
    BatchInputSimplePublicObjectBatchInputForCreate,
    BatchInputSimplePublicObjectBatchInputUpsert,
    BatchInputSimplePublicObjectId,
    BatchReadInputSimplePublicObjectId,
    Filter,
    FilterGroup,
    PublicGdprDeleteInput,
    PublicMergeInput,
    PublicObjectSearchRequest,
    SimplePublicObjectBatchInput,
    SimplePublicObjectBatchInputForCreate,
    SimplePublicObjectBatchInputUpsert,
    SimplePublicObjectId,
    SimplePublicObjectInput,
    SimplePublicObjectInputForCreate,
)
from hubspot.crm.contacts.exceptions import ApiException
from hubspot.crm.properties import OptionInput, PropertyUpdate

from tasks.sandbox.hubspot import seed_owner
from tests.contract.hubspot_world import LONG_AGO, Portal, Stage, staged


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with staged() as served:
        yield served


@pytest.fixture
def hub(stage: Stage) -> Iterator[Portal]:
    with stage.portal() as fresh:
        yield fresh


def client(hub: Portal, strict: bool = True) -> HubSpot:
    return HubSpot(access_token=hub.token, host=hub.url, client_side_validation=strict)


def test_list_pages_through_everybody(hub: Portal) -> None:
    seeded = [hub.seed(email=f"p{n}@example.com") for n in range(25)]
    api = client(hub).crm.contacts.basic_api
    page = api.get_page(limit=10, properties=["email", "hs_lead_status"], archived=False)
    seen = [record.id for record in page.results]
    while page.paging:
        page = api.get_page(limit=10, after=page.paging.next.after, properties=["email"], archived=False)
        seen += [record.id for record in page.results]
    assert seen == seeded
    assert len(client(hub).crm.contacts.get_all()) == 25


def test_create_read_update_archive(hub: Portal) -> None:
    api = client(hub).crm.contacts.basic_api
    made = api.create(SimplePublicObjectInputForCreate(properties={"email": "Ann@Example.com", "firstname": "Ann"}))
    assert made.properties["email"] == "ann@example.com"
    by_email = api.get_by_id("ann@example.com", id_property="email", properties=["firstname", "phone"])
    assert (by_email.id, by_email.properties["phone"]) == (made.id, None)
    changed = api.update(made.id, SimplePublicObjectInput(properties={"phone": "+1 415 555 2671"}))
    assert changed.properties["hs_calculated_phone_number"] == "+14155552671"
    assert changed.updated_at > made.updated_at
    api.archive(made.id)
    with pytest.raises(ApiException) as missing:
        api.get_by_id(made.id)
    assert missing.value.status == 404
    assert [r.id for r in api.get_page(archived=True).results] == [made.id]


def test_a_taken_address_is_409_with_the_holder(hub: Portal) -> None:
    holder = hub.seed(email="ann@example.com")
    with pytest.raises(ApiException) as refused:
        client(hub).crm.contacts.basic_api.create(
            SimplePublicObjectInputForCreate(properties={"email": "ANN@example.com"})
        )
    assert refused.value.status == 409
    assert f"Existing ID: {holder}" in refused.value.body


def test_history_of_a_property(hub: Portal) -> None:
    record = hub.seed(firstname="Old")
    api = client(hub).crm.contacts.basic_api
    api.update(record, SimplePublicObjectInput(properties={"firstname": "New"}))
    history = api.get_by_id(record, properties_with_history=["firstname"]).properties_with_history["firstname"]
    assert [(h.value, h.source_type) for h in history] == [("New", "INTEGRATION"), ("Old", "CRM_UI")]
    assert history[1].timestamp == LONG_AGO


def test_search_with_filters_sorts_and_pages(hub: Portal) -> None:
    for number in range(5):
        hub.seed(email=f"p{number}@example.com", firstname="Even" if number % 2 == 0 else "Odd")
    request = PublicObjectSearchRequest(
        filter_groups=[FilterGroup(filters=[Filter(property_name="firstname", operator="EQ", value="even")])],
        sorts=[{"propertyName": "email", "direction": "DESCENDING"}],
        properties=["email"],
        limit=2,
    )
    first = client(hub).crm.contacts.search_api.do_search(request)
    assert (first.total, [r.properties["email"] for r in first.results]) == (3, ["p4@example.com", "p2@example.com"])
    request.after = first.paging.next.after
    last = client(hub).crm.contacts.search_api.do_search(request)
    assert ([r.properties["email"] for r in last.results], last.paging) == (["p0@example.com"], None)


def test_batches(hub: Portal) -> None:
    """Create, update, upsert, read and archive, all of them clean."""
    api = client(hub).crm.contacts.batch_api
    inputs = [SimplePublicObjectBatchInputForCreate(properties={"email": f"{c}@example.com"}) for c in "ab"]
    made = api.create(BatchInputSimplePublicObjectBatchInputForCreate(inputs=inputs)).results
    changes = [SimplePublicObjectBatchInput(id=r.id, properties={"hs_lead_status": "OPEN"}) for r in made]
    assert len(api.update(BatchInputSimplePublicObjectBatchInput(inputs=changes)).results) == 2
    upserts = [
        SimplePublicObjectBatchInputUpsert(id=f"{c}@example.com", id_property="email", properties={"phone": "1"})
        for c in "bc"
    ]
    upserted = api.upsert(BatchInputSimplePublicObjectBatchInputUpsert(inputs=upserts)).results
    assert [r.new for r in upserted] == [False, True]
    ids = [SimplePublicObjectId(id=r.id) for r in (*made, upserted[1])]
    wanted = BatchReadInputSimplePublicObjectId(
        inputs=ids, properties=["hs_lead_status", "phone"], properties_with_history=[]
    )
    read = {r.id: r.properties for r in api.read(wanted).results}
    assert [(read[i.id]["hs_lead_status"], read[i.id]["phone"]) for i in ids] == [
        ("OPEN", None),
        ("OPEN", "1"),
        (None, "1"),
    ]
    api.archive(BatchInputSimplePublicObjectId(inputs=ids))
    assert client(hub).crm.contacts.get_all() == []


def test_partial_batches_are_typed_with_errors(hub: Portal) -> None:
    holder = hub.seed(email="a@example.com")
    inputs = [
        SimplePublicObjectBatchInputForCreate(object_write_trace_id=c, properties={"email": f"{c}@example.com"})
        for c in "ab"
    ]
    api = client(hub, strict=False).crm.contacts.batch_api
    made = api.create(BatchInputSimplePublicObjectBatchInputForCreate(inputs=inputs))
    assert (made.num_errors, made.errors[0].context) == (1, {"objectWriteTraceId": ["a"], "existingId": [holder]})
    wanted = BatchReadInputSimplePublicObjectId(
        inputs=[SimplePublicObjectId(id=i) for i in (holder, "1", "2")], properties=[], properties_with_history=[]
    )
    read = api.read(wanted)
    assert ([r.id for r in read.results], read.num_errors) == ([holder], 1)
    assert read.errors[0].context == {"ids": ["1", "2"]}


def test_lead_status_options_are_written_whole(hub: Portal) -> None:
    api = client(hub).crm.properties.core_api
    before = api.get_by_name("contacts", "hs_lead_status").options
    assert [o.value for o in before][:2] == ["NEW", "OPEN"]
    kept = [OptionInput(label=f"{o.label}!", value=o.value, hidden=False) for o in before[:3]]
    after = api.update("contacts", "hs_lead_status", PropertyUpdate(options=kept)).options
    assert [(o.label, o.value, o.display_order) for o in after] == [
        ("New!", "NEW", 0),
        ("Open!", "OPEN", 1),
        ("In Progress!", "IN_PROGRESS", 2),
    ]
    assert api.get_by_name("contacts", "hs_lead_status").options == after
    assert len(api.get_all("contacts").results) > 40


def test_merge_and_erase(hub: Portal) -> None:
    first, second = hub.seed(email="a@example.com"), hub.seed(email="b@example.com", phone="1")
    api = client(hub).crm.contacts.basic_api
    merged = api.merge(PublicMergeInput(primary_object_id=first, object_id_to_merge=second))
    assert merged.id not in (first, second)
    api.purge(PublicGdprDeleteInput(object_id="b@example.com", id_property="email"))
    assert api.get_page().results == []


def test_owners(hub: Portal) -> None:
    owners = [seed_owner(hub.world, f"{n}@corp.example", n.title(), "Rep", LONG_AGO) for n in ("ann", "bob", "cy")]
    api = client(hub).crm.owners.owners_api
    first = api.get_page(limit=2)
    rest = api.get_page(limit=2, after=first.paging.next.after)
    assert [o.id for o in first.results + rest.results] == owners
    assert api.get_page(email="bob@corp.example").results[0].first_name == "Bob"
    assert api.get_by_id(int(owners[2]), id_property="id").email == "cy@corp.example"
