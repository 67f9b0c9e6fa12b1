"""`forget`, `subject`: what a person may ask of us: to erase what we hold about them, or to see it."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.cli.decisions import by

if TYPE_CHECKING:
    from tasks.forget import Forgotten

NAMED = 20  # runs named of many


@click.command()
@click.argument("person", metavar="WHO")
@by
def forget(person: str, who: str) -> None:
    """Erase what is held of a person, and skip them from now on."""
    from flows.cli import screen
    from flows.forget import forget

    done = forget(person, who)
    page = screen.Screen()
    for line in _told(done):
        page.say(line)
    page.table("Erased", ("what", "how many"), _erased(done))
    lives = [tuple(ref.split(":", 2)) for ref in done.lives]
    page.table("Where the person still is: delete them there, too", ("system", "object", "record id"), lives)
    for line in _lost(done):
        page.say(line)


def _told(done: "Forgotten") -> Iterator[str]:
    if done.again:
        yield "They were forgotten before: what an interrupted command may have left was swept again."
    else:
        yield "Forgotten. Later runs skip every record with a number, e-mail or id of theirs."
    if done.shared:
        noun = "1 number or e-mail is" if done.shared == 1 else f"{done.shared} numbers and e-mails are"
        yield f"{noun} somebody else's, too: theirs stays."


def _erased(done: "Forgotten") -> list[tuple[str, str]]:
    rows = [(f"rows of {name}", f"{count:,}") for name, count in sorted(done.rows.items())]
    return rows + [(f"{name} files", f"{count:,}") for name, count in sorted(done.files.items())]


def _lost(done: "Forgotten") -> Iterator[str]:
    """Runs that are not whole any more; nothing is said of those that weren't before."""
    if done.undoable:
        yield f"Can't be undone, approved or applied any more: {_runs(done.undoable)}."
    if done.remade:
        yield f"Can't be replayed any more: {_runs(done.remade)}."


def _runs(runs: Sequence[str]) -> str:
    more = f" and {len(runs) - NAMED:,} older ones" if len(runs) > NAMED else ""
    return ", ".join(runs[-NAMED:]) + more


@click.command()
@click.argument("person", metavar="WHO")
@click.option("--out", required=True, metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Where to.")
def subject(person: str, out: Path) -> None:
    """Everything held about a person, as one JSON file."""
    from flows.cli import screen
    from flows.subject import subject

    held = subject(person, out)
    screen.Screen().say(f"Written to {out}, for you alone: {', '.join(f'{n:,} {what}' for what, n in held.items())}.")


COMMANDS = (forget, subject)
