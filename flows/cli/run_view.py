"""A run, told to a person: what was applied, what wasn't and why, and whether anything is left."""

from flows.cli.plan_view import CALLS, TOP, Told, held_next, show_changes, show_counts, show_reported, show_verdict
from flows.cli.screen import Screen, count, plain, value
from tasks.core import render
from tasks.core.run import RunReport

OUTCOMES = ("applied", "refused", "failed", "stale")


def show_run(screen: Screen, report: RunReport, told: Told) -> None:
    """The whole page of a run."""
    screen.say(_headline(report), style="bold")
    show_counts(screen, told)
    show_changes(screen, "Attempted", told, told.changes, TOP)
    _show_refused(screen, report, told)
    _show_stale(screen, report, told)
    residuals = render.residuals(report)
    screen.table(
        "Written, but something else is there now",
        ("record", "field", "wanted", "found", "why"),
        [
            (
                f"{r['system']}:{r['object']}:{r['record_id']}",
                r["field"],
                value(r["wanted"]),
                value(r["found"]),
                r["reason"],
            )
            for r in residuals[:TOP]
        ],
        len(residuals),
    )
    show_reported(screen, told)
    screen.table("API calls, spent of foreseen", CALLS, render.calls_beside(report.plan, report))
    screen.say()
    show_verdict(screen, report.plan)
    for line in _next(report):
        screen.say(line)


def _headline(report: RunReport) -> str:
    done = [f"{report.receipts.get(outcome, 0):,} {outcome}" for outcome in OUTCOMES if report.receipts.get(outcome)]
    return f"Run {report.plan.run}: {', '.join(done) or 'nothing to write'}."


def _show_refused(screen: Screen, report: RunReport, told: Told) -> None:
    refused = render.refused_by_systems(report)
    rows = [
        (r["system"], told.who(r["person"], r["phone"]), ", ".join(map(plain, r["fields"])), plain(r["reason"] or ""))
        for r in refused[:TOP]
    ]
    screen.table("Refused by a system", ("system", "who", "fields", "what it said"), rows, len(refused))


def _show_stale(screen: Screen, report: RunReport, told: Told) -> None:
    stale = render.stale(report)
    rows = [
        (s["system"], told.who(s["person"], s["phone"]), ", ".join(map(plain, s["fields"])), plain(s["reason"]))
        for s in stale[:TOP]
    ]
    screen.table("Not true any more, so not written", ("system", "who", "fields", "why"), rows, len(stale))


def _next(report: RunReport) -> list[str]:
    waits = list(held_next(report.plan))
    if stale := report.receipts.get("stale", 0):
        noun = "1 change was" if stale == 1 else f"{stale:,} changes were"
        waits.append(f"{noun} skipped, because somebody moved the record meanwhile: run `tandem reconcile` again.")
    if report.receipts.get("failed", 0):
        waits.append("Some writes found no answer: run `tandem reconcile` again.")
    if report.converged:
        return ["Converged: nothing left to do.", *waits]
    if report.converged is None:
        return ["Whether anything is left can't be said: `tandem plan` looks again.", *waits]
    return waits or [f"{count(len(report.residuals), 'value')} didn't stick: `tandem plan` shows what is left."]
