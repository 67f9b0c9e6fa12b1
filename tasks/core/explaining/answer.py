"""Why a field of a person is what it is: whose word, by which rule and run, who was overruled, what every side says."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.core.deciding.sides import CONFLICT, DECISION, EDIT, FILL, FIRST, JOIN, RANK
from tasks.core.explaining.dossier import Dossier, Record, Row, target
from tasks.core.explaining.words import NAMES, ended, listed, moment, quoted
from tasks.core.model import SYSTEMS
from tasks.core.policy import Policy
from tasks.core.state import PARKED

APPLIED = "applied"
UNDELIVERED = ("failed", "stale")


@dataclass(frozen=True)
class Answer:
    """One field: its golden value (None: never decided), how it came to that, what every side says, what waits."""

    field: str
    value: str | None
    origin: tuple[str, ...]
    sides: tuple[str, ...]
    waits: tuple[str, ...]


def answer(name: str, dossier: Dossier, policy: Policy) -> Answer:
    """Why that field of that person is what it is, in sentences; values in them are whole."""
    value, stands = dossier.golden.get(name, (None, ""))
    origin = [] if value is None else [*_origin(name, value, stands, dossier, policy), *_written(name, value, dossier)]
    sides = _sides(name, value, dossier, policy)
    return Answer(name, value, tuple(origin), tuple(sides), tuple(_waits(name, value, dossier)))


def _origin(name: str, value: str, stands: str, dossier: Dossier, policy: Policy) -> Iterator[str]:
    rule, run = dossier.past.rules.get(name, (None, None))
    if rule is None or run is None:
        yield f"It stands with {_whom(stands)}; which run decided it is not known."
        return
    by = f"run {run} on {moment(dossier.past.runs.get(run, ''))}"
    told = [d for d in dossier.past.decisions if d["field"] == name and d["value"] == value]
    if stands == DECISION and told:
        yield f"The sides differed: {_said(told[-1])}."
        yield _decided(told[-1])
    conflict = next((c for c in dossier.past.conflicts if c["field"] == name and c["run"] == run), None)
    if rule == CONFLICT and conflict is not None:
        yield f"The sides differed: {_said(conflict)}."
        overruled = [NAMES[side] for side, word in json.loads(conflict["sides"]).items() if word != value]
        beaten = f", over {listed(overruled)}" if overruled else ""
        yield f"{_winner(conflict)}{beaten}, by the rule {conflict['rule']} (a conflict, decided by {by})."
        return
    place = NAMES.get(stands, stands)
    sentences = {
        EDIT: f"Edited in {place}{_modified(stands, run, dossier)}, taken over by {by} (rule edit).",
        FIRST: f"From {place}, seen for the first time by {by} (rule first-sight).",
        FILL: f"It was blank, and {place} filled it; taken over by {by} (rule fill).",
        JOIN: f"{place} was linked and says the same; it stands with {place} since {by} (rule join).",
        RANK: f"{place} ranks highest of those that have a value; taken over by {by} (rule rank).",
        DECISION: f"Taken over by {by} (rule decision).",
        "undone": f"Put back when a run was undone, by {by} (rule undone).",
    }
    yield sentences.get(rule, f"It stands with {_whom(stands)} since {by} (rule {rule}).")


def _whom(stands: str) -> str:
    return {DECISION: "a person's decision", "": "nobody any more"}.get(stands, NAMES.get(stands, stands))


def _winner(conflict: Row) -> str:
    winner = conflict["winner"]
    return "What was decided before stood" if winner == "golden" else f"{NAMES.get(winner, winner)} won"


def _said(conflict: Row) -> str:
    return listed([f"{NAMES[side]} said {quoted(word)}" for side, word in json.loads(conflict["sides"]).items()])


def _decided(decision: Row) -> str:
    return f"{decision['who']} decided it on {moment(decision['at'])}: {ended(decision['reason'])}"


def _modified(system: str, run: str, dossier: Dossier) -> str:
    """When the record that was edited had last been modified, as far as the run's snapshot is kept."""
    known = dossier.past.modified.get(run, {})
    found = [known[r.ref] for r in dossier.records if r.system == system and r.speaks and r.ref in known]
    return f" (modified there on {moment(found[0])})" if found else ""


def _latest(name: str, dossier: Dossier, *outcomes: str) -> dict[str, Row]:
    """Target → the last cell of that field that ended like this."""
    return {target(row): row for row in dossier.past.writes if row["field"] == name and row["outcome"] in outcomes}


def _written(name: str, value: str, dossier: Dossier) -> Iterator[str]:
    """Where the value was written, run by run, and who let it go."""
    runs: dict[tuple[str, str], list[Row]] = {}
    for row in _latest(name, dossier, APPLIED).values():
        if row["value"] == value:
            verb = "Restored in" if row["rule"] == "drift" else "Created with it in" if _new(row) else "Written to"
            runs.setdefault((row["run"], verb), []).append(row)
    for (run, verb), rows in runs.items():
        at = max(row["received_at"] or row["planned_at"] for row in rows)
        places = [NAMES[system] for system in SYSTEMS if system in {row["system"] for row in rows}]
        yield f"{verb} {listed(places)} on {moment(at)} by run {run}."
        for entry in dossier.past.said.get(run, ()):
            lifted = f" ({listed(entry['overrides'])})" if entry["overrides"] else ""
            yield f"{entry['who']} {entry['what']} it on {moment(entry['at'])}{lifted}: {ended(entry['reason'])}"


def _new(row: Row) -> bool:
    return bool(row["kind"] == "create")


def _sides(name: str, golden: str | None, dossier: Dossier, policy: Policy) -> Iterator[str]:
    for system in SYSTEMS:
        mine = [record for record in dossier.records if record.system == system]
        if not policy.maps(name, system):
            yield f"{NAMES[system]} has no such field."
        elif not mine:
            yield f"{NAMES[system]} has no record of them."
        for record in mine:
            if name in policy.mapped(system, record.object):
                yield _side(name, golden, record, dossier)


def _side(name: str, golden: str | None, record: Record, dossier: Dossier) -> str:
    now, base = record.now.get(name), record.base.get(name)
    told = f"{record.ref} says {quoted(now)}"
    here = (row for row in dossier.past.settled if row["ref"] == record.ref and row["field"] == name)
    settled = next((row for row in here if row["value"] in (now, None)), None)
    if not record.speaks:
        return f"{told}; it is {_article(record.role)}, and not asked."
    if settled is not None:
        again = "; `tandem plan --retry-parked` asks again" if settled["reason"].startswith(PARKED) else ""
        return f"{told}, which is settled since {moment(settled['since'])}: {settled['reason']}{again}."
    if base is None:
        return f"{told}; no decision has taken that into account yet."
    if now != base:
        return f"{told}; the last decision saw {quoted(base)}, so it was changed since."
    return (
        f"{told}, as decided." if now == golden else f"{told}, as the last decision saw; that is not what was decided."
    )


def _article(role: str) -> str:
    return role if role in ("retired", "out-of-scope") else f"a {role}"


def _waits(name: str, golden: str | None, dossier: Dossier) -> Iterator[str]:
    past = dossier.past
    for row in past.writes:
        if row["field"] == name and row["status"] == "held" and row["plan_status"] == "held":
            yield (
                f"Held by the gate since {moment(row['planned_at'])}: {target(row)} would become "
                f"{quoted(row['after'])}; `tandem show {row['plan']}` says why."
            )
    pending = [d for d in past.decisions if d["field"] == name and d["ending"] is None]
    for conflict in past.conflicts if not pending else ():
        if conflict["field"] == name and conflict["plan"] == past.look and conflict["winner"] is None:
            yield (
                f"Waits for a decision since {moment(conflict['since'])} (rule {conflict['rule']}): {_said(conflict)}; "
                "`tandem conflicts --open` lists what waits."
            )
    for decision in pending:
        yield f"{_decided(decision)} The next run makes it {quoted(decision['value'])}."
    for ref, row in _latest(name, dossier, APPLIED, *UNDELIVERED).items():
        if row["outcome"] in UNDELIVERED:
            reason = f" ({row['note']})" if row["note"] else ""
            yield f"{quoted(row['after'])} didn't reach {ref}: {row['outcome']}{reason}; the next run tries again."
    for row in past.settled:
        if row["field"] == name and row["ref"].endswith(f":+{dossier.person}"):
            yield f"A new record in {NAMES[row['ref'].split(':')[0]]} is not tried again: {row['reason']}."
    for row in past.refused:
        if row["field"] == name:
            yield f"{quoted(row['after'])} is not written to {target(row)}, which would fail: {row['reason']}."
