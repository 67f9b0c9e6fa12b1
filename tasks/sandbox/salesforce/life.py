"""What people do on the vendor's screens: convert a lead, merge records (fact sheet, sections 11.1 and 11.4)."""

from typing import Any

from tasks.sandbox.salesforce.ids import to18
from tasks.sandbox.salesforce.objects import LEAD_CONVERTED
from tasks.sandbox.salesforce.org import born, person_user, table
from tasks.sandbox.salesforce.rows import change, insert
from tasks.sandbox.store import Row
from tasks.sandbox.world import World

_ALIKE = (
    "Salutation", "FirstName", "LastName", "Title", "Email", "Phone", "MobilePhone", "Fax", "LeadSource",
    "Description", "OwnerId", "DoNotCall", "HasOptedOutOfEmail",
)  # fmt: skip
_COMPANY = ["Phone", "Fax", "Website", "Industry", "Rating", "AnnualRevenue", "NumberOfEmployees", "OwnerId"]
_ADDRESS = ["Street", "City", "State", "PostalCode", "Country", "Latitude", "Longitude"]
_MERGEABLE = ("Account", "Contact", "Lead")


def convert(world: World, lead_id: str, contact_id: str | None = None) -> dict[str, str]:
    """Convert a lead as a person would, without an opportunity.

    Makes an Account and a Contact; with `contact_id`, fills only that contact's empty fields. The lead's tasks are
    re-pointed in place. Gives `contact_id` and `account_id`. Raises ValueError.
    """
    lead = _living(world, "Lead", lead_id)
    if lead.get("IsConverted"):
        raise ValueError(f"Lead {lead['Id']} is converted already.")
    contact = _living(world, "Contact", contact_id) if contact_id else {}
    account_id = contact.get("AccountId") or _create(world, "Account", _account_from(lead))
    values = _contact_from(lead) | {"AccountId": account_id}
    if contact:
        new_contact = str(contact["Id"])
        change(world, "Contact", new_contact, _gaps(contact, values), person_user(world))
    else:
        new_contact = _create(world, "Contact", values)
    at = world.clock.now()
    done = {"IsConverted": True, "ConvertedDate": at.date().isoformat(), "Status": LEAD_CONVERTED}
    done |= {"ConvertedContactId": new_contact, "ConvertedAccountId": account_id}
    change(world, "Lead", lead["Id"], done, person_user(world))
    _repoint(world, "Task", "WhoId", lead["Id"], new_contact)
    return {"contact_id": new_contact, "account_id": str(account_id)}


def merge(world: World, object_name: str, master: str, losers: list[str]) -> None:
    """Merge records into `master` as a person would: the others are soft-deleted and point to it. Raises ValueError."""
    if object_name not in _MERGEABLE:
        raise ValueError(f"{object_name} records can't be merged: {', '.join(_MERGEABLE)} can.")
    kept = _living(world, object_name, master)["Id"]
    gone = [_living(world, object_name, loser)["Id"] for loser in losers]
    if not gone or kept in gone or len(set(gone)) < len(gone):
        raise ValueError("A merge needs one master and at least one other record, each named once.")
    for loser in gone:
        change(world, object_name, loser, {"IsDeleted": True, "MasterRecordId": kept}, person_user(world))
        for child, field in _children(object_name):
            _repoint(world, child, field, loser, kept)
    change(world, object_name, kept, {}, person_user(world))


def _living(world: World, name: str, record_id: str) -> Row:
    row = table(world, name).get(to18(record_id))
    if row is None or row["IsDeleted"]:
        raise ValueError(f"There is no {name} {record_id}.")
    return row


def _create(world: World, name: str, values: dict[str, Any]) -> str:
    return insert(world, name, values | born(world.clock.now(), person_user(world)))


def _account_from(lead: Row) -> Row:
    billing = {f"Billing{part}": lead.get(part) for part in _ADDRESS}
    return {"Name": lead.get("Company") or lead["Name"]} | {name: lead.get(name) for name in _COMPANY} | billing


def _contact_from(lead: Row) -> Row:
    return {name: lead.get(name) for name in _ALIKE} | {f"Mailing{part}": lead.get(part) for part in _ADDRESS}


def _gaps(contact: Row, values: Row) -> Row:
    """Only what the contact leaves empty (a flag is never empty)."""
    return {name: value for name, value in values.items() if contact.get(name) is None and value is not None}


def _children(name: str) -> list[tuple[str, str]]:
    """The lookups that follow a merge."""
    return {
        "Account": [("Contact", "AccountId"), ("Account", "ParentId"), ("Task", "WhatId")],
        "Contact": [("Contact", "ReportsToId"), ("Task", "WhoId"), ("Lead", "ConvertedContactId")],
        "Lead": [("Task", "WhoId")],
    }[name]


def _repoint(world: World, child: str, field: str, old: str, new: str) -> None:
    for row in table(world, child).rows():
        if row.get(field) == old and not row["IsDeleted"]:
            change(world, child, row["Id"], {field: new}, person_user(world))
