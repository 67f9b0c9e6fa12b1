"""The table that the bench prints: every row with its goal for a million people, and whether it is met here. Below it:
why not, as far as we know. The rows of a plan's verbs say where its time goes.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

from rich.console import Console
from rich.table import Table

from tests.bench.measuring import Row

GOAL = "goal at a million"
MISSED, UNKNOWN = " NOT MET", "nobody knows yet why not"

Figure = Literal["seconds", "micros", "peak_mb", "ratio"]

SAID: dict[Figure, str] = {"seconds": "{:g} s", "micros": "{:g} µs a row", "peak_mb": "{:,} MB", "ratio": "{:.3g} ×"}

GOALS: dict[tuple[str, str], dict[Figure, float]] = {  # stage and anchor → the most that a figure may be
    ("phones, cold", "phonenumbers alone"): {"micros": 3.5, "ratio": 1 / 5},
    ("phones, cached", "phonenumbers alone"): {"micros": 0.5, "ratio": 1 / 5},
    ("diff of one side", "duckdb"): {"ratio": 1.5},
    ("diff of one side", "DiffSync"): {"ratio": 1 / 40},
    ("ledger on SQLite: load", "ADBC on SQLite: read the tables"): {"ratio": 1.3},
    ("ledger on SQLite: learn a delta", "driver on SQLite: upsert its bases"): {"seconds": 0.2},
    ("ledger on PostgreSQL: load", "ADBC on PostgreSQL: read the tables"): {"ratio": 1.3},
    ("ledger on PostgreSQL: learn a delta", "driver on PostgreSQL: upsert its bases"): {"seconds": 0.2},
    ("plan, full", "the floor"): {"ratio": 3, "peak_mb": 4_096},
    ("plan, incremental", "the same in a tenth of the crowd"): {"seconds": 2, "peak_mb": 1_024, "ratio": 1.5},
}

REASONS: dict[tuple[str, str], str] = {  # what costs more than the goal allows
    ("phones, cold", "phonenumbers alone"): "a few thousand texts are read one by one: to learn what North America's "
    "numbers look like would take longer",
    ("phones, cached", "phonenumbers alone"): "a call has its price before the first row, which few rows share",
    ("diff of one side", "duckdb"): "before a cell is compared, its record is found in the crosswalk and its person's "
    "decided values beside it: three look-ups by text, where a join makes one; then who moved is identified anew",
    ("diff of one side", "DiffSync"): "as beside duckdb",
    ("ledger on SQLite: load", "ADBC on SQLite: read the tables"): "SQLite alone takes as long as ADBC to give the "
    "columns out; taking them apart comes on top. ADBC brings a second SQLite, which would undo the ledger's locks",
    (
        "ledger on PostgreSQL: load",
        "ADBC on PostgreSQL: read the tables",
    ): "rows are copied as text, over the connection "
    "of the transaction that wrote them; ADBC copies them in binary, over one of its own",
    (
        "ledger on PostgreSQL: learn a delta",
        "driver on PostgreSQL: upsert its bases",
    ): "the driver's own upserts, sent row by row, are nearly all of it; that those people were touched comes on top",
    (
        "plan, full",
        "the floor",
    ): "the floor reads files and joins. A plan reads the ledger too, which is larger than the "
    "snapshots, and stores every change with all it was made from; memory holds ledger, snapshots and records at once",
    (
        "plan, incremental",
        "the same in a tenth of the crowd",
    ): "what is read of the ledger, thought of, and kept as evidence "
    "follows the changes. The snapshots are whole, and Aloware lists everybody each time: they are read, laid over "
    "each other, compared with the last ones, and stored",
}


def shown(title: str, rows: Sequence[Row]) -> None:
    """For whoever reads."""
    page = Console(width=170)
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    words = ("stage", "anchor", GOAL)
    for name in ("stage", "n", "seconds", "µs a row", "peak MB", "ratio", "anchor", GOAL):
        table.add_column(name, justify="left" if name in words else "right")
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.3g}"
        figures = (f"{row.n:,}", f"{row.seconds:.3f}", f"{row.micros:.2f}", f"{row.peak_mb:,}", ratio)
        table.add_row(row.name, *figures, row.anchor or "", "; ".join(goals(row)))
    page.print(table)
    for row in rows:
        if any(goal.endswith(MISSED) for goal in goals(row)):
            page.print(f"{row.name}, beside {row.anchor}: {REASONS.get((row.name, row.anchor or ''), UNKNOWN)}.")


def unmeasured(rows: Sequence[Row]) -> list[str]:
    """Stages that have a goal and no row: they go by another name by now."""
    found = {(row.name, row.anchor) for row in rows}
    return [f"{stage} beside {anchor}" for stage, anchor in GOALS if (stage, anchor) not in found]


def goals(row: Row) -> Iterator[str]:
    """Each of them in words, and whether the row meets it."""
    for figure, most in GOALS.get((row.name, row.anchor or ""), {}).items():
        met = getattr(row, figure) <= most
        yield f"≤ {SAID[figure].format(most)}" + (" met" if met else MISSED)
