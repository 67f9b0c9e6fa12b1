"""What a doctor finds: checks, each with one sentence that says what is so, and what to do about it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from tasks.core import mapping
from tasks.core.errors import ConnectorError, PolicyError, SettingsError
from tasks.core.model import ALOWARE, CRMS, LINK, Property, Schema
from tasks.core.policy import PLACES, Policy
from tasks.core.survey import MISSING, REMOVED, RENAMED
from tasks.core.survey import Row as StatusRow

OK, LOOK, WRONG = "ok", "look", "wrong"

DRIFT, LATE = timedelta(seconds=30), timedelta(minutes=5)  # of clocks: worth a look; too far to tell who was last
OLD = timedelta(days=7)  # an export older than that makes for many look-ups
SCARCE = 0.1  # of the calls of a day


@dataclass(frozen=True)
class Check:
    """One finding about a `subject`: `ok`, worth a `look`, or `wrong`; then `code` is the exit code it deserves."""

    subject: str
    name: str
    state: str
    says: str
    code: int = 0


def wrong(subject: str, name: str, says: str, code: int = SettingsError.exit_code) -> Check:
    return Check(subject, name, WRONG, says, code)


def exit_code(checks: Iterable[Check]) -> int:
    """0 when nothing is wrong. Settings and policy come before systems, which can't be judged until those are right."""
    codes = {check.code for check in checks if check.state == WRONG}
    known = [code for code in (SettingsError.exit_code, ConnectorError.exit_code) if code in codes]
    return next(iter([*known, *codes]), 0)


def clock(system: str, ahead: timedelta | None) -> Iterator[Check]:
    """How far a system's clock is from ours: who said something last is told by these clocks."""
    if ahead is None:
        return
    far = abs(ahead)
    told = f"{far.total_seconds():,.0f} s {'ahead of' if ahead > timedelta() else 'behind'} this machine's"
    if far > LATE:
        yield wrong(system, "clock", f"its clock is {told}: set this machine's by NTP, then run this again")
    elif far > DRIFT:
        yield Check(system, "clock", LOOK, f"its clock is {told}: keep this machine's time by NTP")
    else:
        yield Check(system, "clock", OK, "its clock and this machine's agree")


def calls(system: str, left: int | None, most: int | None, share: float | None) -> Iterator[Check]:
    """What is left of the day's calls."""
    if left is None:
        return
    told = f"{left:,}{f' of {most:,}' if most else ''} calls are left of the day"
    may = f"; one run may use {share:.0%} of them" if share is not None else ""
    if left == 0:
        yield wrong(system, "calls", f"{told}: wait until tomorrow, or ask who uses them", ConnectorError.exit_code)
    elif most and left < SCARCE * most:
        yield Check(system, "calls", LOOK, f"{told}{may}: see who else uses them, before a long run")
    else:
        yield Check(system, "calls", OK, f"{told}{may}")


def permissions(system: str, policy: Policy, schema: Schema, directions: Mapping[str, str]) -> Iterator[Check]:
    """Whether every mapped property is there, may be read, and, where it is to be written, may be written."""
    rows = [row for row in mapping.survey(policy, {system: schema}) if row.system == system and row.field]
    for place_system, object_name in PLACES.values():
        if place_system == system and object_name in policy.objects(system):
            mine = [row for row in rows if row.object == object_name]
            yield from _of_object(system, object_name, mine, policy, schema.get(object_name, {}), directions)


def _of_object(
    system: str,
    object_name: str,
    rows: list[mapping.Row],
    policy: Policy,
    known: Mapping[str, Property],
    directions: Mapping[str, str],
) -> Iterator[Check]:
    name = f"{object_name} fields"
    bad = [row for row in rows if row.state == mapping.DISABLED]
    for row in bad:
        remedy = "grant it to this login, or correct [fields." + str(row.field) + "] of the policy"
        yield wrong(system, name, f"{row.property}: {row.reason}: {remedy}", PolicyError.exit_code)
    read_only = [row for row in rows if row not in bad and _must_write(row, policy, known, directions)]
    for row in read_only:
        yield Check(system, name, LOOK, f"{row.property} can't be written by this login: such changes are refused")
    for prop in _missing_at_birth(system, object_name, rows, policy, known, directions):
        yield Check(
            system, name, LOOK, f"{prop} is required of a new {object_name} and not mapped: creates are refused"
        )
    if not bad and not read_only:
        yield Check(system, name, OK, f"all {len(rows)} mapped properties can be read{_writing(system, directions)}")


def _writing(system: str, directions: Mapping[str, str]) -> str:
    if system in CRMS and all(way == "inbound" for scope, way in directions.items() if scope.startswith(system)):
        return "; none is written while its scopes are inbound"
    return ", and written where they are to be"


def _must_write(row: mapping.Row, policy: Policy, known: Mapping[str, Property], directions: Mapping[str, str]) -> bool:
    """Whether a CRM's property is to be updated and can't be. What Aloware takes is the same for everybody, and a
    related record's property is a source that nobody writes."""
    field = policy.fields[str(row.field)]
    if row.system not in CRMS or "." in row.property or field.direction == "inbound" or field.type == LINK:
        return False
    return directions.get(policy.scope(str(row.field), row.system)) == "two-way" and not known[row.property].updateable


def _missing_at_birth(
    system: str,
    object_name: str,
    rows: list[mapping.Row],
    policy: Policy,
    known: Mapping[str, Property],
    directions: Mapping[str, str],
) -> Iterator[str]:
    """Properties that a new record must have, of an object that is created, and that nobody gives."""
    if directions.get(f"{system}.create") != "two-way" or object_name != policy.objects(system)[0]:
        return
    given = {row.property for row in rows}
    yield from (name for name, held in known.items() if held.required and name not in given)


def dispositions(rows: Iterable[StatusRow]) -> Check:
    """Whether every status of HubSpot has its disposition."""
    short = [row for row in rows if row.state in (MISSING, RENAMED, REMOVED)]
    if not short:
        return Check(ALOWARE, "dispositions", OK, "every Lead Status of HubSpot has, or will have, its disposition")
    return Check(
        ALOWARE,
        "dispositions",
        LOOK,
        f"{len(short)} of HubSpot's statuses and the policy's dispositions don't match: see `tandem statuses`",
    )


def export(rows: int, age: timedelta | None) -> Check:
    """The list of Aloware's contacts, and how old it is."""
    if age is None:
        return Check(ALOWARE, "export", LOOK, "the contacts export is empty: make it anew, with all contacts")
    days = age.days
    told = f"the contacts export has {rows:,} rows and is {days} day{'' if days == 1 else 's'} old"
    if age > OLD:
        return Check(ALOWARE, "export", LOOK, f"{told}: make a new one, for what is older is looked up one by one")
    return Check(ALOWARE, "export", OK, told)
