"""What a policy can't say: contradictions that are plain from the file alone, each refused by the name of its key."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

import phonenumbers

from tasks.core.communications.export import COLUMNS
from tasks.core.errors import PolicyError
from tasks.core.model import ALOWARE, HUBSPOT, LINK, RECORD_URL
from tasks.core.zones import is_zone

if TYPE_CHECKING:
    from tasks.core.policy import Field, Policy

# Columns that the core keeps beside the fields of a record, and what its other columns end in.
RESERVED = frozenset(
    (
        "system", "object", "record_id", "key", "converted_to", "in_scope", "person", "role", "base_ref", "foreign",
        "ref", "born", "rank", "was", "field",
    )
)  # fmt: skip
SUFFIXES = ("_from", "_rule", "_run", "_raw", "_at")
_ACCOUNT = re.compile(r"001[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?")
NUMBER = "phone_number"


Places = Mapping[str, tuple[str, str]]  # the policy's words for the objects in which a field can live


def check(policy: "Policy", document: Mapping[str, Any], places: Places) -> None:
    """Raise PolicyError for the first contradiction. `document` is the file as read, before defaults are filled in."""
    for complaint in chain(_salesforce(policy), _sections(policy), _fields(policy, document, places)):
        raise PolicyError(complaint)


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _sections(policy: "Policy") -> Iterator[str]:
    if policy.phones.region not in phonenumbers.SUPPORTED_REGIONS:
        yield f'[phones] region = "{policy.phones.region}" is no region: use two capital letters, as in "US" or "GB".'
    for name in ("updates", "creates", "clears", "key_moves"):
        if not 0 <= getattr(policy.limits, name) <= 1:
            yield f"[limits] {name} = {getattr(policy.limits, name)} is no share: use a number from 0 to 1."
    for name in ("salesforce", "hubspot"):
        if not 0 < getattr(policy.budgets, name) <= 1:
            yield (
                f"[budgets] {name} = {getattr(policy.budgets, name)} is no share of the calls that are left of a day: "
                "use a number above 0, and 1 for all of them."
            )
    if (since := policy.communications.since) and not _is_moment(since):
        yield f'[communications] since = "{since}" is no time: write one as 2026-03-01T00:00:00-05:00, with its zone.'
    if policy.limits.floor < 0:
        yield f"[limits] floor = {policy.limits.floor} is below 0: use a number of records."
    if policy.recency.tolerance_seconds < 0:
        yield f"[recency] tolerance_seconds = {policy.recency.tolerance_seconds} is below 0: use a number of seconds."
    yield from _retention(policy)
    if (made := policy.aloware.export_as_of) and not _is_moment(made):
        yield f'[aloware] export_as_of = "{made}" is no time: write one as 2026-03-01T09:30:00-05:00, with its zone.'
    if policy.aloware.calls_per_minute < 1:
        yield f"[aloware] calls_per_minute = {policy.aloware.calls_per_minute} lets nothing through: use 1 or more."
    if not policy.aloware.price_per_number >= 0:
        yield f"[aloware] price_per_number = {policy.aloware.price_per_number} is no price: use 0 or more."
    if not is_zone(zone := policy.aloware.export_timezone):
        yield f'[aloware] export_timezone = "{zone}" is no time zone: use a name such as America/New_York.'
    for name in policy.aloware.communications_columns:
        if name not in COLUMNS:
            yield f"[aloware.communications_columns] {name} is nothing that is read: use one of {', '.join(COLUMNS)}."
    shared = [id_ for id_, n in Counter(policy.aloware.dispositions.values()).items() if n > 1]
    if shared:
        yield f"[aloware.dispositions] gives the disposition {shared[0]} to several statuses: keep one."


def _retention(policy: "Policy") -> Iterator[str]:
    days = {name: getattr(policy.retention, name) for name in ("snapshots_days", "plans_days", "journal_days")}
    for name, number in days.items():
        if number < 0:
            yield f"[retention] {name} = {number} is below 0: use a number of days, and 0 for ever."
    for shorter, longer, why in (
        ("plans_days", "snapshots_days", "a snapshot is of use to the plan that was made from it"),
        ("journal_days", "plans_days", "who approved a plan, and why, is in the journal"),
    ):
        if 0 < days[shorter] < (days[longer] or math.inf):
            kept = f"{longer} = {days[longer]}" + ("" if days[longer] else ", that is for ever")
            yield f"[retention] {shorter} = {days[shorter]} is shorter than {kept}: {why}."


def _salesforce(policy: "Policy") -> Iterator[str]:
    on = {name.lower() for name in policy.salesforce.objects}
    if not on:
        yield 'The policy turns both Salesforce modules off: set [salesforce] modules = ["contacts"].'
    elif policy.salesforce.priority not in on:
        yield (
            f'The policy gives priority to "{policy.salesforce.priority}", a module that is off: change '
            "[salesforce] priority or modules."
        )
    for module in policy.salesforce.where:
        if module not in on:
            yield f"[salesforce.where.{module}] narrows a module that is off: remove it, or change modules."
    for name in policy.salesforce.synthetic:
        field = policy.fields.get(name)
        if field is None or not (field.contact or field.lead):
            yield f"[salesforce.synthetic] invents {name}, which isn't mapped to Salesforce: remove it, or map it."
    account = policy.salesforce.account
    if account not in ("none", "by-company") and not _ACCOUNT.fullmatch(account):
        yield (
            f'[salesforce] account = "{account}" is no Account: use "none", "by-company", or an Account\'s id, which '
            "begins with 001."
        )


def _fields(policy: "Policy", document: Mapping[str, Any], places: Places) -> Iterator[str]:
    for place, (system, object_name) in places.items():
        yield from _mapped_twice(policy, place, f"{system} {object_name}")
    for name, field in policy.fields.items():
        said = document["fields"][name]
        yield from _field(name, field, said, [place for place in places if field.property_of(place)], places)
    statuses = [name for name, field in policy.fields.items() if field.type == "status"]
    if len(statuses) > 1:
        yield f"[fields.{statuses[0]}] and [fields.{statuses[1]}] are both of type status: there is one Lead Status."
    if policy.salesforce.account == "by-company" and "company" not in policy.fields:
        yield '[salesforce] account = "by-company" needs [fields.company]: map it, or choose another account.'
    if NUMBER not in {field.aloware for field in policy.fields.values() if field.type == "phone"}:
        yield f"No phone field is mapped to Aloware's {NUMBER}, the match key: set [fields.phone]."


def _field(name: str, field: "Field", said: Mapping[str, Any], mapped: list[str], places: Places) -> Iterator[str]:
    where = f"[fields.{name}]"
    if not name.isidentifier() or name.endswith(SUFFIXES):
        yield f"{where}: name fields with letters, digits and _, not ending in {' or '.join(SUFFIXES)}."
    if name in RESERVED:
        yield f'{where}: "{name}" is a word of Tandem\'s own: call the field something else.'
    if not mapped:
        yield f"{where} is mapped nowhere: name a property, or remove the field."
    if repeated := [system for system, n in Counter(field.order).items() if n > 1]:
        yield f"{where} order names {repeated[0]} twice: name each system once."
    if field.type == "status" and (bad := [p for p in mapped if places[p][0] not in (HUBSPOT, ALOWARE)]):
        yield f"{where} is of type status and maps {bad[0]}: a status is HubSpot's and Aloware's alone; use picklist."
    if field.type == "consent" and (set_ := [key for key in ("rule", "order", "blanks") if key in said]):
        yield f"{where} is of type consent and sets {set_[0]}: a no from any side counts whatever the rule; remove it."
    if field.type == LINK:
        yield from _link(where, field, said, [place for place in mapped if places[place][0] != ALOWARE], places)
    if field.aloware == NUMBER and field.type != "phone":
        yield f'{where} maps {NUMBER}, Aloware\'s key: set type = "phone".'


def _link(where: str, field: "Field", said: Mapping[str, Any], crms: list[str], places: Places) -> Iterator[str]:
    if wrong := [place for place in crms if field.property_of(place) != RECORD_URL]:
        yield f'{where} is of type link: set {wrong[0]} = "{RECORD_URL}", the address of its record.'
    if not field.aloware or len({places[place][0] for place in crms}) != 1:
        yield (
            f"{where} is of type link, from a property of Aloware to the records of one CRM: name aloware, and either "
            "contact and lead or hubspot."
        )
    if set_ := [key for key in ("rule", "order", "blanks", "direction") if key in said]:
        yield f"{where} is of type link and sets {set_[0]}: a record's address is nobody's to decide; remove it."


def _mapped_twice(policy: "Policy", place: str, where: str) -> Iterator[str]:
    """A property is mapped once: two fields writing one property would undo each other for ever."""
    seen: dict[str, str] = {}
    for name, field in policy.fields.items():
        prop = field.property_of(place)
        if prop is None:
            continue
        if prop.lower() in seen:
            yield (
                f"The policy maps the {where} property {prop} twice, by [fields.{seen[prop.lower()]}] and "
                f"[fields.{name}]: keep one."
            )
        seen[prop.lower()] = name
