"""`connect`, `disconnect`, `direction`, `pause`, `resume`, `status`: which systems, and which way each scope flows."""

from typing import TYPE_CHECKING, Any

import click

from flows.cli.changes import as_json

if TYPE_CHECKING:
    from flows.cli.screen import Screen
    from tasks.session import Session

system_argument = click.argument("system", metavar="SYSTEM")


@click.command()
@system_argument
@click.option("--replace", is_flag=True, help="Another account than before: forget what is known of its records.")
def connect(system: str, replace: bool) -> None:
    """Log in to salesforce, hubspot or aloware."""
    from flows.cli.screen import Screen, printable, working
    from flows.connections import connect

    with working():
        made = connect(system, replace=replace)
    page = Screen()
    page.say(f"{made.system} is connected: account {printable(made.account)}, connection {made.generation}.")
    if made.system != "aloware":
        page.say(f"It is only read until you open a scope: `tandem direction {made.system}.update two-way`.")
    page.say("Next: `tandem status`, or `tandem plan --initial` for a first look.")


@click.command()
@system_argument
def disconnect(system: str) -> None:
    """Leave a system out; links and history stay."""
    from flows.cli.screen import Screen
    from flows.connections import disconnect

    disconnect(system)
    Screen().say(f"{system} is disconnected; `tandem connect {system}` connects it again, with every scope inbound.")


@click.command()
@click.argument("scope", required=False)
@click.argument("direction", required=False, metavar="[inbound|two-way]")
def direction(scope: str | None, direction: str | None) -> None:
    """List the scopes, or make one inbound or two-way."""
    from flows.cli.screen import Screen
    from flows.connections import set_direction
    from tasks.session import open_session

    if scope is None:
        with open_session(read_only=True) as session:
            _show_directions(Screen(), _status(session))
        return
    if direction is None:
        raise click.UsageError(f"Say which way {scope} flows: inbound or two-way.")
    set_direction(scope, direction)
    then = "the next plan shows what that changes" if direction == "two-way" else "it is not written any more"
    Screen().say(f"{scope} is {direction}: {then}.")


@click.command()
@system_argument
def pause(system: str) -> None:
    """Write nothing to a system for now."""
    from flows.cli.screen import Screen
    from flows.connections import pause

    pause(system)
    Screen().say(f"{system} is paused; `tandem resume {system}` takes it in again.")


@click.command()
@system_argument
def resume(system: str) -> None:
    """Take a paused system into runs again."""
    from flows.cli.screen import Screen
    from flows.connections import resume

    resume(system)
    Screen().say(f"{system} takes part again; `tandem plan` shows what waits.")


@click.command()
@as_json
def status(as_json: bool) -> None:
    """Connections, directions, the latest run and plan."""
    from flows.cli.screen import Screen, emit
    from tasks.session import open_session

    with open_session(read_only=True) as session:
        found = _status(session)
    if as_json:
        emit(found)
    else:
        _show_status(Screen(), found)


def _status(session: "Session") -> dict[str, Any]:
    from tasks.core.model import SYSTEMS

    ledger = session.ledger
    known, run, plans = ledger.connections.all(), ledger.runs.latest(), ledger.plans.recent(1)
    return {
        "systems": [
            {
                "system": system,
                "connected": system in known and known[system].connected,
                "paused": system in known and known[system].paused,
                "account": known[system].account if system in known else None,
                "generation": known[system].generation if system in known else 0,
                "connected_at": known[system].connected_at.isoformat() if system in known else None,
            }
            for system in SYSTEMS
        ],
        "directions": dict(ledger.connections.directions()),
        "rebasing": sorted(ledger.connections.rebasing()),
        "run": _fields(run, "id", "mode", "started_at", "finished_at", "outcome", "plan"),
        "plan": _fields(plans[0] if plans else None, "id", "run", "mode", "checksum", "created_at", "status"),
        "home": str(session.settings.home),
        "policy": str(session.settings.policy_path),
    }


def _fields(thing: object | None, *names: str) -> dict[str, Any] | None:
    """Those attributes, times as ISO text; None of nothing."""
    if thing is None:
        return None
    values = {name: getattr(thing, name) for name in names}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}


def _show_status(page: "Screen", found: dict[str, Any]) -> None:
    from flows.cli.screen import printable

    rows = [
        (s["system"], _standing(s), printable(s["account"] or ""), (s["connected_at"] or "")[:16].replace("T", " "))
        for s in found["systems"]
    ]
    page.table("Systems", ("system", "state", "account", "connected at (UTC)"), rows)
    _show_directions(page, found)
    page.say()
    run, plan = found["run"], found["plan"]
    if run is not None:
        page.say(f"Latest run: {run['id']} ({run['mode']}), {run['outcome'] or 'not finished'}.")
    if plan is not None:
        page.say(f"Latest plan: {plan['id']}, {plan['status']}.")
    page.say(f"Home: {found['home']}. Policy: {found['policy']}.", style="dim")
    page.say(_advice(found))


def _show_directions(page: "Screen", found: dict[str, Any]) -> None:
    rows = [
        (scope, direction, "opened since the last run" if scope in found["rebasing"] else "")
        for scope, direction in found["directions"].items()
    ]
    page.table("Directions", ("scope", "direction", "note"), rows)


def _standing(system: dict[str, Any]) -> str:
    if not system["connected"]:
        return "disconnected" if system["generation"] else "never connected"
    return "paused" if system["paused"] else "connected"


def _advice(found: dict[str, Any]) -> str:
    """The next command worth typing."""
    missing = [system["system"] for system in found["systems"] if not system["connected"]]
    plan = found["plan"]
    if len(missing) == len(found["systems"]):
        return f"Next: `tandem connect {missing[0]}`."
    if plan is None:
        return "Next: `tandem plan --initial`."
    if plan["status"] == "held":
        return f"Next: `tandem show {plan['id']}` says what is held, and why."
    if plan["status"] == "open":
        return f"Next: `tandem apply {plan['id']}`, or `tandem plan` to look again."
    return "Next: `tandem reconcile`."


COMMANDS = (connect, disconnect, direction, pause, resume, status)
