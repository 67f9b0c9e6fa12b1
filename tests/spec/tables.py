"""Tables drawn in docstrings, and the two kinds of paragraph that are nothing but a table.

`decided` reads one field of one person: `base` is what was last agreed, `now` what each side says, `then` what each
will say after the run. `met` reads records: whose they are, and who speaks. In both, `blank` is an empty value and `-`
one that isn't there.
"""

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from functools import cache
from inspect import cleandoc
from types import ModuleType
from typing import Any

import pandas as pd

from tasks.core.deciding import resolve
from tasks.core.model import SCOPES, SYSTEMS
from tasks.core.policy import PLACES, Field, Policy
from tests.property.simulation import NOON, Simulation, nothing_known
from tests.property.worlds import shipped_policy

Row = dict[str, str]
PEOPLE = shipped_policy("email", "phone", "mobile_phone")

# What the column `may` says of a side: whether its word counts, whether Tandem may write it, whether it is paused.
MAY = {
    "": (True, True, False),
    "inbound": (True, False, False),
    "no authority": (False, True, False),
    "neither": (False, False, False),
    "paused": (True, False, True),
}


def drawn(text: str | None) -> list[list[Row]]:
    """The tables of a docstring, each as rows of column → cell."""
    tables: list[list[list[str]]] = [[]]
    for line in (text or "").splitlines():
        if line.strip().startswith("|"):
            tables[-1].append([cell.strip() for cell in line.strip().strip("|").split("|")])
        elif tables[-1]:
            tables.append([])
    return [[dict(zip(head, row, strict=True)) for row in rows] for head, _, *rows in filter(None, tables)]


def value(cell: str) -> str | None:
    return {"-": None, "blank": ""}.get(cell, cell)


def paragraph(test: Callable[..., object], body: Callable[[], None]) -> Callable[[], None]:
    """A test with the name and the words of the one that drew the table."""
    body.__name__, body.__doc__, body.__module__ = test.__name__, test.__doc__, test.__module__
    return body


def decided(drift: str = "restore", **rules: Any) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """The test is its table: one field of one person, decided under those rules of the policy."""

    def paragraph_of(test: Callable[[], None]) -> Callable[[], None]:
        def body() -> None:
            for table in drawn(test.__doc__):
                compare(table, decide(table, Field(**rules), drift))

        return paragraph(test, body)

    return paragraph_of


def decide(table: list[Row], field: Field, drift: str) -> Mapping[str, Any]:
    """What the core makes of a drawn field."""
    sides = {row["side"]: row for row in table}
    cell: dict[str, Any] = {"golden": value(sides["golden"]["base"])}
    cell["golden_from"] = None if cell["golden"] is None else sides["golden"].get("may") or "salesforce"
    cell["decided"] = value(sides["golden"].get("decided") or "-")
    for system in SYSTEMS:
        row = sides.get(system, {"base": "-", "now": "-", "may": "neither"})
        settled = {"": None, "settled": cell["golden"], "vendor default": ""}[row.get("known", "")]
        cell |= said(system, value(row["base"]), value(row["now"]), MAY[row.get("may", "")], settled, row.get("at"))
    found: Mapping[str, Any] = resolve.decide(framed([cell]), field, drift).iloc[0].to_dict()
    return found


def said(
    system: str,
    base: str | None,
    now: str | None,
    may: tuple[bool, bool, bool] = MAY[""],
    settled: str | None = None,
    at: str | None = None,
) -> dict[str, Any]:
    """One side's columns of a cell; `at` in minutes."""
    held = now is not None
    return {
        system: now,
        f"{system}_base": base,
        f"{system}_speaks": may[0] and held,
        f"{system}_writable": may[1] and held,
        f"{system}_paused": may[2] and held,
        f"{system}_settled": settled,
        f"{system}_at": NOON + timedelta(minutes=int(at)) if at else pd.NaT,
    }


def framed(cells: list[dict[str, Any]]) -> pd.DataFrame:
    """Cells as `diff.diff` types them."""
    frame = pd.DataFrame(cells)
    for column in frame:
        kind = str(column).rpartition("_")[2]
        if kind == "at":
            frame[column] = pd.to_datetime(frame[column], utc=True)
        else:
            frame[column] = frame[column].astype("bool" if kind in ("speaks", "writable", "paused") else "str")
    return frame.assign(inherited=False, rebased=False)


def situation(row: Row) -> dict[str, Any]:
    """A row of a module's own table as a cell: `A`, `A > B` edited, `> B` joins, `(A > B)` without authority, `@9`,
    `A ! B` a person decided."""
    known, _, answer = row["golden"].partition(" ! ")
    golden, _, standing = known.partition(", ")
    cell: dict[str, Any] = {"golden": value(golden), "golden_from": standing or SYSTEMS[0]}
    cell["decided"] = value(answer or "-")
    if cell["golden"] is None:
        cell["golden_from"] = None
    for system in SYSTEMS:
        drawing, _, at = row[system].strip("()").partition(" @")
        before, edited, after = drawing.rpartition("> ")
        base = (value(before.strip()) if before else None) if edited else value(after)
        may = MAY["no authority"] if row[system].startswith("(") else MAY[""]
        cell |= said(system, base, value(after), may, at=at)
    return cell


def tabled(
    module: ModuleType, fields_of: Callable[[Row], Iterable[Field]]
) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """The test is the table in that module's own words, each row executed under every field that `fields_of` gives."""

    def paragraph_of(test: Callable[[], None]) -> Callable[[], None]:
        _, _, words = cleandoc(module.__doc__ or "").partition("\n\n")
        (table,) = drawn(words)

        def body() -> None:
            for row in table:
                for field in fields_of(row):
                    assert executed(row, field) == (value(row["becomes"]), row["word"]), (row, field)

        test.__doc__ = f"{test.__doc__}\n\n{words}"
        return paragraph(test, body)

    return paragraph_of


def executed(row: Row, field: Field) -> tuple[str | None, str]:
    """What golden becomes of that row, and the word for it."""
    found = resolve.decide(framed([situation(row)]), field).iloc[0]
    golden = None if pd.isna(found["golden"]) else str(found["golden"])
    return golden, "waits" if found["waits"] else str(found["rule"])


def compare(table: list[Row], found: Mapping[str, Any]) -> None:
    """Whether that is what was drawn."""
    golden = None if pd.isna(found["golden"]) else found["golden"]
    for row in table:
        side = row["side"]
        if side == "golden":
            seen = {"then": golden, "why": found["rule"]}
        else:
            settled = found[f"{side}_settle"]
            then = golden if found[f"{side}_write"] else value(row["now"])
            seen = {"then": then, "why": "" if pd.isna(settled) else settled}
        assert {"side": side, **seen} == {"side": side, "then": value(row["then"]), "why": row["why"]}


def met(policy: Policy = PEOPLE) -> Callable[[Callable[[Simulation], None]], Callable[[], None]]:
    """The test is its tables: records as they are met, and once more after the deed in the test's body."""

    def paragraph_of(deed: Callable[[Simulation], None]) -> Callable[[], None]:
        def body() -> None:
            world = Simulation(policy, nothing_known(policy))
            first, *again = drawn(deed.__doc__)
            for row in first:
                enter(world, row)
            check(world, first)
            for table in again:
                world.run()
                deed(world)
                check(world, table)

        return paragraph(deed, body)

    return paragraph_of


def enter(world: Simulation, row: Row) -> None:
    """A drawn record appears in its system; the columns `created` and those named as the policy's fields fill it."""
    place, record_id = row["record"].split()
    fields = {name: value(cell) for name, cell in row.items() if name in world.policy.fields}
    mapped = world.policy.mapped(*PLACES[place])
    world.add(place, record_id, int(row.get("created", "0")), **{n: v for n, v in fields.items() if n in mapped})


def check(world: Simulation, table: list[Row]) -> None:
    """Records drawn with one letter in `person` are one person; `role` is what the record is to them."""
    matching = world.match()
    links = pd.concat([world.state.links, matching.links])
    links = links[~links.index.duplicated(keep="last")]
    lost = matching.quarantine.query("reason.str.startswith('no valid phone number,')")
    quarantined = set(lost["system"] + ":" + lost["object"] + ":" + lost["record_id"])
    letters: dict[str, str] = {}
    for row in table:
        ref = world.ref(row["record"])
        role = "quarantined" if ref in quarantined else str(links["role"].get(ref, "unknown"))
        assert (row["record"], role) == (row["record"], row["role"])
        person = matching.records["person"].get(ref) or links["person"].get(ref)
        if person is not None:
            assert letters.setdefault(str(person), row["person"]) == row["person"], row
    assert len(set(letters.values())) == len(letters)


def agreeing(*open_scopes: str) -> Simulation:
    """Ann, whom all three systems know and agree about, under those directions."""
    world = deepcopy(_agreed())
    directions = {scope: "two-way" if scope in open_scopes else "inbound" for scope in SCOPES}
    world.state = replace(world.state, directions=directions)
    return world


@cache
def _agreed() -> Simulation:
    policy = shipped_policy("first_name", "last_name", "phone", "lead_status")
    world = Simulation(policy, nothing_known(policy))
    world.add("contact", "1", phone="+14155552671", first_name="Ann")
    world.add("hubspot", "1", phone="+14155552671", first_name="Ann", lead_status="NEW")
    world.add("aloware", "1", phone="+14155552671", first_name="Ann", lead_status="1")
    world.run()
    return world
