"""`statuses`: HubSpot's Lead Statuses, and the Aloware dispositions that mirror them."""

from typing import TYPE_CHECKING

import click

from flows.cli.changes import as_json

if TYPE_CHECKING:
    from flows.cli.screen import Screen
    from tasks.core.survey import Row

HEADINGS = ("#", "label", "status", "disposition", "locked", "state")


@click.command()
@as_json
def statuses(as_json: bool) -> None:
    """HubSpot's statuses and Aloware's dispositions."""
    from dataclasses import asdict

    from flows.cli.screen import Screen, emit
    from tasks.session import open_session
    from tasks.statuses import survey_statuses

    with open_session(read_only=True) as session:
        session.check_settings(session.connected())
        rows = survey_statuses(session)
    if as_json:
        emit({"statuses": [asdict(row) for row in rows]})
    else:
        _show(Screen(), rows)


def _show(page: "Screen", rows: "list[Row]") -> None:
    if not any(row.position is not None for row in rows):
        page.say("HubSpot's Lead Status has no options: nothing is mirrored. Add some in HubSpot's property settings.")
    page.table("Lead Status in HubSpot, disposition in Aloware", HEADINGS, map(_cells, rows))
    if any(row.state.startswith("to be") for row in rows):
        page.say()
        page.say("Next: `tandem reconcile` brings the dispositions up to date first; `tandem plan` shows what follows.")
    if any(row.state.startswith(("missing", "renamed")) for row in rows):
        page.say()
        page.say("Next: put internal status = disposition id into [aloware.dispositions] of the policy.")


def _cells(row: "Row") -> tuple[str, ...]:
    from flows.cli.screen import plain

    held = f"{row.disposition} {plain(row.name or '')}".strip() if row.disposition else ""
    return (
        "" if row.position is None else str(row.position + 1),
        plain(row.label or ""),
        plain(row.status or ""),
        held,
        {True: "yes", False: "no", None: ""}[row.locked],
        _state(row),
    )


def _state(row: "Row") -> str:
    """What stands between the two, and how many people a status has that they can't pick any more."""
    from flows.cli.screen import count

    hidden = ", hidden" if row.hidden and row.state != "hidden" else ""
    still = "removed" in row.state or row.hidden
    people = count(row.people, "person").replace("persons", "people")
    return row.state + hidden + (f", {people} still on it" if still and row.people else "")


COMMANDS = (statuses,)
