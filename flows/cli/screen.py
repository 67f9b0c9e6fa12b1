"""How things look to a person: masked, in tables that fit the terminal, without colours or boxes in a pipe."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from textwrap import indent
from typing import Any

from tasks.core.masking import mask

WIDTH = 100  # of what isn't a terminal
NARROW = 72  # below it a table's rows are told line by line
LONGEST_VALUE = 60
TYPED_AGAIN = ("conflict",)  # columns whose cells go into the next command, and so are never broken

Row = Sequence[str]


def emit(value: Mapping[str, Any]) -> None:
    """Print one JSON object."""
    sys.stdout.write(json.dumps(value, allow_nan=False) + "\n")


def printable(text: object) -> str:
    """Text without control characters, which a terminal would obey."""
    return "".join(letter if letter.isprintable() else " " for letter in str(text))


def plain(text: object) -> str:
    """Text that is safe to show: masked and printable."""
    return printable(mask(str(text)))


def value(text: str | None) -> str:
    """A value of a record: a blank and a missing one can be told apart, a long one is cut."""
    if text is None:
        return "(none)"
    shown = plain(text)
    return (shown if len(shown) <= LONGEST_VALUE else shown[: LONGEST_VALUE - 1] + "…") or "(blank)"


def sentence_of(text: str) -> str:
    """One line for stderr: masked, ending with a stop, beginning with a capital unless an id or a name begins it."""
    line = " ".join(plain(text).split())
    first = line[:1].upper() if line.partition(" ")[0].rstrip(",").isalpha() else line[:1]
    return first + line[1:] + ("" if line.endswith((".", "!", "?")) else ".")


def count(number: int, noun: str) -> str:
    """`1 change`, `2 changes`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


class Screen:
    """Where a command writes for people."""

    def __init__(self) -> None:
        from rich.console import Console

        terminal = sys.stdout.isatty()
        self.console = Console(
            file=sys.stdout, width=None if terminal else WIDTH, markup=False, highlight=False, emoji=False
        )
        self._begun = False

    def say(self, text: str = "", style: str | None = None) -> None:
        """Print a line; an empty one only between others."""
        if text or self._begun:
            self.console.print(text, style=style, soft_wrap=not self.console.is_terminal)
            self._begun = True

    def table(self, title: str, headings: Row, rows: Iterable[Row], total: int | None = None) -> None:
        """A titled table, or nothing where there are no rows, which are the first of `total`."""
        listed = list(rows)
        if not listed:
            return
        self.say()
        self.say(title, style="bold")
        self._grid(headings, listed) if self.console.width >= NARROW else self._lines(headings, listed)
        if total is not None and total > len(listed):
            self.say(f"… and {total - len(listed):,} more; `--json` has them all.", style="dim")

    def _grid(self, headings: Row, rows: Sequence[Row]) -> None:
        from rich import box
        from rich.table import Table

        table = Table(box=box.SIMPLE_HEAD if self.console.is_terminal else None, pad_edge=False, padding=(0, 2, 0, 0))
        for heading in headings:
            table.add_column(heading, overflow="fold", no_wrap=heading in TYPED_AGAIN)
        for row in rows:
            table.add_row(*row)
        self.console.print(table)

    def _lines(self, headings: Row, rows: Sequence[Row]) -> None:
        from rich.padding import Padding

        for first, *rest in rows:
            self.say(f"- {first}")
            for heading, cell in zip(headings[1:], rest, strict=True):
                if cell:
                    told = f"{heading}: {cell}" if "\n" not in cell else f"{heading}:\n{indent(cell, '  ')}"
                    self.console.print(Padding(told, (0, 0, 0, 2)))


@contextmanager
def working() -> Iterator[None]:
    """While a flow runs: progress on a terminal's stderr, and whatever a library prints kept out of stdout."""
    from tasks import progress

    with redirect_stdout(sys.stderr):
        if not sys.stderr.isatty():
            yield
            return
        with _bars() as sink, progress.showing(sink):
            yield


@contextmanager
def _bars() -> Iterator[Callable[[str, int, int | None], None]]:
    """One bar a stage, gone when the work is done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=30), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True, markup=False), transient=True) as bars:
        stages: dict[str, Any] = {}

        def sink(stage: str, done: int, total: int | None) -> None:
            if stage not in stages:
                stages[stage] = bars.add_task(stage, total=total)
            bars.update(stages[stage], completed=done, total=total)

        yield sink
