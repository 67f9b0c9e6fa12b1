"""A plan, told to a person: what would change and why, what is reported, what is held, and what to do next."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from flows.cli.screen import Screen, count, plain, printable, value
from tasks.core import render
from tasks.core.model import SYSTEMS
from tasks.core.plan import UNDO, Breaker, Plan
from tasks.core.planning.approval import command

TOP = 20
FEWER = 10
CALLS = ("system", "read", "write")
KINDS = ("create", "update", "link", "task")

Object = dict[str, Any]


class Told:
    """A plan as the sections below need it: as objects, with people's names where they are known."""

    def __init__(self, plan: Plan, names: Mapping[str, str]) -> None:
        self.plan = plan
        self.names = names
        self.changes = render.changes(plan)
        self.held = render.changes(plan, held=True)

    def who(self, person: str | None, phone: str | None) -> str:
        """A name and a masked number, or whichever is known."""
        known = [self.names.get(person or "", ""), phone or ""]
        return " ".join(plain(word) for word in known if word) or plain(person or "?")


def show_plan(screen: Screen, told: Told, status: str = "open") -> None:
    """The whole page of a plan; one that is yet to be carried out ends with what to do next."""
    plan = told.plan
    screen.say(_headline(told), style="bold")
    show_counts(screen, told)
    show_changes(screen, "Changes", told, told.changes, TOP)
    show_changes(screen, "Held for a person", told, told.held, FEWER)
    show_reported(screen, told)
    screen.table("API calls that carrying it out should take", CALLS, render.calls_beside(plan))
    screen.say()
    show_verdict(screen, plan)
    for line in _next(told) if status in ("open", "held") else [f"This plan is {status}."]:
        screen.say(line)


def show_counts(screen: Screen, told: Told) -> None:
    """How many changes of which kind in which system."""
    planned = Counter((change["system"], change["kind"]) for change in told.changes)
    held = Counter(change["system"] for change in told.held)
    kinds = [kind for kind in KINDS if any(planned[system, kind] for system in SYSTEMS)]
    rows = [
        (system, *(f"{planned[system, kind]:,}" for kind in kinds), f"{held[system]:,}")
        for system in SYSTEMS
        if held[system] or any(planned[system, kind] for kind in kinds)
    ]
    screen.table("By system", ("system", *kinds, "held"), rows)


def show_changes(screen: Screen, title: str, told: Told, changes: Sequence[Object], top: int) -> None:
    """The first changes: where, who, what becomes what, and why."""
    rows = [
        (
            f"{change['id']} {change['system']} {change['kind']}",
            told.who(change["person"], change["phone"]),
            "\n".join(_moves(change)),
            plain(change["reason"] or change["rule"] or ""),
        )
        for change in changes[:top]
    ]
    screen.table(title, ("change", "who", "what", "why"), rows, len(changes))


def _moves(change: Object) -> Iterator[str]:
    for name, move in change["fields"].items():
        before = "" if change["kind"] == "create" else f"{value(move['before'])} → "
        yield f"{plain(name)}: {before}{value(move['after'])}"


def show_reported(screen: Screen, told: Told) -> None:
    """What is said but not done: refusals that are foreseen, conflicts, collisions, quarantine, findings."""
    plan = told.plan
    refused = render.refused(plan)
    screen.table(
        "Would fail, so not attempted",
        ("system", "who", "field", "why"),
        [
            (r["system"], told.who(r["person"], r["phone"]), ", ".join(map(plain, r["fields"])), plain(r["reason"]))
            for r in refused[:FEWER]
        ],
        len(refused),
    )
    conflicts = render.conflicts(plan)
    screen.table("Conflicts", *conflict_rows(told, conflicts[:FEWER]), len(conflicts))
    collisions = render.collisions(plan)
    rows = [(c["kind"], value(c["phone"]), "\n".join(_claimants(c))) for c in collisions[:FEWER]]
    screen.table("Collisions", ("kind", "number", "records"), rows, len(collisions))
    reasons = Counter((row["system"], row["object"], row["reason"]) for row in render.quarantine(plan))
    rows = [(f"{system} {kind}", f"{n:,}", plain(reason)) for (system, kind, reason), n in sorted(reasons.items())]
    screen.table("Quarantine", ("records", "how many", "why"), rows)
    screen.table(
        "Data quality",
        ("set", "expectation", "severity", "rows"),
        [(f.set, f.expectation, f.severity, f"{f.rows:,}") for f in plan.verdict.findings],
    )


def _claimants(collision: Object) -> Iterator[str]:
    for record in collision["records"]:
        yield printable(record) + (" (speaks)" if record == collision["chosen"] else "")


def conflict_rows(
    told: Told, conflicts: Sequence[Object], decided: Collection[tuple[str, str]] = (), by_id: bool = False
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Headings and rows of a table of conflicts, each named by its field, or by its id where it is to be answered.
    `decided`: (person, field) of those that the next run takes into account."""
    rows: list[tuple[str, ...]] = [
        (
            told.who(conflict["person"], None),
            printable(conflict["id"]) if by_id else conflict["field"],
            "\n".join(f"{side}: {value(held)}" for side, held in conflict["sides"].items()),
            "decided" if (conflict["person"], conflict["field"]) in decided else conflict["winner"] or "nobody yet",
            conflict["rule"] or "",
        )
        for conflict in conflicts
    ]
    return ("who", "conflict" if by_id else "field", "sides", "winner", "rule"), rows


def show_verdict(screen: Screen, plan: Plan) -> None:
    """Whether the gate lets everything through, and which limits fired."""
    verdict = plan.verdict
    if not plan.waits:
        lifted = f" ({', '.join(sorted(plan.overrides))} lifted by a person)" if plan.overrides else ""
        screen.say(f"Verdict: pass{lifted}.", style="bold green")
        return
    screen.say(f"Verdict: hold. {count(len(plan.held), 'change')} wait for a person:", style="bold yellow")
    for breaker in (b for b in verdict.breakers if b.name not in plan.overrides):
        screen.say(f"- {_limit(breaker)}")


def _limit(breaker: Breaker) -> str:
    asked, allowed = breaker.told
    return f"{breaker.name}: {asked}, and the limit is {allowed}"


def _headline(told: Told) -> str:
    plan = told.plan
    systems = len({change["system"] for change in told.changes})
    first = (
        f"{count(len(told.changes), 'change')} in {count(systems, 'system')}" if told.changes else "nothing to change"
    )
    others = {
        "held": len(told.held),
        "refused": len(plan.refused),
        "in conflict": len(plan.conflicts),
        "colliding": len(plan.collisions),
        "quarantined": len(plan.quarantine),
        "settled": plan.settled,
    }
    return f"Plan {plan.id}: " + ", ".join([first, *(f"{n:,} {word}" for word, n in others.items() if n)]) + "."


def _next(told: Told) -> Iterator[str]:
    plan = told.plan
    if told.changes:
        rest = "the changes that aren't held" if told.held else "exactly this"
        yield f"Next: `tandem apply {plan.id}` carries out {rest}."
    elif not told.held:
        yield "The systems agree as far as the policy and the directions let them: nothing to do."
    yield from held_next(plan)


def held_next(plan: Plan) -> Iterator[str]:
    """What to do about changes that wait."""
    if not plan.waits:
        return
    yield "What is held isn't written until a person says so."
    if plan.mode != UNDO and any(b.name.endswith((".creates", ".updates")) for b in plan.verdict.breakers):
        yield "If this is the first run over these systems: `tandem reconcile --initial`."
    yield f"If so much change is right: {command(plan)}, then `tandem apply {plan.id}`."
    yield "`--except CHANGE` leaves one out for good."
    yield f"If it is not: `tandem reject {plan.id} --reason TEXT`."
