"""Verb: show a run in Prefect's UI. Without Prefect there is nobody to show it to, and nothing happens."""

from tasks.core import briefing
from tasks.core.plan import Plan
from tasks.core.run import RunReport
from tasks.orchestrate import in_flow_run


def publish_plan(plan: Plan) -> None:
    """Artifacts for the plan (counts, top changes, conflicts, collisions) and for the verdict with its findings."""
    if in_flow_run():
        _markdown("plan", briefing.plan_page(plan))
        _markdown("verdict", briefing.verdict_page(plan))


def publish_run(report: RunReport) -> None:
    """An artifact for what came of it: receipts, residuals, API calls."""
    if in_flow_run():
        _markdown("outcome", briefing.run_page(report))


def _markdown(key: str, page: str) -> None:
    """One page of this run; under its key the UI keeps those of all runs, one after another."""
    from prefect.artifacts import create_markdown_artifact

    create_markdown_artifact(markdown=page, key=key)
