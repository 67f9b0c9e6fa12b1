"""Plans and runs as JSON: the objects that `--json` prints. Missing values are null; values are whole, it is data."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd

from tasks.core.plan import ARCHIVE, Plan
from tasks.core.run import Calls, RunReport

LONGEST = 1000  # a run's longer lists are given as their length
RECEIPTS = ("applied", "refused", "stale")
CONFLICT = ("id", "person", "field", "sides", "winner", "rule", "since")
NAMES = ("first_name", "last_name")

Object = dict[str, Any]


@dataclass(frozen=True)
class Since:
    """When what is reported was first seen: conflict id → time, and a time for each row of the plan's `refused`.

    Where nothing is known, it is the plan's own time.
    """

    conflicts: Mapping[str, str] = field(default_factory=dict)
    refused: Sequence[str] = ()


def plan_object(plan: Plan, api_calls: Calls, since: Since | None = None) -> Object:
    """A plan. `changes` are those that apply will attempt, `held` those that wait for a person."""
    return {
        "plan": plan.id,
        "run": plan.run,
        "checksum": plan.checksum,
        "mode": plan.mode,
        "changes": changes(plan),
        "refused": refused(plan, since),
        "conflicts": conflicts(plan, since),
        "collisions": collisions(plan),
        "quarantine": quarantine(plan),
        "settled": plan.settled,
        "verdict": _verdict(plan),
        "api_calls": calls(api_calls),
        "forecast": calls(plan.forecast),
        "held": changes(plan, held=True),
    }


def run_object(report: RunReport, since: Since | None = None) -> Object:
    """A run: its plan, with what the systems refused among `refused`, and what came of it."""
    run = plan_object(report.plan, report.api_calls, since)
    run["refused"] += refused_by_systems(report)
    run["receipts"] = {outcome: report.receipts.get(outcome, 0) for outcome in RECEIPTS}
    run["stale"] = stale(report)
    run["residuals"] = residuals(report)
    run["converged"] = report.converged
    run["spent"] = calls(report.spent)
    return {
        key: len(value) if isinstance(value, list) and len(value) > LONGEST else value for key, value in run.items()
    }


def calls(counted: Calls) -> dict[str, dict[str, int]]:
    """System → calls that read and calls that write."""
    return {system: {way: n.get(way, 0) for way in ("read", "write")} for system, n in counted.items()}


def calls_beside(plan: Plan, report: RunReport | None = None) -> list[tuple[str, ...]]:
    """A row a system that is asked for anything: the calls that carrying out the plan should take to read and to write;
    of a run, each as spent and foreseen: `12 of 10`."""
    foreseen, spent = calls(plan.forecast), calls(report.spent) if report else {}
    rows = []
    for system in dict.fromkeys((*foreseen, *spent)):
        expected, made = (counts.get(system, {"read": 0, "write": 0}) for counts in (foreseen, spent))
        if any(expected.values()) or any(made.values()):
            told = (f"{made[way]:,} of {expected[way]:,}" if report else f"{expected[way]:,}" for way in expected)
            rows.append((system, *told))
    return rows


def changes(plan: Plan, held: bool = False) -> list[Object]:
    """The changes that apply will attempt, or those that the gate holds, with their fields before and after."""
    ids = plan.changes["id"]
    mine = ids.isin(list(plan.held)) if held else ~ids.isin(list(plan.held | plan.left_out))
    fields: dict[str, Object] = {}
    for cell in _rows(plan.cells):
        fields.setdefault(cell["change"], {})[cell["property"]] = _move(cell)
    return [_change(row, fields.get(row["id"], {})) for row in _rows(plan.changes[mine])]


def conflicts(plan: Plan, since: Since | None = None) -> list[Object]:
    """Fields on which sides differed, each with the time since when."""
    known = since.conflicts if since else {}
    made = plan.created_at.isoformat()
    rows = [row | {"since": known.get(row["id"], made)} for row in _rows(plan.conflicts)]
    return [{key: row[key] for key in CONFLICT} | {"sides": json.loads(row["sides"])} for row in rows]


def knows_names(people: Sequence[str], golden: pd.DataFrame) -> bool:
    """Whether those golden values have first and last name of all of them, as a first run's have."""
    return all(name in golden and golden[name].reindex(pd.Index(people)).notna().all() for name in NAMES)


def names(people: Sequence[str], *golden: pd.DataFrame) -> dict[str, str]:
    """Person → first and last name, as far as those frames of golden values know them; the last one that does wins."""
    parts = []
    for column in NAMES:
        known = pd.Series(pd.NA, index=pd.Index(people), dtype="str")
        for frame in golden:
            if column in frame:
                known = frame[column].reindex(known.index).fillna(known)
        parts.append(known.fillna(""))
    return {person: name for person, *both in zip(people, *parts, strict=True) if (name := " ".join(both).strip())}


def collisions(plan: Plan) -> list[Object]:
    """Numbers and addresses that several claim."""
    return [row | {"records": json.loads(row["records"])} for row in _rows(plan.collisions)]


def quarantine(plan: Plan) -> list[Object]:
    """Records that were left out, with the reason."""
    return _rows(plan.quarantine)


def residuals(report: RunReport) -> list[Object]:
    """Values that were written and not found again."""
    return _rows(report.residuals)


def refused(plan: Plan, since: Since | None = None) -> list[Object]:
    """Refusals that are foreseen, one a cell. They are no changes, so they have no id and no rule."""
    times = list(since.refused if since else ()) or [plan.created_at.isoformat()] * len(plan.refused)
    return [
        _change(row | {"id": None, "rule": None}, {row["property"]: _move(row)}) | {"since": time}
        for row, time in zip(_rows(plan.refused), times, strict=True)
    ]


def refused_by_systems(report: RunReport) -> list[Object]:
    """What was attempted in vain, in the vendors' own words."""
    if report.refusals.empty:
        return []
    reasons = dict(zip(report.refusals["change"], report.refusals["reason"], strict=True))
    made = report.plan.created_at.isoformat()
    return [
        change | {"reason": None if pd.isna(reasons[change["id"]]) else reasons[change["id"]], "since": made}
        for change in changes(report.plan)
        if change["id"] in reasons
    ]


def stale(report: RunReport) -> list[Object]:
    """Changes of which something wasn't true any more: those fields, and why; the next plan looks at them anew."""
    names = {(cell["change"], cell["field"]): cell["property"] for cell in _rows(report.plan.cells)}
    reasons: dict[str, dict[str, str]] = {}
    for row in _rows(report.stale):
        told = reasons.setdefault(row["change"], {})
        told[names[row["change"], row["field"]]] = row["reason"] or "not reached"
    return [
        change
        | {"fields": {name: move for name, move in change["fields"].items() if name in told}}
        | {"reason": "; ".join(dict.fromkeys(told.values()))}
        for change in changes(report.plan)
        if (told := reasons.get(change["id"], {}))
    ]


def _verdict(plan: Plan) -> Object:
    verdict = plan.verdict
    return {
        "outcome": "hold" if plan.waits else "pass",
        "breakers": [{"name": b.name, "value": b.value, "limit": b.limit} for b in verdict.breakers],
        "findings": [asdict(finding) for finding in verdict.findings],
    }


def _change(row: Object, fields: Object) -> Object:
    known = ("id", "system", "object", "record_id", "person", "kind")
    row = row | {"kind": "update" if row["kind"] == ARCHIVE else row["kind"]}
    return {key: row[key] for key in known} | {"fields": fields} | {k: row[k] for k in ("reason", "rule", "phone")}


def _move(cell: Object) -> Object:
    return {"before": cell["before"], "after": cell["after"]}


def _rows(frame: pd.DataFrame) -> list[Object]:
    """A frame's rows, missing values as None."""
    columns = [frame[name].astype(object).where(frame[name].notna(), None).tolist() for name in frame.columns]
    return [dict(zip(frame.columns, values, strict=True)) for values in zip(*columns, strict=True)]
