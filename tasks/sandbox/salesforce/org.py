"""The org itself: its id, its two users, its tables, and time as it writes it."""

from datetime import UTC, datetime
from functools import partial

from tasks.sandbox.salesforce.ids import new_id
from tasks.sandbox.salesforce.objects import PREFIXES
from tasks.sandbox.store import Row, Table
from tasks.sandbox.world import World

# Columns that a real org indexes and that clients look rows up by.
_INDEXED = {"Contact": ("Email", "AccountId"), "Lead": ("Email",), "Task": ("WhoId", "CallObject")}
_USERS = {"integration": ("Integration", "User"), "person": ("Sales", "Rep")}


def table(world: World, name: str) -> Table:
    """The rows of an object, deleted ones included."""
    return world.store.table(f"salesforce.{name}")


def open_tables(world: World) -> None:
    """Build the indexes: once, when the emulator starts."""
    for name, fields in _INDEXED.items():
        for field in fields:
            table(world, name).index(field, partial(_key, field))


def _key(field: str, row: Row) -> str | None:
    return fold(row.get(field))


def indexed(name: str, field: str) -> bool:
    return field in _INDEXED.get(name, ())


def fold(value: str | None) -> str | None:
    """Text as SOQL compares it."""
    return None if value is None else value.lower()


def owner_of(record_id: str) -> str | None:
    """The object whose records have this id's prefix."""
    return next((name for name, prefix in PREFIXES.items() if record_id.startswith(prefix)), None)


def record(world: World, record_id: str | None) -> Row | None:
    """The row behind a reference, whatever its object; deleted ones included."""
    name = owner_of(record_id) if record_id else None
    return table(world, name).get(record_id) if name and record_id else None


def org_id(world: World) -> str:
    """The organisation's id: the same for a store for ever."""
    return _remembered_id(world, "organization", "00D")


def establish(world: World) -> None:
    """The row that an org keeps of itself. Its days are those of the account's zone until somebody moves it."""
    if org_id(world) not in table(world, "Organization"):
        row = {"Id": org_id(world), "Name": "Sandbox", "TimeZoneSidKey": world.timezone}
        table(world, "Organization").put(row["Id"], row | born(world.clock.now(), integration_user(world)))


def integration_user(world: World) -> str:
    """Who the API token acts as."""
    return _user(world, "integration")


def person_user(world: World) -> str:
    """Who everything done on the vendor's own screens was done by."""
    return _user(world, "person")


def _remembered_id(world: World, name: str, prefix: str) -> str:
    known = world.store.fact(f"salesforce.{name}")
    if known is None:
        known = new_id(world.store, prefix)
        world.store.remember(f"salesforce.{name}", known)
    return str(known)


def _user(world: World, role: str) -> str:
    user_id = _remembered_id(world, f"user.{role}", PREFIXES["User"])
    if user_id not in table(world, "User"):
        first, last = _USERS[role]
        email = f"{role}@sandbox.example"
        row = {"Id": user_id, "FirstName": first, "LastName": last, "Name": f"{first} {last}", "IsActive": True}
        table(world, "User").put(user_id, row | {"Username": email, "Email": email} | born(world.clock.now(), user_id))
    return user_id


def born(at: datetime, by: str) -> Row:
    """The system fields of a new row."""
    return {"CreatedDate": stamp(at), "CreatedById": by, "IsDeleted": False} | touched(at, by)


def touched(at: datetime, by: str) -> Row:
    """The system fields that every write moves."""
    return {"LastModifiedDate": stamp(at), "LastModifiedById": by, "SystemModstamp": stamp(at)}


def stamp(at: datetime) -> str:
    """A datetime as REST writes it: `2020-10-22T21:03:23.000+0000`. Such texts sort by time."""
    at = at.astimezone(UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000"


def read_stamp(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")
