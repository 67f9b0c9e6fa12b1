"""The connectors in the mirror world, over real HTTP: deletions, merges, conversions, catalogues, scripted faults."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from scripted import by_change
from subjects import WANTED, Subject, logins, subject

from tasks.connectors.opening import catalogue, open_connector, statuses
from tasks.connectors.patience import Patience
from tasks.connectors.read_only import ReadOnly
from tasks.core.errors import ConnectorError
from tasks.core.model import ALOWARE, HUBSPOT, SALESFORCE, SYSTEMS, Address, Change, Disposition, Outcome
from tasks.sandbox.server import Ready, sandbox

STEADY = Patience(first_wait=0.01, longest_wait=0.05)
SHORT = Patience(per_call=0.2, first_wait=0.01, longest_wait=0.05)


@pytest.fixture(scope="module")
def running() -> Iterator[Ready]:
    with sandbox(people=60) as world:
        yield world


@pytest.fixture
def world(running: Ready) -> Iterator[Ready]:
    yield running
    httpx.delete(f"{running.control}/faults").raise_for_status()


def connect(world: Ready, system: str, patience: Patience = STEADY) -> Subject:
    return subject(open_connector(logins(world.ready)[system], WANTED[system], patience=patience))


def fault(world: Ready, system: str, kind: str, times: int = 1, match: str = "") -> None:
    body = {"system": system, "kind": kind, "times": times, "match": match}
    httpx.post(f"{world.control}/faults", json=body).raise_for_status()


def control(world: Ready, path: str, **body: Any) -> Any:
    return httpx.post(f"{world.control}{path}", json=body).raise_for_status().json()


def hubspot_api(world: Ready, method: str, path: str, **body: Any) -> httpx.Response:
    hubspot = world.ready[HUBSPOT]
    headers = {"Authorization": f"Bearer {hubspot['token']}"}
    response = httpx.request(method, f"{hubspot['url']}{path}", json=body or None, headers=headers)
    return response.raise_for_status()


def now() -> datetime:
    return datetime.now(UTC)


def lead(name: str) -> Change:
    fields = {"LastName": name, "Company": "Acme"}
    return Change(name, SALESFORCE, "Lead", None, "create", fields)


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_seeded_world_is_pulled_whole(world: Ready, system: str) -> None:
    frame = connect(world, system).connector.pull(now()).frames
    assert sum(map(len, frame.values())) > 10
    assert all(each["record_id"].is_unique for each in frame.values())


@pytest.mark.parametrize("system", [SALESFORCE, HUBSPOT])
def test_rows_on_which_the_system_stumbled_are_sent_again(world: Ready, system: str) -> None:
    it = connect(world, system)
    born = [str(r.record_id) for r in it.connector.write([it.create(n) for n in range(302, 308)])]
    fault(world, system, "partial")
    receipts = list(it.connector.write([it.update(n, i, **{it.name: "Again"}) for n, i in enumerate(born, 302)]))
    assert [r.outcome for r in receipts] == [Outcome.APPLIED] * 6
    assert {r.record_id for r in receipts} == set(born)


def test_a_create_on_which_hubspot_stumbled_may_be_tried_again_but_not_blindly(world: Ready) -> None:
    it = connect(world, HUBSPOT)
    fault(world, HUBSPOT, "partial")
    found = by_change(it.connector.write([it.create(308), it.create(309)]))
    assert found["create-308"].outcome is Outcome.APPLIED
    assert (found["create-309"].outcome, found["create-309"].reason) == (Outcome.FAILED, "INTERNAL_ERROR")


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_system_that_stays_away_is_named(world: Ready, system: str) -> None:
    it = connect(world, system, SHORT)
    fault(world, system, "503", 1000)
    with pytest.raises(ConnectorError, match="answered HTTP 503") as raised:
        it.connector.peek(
            [Address(it.object, "003000000000001AAA" if system == SALESFORCE else "1", "+12125550100")], now()
        )
    assert raised.value.system == system


@pytest.mark.parametrize("system", SYSTEMS)
def test_calls_are_counted_as_the_vendor_counts_them(world: Ready, system: str) -> None:
    it = connect(world, system)
    httpx.delete(f"{world.control}/requests").raise_for_status()
    it.connector.pull(now())
    fault(world, system, "503")
    list(it.connector.write([it.create(n) for n in range(320, 325)]))
    counted = httpx.get(f"{world.control}/requests", params={"system": system}).json()["counts"][system]
    assert it.connector.calls == counted


@pytest.mark.parametrize("system", SYSTEMS)
def test_wrong_credentials_are_a_clear_error(world: Ready, system: str) -> None:
    ready = {**world.ready, system: {**world.ready[system], "token": "wrong", "client_secret": "wrong"}}
    connector = open_connector(logins(ready)[system], WANTED[system], patience=STEADY)
    with pytest.raises(ConnectorError, match="refused") as raised:
        connector.peek([Address("contacts", "1", "+12125550100")], now())
    assert "wrong" not in str(raised.value)


def test_a_salesforce_merge_names_the_master(world: Ready) -> None:
    it = connect(world, SALESFORCE)
    master, loser = (str(r.record_id) for r in it.connector.write([it.create(331), it.create(332)]))
    mark = it.connector.pull(now()).watermark
    control(world, "/salesforce/Contact/merge", master=master, losers=[loser])
    for since in (None, mark):
        snapshot = it.connector.pull(now(), since)
        assert snapshot.gone[f"salesforce:Contact:{loser}"] == f"salesforce:Contact:{master}"
        assert loser not in set(snapshot.frames["Contact"]["record_id"])
    assert it.connector.peek([Address("Contact", loser)], now()).frames["Contact"].empty


def test_a_converted_lead_stays_and_names_its_contact(world: Ready) -> None:
    it = connect(world, SALESFORCE)
    receipts = by_change(it.connector.write([lead("Converted"), lead("Open")]))
    lead_id = str(receipts["Converted"].record_id)
    contact = control(world, f"/salesforce/leads/{lead_id}/convert")["contact_id"]
    addresses = [Address("Lead", str(receipt.record_id)) for receipt in receipts.values()]
    for snapshot in (it.connector.pull(now()), it.connector.peek(addresses, now())):
        leads = snapshot.frames["Lead"].set_index("record_id")["converted_to"]
        assert leads[lead_id] == contact
        assert leads.isna()[str(receipts["Open"].record_id)]
    change = Change("late", SALESFORCE, "Lead", lead_id, "update", {"LastName": "Late"})
    (receipt,) = it.connector.write([change])
    assert (receipt.outcome, receipt.reason) == (Outcome.REFUSED, "CANNOT_UPDATE_CONVERTED_LEAD")


def test_leads_and_contacts_go_out_together(world: Ready) -> None:
    it = connect(world, SALESFORCE)
    it.connector.pull(now())
    before = it.connector.calls["write"]
    changes = [it.create(341), lead("Mixed 1"), it.create(342), lead("Mixed 2")]
    receipts = list(it.connector.write(changes))
    assert [r.change for r in receipts] == [c.id for c in changes]
    assert [str(r.record_id)[:3] for r in receipts] == ["003", "00Q", "003", "00Q"]
    assert it.connector.calls["write"] == before + 1


def test_a_related_property_is_read_by_pull_and_peek_alike(world: Ready) -> None:
    connector = open_connector(logins(world.ready)[SALESFORCE], {"Contact": ["LastName", "Account.Name"]})
    pulled = connector.pull(now()).frames["Contact"].set_index("record_id")
    ids = list(pulled.index[:5])
    peeked = connector.peek([Address("Contact", i) for i in ids], now()).frames["Contact"].set_index("record_id")
    assert peeked.loc[ids, "LastName"].tolist() == pulled.loc[ids, "LastName"].tolist()
    assert "Account.Name" in peeked
    assert (
        connector.pull(now(), '{"Contact":"2000-01-01T00:00:00Z"}').frames["Contact"].shape
        == pulled.reset_index().shape
    )


def test_a_hubspot_deletion_is_evident(world: Ready) -> None:
    it = connect(world, HUBSPOT)
    (receipt,) = it.connector.write([it.create(351)])
    mark = it.connector.pull(now()).watermark
    hubspot_api(world, "DELETE", f"/crm/v3/objects/contacts/{receipt.record_id}")
    for since in (None, mark):
        assert it.connector.pull(now(), since).gone[f"hubspot:contacts:{receipt.record_id}"] == ""
    assert it.connector.peek([it.address(351, str(receipt.record_id))], now()).frames["contacts"].empty


def test_a_hubspot_merge_names_the_record_that_lives_on(world: Ready) -> None:
    it = connect(world, HUBSPOT)
    kept, lost = (str(r.record_id) for r in it.connector.write([it.create(361), it.create(362)]))
    mark = it.connector.pull(now()).watermark
    path = "/crm/v3/objects/contacts/merge"
    merged = hubspot_api(world, "POST", path, primaryObjectId=kept, objectIdToMerge=lost).json()["id"]
    for since in (None, mark):
        snapshot = it.connector.pull(now(), since)
        assert snapshot.gone[f"hubspot:contacts:{lost}"] == f"hubspot:contacts:{merged}"
        assert merged in set(snapshot.frames["contacts"]["record_id"])


def test_an_email_that_is_taken_is_refused_alone_and_names_its_holder(world: Ready) -> None:
    it = connect(world, HUBSPOT)
    (held,) = it.connector.write([it.create(371, email="taken@x.example")])
    changes = [it.create(372, email="taken@x.example"), it.create(373, email="free@x.example")]
    found = by_change(it.connector.write(changes))
    assert found["create-373"].outcome is Outcome.APPLIED
    assert found["create-372"].outcome is Outcome.REFUSED
    assert found["create-372"].reason == f"CONFLICT: the value belongs to {held.record_id}"


def test_lead_statuses_come_in_hubspot_s_order(world: Ready) -> None:
    connector = connect(world, HUBSPOT).connector
    found = statuses(connector, "hs_lead_status")
    assert found == statuses(ReadOnly(connector), "hs_lead_status")
    assert [s.position for s in found] == list(range(len(found)))
    assert "NEW" in [s.value for s in found]


def test_a_mirrored_disposition_takes_over_its_namesake(world: Ready) -> None:
    book = catalogue(connect(world, ALOWARE).connector)
    assert book is not None
    native = next(d for d in book.dispositions() if d.name == "Bad timing")
    saved = book.save_disposition(Disposition("", "BAD TIMING", "BAD_TIMING", locked=True, position=3))
    assert saved == Disposition(native.id, "BAD TIMING", "BAD_TIMING", True, 3, False)
    changed = book.save_disposition(Disposition(saved.id, "Bad time", "BAD_TIMING", locked=True, position=4))
    assert changed in book.dispositions()
    assert catalogue(connect(world, HUBSPOT).connector) is None


def test_aloware_s_export_and_look_ups_agree(world: Ready) -> None:
    it = connect(world, ALOWARE)
    pulled = it.connector.pull(now()).frames["contacts"].set_index("record_id").sort_index()
    addresses = [Address("contacts", i, phone) for i, phone in pulled["phone_number"].items()]
    peeked = it.connector.peek(addresses, now()).frames["contacts"].set_index("record_id").sort_index()
    columns = ["phone_number", "first_name", "disposition_status_id"]
    assert peeked[columns].equals(pulled[columns])
    assert pulled["modified_at"].notna().all()
    assert (pulled["modified_at"] < now()).all()
