"""`plan`, `show`, `apply`, `reconcile`, `pull`, `undo`: what would change, and changing it."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from flows.one_time_pull import What
    from tasks.core.plan import Plan
    from tasks.core.run import Calls, RunReport

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object, with whole values.")
full = click.option("--full", is_flag=True, help="Pull everything, not only what changed since the last run.")
initial = click.option("--initial", is_flag=True, help="A first run: lift the limits on creates and on first sights.")


@click.command()
@full
@initial
@click.option("--only", metavar="PHONE,…", default="", help="Plan for the people with these numbers alone.")
@click.option("--retry-parked", is_flag=True, help="Plan again what a system once refused for good.")
@as_json
def plan(full: bool, initial: bool, only: str, retry_parked: bool, as_json: bool) -> None:
    """Say what should change, and change nothing."""
    from flows.cli import outcome, screen
    from flows.plan import plan

    phones = tuple(number for part in only.split(",") if (number := part.strip()))
    if only and not phones:
        raise click.BadParameter("give at least one phone number.", param_hint="--only")
    with screen.working():
        drafted = plan(full=full, initial=initial, only=phones, retry_parked=retry_parked)
    _tell_plan(drafted.plan, drafted.api_calls, as_json)
    raise click.exceptions.Exit(outcome.of_plan(drafted.plan))


@click.command()
@click.argument("plan")
@as_json
def show(plan: str, as_json: bool) -> None:
    """Show a plan that was made before."""
    from flows.cli import recall

    found, status = recall.stored(plan)
    _tell_plan(found, {}, as_json, status)


@click.command()
@click.argument("plan")
@as_json
def apply(plan: str, as_json: bool) -> None:
    """Carry out exactly that plan."""
    from flows.apply import apply
    from flows.cli import screen

    with screen.working():
        report = apply(plan)
    _tell_run(report, as_json)


@click.command()
@full
@initial
@as_json
def reconcile(full: bool, initial: bool, as_json: bool) -> None:
    """Bring the systems to agree: plan, check, write."""
    from flows.cli import screen
    from flows.reconcile import reconcile

    with screen.working():
        report = reconcile(full=full, initial=initial)
    _tell_run(report, as_json)


@click.command()
@click.argument("system", metavar="salesforce", type=click.Choice(["salesforce"]))
@click.argument("what", metavar="contacts|leads|all", type=click.Choice(["contacts", "leads", "all"]))
@as_json
def pull(system: str, what: "What", as_json: bool) -> None:
    """One-time pull from Salesforce to Aloware."""
    from flows.cli import screen
    from flows.one_time_pull import one_time_pull

    with screen.working():
        report = one_time_pull(what)
    _tell_run(report, as_json)


@click.command()
@click.argument("run")
@as_json
def undo(run: str, as_json: bool) -> None:
    """Take a run back, as far as nobody has touched what it wrote."""
    from flows.cli import screen
    from flows.undo import undo

    with screen.working():
        report = undo(run)
    _tell_run(report, as_json)


def _tell_plan(plan: "Plan", api_calls: "Calls", as_json: bool, status: str = "open") -> None:
    from flows.cli import plan_view, recall, screen
    from tasks.core import render

    if as_json:
        screen.emit(render.plan_object(plan, api_calls, recall.since(plan)))
    else:
        plan_view.show_plan(screen.Screen(), recall.told(plan), status)


def _tell_run(report: "RunReport", as_json: bool) -> None:
    """Print the run and exit with its code; as JSON only where the code promises an object."""
    from flows.cli import outcome, recall, run_view, screen
    from tasks.core import render

    if not as_json:
        run_view.show_run(screen.Screen(), report, recall.told(report.plan))
    code = outcome.of_run(report)
    if as_json:
        screen.emit(render.run_object(report, recall.since(report.plan)))
    raise click.exceptions.Exit(code)


COMMANDS = (plan, show, apply, reconcile, pull, undo)
