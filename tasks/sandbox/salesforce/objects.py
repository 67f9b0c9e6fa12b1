"""The org's objects: Contact, Lead, Task, Account, User and the Organization itself.

Fields, lengths, picklists and flags are those of the recorded describes; Task's are those of the fact sheet, section
11.2. Left out: Data.com, Individual, Stay-in-Touch and portal fields. DoNotCall and HasOptedOutOfEmail are hidden from
the recorded user and visible here; `describe.hide` takes them (or any field) away again.
"""

from tasks.sandbox.salesforce.fields import (
    Field,
    address,
    area,
    day,
    flag,
    lookup,
    moment,
    number,
    phone,
    picklist,
    stamp,
    text,
)

_SALUTATIONS = ("Mr.", "Ms.", "Mrs.", "Dr.", "Prof.")
_SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")
_RATINGS = ("Hot", "Warm", "Cold")
_LEAD_STATUSES = ("Open - Not Contacted", "Working - Contacted", "Closed - Converted", "Closed - Not Converted")
_INDUSTRIES = (
    "Agriculture", "Apparel", "Banking", "Biotechnology", "Chemicals", "Communications", "Construction", "Consulting",
    "Education", "Electronics", "Energy", "Engineering", "Entertainment", "Environmental", "Finance", "Food & Beverage",
    "Government", "Healthcare", "Hospitality", "Insurance", "Machinery", "Manufacturing", "Media", "Not For Profit",
    "Recreation", "Retail", "Shipping", "Technology", "Telecommunications", "Transportation", "Utilities", "Other",
)  # fmt: skip
_ACCOUNT_TYPES = (
    "Prospect", "Customer - Direct", "Customer - Channel", "Channel Partner / Reseller", "Installation Partner",
    "Technology Partner", "Other",
)  # fmt: skip
_TASK_STATUSES = ("Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred")

LEAD_CONVERTED = _LEAD_STATUSES[2]
TASK_CLOSED = _TASK_STATUSES[2]
PREFIXES = {"Contact": "003", "Lead": "00Q", "Task": "00T", "Account": "001", "User": "005", "Organization": "00D"}


def _record_id(label: str) -> Field:
    return Field("Id", label, "id", 18, write="", nillable=False, defaulted=True, id_lookup=True)


def _owner(*refers: str) -> Field:
    return lookup("OwnerId", "Owner ID", *refers, nillable=False, defaulted=True)


def _system() -> list[Field]:
    return [
        stamp("CreatedDate", "Created Date"),
        lookup("CreatedById", "Created By ID", "User", write="", nillable=False, defaulted=True),
        stamp("LastModifiedDate", "Last Modified Date"),
        lookup("LastModifiedById", "Last Modified By ID", "User", write="", nillable=False, defaulted=True),
        stamp("SystemModstamp", "System Modstamp"),
    ]


def _person(*salutations: str) -> list[Field]:
    part = {"compound": "Name", "extra": "personname"}
    return [
        text("LastName", "Last Name", 80, nillable=False, **part),
        text("FirstName", "First Name", 40, **part),
        picklist("Salutation", "Salutation", salutations, 40, **part),
        text("Name", "Full Name", 121, write="", nillable=False, is_name=True, extra="personname"),
    ]


def _email() -> Field:
    return Field("Email", "Email", "email", 80, id_lookup=True)


def _consent() -> list[Field]:
    return [flag("DoNotCall", "Do Not Call"), flag("HasOptedOutOfEmail", "Email Opt Out")]


def _origin(name: str) -> list[Field]:
    return [flag("IsDeleted", "Deleted", ""), lookup("MasterRecordId", "Master Record ID", name, write="")]


CONTACT = [
    _record_id("Contact ID"),
    *_origin("Contact"),
    lookup("AccountId", "Account ID", "Account"),
    *_person(*_SALUTATIONS),
    *address("Other"),
    *address("Mailing"),
    phone("Phone", "Business Phone"),
    phone("Fax", "Business Fax"),
    phone("MobilePhone", "Mobile Phone"),
    phone("HomePhone", "Home Phone"),
    phone("OtherPhone", "Other Phone"),
    phone("AssistantPhone", "Asst. Phone"),
    lookup("ReportsToId", "Reports To ID", "Contact"),
    _email(),
    text("Title", "Title", 128),
    text("Department", "Department", 80),
    text("AssistantName", "Assistant's Name", 40),
    picklist("LeadSource", "Lead Source", _SOURCES),
    day("Birthdate", "Birthdate", "CU"),
    area("Description", "Contact Description", 32000),
    _owner("User"),
    *_consent(),
    *_system(),
    day("LastActivityDate", "Last Activity"),
    moment("LastViewedDate", "Last Viewed Date"),
    moment("LastReferencedDate", "Last Referenced Date"),
    text("EmailBouncedReason", "Email Bounced Reason", 255),
    moment("EmailBouncedDate", "Email Bounced Date", "CU"),
    flag("IsEmailBounced", "Is Email Bounced", ""),
]

LEAD = [
    _record_id("Lead ID"),
    *_origin("Lead"),
    *_person(*_SALUTATIONS, "Mx."),
    text("Title", "Title", 128),
    text("Company", "Company", 255, nillable=False),
    *address(""),
    phone("Phone", "Phone"),
    phone("MobilePhone", "Mobile Phone"),
    phone("Fax", "Fax"),
    _email(),
    Field("Website", "Website", "url", 255),
    area("Description", "Description", 32000),
    picklist("LeadSource", "Lead Source", _SOURCES),
    picklist("Status", "Status", _LEAD_STATUSES, nillable=False, defaulted=True, default=_LEAD_STATUSES[0]),
    picklist("Industry", "Industry", _INDUSTRIES),
    picklist("Rating", "Rating", _RATINGS),
    Field("AnnualRevenue", "Annual Revenue", "currency", precision=18),
    number("NumberOfEmployees", "Employees"),
    _owner("Group", "User"),
    *_consent(),
    flag("IsConverted", "Converted", "C"),
    day("ConvertedDate", "Converted Date"),
    lookup("ConvertedAccountId", "Converted Account ID", "Account", write=""),
    lookup("ConvertedContactId", "Converted Contact ID", "Contact", write=""),
    lookup("ConvertedOpportunityId", "Converted Opportunity ID", "Opportunity", write=""),
    flag("IsUnreadByOwner", "Unread By Owner"),
    *_system(),
    day("LastActivityDate", "Last Activity"),
    moment("LastViewedDate", "Last Viewed Date"),
    moment("LastReferencedDate", "Last Referenced Date"),
    text("EmailBouncedReason", "Email Bounced Reason", 255, write="U"),
    moment("EmailBouncedDate", "Email Bounced Date", "U"),
]

TASK = [
    _record_id("Activity ID"),
    lookup("WhoId", "Name ID", "Contact", "Lead"),
    lookup("WhatId", "Related To ID", "Account", "Opportunity"),
    Field("Subject", "Subject", "combobox", 255, values=("Call", "Email", "Send Letter", "Send Quote", "Other")),
    day("ActivityDate", "Due Date Only", "CU"),
    picklist("Status", "Status", _TASK_STATUSES, nillable=False, defaulted=True, default="Not Started"),
    picklist(
        "Priority", "Priority", ("High", "Normal", "Low"), nillable=False, defaulted=True, default="Normal"
    ),
    flag("IsHighPriority", "High Priority", ""),
    _owner("Group", "User"),
    area("Description", "Description", 32000),
    flag("IsDeleted", "Deleted", ""),
    lookup("AccountId", "Account ID", "Account", write=""),
    flag("IsClosed", "Closed", ""),
    *_system(),
    flag("IsArchived", "Archived", ""),
    number("CallDurationInSeconds", "Call Duration"),
    picklist("CallType", "Call Type", ("Internal", "Inbound", "Outbound"), 40, restricted=True),
    text("CallDisposition", "Call Result", 255),
    text("CallObject", "Call Object Identifier", 255),
    moment("ReminderDateTime", "Reminder Date/Time", "CU"),
    flag("IsReminderSet", "Reminder Set"),
    picklist(
        "TaskSubtype", "Task Subtype", ("Task", "Email", "ListEmail", "Cadence", "Call", "LinkedIn"), 40,
        write="C", restricted=True, default="Task",
    ),
    moment("CompletedDateTime", "Completed Date"),
]  # fmt: skip

ACCOUNT = [
    _record_id("Account ID"),
    *_origin("Account"),
    text("Name", "Account Name", 255, nillable=False, is_name=True, compound="Name", extra="switchablepersonname"),
    picklist("Type", "Account Type", _ACCOUNT_TYPES, 40),
    lookup("ParentId", "Parent Account ID", "Account"),
    *address("Billing"),
    *address("Shipping"),
    phone("Phone", "Account Phone"),
    phone("Fax", "Account Fax"),
    text("AccountNumber", "Account Number", 40),
    Field("Website", "Website", "url", 255),
    picklist("Industry", "Industry", _INDUSTRIES, 40),
    Field("AnnualRevenue", "Annual Revenue", "currency", precision=18),
    number("NumberOfEmployees", "Employees"),
    area("Description", "Account Description", 32000),
    picklist("Rating", "Account Rating", _RATINGS, 40),
    _owner("User"),
    *_system(),
    day("LastActivityDate", "Last Activity"),
    picklist("AccountSource", "Account Source", _SOURCES, 40),
]

USER = [
    _record_id("User ID"),
    text("Username", "Username", 80, nillable=False),
    text("LastName", "Last Name", 80, nillable=False),
    text("FirstName", "First Name", 40),
    text("Name", "Full Name", 121, write="", nillable=False, is_name=True),
    Field("Email", "Email", "email", 128, nillable=False),
    flag("IsActive", "Active"),
    *_system(),
]

ORGANIZATION = [
    Field("Id", "Organization ID", "id", 18, write="", nillable=False, defaulted=True),
    text("Name", "Name", 80, write="", nillable=False, is_name=True),
    text("TimeZoneSidKey", "Time Zone", 40, write="", nillable=False),
    *_system(),
]

OBJECTS = {
    "Account": ACCOUNT,
    "Contact": CONTACT,
    "Lead": LEAD,
    "Organization": ORGANIZATION,
    "Task": TASK,
    "User": USER,
}
