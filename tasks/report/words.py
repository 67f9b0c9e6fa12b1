"""What a report says first: how the run went, and what somebody has to do about it."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from tasks.core.plan import ONE_TIME, UNDO, Plan
from tasks.core.planning.approval import command
from tasks.report.rows import STANDING
from tasks.report.story import UNSETTLED, Account, Story

LOGGING = "log-communications"
MODES = {
    "incremental": "Reconcile of what moved since the run before",
    "full": "Reconcile of every record",
    "plan": "A plan, made to be looked at",
    ONE_TIME: "One-time pull from Salesforce to Aloware",
    UNDO: "A run taken back",
    "verify": "Drift alarm",
    LOGGING: "Calls and messages logged in Salesforce",
}
AFTERWARDS = {
    "superseded": "A later plan took the place of this one: what was held here waits no more.",
    "rejected": "A person rejected what was held: none of it is written.",
}


def title(story: Story) -> str:
    """What kind of run it was."""
    return MODES.get(story.mode, story.mode.capitalize())


def headline(story: Story) -> str:
    """One line: what came of the changes."""
    if story.plan is None:
        return _ending(story)
    counts = Counter(word for word, _ in story.standing.values())
    told = [f"{counts[word]:,} {said}" for word, said in reversed(STANDING.items()) if counts[word]]
    if not told:
        return "Nothing to change."
    return f"{_changes(sum(counts.values()))}: {', '.join(told)}."


def took(story: Story) -> str:
    """From when to when, in UTC."""
    began = moment(story.started_at)
    if story.finished_at is None:
        return f"Began {began}"
    seconds = round((story.finished_at - story.started_at).total_seconds())
    minutes, rest = divmod(seconds, 60)
    lasted = f"{minutes:,} min {rest} s" if minutes else f"{rest} s"
    return f"{began}, took {lasted}" if seconds < 86_400 else f"{began}, ended {moment(story.finished_at)}"


def moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def notices(story: Story) -> Iterator[tuple[str, str]]:
    """What stands above everything else, as (tone, sentence): `warn` asks for somebody, `good` and `plain` don't."""
    if story.at_work:
        yield "warn", "This run is at work now. The page tells how far it has come: make it again later."
    elif story.finished_at is None and not _only_planned(story):
        yield "warn", _never_finished(story)
    if story.outcome == "interrupted":
        yield "warn", "This run was interrupted. A later run found out how its writes ended; the rest was planned anew."
    plan = story.plan
    if plan is None:
        return
    stands, _, lost = story.status.partition(", and ")
    if lost:
        yield "plain", f"This plan {lost}: the page tells what is still known of it."
    if _only_planned(story):
        yield "plain", f"Nothing was written: the plan is {stands}. `tandem apply {plan.id}` carries it out."
    if (what := AFTERWARDS.get(stands)) is not None:
        yield "plain", what
    if plan.held and stands == "held":
        yield "warn", f"{_changes(len(plan.held))} held until a person says so."
        if plan.mode != UNDO and any(b.name.endswith((".creates", ".updates")) for b in plan.verdict.breakers):
            yield "plain", "If this is the first run over these systems: `tandem reconcile --initial`."
        yield "plain", f"If so much change is right: {command(plan)}, then `tandem apply {plan.id}`."
        yield "plain", f"If it is not: `tandem reject {plan.id} --reason TEXT`."
    yield from _left(story)


def _left(story: Story) -> Iterator[tuple[str, str]]:
    words = Counter(word for word, _ in story.standing.values())
    if words["stale"]:
        yield "plain", "What moved meanwhile was skipped: the next `tandem reconcile` plans it anew."
    if words["failed"] or words[UNSETTLED]:
        yield "plain", "Of some writes nobody knows yet how they ended: the next `tandem reconcile` finds out."
    account = story.account
    if account is not None and account.converged and story.outcome == "done":
        yield "good", "Converged: everything that was written was found again, and nothing was left to do."
    if account is not None and account.residuals:
        lost = sum(n for *_, n in account.residuals)
        yield "warn", f"{lost:,} value{'' if lost == 1 else 's'} written and not found again: something else is there."


def _changes(number: int) -> str:
    return f"{number:,} change{'' if number == 1 else 's'}"


def _only_planned(story: Story) -> bool:
    """It wrote nothing because it wasn't asked to."""
    return story.mode == "plan" and story.finished_at is None and story.plan is not None and not _sent(story)


def _sent(story: Story) -> bool:
    return any(word not in ("planned", "held", "left out") for word, _ in story.standing.values())


def _ending(story: Story) -> str:
    """Of a run without a plan."""
    if story.at_work:
        return "At work."
    if story.finished_at is None:
        return "Never finished."
    return f"Ended: {story.outcome}." if story.outcome else "Ended."


def _never_finished(story: Story) -> str:
    if story.mode == LOGGING:
        return "This run never finished: what it logged is recorded, and the next `tandem log-communications` goes on."
    if story.plan is None:
        return (
            "This run never finished: it stopped before it had a plan, so it changed no record. "
            "The Prefect log or the terminal says why; `tandem reconcile` starts a new one."
        )
    if _sent(story):
        return (
            "This run never finished: it stopped while it wrote. What is unsettled below was sent without an answer; "
            "the next `tandem reconcile` finds out how that ended, and nothing is written twice."
        )
    return (
        "This run never finished: it stopped after it had planned, and wrote nothing. "
        "`tandem reconcile` makes a new plan."
    )


def calls(plan: Plan, account: Account | None) -> list[tuple[str, int | None, int | None, int, int | None, int]]:
    """System, calls of looking (None: not known), then of carrying out: reads spent and foreseen, writes likewise."""
    rows = []
    spent, whole = (account.spent, account.api_calls) if account else ({}, {})
    for system in dict.fromkeys((*plan.forecast, *whole)):
        foreseen, made = plan.forecast.get(system, {}), spent.get(system, {})
        looking = sum(whole.get(system, {}).values()) - sum(made.values()) if account else None
        reads, writes = (made.get(way, 0) if account else None for way in ("read", "write"))
        row = (system, looking, reads, foreseen.get("read", 0), writes, foreseen.get("write", 0))
        if any(row[1:]):
            rows.append(row)
    return rows
