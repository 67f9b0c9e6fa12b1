"""Verb: show a run in Prefect's UI. Without Prefect there is nobody to show it to, and nothing happens."""

from collections.abc import Sequence
from pathlib import Path

from tasks.core import briefing
from tasks.core.communications import native
from tasks.core.explaining.drift import Alarm
from tasks.core.plan import Plan
from tasks.core.run import RunReport
from tasks.core.survey import Row
from tasks.orchestrate import in_flow_run, name_run
from tasks.session import Session


def publish_plan(session: Session, plan: Plan) -> None:
    """Artifacts for the plan (counts, top changes, conflicts, collisions), for the verdict with its findings, and for
    what is held; and the run's name says how much it is about to do."""
    if in_flow_run():
        name_run(*briefing.in_short(plan))
        names = session.names(plan, briefing.shown_people(plan))
        _show("plan", briefing.plan_page(plan, names), briefing.headline(plan))
        _show("verdict", briefing.verdict_page(plan), briefing.verdict_words(plan))
        if plan.held:
            _show("held-changes", briefing.held_page(plan, names), "Press Resume to let them go, or to drop them.")


def publish_run(session: Session, report: RunReport) -> None:
    """An artifact for what came of it: receipts, what didn't stick, API calls."""
    if in_flow_run():
        names = session.names(report.plan, briefing.undone_people(report))
        page = briefing.run_page(report, names, session.days_left())
        _show("outcome", page, briefing.outcome_words(report))


def publish_report(session: Session, path: Path) -> None:
    """Where the run's report is: a link where the folder is served, and the file on the machine that was at work."""
    if in_flow_run():
        url = session.settings.reports_url
        _show("report", briefing.report_page(path.name, str(path), url), "The run as a page to search and to filter.")


def publish_held(found: Sequence[str]) -> None:
    """An artifact for why no communication was logged."""
    if in_flow_run():
        _show("held", native.page(found), "Something else logs the same calls.")


def publish_alarm(alarm: Alarm) -> None:
    """An artifact for what departs from what was decided."""
    if in_flow_run():
        _show("drift", briefing.drift_page(alarm), briefing.drift_words(alarm))


def publish_statuses(rows: Sequence[Row]) -> None:
    """An artifact for HubSpot's statuses beside Aloware's dispositions."""
    if in_flow_run():
        _show("statuses", briefing.statuses_page(rows), "HubSpot's Lead Statuses beside Aloware's dispositions.")


def publish_digest(subject: str, page: str) -> None:
    """An artifact for what changed and what waits for whom."""
    if in_flow_run():
        _show("digest", page, subject)


def _show(key: str, page: str, words: str) -> None:
    """One page of this run, with what it says in a line; under its key the UI keeps those of all runs."""
    from tasks import window

    window.show(key, page, words)
