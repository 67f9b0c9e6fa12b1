"""`conflicts`: fields on which the systems differed, with what every side said and who won."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from flows.cli.changes import as_json


@click.command()
@click.option("--open", "unanswered", is_flag=True, help="Only those that wait for a decision.")
@click.option("--csv", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write them to FILE, to fill in.")
@as_json
def conflicts(unanswered: bool, file: Path | None, as_json: bool) -> None:
    """The conflicts of the latest plan."""
    from flows.cli import plan_view, recall, screen
    from tasks.core import render

    plan = recall.latest()
    found, decided = render.conflicts(plan, recall.since(plan)), recall.decided()
    if unanswered:
        found = [c for c in found if c["winner"] is None and (c["person"], c["field"]) not in decided]
    if file is not None:
        _write(file, found)
    if as_json:
        screen.emit({"plan": plan.id, "conflicts": found})
        return
    page = screen.Screen()
    page.say(f"Plan {plan.id}: {screen.count(len(found), 'conflict')}{' without an answer' if unanswered else ''}.")
    page.table("Conflicts", *plan_view.conflict_rows(recall.told(plan), found, decided, by_id=True))
    if file is not None:
        page.say(f"Written to {file}: fill in the column `decision`, then `tandem decide {file}`.")
    elif found:
        page.say("Answer one by `tandem decide CONFLICT ANSWER`, many by `tandem conflicts --csv FILE`.")


def _write(file: Path, found: Sequence[dict[str, Any]]) -> None:
    """A private file to fill in."""
    from tasks.core import sheet
    from tasks.core.errors import UsageError
    from tasks.ledger.files import save

    try:
        save(file, sheet.written(found))
    except OSError as error:
        raise UsageError(f"{file} can't be written: {error.strerror}; name another file") from None


COMMANDS = (conflicts,)
