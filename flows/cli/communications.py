"""`listen` and `log-communications`: what Aloware tells of calls and messages, and the Tasks that come of it."""

from typing import TYPE_CHECKING

import click

from flows.cli.changes import as_json

if TYPE_CHECKING:
    from flows.cli.screen import Screen
    from tasks.core.communications.logged import Logged
    from tasks.inbox.guard import Guard

TOP = 20


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8810, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen; others need a password.")
def listen(port: int, host: str) -> None:
    """Receive Aloware's and HubSpot's webhooks, until ctrl-C."""
    from flows.cli.screen import Screen
    from flows.listen import listen

    def announce(guard: "Guard") -> None:
        page = Screen()
        page.say(f"The inbox listens at http://{host}:{port}/aloware and /hubspot. Ctrl-C stops it; nothing is lost.")
        if guard.hubspot is None:
            page.say("What HubSpot posts is refused: HUBSPOT_CLIENT_SECRET isn't set.")
        page.say("Next: `tandem log-communications` logs what it heard.")

    listen(port, host, announce)


@click.command("log-communications")
@as_json
def log_communications(as_json: bool) -> None:
    """Log calls and messages as Salesforce Tasks."""
    from flows.cli import outcome, screen
    from flows.log_communications import log_communications

    with screen.working():
        told = log_communications()
    if not as_json:
        _show(screen.Screen(), told)
    if told.failed:
        raise outcome.Undelivered(
            f"{told.failed} communications found no answer: run `tandem log-communications` again; "
            "a Task that may still be under way is waited for, ten minutes at most"
        )
    if as_json:
        screen.emit(_object(told))
    if told.held:
        raise click.exceptions.Exit(outcome.HELD)
    raise click.exceptions.Exit(outcome.REFUSED if told.refused else outcome.DONE)


def _show(page: "Screen", told: "Logged") -> None:
    from flows.cli.screen import count, plain
    from tasks.core.communications.native import REMEDY

    page.say(f"Run {told.run}: {count(told.created, 'Task')} created, {told.updated:,} updated.", style="bold")
    for found in told.held:
        page.say(f"Held, for every call would be there twice: {plain(found)}.", style="bold")
    if told.held:
        page.say(REMEDY)
    if told.listed.rows:
        page.say(f"The export lists {told.listed.rows:,}; {told.listed.new:,} told something new.")
    for title, rows in (("Waiting", told.waiting), ("Refused by Salesforce", told.refused)):
        listed = [(one, plain(reason)) for one, reason in rows[:TOP]]
        page.table(title, ("communication", "why"), listed, len(rows))
    unusable = [(row, plain(reason)) for row, reason in told.listed.quarantine[:TOP]]
    page.table("Rows of the export that can't be used", ("row", "why"), unusable, told.listed.unusable)


def _object(told: "Logged") -> dict[str, object]:
    lists = {
        name: [{"id": one, "reason": reason} for one, reason in rows]
        for name, rows in (("waiting", told.waiting), ("refused", told.refused))
    }
    counts = {"created": told.created, "updated": told.updated, "unchanged": told.unchanged, "failed": told.failed}
    unusable = [{"row": row, "reason": reason} for row, reason in told.listed.quarantine]
    listed = {
        "rows": told.listed.rows,
        "new": told.listed.new,
        "quarantine": unusable if told.listed.unusable == len(unusable) else told.listed.unusable,
    }
    return {"run": told.run, **counts, **lists, "listed": listed, "held": list(told.held), "api_calls": told.api_calls}


COMMANDS = (listen, log_communications)
