"""Tables drawn in docstrings, and the two kinds of paragraph that are nothing but a table.

`decided` reads one field of one person: `base` is what was last agreed, `now` what each side says, `then` what each
will say after the run. `met` reads records: whose they are, and who speaks. In both, `blank` is an empty value and `-`
one that isn't there.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd

from tasks.core import resolve
from tasks.core.model import SCOPES, SYSTEMS
from tasks.core.policy import PLACES, Field, Policy
from tasks.core.state import RETIRED
from tests.property.simulation import Simulation, nothing_known
from tests.property.worlds import shipped_policy

Row = dict[str, str]
PEOPLE = shipped_policy("email", "phone", "mobile_phone")

# What the column `may` says of a side: whether its word counts, and whether Tandem may write it.
MAY = {"": (True, True), "inbound": (True, False), "no authority": (False, True), "neither": (False, False)}


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
    for system in SYSTEMS:
        row = sides.get(system, {"base": "-", "now": "-", "may": "neither"})
        speaks, writable = MAY[row.get("may", "")]
        cell |= {
            system: value(row["now"]),
            f"{system}_base": value(row["base"]),
            f"{system}_speaks": speaks and row["now"] != "-",
            f"{system}_writable": writable and row["now"] != "-",
            f"{system}_settled": {"": None, "settled": cell["golden"], "vendor default": ""}[row.get("known", "")],
        }
    frame = pd.DataFrame([cell])
    flags = [column for column in frame if column.endswith(("_speaks", "_writable"))]
    frame = frame.astype({column: "bool" if column in flags else "str" for column in frame})
    found: Mapping[str, Any] = resolve.decide(frame, field, drift).iloc[0].to_dict()
    return found


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
        person = matching.records["person"].get(ref) or (links["person"].get(ref) if role == RETIRED else None)
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
