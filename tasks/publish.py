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


def publish_plan(plan: Plan) -> None:
    """Artifacts for the plan (counts, top changes, conflicts, collisions), for the verdict with its findings, and for
    what is held; and the run's name says how much it is about to do."""
    if in_flow_run():
        name_run(*briefing.in_short(plan))
        _markdown("plan", briefing.plan_page(plan))
        _markdown("verdict", briefing.verdict_page(plan))
        if plan.held:
            _markdown("held-changes", briefing.held_page(plan))


def publish_run(report: RunReport) -> None:
    """An artifact for what came of it: receipts, residuals, API calls."""
    if in_flow_run():
        _markdown("outcome", briefing.run_page(report))


def publish_report(path: Path) -> None:
    """A link to the run's report, which lies where the run was at work: in the home of that machine."""
    if in_flow_run():
        from prefect.artifacts import create_link_artifact

        where = f"On the machine that ran this: `{path}`. `tandem report {path.stem}` makes it again."
        create_link_artifact(link=path.as_uri(), link_text="Open the report", key="report", description=where)


def publish_held(found: Sequence[str]) -> None:
    """An artifact for why no communication was logged."""
    if in_flow_run():
        _markdown("held", native.page(found))


def publish_alarm(alarm: Alarm) -> None:
    """An artifact for what departs from what was decided."""
    if in_flow_run():
        _markdown("drift", briefing.drift_page(alarm))


def publish_statuses(rows: Sequence[Row]) -> None:
    """An artifact for HubSpot's statuses beside Aloware's dispositions."""
    if in_flow_run():
        _markdown("statuses", briefing.statuses_page(rows))


def publish_digest(page: str) -> None:
    """An artifact for what changed and what waits for whom."""
    if in_flow_run():
        _markdown("digest", page)


def _markdown(key: str, page: str) -> None:
    """One page of this run; under its key the UI keeps those of all runs, one after another."""
    from prefect.artifacts import create_markdown_artifact

    create_markdown_artifact(markdown=page, key=key)
