"""The CSV exports that people make on Aloware's screens: contacts, communications, in the account's wall clock."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from tasks.sandbox.aloware import communications, contacts, dispositions, users
from tasks.sandbox.store import Row
from tasks.sandbox.world import World

FROZEN = "aloware.exports.frozen"
CONTACT_COLUMNS = {
    "Contact ID": "id",
    "First Name": "first_name",
    "Last Name": "last_name",
    "Phone Number": "phone_number",
    "Email": "email",
    "Company Name": "company_name",
    "Disposition Status ID": "disposition_status_id",
    "Disposition Status": "disposition",
    "Time Zone": "timezone",
    "CSF1": "csf1",
    "CSF2": "csf2",
    "DNC": "is_dnc",
    "Opted Out": "is_opted_out",
    "Notes": "notes",
    "Website": "website",
    "City": "city",
    "State": "state",
    "Zip Code": "zipcode",
    "Country": "country",
    "Address": "address",
    "Lead Source": "lead_source",
    "Date of Birth": "date_of_birth",
    "Contact Owner ID": "user_id",
    "Created At": "created_at",
    "Updated At": "updated_at",
}
# Fact sheet, section 2.4: recorded.
COMMUNICATION_COLUMNS = {
    "Communication ID": "id",
    "Started At": "at",
    "Type": "type",
    "Direction": "direction",
    "Disposition Status": "disposition_status",
    "Call Disposition": "call_disposition",
    "Talk Time": "talk_time",
    "Duration": "duration",
    "Contact Number": "lead_number",
    "Contact ID": "contact_id",
    "Contact First Name": "first_name",
    "Contact Last Name": "last_name",
    "Email": "email",
    "User Name": "user",
    "Body": "body",
    "Notes": "notes",
    "Recording": "recording",
    "Voicemail": "voicemail",
}


def export(world: World, name: str) -> tuple[str, str]:
    """The CSV of `contacts` or `communications` and its Last-Modified: of now, or of when exports were frozen."""
    frozen = world.store.fact(FROZEN)
    if frozen:
        return frozen[name], frozen["at"]
    return NAMES[name](world), _http_date(world.clock.now())


def freeze(world: World, frozen: bool) -> None:
    """Keep the exports as they are now, or let them be live again. Freezing anew makes new ones."""
    if not frozen:
        world.store.remember(FROZEN, None)
        return
    made = {name: build(world) for name, build in NAMES.items()}
    world.store.remember(FROZEN, {**made, "at": _http_date(world.clock.now())})


def _contacts(world: World) -> str:
    names = {row["id"]: row["name"] for row in dispositions.listing(world)}
    return _csv(CONTACT_COLUMNS, (_contact(world, row, names) for row in contacts.table(world).rows()))


def _contact(world: World, row: Row, names: dict[int, str]) -> Row:
    flags = {name: "Yes" if row[name] else "No" for name in ("is_dnc", "is_opted_out")}
    times = {name: _wall_clock(world, row[name]) for name in ("created_at", "updated_at")}
    return {**row, **flags, **times, "disposition": names.get(row["disposition_status_id"])}


def _communications(world: World) -> str:
    agents = {row["id"]: row["name"] for row in users.table(world).rows()}
    rows = communications.table(world).rows()
    return _csv(COMMUNICATION_COLUMNS, (_communication(world, row, agents) for row in rows))


def _communication(world: World, row: Row, agents: dict[int, str]) -> Row:
    contact = contacts.table(world).get(str(row["contact_id"])) or {}
    who = {name: contact.get(name) for name in ("first_name", "last_name", "email")}
    return {**who, **row, "at": _wall_clock(world, row["at"]), "user": agents.get(row["user_id"])}


def _csv(columns: dict[str, str], rows: Iterable[Row]) -> str:
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(columns)
    writer.writerows([row.get(name) for name in columns.values()] for row in rows)
    return sheet.getvalue()


def _wall_clock(world: World, moment: str) -> str:
    """Exports are in the account's zone, unlike webhooks (fact sheet, section 2.4: recorded)."""
    return datetime.fromisoformat(moment).astimezone(ZoneInfo(world.timezone)).strftime("%Y-%m-%d %H:%M:%S")


def _http_date(at: datetime) -> str:
    return format_datetime(at, usegmt=True)


NAMES = {"contacts": _contacts, "communications": _communications}
