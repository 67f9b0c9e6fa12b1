"""The fake keeps a vendor's rules, lets a person's hands in, and fails when it is told to."""

from datetime import UTC, datetime

import pytest

from tasks.connectors.fake import Fake
from tasks.core.errors import ConnectorError
from tasks.core.model import (
    ALOWARE,
    HUBSPOT,
    SALESFORCE,
    Address,
    Capability,
    Change,
    Disposition,
    Outcome,
    Property,
    Status,
)

NOW = datetime(2026, 11, 1, tzinfo=UTC)
PHONE = "+12125550100"
CONTACTS = {"contacts": ["email", "firstname"]}


def hubspot() -> Fake:
    return Fake(HUBSPOT, CONTACTS, unique=("email",))


def aloware() -> Fake:
    return Fake(ALOWARE, {"contacts": ["phone_number", "first_name"]})


def write(fake: Fake, record_id: str | None, phone: str = "", object_name: str = "contacts", **fields: str) -> Outcome:
    kind = "update" if record_id else "create"
    (receipt,) = fake.write([Change("c", fake.system, object_name, record_id, kind, fields, phone)])
    return receipt.outcome


def test_a_person_s_edit_comes_after_the_watermark_and_nothing_else_does() -> None:
    fake = hubspot()
    one, _two = fake.put("contacts", {"firstname": "A"}), fake.put("contacts", {"firstname": "B"})
    first = fake.pull(NOW)
    fake.put("contacts", {"firstname": "A2"}, one)
    later = fake.pull(NOW, first.watermark).frames["contacts"]
    assert later[["record_id", "firstname"]].to_numpy().tolist() == [[one, "A2"]]
    assert (later["modified_at"] > later["created_at"]).all()


def test_deletions_and_merges_are_evident() -> None:
    fake = hubspot()
    kept, lost, dead = (fake.put("contacts", {}) for _ in range(3))
    mark = fake.pull(NOW).watermark
    fake.delete("contacts", lost, kept)
    fake.delete("contacts", dead)
    snapshot = fake.pull(NOW, mark)
    assert snapshot.gone == {
        f"hubspot:contacts:{lost}": f"hubspot:contacts:{kept}",
        f"hubspot:contacts:{dead}": "",
    }
    assert fake.peek([Address("contacts", lost)], NOW).frames["contacts"].empty
    assert write(fake, lost, firstname="x") is Outcome.REFUSED


def test_a_restored_record_is_no_longer_evidently_deleted() -> None:
    fake = hubspot()
    one = fake.put("contacts", {"firstname": "A"})
    fake.delete("contacts", one)
    mark = fake.pull(NOW).watermark
    fake.put("contacts", {"firstname": "A"}, one)
    for since in (None, mark):
        snapshot = fake.pull(NOW, since)
        assert (list(snapshot.frames["contacts"]["record_id"]), snapshot.gone) == ([one], {})


def test_aloware_lists_everything_and_says_nothing_of_deletions() -> None:
    fake = aloware()
    one, two = (fake.put("contacts", {"phone_number": phone}) for phone in ("+12125550101", "+12125550102"))
    fake.delete("contacts", one)
    snapshot = fake.pull(NOW, "99")
    assert list(snapshot.frames["contacts"]["record_id"]) == [two]
    assert (snapshot.gone, snapshot.watermark) == ({}, None)


def test_a_converted_lead_is_read_only() -> None:
    fake = Fake(SALESFORCE, {"Contact": ["LastName"], "Lead": ["LastName"]})
    contact, lead = fake.put("Contact", {"LastName": "A"}), fake.put("Lead", {"LastName": "A"})
    fake.convert(lead, contact)
    assert fake.pull(NOW).frames["Lead"]["converted_to"].tolist() == [contact]
    assert write(fake, lead, object_name="Lead", LastName="B") is Outcome.REFUSED


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        (Property("firstname", length=3), "long"),
        (Property("firstname", options=("A",)), "B"),
        (Property("firstname", updateable=False), "A"),
        (Property("firstname", required=True), ""),
    ],
)
def test_the_schema_s_rules_hold(rule: Property, value: str) -> None:
    fake = Fake(HUBSPOT, CONTACTS, schema={"contacts": {"firstname": rule}})
    record_id = fake.put("contacts", {"firstname": "Z"})
    assert write(fake, record_id, firstname=value) is Outcome.REFUSED
    assert fake.get("contacts", record_id) == {"firstname": "Z"}


def test_an_unknown_property_is_refused() -> None:
    assert write(hubspot(), None, nope="x") is Outcome.REFUSED


def test_a_unique_value_has_one_holder() -> None:
    fake = hubspot()
    held = fake.put("contacts", {"email": "a@x.example"})
    assert write(fake, None, email="A@X.example") is Outcome.REFUSED
    assert write(fake, held, email="a@x.example") is Outcome.APPLIED


def test_aloware_s_number_is_the_key() -> None:
    fake = aloware()
    assert [write(fake, None, PHONE, first_name=name) for name in ("A", "B")] == [Outcome.APPLIED] * 2
    frame = fake.peek([Address("contacts", "", PHONE)], NOW).frames["contacts"]
    assert frame[["phone_number", "first_name"]].to_numpy().tolist() == [[PHONE, "B"]]
    assert write(fake, None, "", first_name="C") is Outcome.REFUSED
    assert write(fake, None, PHONE, first_name="") is Outcome.REFUSED


def test_without_listing_an_account_must_be_looked_up() -> None:
    fake = Fake(ALOWARE, {"contacts": ["phone_number"]}, capabilities=[Capability.CATALOGUE])
    fake.put("contacts", {"phone_number": PHONE})
    assert fake.pull(NOW).frames["contacts"].empty
    assert len(fake.peek([Address("contacts", "", PHONE)], NOW).frames["contacts"]) == 1


def test_writes_fail_and_are_refused_on_demand() -> None:
    fake = hubspot()
    record_id = fake.put("contacts", {"firstname": "A"})
    fake.fail(1)
    fake.refuse(record_id, "VALIDATION_ERROR")
    outcomes = [write(fake, record_id, firstname="B") for _ in range(2)]
    fake.refuse(record_id, "")
    assert [*outcomes, write(fake, record_id, firstname="B")] == [Outcome.FAILED, Outcome.REFUSED, Outcome.APPLIED]


def test_an_unreachable_system_raises_and_the_call_counts() -> None:
    fake = hubspot()
    fake.reachable = False
    with pytest.raises(ConnectorError):
        fake.pull(NOW)
    with pytest.raises(ConnectorError):
        write(fake, None, firstname="A")
    assert fake.calls == {"read": 1, "write": 1}


def test_the_catalogue_takes_over_a_namesake_and_keeps_ids() -> None:
    fake = aloware()
    native = fake.save_disposition(Disposition("", "New"))
    mirrored = fake.save_disposition(Disposition("", "NEW", "NEW", locked=True))
    assert mirrored.id == native.id
    assert fake.dispositions() == [mirrored]


def test_statuses_are_what_they_are_set_to() -> None:
    fake = hubspot()
    fake.lead_statuses = [Status("NEW", "New")]
    assert fake.statuses() == [Status("NEW", "New")]
