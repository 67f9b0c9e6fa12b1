"""What each property is to the policy: mapped, free, or out of reach; and mappings refused before any write."""

import tomllib
from typing import Any

import pytest

from tasks.core.errors import PolicyError
from tasks.core.mapping import DISABLED, FREE, MAPPED, UNKNOWN, Row, check_against, check_directions, misfit, survey
from tasks.core.model import ALOWARE, CHOICES, HUBSPOT, OWNER, SALESFORCE, SCOPES, Property, Schema
from tasks.core.policy import FieldType, Policy, parse
from tasks.settings import DEFAULT_POLICY


def policy(**keys: Any) -> Policy:
    """Phones, and one field more, called `extra`."""
    document = tomllib.loads(DEFAULT_POLICY.read_text(encoding="utf-8"))
    document["salesforce"] = {"modules": ["contacts"]}
    document["fields"] = {"phone": document["fields"]["phone"]} | ({"extra": keys} if keys else {})
    return parse(document)


def schemas(*properties: Property) -> dict[str, Schema]:
    """A Salesforce whose Contact has a phone and those."""
    return {SALESFORCE: {"Contact": {held.name: held for held in (Property("Phone", type="phone"), *properties)}}}


def row(rows: list[Row], prop: str, system: str = SALESFORCE) -> Row:
    return next(row for row in rows if (row.system, row.property) == (system, prop))


READ_ONLY = {"createable": False, "updateable": False}


@pytest.mark.parametrize(
    ("kind", "held", "fits"),
    [
        ("boolean", Property("X", type="date"), False),
        ("phone", Property("X", type="boolean"), False),
        ("phone", Property("X", type="bool"), False),
        ("text", Property("X", type="double"), False),
        ("text", Property("X", type="reference"), False),
        ("text", Property("X", type="address"), False),
        ("text", Property("X", type="picklist"), True),
        ("text", Property("X", type="double", **READ_ONLY), True),
        ("text", Property("X", type="reference", **READ_ONLY), True),
        ("number", Property("X", type="currency"), True),
        ("date", Property("X", type="datetime"), False),
        ("date", Property("X", type="datetime", **READ_ONLY), True),
        ("picklist", Property("X", type=CHOICES), True),
        ("text", Property("X", type=CHOICES), False),
        ("owner", Property("X", type=OWNER), True),
        ("owner", Property("X", type="string"), False),
        ("status", Property("X", type="enumeration"), True),
        ("status", Property("X", type="string"), False),
        ("text", Property("X", type="status"), False),
        ("consent", Property("X", type="bool"), True),
        ("date", Property("X"), True),
    ],
)
def test_types_fit_or_they_do_not(kind: FieldType, held: Property, fits: bool) -> None:
    """A property that is only read can be of more types than one that must be written."""
    assert (misfit(kind, held) == "") is fits


def test_every_property_is_mapped_free_or_disabled_with_its_reason() -> None:
    """As on the product's mapping screen."""
    found = schemas(
        Property("Title", type="string"),
        Property("Region__c", type="picklist", required=True),
        Property("Age__c", type="double", **READ_ONLY),
        Property("AccountId", type="reference"),
        Property("Account.Name", type="string", **READ_ONLY),
    )
    rows = survey(policy(contact="Account.Name", hubspot="company"), found)
    assert row(rows, "Phone").state == MAPPED
    assert (row(rows, "Account.Name").state, row(rows, "Account.Name").field) == (MAPPED, "extra")
    assert "read-only" in row(rows, "Account.Name").reason
    assert (row(rows, "company", HUBSPOT).state, row(rows, "phone_number", ALOWARE).state) == (UNKNOWN, UNKNOWN)
    assert (row(rows, "Title").state, row(rows, "Title").reason) == (FREE, "")
    assert {"text", "date", "boolean"} <= set(row(rows, "Title").fits)
    assert "owner" not in row(rows, "Title").fits
    assert (row(rows, "Region__c").state, row(rows, "Region__c").reason) == (FREE, "required when a Contact is created")
    assert (row(rows, "Age__c").state, row(rows, "Age__c").reason) == (DISABLED, "read-only")
    assert (row(rows, "AccountId").state, "reference" in row(rows, "AccountId").reason) == (DISABLED, True)


def test_a_mapped_property_that_is_missing_or_of_another_type_is_disabled() -> None:
    """It is shown with the reason for which a run would refuse it."""
    assert "doesn't exist" in row(survey(policy(contact="Nope__c"), schemas()), "Nope__c").reason
    born = schemas(Property("Birthdate", type="date"))
    wrong = row(survey(policy(type="boolean", contact="Birthdate"), born), "Birthdate")
    assert (wrong.state, wrong.reason) == (DISABLED, "its type is date, which doesn't fit a field of type boolean")


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"contact": "Nope__c"}, ("[fields.extra]", "Nope__c", "salesforce's Contact", "tandem mapping")),
        ({"contact": "Birthdate", "type": "boolean"}, ("[fields.extra]", "Birthdate", "type is date", "boolean")),
        ({"contact": "LastModifiedDate", "type": "boolean"}, ("[fields.extra]", "LastModifiedDate", "datetime")),
        ({"contact": "Reminder__c", "type": "date"}, ("[fields.extra]", "can read but not write")),
    ],
)
def test_a_mapping_that_cannot_work_is_refused(keys: dict[str, Any], words: tuple[str, ...]) -> None:
    """Before anything is written, by the name of the field and its property."""
    found = schemas(
        Property("Birthdate", type="date"),
        Property("LastModifiedDate", type="datetime", **READ_ONLY),
        Property("Reminder__c", type="datetime"),
    )
    with pytest.raises(PolicyError) as refusal:
        check_against(policy(**keys), found)
    for word in words:
        assert word in str(refusal.value)


def test_a_source_that_is_never_written_is_no_mistake() -> None:
    """A formula, a relationship, a time of the system's own."""
    found = schemas(Property("Account.Name", type="string", **READ_ONLY))
    check_against(policy(contact="Account.Name"), found)


def test_a_scope_that_asks_for_an_unknown_property_is_refused() -> None:
    """Nobody would ever be in it."""
    document = tomllib.loads(DEFAULT_POLICY.read_text(encoding="utf-8"))
    document["fields"] = {"phone": document["fields"]["phone"]}
    document["salesforce"] = {"where": {"contact": {"Nope__c": ["x"]}}}
    with pytest.raises(PolicyError, match="`where` of salesforce's Contact asks for Nope__c"):
        check_against(parse(document), schemas())


def test_a_policy_cannot_widen_a_direction() -> None:
    """A field that is said to be two-way where every scope of it is inbound is a wish that nobody fulfils."""
    inbound = dict.fromkeys(SCOPES, "inbound")
    wish = policy(contact="Title", hubspot="jobtitle", direction="two-way")
    with pytest.raises(PolicyError, match=r"\[fields.extra\].*tandem direction salesforce.update two-way") as refusal:
        check_directions(wish, inbound, [SALESFORCE, HUBSPOT, ALOWARE])
    assert "salesforce.update and hubspot.update are inbound" in str(refusal.value)
    check_directions(wish, inbound | {"hubspot.update": "two-way"}, [SALESFORCE, HUBSPOT, ALOWARE])
    check_directions(policy(contact="Title", direction="inbound"), inbound, [SALESFORCE])
    check_directions(policy(contact="Title"), inbound, [SALESFORCE])
    check_directions(wish, inbound, [ALOWARE])
