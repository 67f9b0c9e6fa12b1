"""What happened to a person, in order of time: records and numbers that came and went, what was written and decided."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tasks.core.explaining.dossier import Dossier, Row, target
from tasks.core.explaining.words import NAMES, listed, quoted
from tasks.core.plan import UNDO
from tasks.core.state import OUT_OF_SCOPE, REPRESENTATIVE, RETIRED, SHADOW, TOMBSTONE

BEGAN = {
    REPRESENTATIVE: "linked: it speaks for them",
    SHADOW: "linked as a shadow",
    RETIRED: "retired",
    TOMBSTONE: "gone: deleted, merged or converted",
    OUT_OF_SCOPE: "linked, out of the policy's scope",
}
BECAME = BEGAN | {
    REPRESENTATIVE: "speaks for them from now on",
    SHADOW: "became a shadow",
    OUT_OF_SCOPE: "left the policy's scope",
}
HAPPENED = ("applied", "refused", "failed", "stale", "left out")


@dataclass(frozen=True)
class Event:
    """One line: when (ISO, UTC; "" reaches back to the beginning of time), what, to what, in which run or plan."""

    at: str
    what: str
    details: str
    run: str = ""


def timeline(dossier: Dossier) -> list[Event]:
    """Everything that is known to have happened to that person, the newest last."""
    past = dossier.past
    events = [*_links(dossier), *_numbers(dossier), *_writes(past.writes), *_conflicts(past.conflicts)]
    events += [*_decisions(past.decisions), *_said(dossier)]
    return sorted(events, key=lambda event: event.at)


def _links(dossier: Dossier) -> Iterator[Event]:
    seen: set[str] = set()
    for row in dossier.past.links:
        words = BECAME if row["ref"] in seen else BEGAN
        seen.add(row["ref"])
        whose = "" if row["person"] == dossier.person else f" (of {row['person']}, who turned out to be them)"
        yield Event(row["since"], words.get(row["role"], str(row["role"])), row["ref"] + whose, row["run"])


def _numbers(dossier: Dossier) -> Iterator[Event]:
    for row in dossier.numbers:
        how = "" if row["kind"] == "key" else f" ({row['kind']})"
        yield Event(row["since"], "has the number" + how, row["number"])
        if isinstance(row["until"], str):
            yield Event(row["until"], "has it no more", row["number"])


def _writes(writes: Sequence[Row]) -> Iterator[Event]:
    """One event a change that was attempted or dropped, or that a plan holds now."""
    changes: dict[tuple[str, str], list[Row]] = {}
    for row in writes:
        if row["status"] in HAPPENED or (row["status"] == "held" and row["plan_status"] == "held"):
            changes.setdefault((row["plan"], row["id"]), []).append(row)
    for cells in changes.values():
        first = cells[0]
        moves = listed([_move(cell) for cell in cells])
        why = f" ({first['note']})" if first["note"] else ""
        undo = "undo: " if first["mode"] == UNDO else ""
        at = first["received_at"] or first["planned_at"]
        what = f"{undo}{first['kind']} {first['status']}"
        yield Event(at, what, f"{target(first).rstrip(':')} {moves}{why}", first["run"])


def _move(cell: Row) -> str:
    before = "" if cell["kind"] == "create" else f"{quoted(cell['before'])} → "
    return f"{cell['property']}: {before}{quoted(cell['after'])}"


def _conflicts(conflicts: Sequence[Row]) -> Iterator[Event]:
    """A conflict is told when it appears, and when it is answered otherwise than before."""
    known: dict[str, tuple[str, str | None]] = {}
    for row in conflicts:
        now = (row["sides"], row["winner"])
        if known.get(row["field"]) != now:
            known[row["field"]] = now
            sides = listed([f"{NAMES[side]} {quoted(word)}" for side, word in json.loads(row["sides"]).items()])
            won = f"{row['winner']} won" if row["winner"] else "waits for a decision"
            yield Event(
                row["planned_at"], f"conflict over {row['field']}", f"{sides}: {won} ({row['rule']})", row["run"]
            )


def _decisions(decisions: Sequence[Row]) -> Iterator[Event]:
    for row in decisions:
        taken = f"; {row['ending']}" if row["ending"] else "; no run has taken it over yet"
        details = f"{row['field']}: {quoted(row['value'])}, because: {row['reason']}{taken}"
        yield Event(row["at"], f"{row['who']} decided", details, row["run"] or "")


def _said(dossier: Dossier) -> Iterator[Event]:
    for run, entries in dossier.past.said.items():
        for entry in entries:
            lifted = f"{listed(entry['overrides'])}: " if entry["overrides"] else ""
            yield Event(entry["at"], f"{entry['who']} {entry['what']} the plan", f"{lifted}{entry['reason']}", run)
