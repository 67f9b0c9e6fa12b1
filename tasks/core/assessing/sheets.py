"""Problems as CSV files: one a problem, and one an owner, for those who will set them right."""

import csv
import io
import re
from collections.abc import Iterator

import pandas as pd

from tasks.core.assessing.problems import KINDS, PROBLEMS
from tasks.core.sheet import harmless

NOBODY = "nobody"  # the owner of records that have none
OWNERS = "owners"  # the folder of the files of owners


def files(problems: pd.DataFrame) -> Iterator[tuple[str, bytes]]:
    """Name of the file, with its folder, and its content: whole values, as a spreadsheet may open them. A problem that
    nobody has is a file without rows."""
    for kind in KINDS:
        yield f"{kind}.csv", _page(problems[problems["problem"] == kind].drop(columns="problem"))
    taken: set[str] = set()
    for owner, rows in problems.groupby("owner", sort=True):
        yield f"{OWNERS}/{_unlike(_named(str(owner)), taken)}.csv", _page(rows)


def _named(owner: str) -> str:
    """An owner as a file can be called."""
    return re.sub(r"[^A-Za-z0-9@._+-]", "_", owner).strip(".") or NOBODY


def _unlike(name: str, taken: set[str]) -> str:
    """That name, or one that isn't taken, be it in letters of another size: some folders don't tell these apart."""
    while name.casefold() in taken:
        name += "_"
    taken.add(name.casefold())
    return name


def _page(rows: pd.DataFrame) -> bytes:
    page = io.StringIO(newline="")
    sheet = csv.writer(page)
    sheet.writerow([name for name in PROBLEMS if name in rows])
    sheet.writerows([harmless(str(value)) for value in row] for row in rows.itertuples(index=False))
    return page.getvalue().encode()
