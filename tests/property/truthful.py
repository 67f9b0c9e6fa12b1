"""Is a plan as good as its word? What it says beside what then happens at the vendors, row by row (design, §10.6)."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd

from flows.apply import apply
from flows.connections import connect
from flows.plan import plan
from tasks.core.model import ALOWARE, HUBSPOT, SALESFORCE, SCOPES, SYSTEMS, Change
from tasks.core.plan import Plan
from tasks.core.run import RunReport
from tasks.session import open_session
from tests.flows.test_spent_calls import ASKED_ONCE
from tests.flows.test_types import PROPERTIES
from tests.flows.worlds import Office, office
from tests.property import truthful_policies
from tests.property.truthful_town import Town

ROUNDS = 2
SAMPLE = 6  # refusals of a plan that are tried all the same
OWN_DOING = {  # properties that vendors themselves write with every change
    SALESFORCE: {"LastModifiedDate", "SystemModstamp", "LastModifiedById", "Name", "LastActivityDate"},
    HUBSPOT: {"lastmodifieddate"},
    ALOWARE: {"updated_at", "lead_source_id", "id", "created_at", "engagement"},
}
BORN_WITH = {  # … and into every new record
    SALESFORCE: {"Id", "CreatedDate", "CreatedById", "OwnerId", "Status", "IsUnreadByOwner"},
    HUBSPOT: {"createdate", "lifecyclestage"},
    ALOWARE: set(),
}
CREATED = "how many were created"
WRITTEN = {"hs_lead_status"}  # the one that people write of those that HubSpot calls its own
INVENTED = {"Contact": {"LastName": "Try"}, "Lead": {"LastName": "Try", "Company": "Try"}}

Place = tuple[str, str]  # system, object
Rows = dict[Place, dict[str, dict[str, str]]]  # … → record → property → value as text, blanks left out
Cell = tuple[str, str, str, str]  # system, object, record, property


@dataclass
class Tally:
    """How much a world put to the test, and every word that wasn't kept."""

    worlds: int = 0
    writes: int = 0
    creates: int = 0
    held: int = 0
    refused: int = 0
    tried: int = 0
    broken: tuple[str, ...] = ()

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(mine + theirs for mine, theirs in zip(vars(self).values(), vars(other).values(), strict=True)))


def world(seed: int, folder: Path, rounds: int = ROUNDS) -> Tally:
    """People live on between plans that are made and carried out; some directions are open from the start."""
    folder.mkdir(exist_ok=True)
    dice = Random(seed)
    with office(folder, policy=truthful_policies.policy_of(dice, folder)) as made:
        for definition in (*PROPERTIES, *truthful_policies.PROPERTIES):
            made.person.define_in_hubspot(**definition)
        for system in SYSTEMS:
            connect(system)
        made.open(*dice.sample(SCOPES, dice.randint(0, len(SCOPES))))
        with open_session() as session:
            town = Town(made, session.policy, dice)
        town.move_in()
        tally = Tally(worlds=1)
        for turn in range(rounds):
            tally += _round(made, f"seed {seed}, round {turn}: ", dice)
            town.live_on()
        return tally


def _round(made: Office, name: str, dice: Random) -> Tally:
    before = holdings(made)
    drafted = plan(initial=True).plan
    untouched = holdings(made)
    made.person.forget_requests()
    report = apply(drafted.id)
    after, said = holdings(made), foretold(drafted)
    broken = [
        *(["planning wrote something"] if untouched != before else []),
        *_differences(said, happened(before, after, said)),
        *_ended_otherwise(report),
        *_calls(made, drafted),
    ]
    sample = drafted.refused.sample(min(SAMPLE, len(drafted.refused)), random_state=dice.randrange(1000))
    tried = sample[sample["after"].notna()]
    broken += [f"would have been taken: {dict(row)}" for _, row in tried.iterrows() if _is_taken(made, row)]
    tried_changes = drafted.changes[~drafted.changes["id"].isin(sorted(drafted.held))]
    return Tally(
        writes=int(drafted.cells["change"].isin(tried_changes["id"]).sum()),
        creates=int((tried_changes["kind"] == "create").sum()),
        held=len(drafted.held),
        refused=len(drafted.refused),
        tried=len(tried),
        broken=tuple(name + each for each in broken),
    )


# What was said, and what happened.


def foretold(drafted: Plan) -> dict[Cell, str]:
    """Every cell that the plan says it will write; a record that isn't there yet goes by its number."""
    heads = drafted.changes.set_index("id")
    found = {}
    for cell in drafted.cells[~drafted.cells["change"].isin(sorted(drafted.held))].itertuples():
        system, object_name, record, phone = heads.loc[cell.change, ["system", "object", "record_id", "phone"]]
        if pd.isna(record):
            record = f"+{phone}"
            found[system, object_name, record, CREATED] = "1"
        found[system, object_name, record, cell.property] = cell.after
    return found


def happened(before: Rows, after: Rows, sent: Collection[Cell]) -> dict[Cell, str]:
    """Every cell that is another now. Of new records, how many have that number, and all that was sent or that a vendor
    doesn't fill in by itself."""
    found: dict[Cell, str] = {}
    for place, rows in after.items():
        births: Counter[str] = Counter()
        for record, now in rows.items():
            was, called = before[place].get(record), record
            if was is None:
                called = f"+{_number_of(place, now)}"
                was = {name: now[name] for name in _unasked(place[0], now) if (*place, called, name) not in sent}
                births[called] += 1
            changed = [prop for prop in sorted({*now, *was}) if now.get(prop, "") != was.get(prop, "")]
            found |= {(*place, called, prop): now.get(prop, "") for prop in changed}
        found |= {(*place, called, CREATED): str(times) for called, times in births.items()}
        found |= {(*place, record, ""): "gone" for record in before[place].keys() - rows.keys()}
    return found


def _unasked(system: str, row: Mapping[str, str]) -> list[str]:
    """What a vendor puts into a new record by itself."""
    return [name for name, value in row.items() if name in BORN_WITH[system] or value == "false"]


def _number_of(place: Place, row: Mapping[str, str]) -> str:
    return row.get({SALESFORCE: "Phone", HUBSPOT: "phone", ALOWARE: "phone_number"}[place[0]], "")


def holdings(made: Office) -> Rows:
    """All that the vendors hold of people."""
    tables = {
        (SALESFORCE, "Contact"): "salesforce.Contact",
        (SALESFORCE, "Lead"): "salesforce.Lead",
        (HUBSPOT, "contacts"): "hubspot.contacts",
        (ALOWARE, "contacts"): "aloware.contact",
    }
    store = made.running.world.store
    return {
        place: {str(row.get("Id") or row["id"]): _texts(place[0], row) for row in store.table(name).rows()}
        for place, name in tables.items()
    }


def _texts(system: str, row: Mapping[str, Any]) -> dict[str, str]:
    values = {**row["properties"], "archived": row["archived"]} if system == HUBSPOT else row
    texts = {name: _text(value) for name, value in values.items() if name not in OWN_DOING[system]}
    return {name: text for name, text in texts.items() if text and (name in WRITTEN or not name.startswith("hs_"))}


def _text(value: Any) -> str:
    if value is None or value == []:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


# Where they differ.


def _differences(said: Mapping[Cell, str], came: Mapping[Cell, str]) -> Iterator[str]:
    for cell in sorted({*said, *came}):
        planned, found = said.get(cell), came.get(cell)
        if planned != found:
            yield f"{cell}: planned was {planned!r:.60}, what came is {found!r:.60}"


def _ended_otherwise(report: RunReport) -> Iterator[str]:
    ends = {name: n for name, n in report.receipts.items() if n and name != "applied"}
    if ends:
        yield f"not everything was applied: {ends} {report.refusals.to_dict('records')}"
    if not report.residuals.empty:
        yield f"residuals: {report.residuals.to_dict('records')}"


def _calls(made: Office, drafted: Plan) -> Iterator[str]:
    """Writes to the letter; a session that has just been opened asks a few things more. The list of dispositions is
    brought up to date beforehand, of which the plan tells in a finding."""
    told = any("mirror HubSpot's statuses" in finding.expectation for finding in drafted.verdict.findings)
    requests = made.person.requests()
    mirrored = [request for request in requests if request["write"] and "/catalogue/" in request["path"]]
    if bool(mirrored) != told:
        yield f"the list of dispositions was changed {len(mirrored)} times, and a finding says so: {told}"
    counts = Counter((r["system"], r["write"]) for r in requests if "/catalogue/" not in r["path"])
    for system, foreseen in drafted.forecast.items():
        read, write = counts[system, False], counts[system, True]
        if write != foreseen["write"] or not foreseen["read"] <= read <= foreseen["read"] + ASKED_ONCE:
            yield f"{system} was foreseen to be asked {foreseen}, and was asked {read} and {write}"


def _is_taken(made: Office, row: "pd.Series[Any]") -> bool:
    """Whether the vendor takes that write after all. Where it does, the world is another one: nobody minds."""
    birth = pd.isna(row["record_id"])
    lacking = "requires a property" in row["reason"]
    invented = INVENTED.get(row["object"], {}) if birth and not lacking else {}
    phone = "" if pd.isna(row["phone"]) else row["phone"]
    change = Change(
        id="tried",
        system=row["system"],
        object=row["object"],
        record_id=None if birth else row["record_id"],
        kind="create" if birth else "update",
        fields={**invented, row["property"]: row["after"]},
        phone=phone,
    )
    with open_session() as session:
        (receipt,) = session.connector(row["system"]).write([change])
    rows = holdings(made)[row["system"], row["object"]]
    there = rows.get(receipt.record_id or "", {}).get(row["property"], "")
    return receipt.outcome == "applied" and there == row["after"]
