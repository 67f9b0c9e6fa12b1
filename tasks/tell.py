"""Verb: tell what a run did, from the ledger: as a page of its own, readable by its owner alone."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from msgspec import convert

from tasks.core import render
from tasks.core.errors import UsageError
from tasks.core.plan import Plan
from tasks.core.run import RunReport
from tasks.core.trend import Past
from tasks.ledger.files import make_folder, save
from tasks.ledger.journal import Entry
from tasks.ledger.runs import Run
from tasks.orchestrate import task
from tasks.report import Account, Line, Story, page
from tasks.report.story import UNSETTLED
from tasks.session import Session

REPORTS = "reports"  # the folder of the home
LAST = 12  # runs in the trend
KEPT = "accounted for"  # the journal's word for what a run took and left


@task
def keep_account(session: Session, report: RunReport) -> None:
    """Journal what nobody could find out later: the calls that the run took, and what didn't stick, without values."""
    left = Counter(report.residuals[["system", "field", "reason"]].itertuples(index=False, name=None))
    details = {
        "spent": report.spent,
        "api_calls": report.api_calls,
        "residuals": [(*words, n) for words, n in left.items()],
        "converged": report.converged,
    }
    session.ledger.journal.append(session.now(), report.plan.run, "tandem", KEPT, report.plan.id, details)


@task
def write_report(session: Session, which: str, out: Path | None = None) -> Path:
    """Write the report of that run, or of the run of that plan, to a private file; gives its path.

    Raises UsageError for a run that isn't known, a plan that was edited, and a file that can't be written.
    """
    run = _run(session, which)
    content = page(recount(session, run)).encode()
    path = out or make_folder(session.settings.home / REPORTS) / f"{run.id}.html"
    try:
        save(path, content)
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}; name another file with --out") from None
    return path


def recount(session: Session, run: Run) -> Story:
    """All that a report says about a run."""
    ledger, now = session.ledger, session.now()
    entries = ledger.journal.entries(run.id)
    plan, status = ledger.plans.shown(run.plan) if run.plan else (None, "")
    story = Story(
        run=run.id,
        mode=run.mode,
        started_at=run.started_at,
        told_at=now,
        finished_at=run.finished_at,
        outcome=run.outcome,
        at_work=run.finished_at is None and ledger.lease.holder(now) == run.id,
        account=_account(entries),
        lines=[_line(entry) for entry in entries if entry.what != KEPT],
    )
    return story if plan is None else _with_plan(session, story, plan, status)


def _run(session: Session, which: str) -> Run:
    """The run that is called so, or whose plan is."""
    try:
        return session.ledger.runs.get(which)
    except UsageError as unknown:
        try:
            return session.ledger.runs.get(session.ledger.plans.head(which).run)
        except UsageError:
            raise unknown from None


def _with_plan(session: Session, story: Story, plan: Plan, status: str) -> Story:
    plans = session.ledger.plans
    told = (plan.changes, plan.conflicts, plan.refused)
    people = sorted({person for frame in told for person in frame["person"].dropna()})
    return replace(
        story,
        plan=plan,
        status=status,
        standing=dict(_standing(session, story, plan)),
        names=session.names(plan, people),
        since=render.Since(plans.conflicts_since(plan.id), plans.refused_since(plan.id)),
        trend=[_with_calls(session, past) for past in session.ledger.trends.until(plan.id, LAST)],
    )


def _account(entries: Sequence[Entry]) -> Account | None:
    """What was kept of a run last."""
    return next((convert(e.details, Account) for e in reversed(entries) if e.what == KEPT and e.details), None)


def _with_calls(session: Session, past: Past) -> Past:
    account = _account(session.ledger.journal.entries(past.run))
    calls = account.api_calls if account else {}
    return replace(past, calls={system: sum(counts.values()) for system, counts in calls.items()})


def _standing(session: Session, story: Story, plan: Plan) -> Iterator[tuple[str, tuple[str, str]]]:
    """How each change stands. Of a run that never finished, the outbox knows more than the plan."""
    sent = {}
    if story.finished_at is None:
        for intent in session.ledger.outbox.of_plan(plan.id):
            sent[intent.change.id] = (intent.outcome.value if intent.outcome else UNSETTLED, intent.reason)
    outcomes = session.ledger.plans.outcomes(plan.id)
    for change, status, note in outcomes[["id", "status", "note"]].itertuples(index=False, name=None):
        yield change, sent.get(change, (status, note)) if status == "planned" else (status, note)


def _line(entry: Entry) -> Line:
    return Line(entry.at.isoformat(), entry.who, entry.what, ", ".join(_told(entry.details)))


def _told(details: Mapping[str, object]) -> Iterator[str]:
    """What happened, in words: counts that aren't 0, lists, texts."""
    for name, value in details.items():
        if isinstance(value, int):
            yield from [f"{value:,} {name}"] if value else []
        elif isinstance(value, list):
            yield from [f"{name.replace('_', ' ')} {', '.join(map(str, value))}"] if value else []
        elif value:
            yield f"{name}: {value}"
