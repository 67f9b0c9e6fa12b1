"""`why`, `history`, `replay`, `verify`: what came of what, and whether it still is so."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.cli.changes import as_json

if TYPE_CHECKING:
    from flows.cli.screen import Screen
    from tasks.core.explaining.dossier import Dossier
    from tasks.replay import Replayed

TOP = 100  # differences shown of many


@click.command()
@click.argument("who")
@click.argument("field", required=False)
def why(who: str, field: str | None) -> None:
    """Where a person's values came from.

    WHO is a phone number, an e-mail, or the id of a record or a person; FIELD one of the policy's fields.
    """
    from flows.cli import why_view
    from flows.cli.screen import Screen
    from flows.why import why

    found = why(who, field)
    _only_one([dossier for dossier, _ in found])
    why_view.show_person(Screen(), *found[0])


@click.command()
@click.argument("who")
def history(who: str) -> None:
    """What happened to a person, the newest last."""
    from flows.cli import why_view
    from flows.cli.screen import Screen
    from flows.history import history

    found = history(who)
    _only_one([dossier for dossier, _ in found])
    why_view.show_history(Screen(), *found[0])


def _only_one(found: "list[Dossier]") -> None:
    """Several people may have one e-mail: then somebody has to say whom they mean."""
    from flows.cli import why_view
    from flows.cli.screen import Screen

    if len(found) > 1:
        why_view.show_several(Screen(), found)
        raise click.UsageError(f"{len(found)} people answer to that: say which by an id of the list.")


@click.command()
@click.argument("run")
@click.option(
    "--policy",
    "file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Under this policy instead of the one of then.",
)
def replay(run: str, file: Path | None) -> None:
    """Plan a run again, from what it knew."""
    from flows.cli.screen import Screen, working
    from flows.replay import replay

    with working():
        replayed = replay(run, file)
    _show_replayed(Screen(), replayed, other_policy=file is not None)


def _show_replayed(page: "Screen", replayed: "Replayed", other_policy: bool) -> None:
    from flows.cli.screen import count, plain

    plan, again, rows = replayed.stored, replayed.again, replayed.differences
    if replayed.same:
        page.say(f"The same: run {plan.run} comes to checksum {plan.checksum} again, from what plan {plan.id} kept.")
        return
    page.say(f"Stored:   {plan.checksum}")
    page.say(f"Replayed: {again.checksum}")
    if rows.empty:
        cause = "the policy is another one" if other_policy else "what it was planned from was changed since"
        page.say(f"The decisions are the same; the checksums differ because {cause}.", style="bold")
        return
    under = "under that policy" if other_policy else "now"
    page.say(f"Not the same: {count(len(rows), 'decision')} would be otherwise {under}.", style="bold")
    page.table(
        "What would be otherwise",
        ("what", "where", "field", "then and now"),
        [
            (str(what), *map(plain, (where or person, field)), f"then: {plain(then)}\nnow:  {plain(now)}")
            for what, where, person, field, then, now in rows.head(TOP)
            .fillna({"then": "nothing", "now": "nothing"})
            .itertuples(index=False)
        ],
    )
    if len(rows) > TOP:
        page.say(f"… and {len(rows) - TOP:,} more.", style="dim")


@click.command()
@as_json
def verify(as_json: bool) -> None:
    """Look for drift, and change nothing."""
    from flows.cli import outcome, verify_view
    from flows.cli.screen import Screen, emit, working
    from flows.verify import verify

    with working():
        verified = verify()
    if as_json:
        emit(verify_view.verified_object(verified))
    else:
        verify_view.show_verified(Screen(), verified)
    raise click.exceptions.Exit(outcome.of_plan(verified.plan))


COMMANDS = (why, history, replay, verify)
