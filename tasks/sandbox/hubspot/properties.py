"""The contact properties that a new portal has: definitions, typed anew from the published and recorded ones."""

from collections.abc import Iterable
from typing import Any

from tasks.sandbox.store import Table
from tasks.sandbox.world import World

Definition = dict[str, Any]

BORN = "2020-06-30T15:57:37.277Z"  # when HubSpot made its own properties


def option(value: str, label: str, order: int) -> dict[str, Any]:
    return {"label": label, "value": value, "description": "", "displayOrder": order, "hidden": False}


def define(name: str, label: str, kind: str = "string", field: str = "text", **differs: Any) -> Definition:
    """A definition as HubSpot answers it; `differs` overrides what most properties have."""
    read_only = differs.pop("read_only", False)
    rights = {"archivable": True, "readOnlyDefinition": True, "readOnlyValue": read_only}
    if kind == "enumeration":
        rights["readOnlyOptions"] = differs.pop("read_only_options", True)
    return {
        "updatedAt": BORN,
        "createdAt": BORN,
        "name": name,
        "label": label,
        "type": kind,
        "fieldType": field,
        "description": "",
        "groupName": "contactinformation",
        "options": [],
        "displayOrder": -1,
        "calculated": False,
        "externalOptions": False,
        "hasUniqueValue": False,
        "hidden": False,
        "hubspotDefined": True,
        "modificationMetadata": rights,
        "formField": not read_only,
        "dataSensitivity": "non_sensitive",
        **differs,
    }


def _computed(name: str, label: str, kind: str = "string", **differs: Any) -> Definition:
    """A property that only HubSpot writes, and that its screens do not show."""
    return define(name, label, kind, "text", read_only=True, hidden=True, **differs)


# Two options share display order 2: recorded (fact sheet, section 2.4).
_LEAD_STATUSES = [
    option("NEW", "New", 0),
    option("OPEN", "Open", 1),
    option("IN_PROGRESS", "In Progress", 2),
    option("OPEN_DEAL", "Open Deal", 2),
    option("UNQUALIFIED", "Unqualified", 3),
    option("ATTEMPTED_TO_CONTACT", "Attempted to Contact", 4),
    option("CONNECTED", "Connected", 5),
    option("BAD_TIMING", "Bad Timing", 6),
]
_STAGES = [
    option("subscriber", "Subscriber", 0),
    option("lead", "Lead", 1),
    option("marketingqualifiedlead", "Marketing Qualified Lead", 2),
    option("salesqualifiedlead", "Sales Qualified Lead", 3),
    option("opportunity", "Opportunity", 4),
    option("customer", "Customer", 5),
    option("evangelist", "Evangelist", 6),
    option("other", "Other", 7),
]
_YES_NO = [option("true", "Yes", 0), option("false", "No", 1)]


def _people_write() -> Iterable[Definition]:
    yield define("firstname", "First Name", description="A contact's first name", displayOrder=0)
    yield define("lastname", "Last Name", description="A contact's last name", displayOrder=1)
    yield define("email", "Email", description="A contact's email address", displayOrder=3)
    yield define("phone", "Phone Number", field="phonenumber", displayOrder=2)
    yield define("mobilephone", "Mobile Phone Number", field="phonenumber", displayOrder=4)
    yield define("hs_whatsapp_phone_number", "WhatsApp Phone Number", field="phonenumber")
    yield define("company", "Company Name", displayOrder=21)
    yield define("jobtitle", "Job Title", displayOrder=15)
    yield define("website", "Website URL", displayOrder=20)
    yield define("address", "Street Address", displayOrder=6)
    yield define("city", "City", displayOrder=7)
    yield define("state", "State/Region", displayOrder=8)
    yield define("zip", "Postal Code", displayOrder=9)
    yield define("country", "Country/Region", displayOrder=10)
    yield define(
        "hs_lead_status",
        "Lead Status",
        "enumeration",
        "radio",
        groupName="sales_properties",
        options=_LEAD_STATUSES,
        read_only_options=False,
        displayOrder=0,
        description="The contact's sales, prospecting or outreach status",
    )
    yield define("lifecyclestage", "Lifecycle Stage", "enumeration", "radio", options=_STAGES, displayOrder=17)
    yield define(
        "hubspot_owner_id",
        "Contact owner",
        "enumeration",
        "select",
        groupName="sales_properties",
        externalOptions=True,
        referencedObjectType="OWNER",
        description="The owner of a contact.",
    )


def _hubspot_writes() -> Iterable[Definition]:
    yield define(
        "hs_email_optout", "Unsubscribed from all email", "bool", "booleancheckbox", options=_YES_NO, read_only=True
    )
    yield define("createdate", "Create Date", "datetime", "date", read_only=True)
    yield define("lastmodifieddate", "Last Modified Date", "datetime", "date", read_only=True)
    # Exists on contacts but stays null: contacts use lastmodifieddate (fact sheet, section 2.5: recorded).
    yield _computed("hs_lastmodifieddate", "Object last modified date/time", "datetime")
    yield _computed("hs_object_id", "Record ID", "number", hasUniqueValue=True)
    for name, label in (("hs_additional_emails", "Additional email addresses"), ("hs_merged_object_ids", "Merged IDs")):
        yield define(
            name, label, "enumeration", "checkbox", read_only=True, hidden=True, calculated=True, externalOptions=True
        )
    for name, label in (
        ("hs_calculated_phone_number", "Calculated Phone Number in International Format"),
        ("hs_calculated_phone_number_country_code", "Calculated Phone Number Country Code"),
        ("hs_calculated_mobile_number", "Calculated Mobile Number in International Format"),
        ("hs_searchable_calculated_phone_number", "Calculated Phone Number without country code"),
        ("hs_searchable_calculated_mobile_number", "Calculated Mobile Number without country code"),
    ):
        yield _computed(name, label, calculated=True)
    yield _computed("hs_all_contact_vids", "All vids for a contact", calculated=True)
    yield _computed("hs_email_domain", "Email Domain")
    yield _computed("hs_full_name_or_email", "Full name or email", calculated=True)
    yield _computed("hs_lifecyclestage_lead_date", "Became a Lead Date", "datetime")
    for name in CONSTANTS:
        yield _computed(name, name.removeprefix("hs_").replace("_", " ").capitalize())


# The same on every contact that an integration made (recorded).
CONSTANTS = {
    "hs_associated_target_accounts": "0",
    "hs_currently_enrolled_in_prospecting_agent": "false",
    "hs_is_contact": "true",
    "hs_is_unworked": "true",
    "hs_membership_has_accessed_private_content": "0",
    "hs_object_source": "INTEGRATION",
    "hs_object_source_id": "19083857",
    "hs_object_source_label": "INTEGRATION",
    "hs_pipeline": "contacts-lifecycle-pipeline",
    "hs_prospecting_agent_actively_enrolled_count": "0",
    "hs_prospecting_agent_total_enrolled_count": "0",
    "hs_registered_member": "0",
    "hs_sequences_actively_enrolled_count": "0",
    "num_notes": "0",
}


def definitions(world: World) -> Table:
    """The portal's contact properties by name; a new portal gets HubSpot's own."""
    table = world.store.table("hubspot.properties")
    if not len(table):
        for definition in (*_people_write(), *_hubspot_writes()):
            table.put(definition["name"], definition)
    return table
