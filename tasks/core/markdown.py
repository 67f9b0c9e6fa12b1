"""Markdown for Prefect's pages. Values come from strangers: they are masked, and read as they are without doing
anything (a link, a picture, a heading)."""

import re
from collections.abc import Iterable, Sequence
from html import escape

from tasks.core.masking import mask

Cell = str | Sequence[str]  # several: one below the other

_SPECIAL = re.compile(r"([\\`*_\[\]|~!])")
_NEWLINE = "<br>"


def plain(text: str) -> str:
    """Text as a person is to read it: masked, on one line, and nothing to Markdown or HTML."""
    line = "".join(letter if letter.isprintable() else " " for letter in mask(text))
    return _SPECIAL.sub(r"\\\1", escape(line, quote=False))


def table(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Those rows, one a line of the page's source."""
    lines = [[*headings], ["---"] * len(headings), *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def section(title: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]], total: int | None = None) -> str:
    """A titled table of rows that are the first of `total`; nothing without rows."""
    listed = list(rows)
    if not listed:
        return ""
    left = (total or 0) - len(listed)
    return f"## {title}\n\n{table(headings, listed)}" + (f"\n\n… and {left:,} more." if left > 0 else "")


def page(*parts: str) -> str:
    """Those that aren't empty, one after another."""
    return "\n\n".join(part for part in parts if part)


def _cell(cell: Cell) -> str:
    return plain(cell) if isinstance(cell, str) else _NEWLINE.join(plain(line) for line in cell)
