"""`approve`, `reject`, `decide`: what people decide, each with a name and a reason."""

import getpass
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from flows.cli.screen import Screen
    from tasks.core.answers import Answer, Refusal


def _whoever() -> str:
    """The user at this terminal; a number where the system has no name for it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


by = click.option("--by", "who", metavar="WHO", default=_whoever, help="Who says so; you, unless you say otherwise.")
why = click.option("--reason", required=True, metavar="TEXT", help="Why; it is kept with the decision.")


def _words(values: tuple[str, ...]) -> tuple[str, ...]:
    """Each once, be they given one by one or with commas between them."""
    words = (word.strip() for value in values for word in value.split(","))
    return tuple(dict.fromkeys(filter(None, words)))


def _said(reason: str) -> str:
    if not reason.strip():
        raise click.BadParameter("say why, in a few words.", param_hint="--reason")
    return reason.strip()


@click.command()
@click.argument("plan")
@click.option("--override", "overrides", multiple=True, metavar="NAME", help="A breaker to lift; may be repeated.")
@why
@click.option("--except", "left_out", multiple=True, metavar="CHANGE", help="Leave this change out for good.")
@by
def approve(plan: str, overrides: tuple[str, ...], reason: str, left_out: tuple[str, ...], who: str) -> None:
    """Let what a plan holds go; `apply` writes it then."""
    from flows.approve import approve
    from flows.cli import screen
    from tasks.core.planning.approval import command

    done = approve(plan, _words(overrides), _said(reason), _words(left_out), who)
    page = screen.Screen()
    if done.id != plan:
        page.say(f"Plan {plan} was replaced by {done.id}, which holds the very same changes: that one is approved.")
    page.say(f"Approved by {screen.plain(who)}: {', '.join(_words(overrides))} of plan {done.id}.")
    if done.left_out:
        page.say(f"Left out for good: {screen.count(len(done.left_out), 'change')}.")
    if done.waits:
        page.say(f"Still held: {screen.count(len(done.held), 'change')}; {command(done)} lets go of that, too.")
    page.say(f"Next: `tandem apply {done.id}`.")


@click.command()
@click.argument("plan")
@why
@by
def reject(plan: str, reason: str, who: str) -> None:
    """Drop what a plan holds: nothing of it is written."""
    from flows.approve import reject
    from flows.cli import screen

    done = reject(plan, _said(reason), who)
    page = screen.Screen()
    replaced = "" if done.id == plan else f", which holds what {plan} held,"
    page.say(f"Plan {done.id}{replaced} is rejected by {screen.plain(who)}: nothing of it is written or learned.")
    page.say("The next run plans it anew, from what the systems say then: put right there what is wrong.")


@click.command()
@click.argument("file", metavar="FILE|CONFLICT")
@click.argument("answer", required=False)
@click.option("--reason", default="", metavar="TEXT", help="Why; it is kept with the decisions.")
@by
def decide(file: str, answer: str | None, reason: str, who: str) -> None:
    """Answer conflicts, one or a CSV of them.

    An answer is a side's name, keep, or a value (value:TEXT, where it could be mistaken). `conflicts --csv` writes the
    file to fill in.
    """
    from flows.cli import outcome, screen
    from flows.decide import decide
    from tasks.core.answers import Answer
    from tasks.core.errors import UsageError

    answers, refused = _read(Path(file)) if answer is None else ([Answer(file, answer)], [])
    if not answers and not refused:
        raise UsageError(f"{file} has no answer yet: fill in the column `decision`, then `tandem decide {file}`.")
    decisions, more = decide(answers, who, reason.strip())
    refused = sorted([*refused, *more], key=lambda refusal: refusal.line)
    if answer is not None and refused:
        raise UsageError(f"{file}: {refused[0].reason}.")
    page = screen.Screen()
    _show_refused(page, refused)
    if not decisions:
        raise UsageError(f"No answer of {file} can be taken: correct it, then `tandem decide {file}`.")
    what = screen.count(len(decisions), "conflict")
    decided = what if answer is None else f"{file} becomes {screen.value(decisions[0].value)}"
    page.say(f"Decided by {screen.plain(who)}: {decided}.")
    page.say("Next: `tandem plan` shows what that changes, `tandem reconcile` carries it out.")
    raise click.exceptions.Exit(outcome.REFUSED if refused else outcome.DONE)


def _read(file: Path) -> "tuple[list[Answer], list[Refusal]]":
    """The answers in that file, and its rows that can't be read. Raises UsageError for no such file."""
    from tasks.core import sheet
    from tasks.core.errors import UsageError

    try:
        content = file.read_bytes()
    except OSError as error:
        why = f"{file} can't be read ({error.strerror})"
        raise UsageError(f"{why}; one conflict is answered by `tandem decide CONFLICT ANSWER`.") from None
    return sheet.read(content)


def _show_refused(page: "Screen", refused: "Sequence[Refusal]") -> None:
    from flows.cli.screen import plain

    rows = [(f"{refusal.line}", plain(refusal.conflict), plain(refusal.reason)) for refusal in refused]
    page.table("Not taken", ("line", "conflict", "why"), rows)
    page.say()


COMMANDS = (approve, reject, decide)
