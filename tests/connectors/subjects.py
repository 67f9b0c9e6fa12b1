"""The subjects of the contract suite: each system behind its connector and an emulator, and each as the fake."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from tasks.connectors.fake import Fake
from tasks.connectors.logins import AlowareLogin, HubSpotLogin, Login, SalesforceLogin
from tasks.connectors.opening import Wanted, open_connector
from tasks.connectors.protocol import Connector
from tasks.core.model import ALOWARE, HUBSPOT, SALESFORCE, Address, Change, Property

WANTED: dict[str, Wanted] = {
    SALESFORCE: {"Contact": ["FirstName", "LastName", "Phone"], "Lead": ["LastName"]},
    HUBSPOT: {"contacts": ["firstname", "phone", "hs_lead_status"]},
    ALOWARE: {"contacts": ["phone_number", "first_name", "disposition_status_id"]},
}
EXPORT_COLUMNS = {
    "id": "Contact ID",
    "phone_number": "Phone Number",
    "first_name": "First Name",
    "disposition_status_id": "Disposition Status ID",
    "created_at": "Created At",
    "updated_at": "Updated At",
}


@dataclass(frozen=True)
class Subject:
    """A connected system: which object and property the suite plays with, one that stays blank, a value it refuses."""

    connector: Connector
    object: str
    name: str
    always: Mapping[str, str]
    blank: str
    bad: Mapping[str, str]
    unknown_id: str

    def create(self, n: int, **fields: str) -> Change:
        phone = f"+1212555{n:04d}"
        values = {**self.always, self.name: f"Person {n}", **fields}
        return Change(f"create-{n}", self.connector.system, self.object, None, "create", values, phone)

    def update(self, n: int, record_id: str, **fields: str) -> Change:
        phone = f"+1212555{n:04d}"
        return Change(f"update-{n}", self.connector.system, self.object, record_id, "update", fields, phone)

    def archive(self, n: int, record_id: str) -> Change:
        phone, fields = f"+1212555{n:04d}", {"archived": "true"}
        return Change(f"archive-{n}", self.connector.system, self.object, record_id, "archive", fields, phone)

    def address(self, n: int, record_id: str) -> Address:
        return Address(self.object, record_id, f"+1212555{n:04d}")


def subject(connector: Connector) -> Subject:
    """What there is to play with in that connector's system."""
    if connector.system == SALESFORCE:
        bad = {"FirstName": "x" * 41}
        return Subject(connector, "Contact", "FirstName", {"LastName": "Doe"}, "Phone", bad, "003000000000001AAA")
    if connector.system == HUBSPOT:
        bad = {"hs_lead_status": "NO_SUCH_STATUS"}
        return Subject(connector, "contacts", "firstname", {}, "hs_lead_status", bad, "999999999999")
    bad = {"disposition_status_id": "999999"}
    return Subject(connector, "contacts", "first_name", {}, "disposition_status_id", bad, "999999999")


def logins(ready: Mapping[str, Mapping[str, str]]) -> dict[str, Login]:
    """The credentials that a sandbox's `/ready` gives."""
    salesforce, hubspot, aloware = ready[SALESFORCE], ready[HUBSPOT], ready[ALOWARE]
    secret = SecretStr(salesforce["client_secret"])
    return {
        SALESFORCE: SalesforceLogin(salesforce["url"], salesforce["client_id"], secret),
        HUBSPOT: HubSpotLogin(hubspot["url"], SecretStr(hubspot["token"])),
        ALOWARE: AlowareLogin(
            aloware["url"],
            SecretStr(aloware["token"]),
            aloware["catalogue_url"],
            aloware["export_contacts"],
            EXPORT_COLUMNS,
            aloware["timezone"],
        ),
    }


def emulated(system: str, ready: Mapping[str, Mapping[str, str]]) -> Connector:
    return open_connector(logins(ready)[system], WANTED[system])


def fake(system: str) -> Fake:
    """The fake with the few rules that the suite relies on."""
    schema = {name: {p: Property(p) for p in properties} for name, properties in WANTED[system].items()}
    rules = {
        SALESFORCE: Property("FirstName", length=40),
        HUBSPOT: Property("hs_lead_status", options=("NEW", "OPEN")),
        ALOWARE: Property("disposition_status_id", options=("4101",)),
    }
    object_name = "Contact" if system == SALESFORCE else "contacts"
    schema[object_name][rules[system].name] = rules[system]
    return Fake(system, WANTED[system], schema=schema)
