"""Prefect's UI over Tandem, as a person sees it: the deployments, a form, a run with its artifacts, a question."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.reconcile import reconcile
from tests.browser import Tab, browsing
from tests.deployed.town import Town

pytestmark = pytest.mark.prefect


@pytest.fixture(scope="module")
def tab() -> Iterator[Tab]:
    with browsing() as opened:
        yield opened


@pytest.mark.timeout(400)
def test_a_newcomer_finds_the_way(tab: Tab, town: Town, tmp_path: Path) -> None:
    """From the deployments to a form, and from a run that is held to the form that lets it go."""
    ui = town.url.removesuffix("/api")
    tab.visit(f"{ui}/deployments")
    tab.shows("one-time-pull", "reconcile-full", "set-direction")
    tab.glimpse(tmp_path / "deployments.png")
    with town.client() as client:
        pull = client.read_deployment_by_name("one-time-pull/one-time-pull").id
    tab.visit(f"{ui}/deployments/deployment/{pull}/run")
    tab.shows("Whose word it is: that of the Contacts, of the Leads, or of both.")
    tab.glimpse(tmp_path / "form.png")

    reconcile(initial=True)
    town.misspell(30, "Asked")
    run = town.run("reconcile/reconcile", {})
    tab.visit(f"{ui}/runs/flow-run/{run.id}")
    tab.shows("Suspended", "Resume", run.name)
    tab.glimpse(tmp_path / "run.png")
    tab.press("Resume")
    tab.shows("changes wait for you", "Breakers to let go, each by its name: aloware.updates (", "and the limit is 30%")
    tab.glimpse(tmp_path / "question.png")
    tab.visit(town.where(run, "held-changes"))
    tab.shows("Changes that wait", "first_name: Asked → ", "+1******", "changed without authority, restored")
    tab.glimpse(tmp_path / "artifact.png")
    town.resume(run, decision="approve", overrides=["aloware.updates"], reason="the agents were wrong", who="Ann")
    assert town.rested(run.id).state.name == "Completed"
