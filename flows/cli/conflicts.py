"""`conflicts`: fields on which the systems differed, with what every side said and who won."""

import csv
import io
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
    found = render.conflicts(plan, recall.since(plan))
    if unanswered:
        found = [conflict for conflict in found if conflict["winner"] is None]
    if file is not None:
        _write(file, found)
    if as_json:
        screen.emit({"plan": plan.id, "conflicts": found})
        return
    page = screen.Screen()
    page.say(f"Plan {plan.id}: {screen.count(len(found), 'conflict')}{' without an answer' if unanswered else ''}.")
    page.table("Conflicts", *plan_view.conflict_rows(recall.told(plan), found))
    if file is not None:
        page.say(f"Written to {file}: fill in the column `decision`, then `tandem decide {file}`.")


def _write(file: Path, found: Sequence[dict[str, Any]]) -> None:
    """A private file with whole values, one row a conflict, and an empty column for the answer."""
    from tasks.core.errors import UsageError
    from tasks.core.model import SYSTEMS
    from tasks.ledger.files import write_bytes

    columns = ["id", "person", "field", *SYSTEMS, "winner", "rule", "since", "decision"]
    sheet = io.StringIO(newline="")
    writer = csv.DictWriter(sheet, columns, extrasaction="ignore", restval="")
    writer.writeheader()
    writer.writerows(conflict | conflict["sides"] for conflict in found)
    try:
        write_bytes(file, sheet.getvalue().encode())
    except OSError as error:
        raise UsageError(f"{file} can't be written: {error.strerror}; name another file") from None


COMMANDS = (conflicts,)
