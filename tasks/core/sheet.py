"""Conflicts as a CSV file and back, with the habits of spreadsheets: byte order marks, `;`, quotes, other encodings.

A value that a spreadsheet would take for a formula is written with `'` before it, and read without.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from typing import Any

from tasks.core.answers import AGAIN, Answer, Refusal
from tasks.core.errors import UsageError
from tasks.core.model import SYSTEMS

ID, DECISION = "id", "decision"
COLUMNS = (ID, "person", "field", *SYSTEMS, "winner", "rule", "since", DECISION)
SEPARATORS = ",;\t"

_FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d\s().]*$)")
_QUOTED_FORMULA = re.compile(r"'[=@+\-\t\r]")


def written(conflicts: Iterable[Mapping[str, Any]]) -> bytes:
    """A row a conflict (as `render.conflicts` gives them), whole values, and an empty column for the answer."""
    page = io.StringIO(newline="")
    sheet = csv.DictWriter(page, COLUMNS, extrasaction="ignore", restval="")
    sheet.writeheader()
    for conflict in conflicts:
        row = {**conflict, **conflict["sides"]}
        sheet.writerow({name: harmless(str(value)) for name, value in row.items() if value is not None})
    return page.getvalue().encode()


def harmless(value: str) -> str:
    """A value that no spreadsheet takes for a formula."""
    return f"'{value}" if _FORMULA.match(value) else value


def read(content: bytes) -> tuple[list[Answer], list[Refusal]]:
    """The rows with an answer, and those that can't be read. Raises UsageError for a file that is no such sheet."""
    text = _text(content)
    first = 1
    if text.startswith("sep="):  # a line for the spreadsheet itself
        first, text = 2, text.partition("\n")[2]
    header = text.partition("\n")[0]
    if not header.strip():
        raise UsageError(f"The file is empty: {AGAIN}")
    separator = max(SEPARATORS, key=header.count)
    try:
        rows = list(_rows(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), first))
    except csv.Error as error:
        raise UsageError(f"The file can't be read as CSV ({error}): {AGAIN}") from None
    names = [name.strip().lower() for name in rows[0][1]] if rows else []
    if missing := [name for name in (ID, DECISION) if name not in names]:
        raise UsageError(f"The file has no column `{missing[0]}`: {AGAIN}")
    answers, refusals = [], []
    for line, values in rows[1:]:
        cells = dict(zip(names, map(_plain, values), strict=False))
        if any(values[len(names) :]):
            refusals.append(
                Refusal(line, cells.get(ID, ""), "has more cells than the header: quote values that have a comma")
            )
        elif cells.get(DECISION, "").strip():
            sides = {system: cells[system] for system in SYSTEMS if system in cells}
            answers.append(Answer(cells.get(ID, "").strip(), cells[DECISION].strip(), line, sides))
    return answers, refusals


def _text(content: bytes) -> str:
    if content.startswith(b"PK"):
        raise UsageError("The file is a workbook: save it as CSV (UTF-8) and name that file")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace").replace("\0", "")
    try:
        return content.decode("utf-8-sig").replace("\0", "")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace").replace("\0", "")


def _rows(sheet: Any, first: int) -> Iterable[tuple[int, list[str]]]:
    """(the line where it begins, its cells), blank lines left out."""
    line = first
    for row in sheet:
        if any(cell.strip() for cell in row):
            yield line, row
        line = sheet.line_num + first


def _plain(value: str) -> str:
    return value[1:] if _QUOTED_FORMULA.match(value) else value
