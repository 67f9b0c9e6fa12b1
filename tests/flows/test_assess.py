"""An assessment says before anything is written what a first plan then says, and whom to ask to set things right."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from flows.assess import assess
from flows.cli.command import run
from flows.connections import connect
from flows.plan import plan
from tasks.core.assessing import problems as kinds
from tasks.core.assessing.assessment import Assessment, told
from tasks.core.model import ALOWARE, SYSTEMS
from tasks.core.plan import Plan
from tasks.session import open_session
from tests.flows.worlds import Office, number, office

PEOPLE = 100


@dataclass
class Morning:
    """A dirty office before its first run: what was assessed, and the plan that was made right after."""

    office: Office
    made: Assessment
    folder: Path
    files: dict[str, int]
    writes: list[dict[str, Any]]
    plans: int
    plan: Plan


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Morning]:
    home = tmp_path_factory.mktemp("morning")
    with office(home, PEOPLE, seed=5) as made:
        for system in SYSTEMS:
            connect(system)
        twins = {"FirstName": "Ann", "LastName": "Lee", "Phone": number()}
        made.person.create_in_salesforce("Lead", **twins, Company="=1+1")
        made.person.create_in_salesforce("Lead", **twins, Company="Acme")
        made.person.forget_requests()
        assessment, files = assess(home / "out")
        writes = made.person.writes()
        with open_session(read_only=True) as session:
            plans = len(session.ledger.plans.recent())
        yield Morning(made, assessment, home / "out", files, writes, plans, plan(initial=True).plan)


def sheet(morning: Morning, name: str) -> list[dict[str, str]]:
    with (morning.folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_nothing_is_written_and_no_plan_is_stored(morning: Morning) -> None:
    assert morning.writes == []
    assert morning.plans == 0


def test_its_numbers_are_those_of_the_first_plan(morning: Morning) -> None:
    """Changes and cells by what happens to them, conflicts, collisions, refusals, what is left aside, calls to come."""
    made, then = morning.made.plan, morning.plan
    for frame in ("changes", "cells", "refused", "conflicts", "collisions", "quarantine"):
        assert getattr(made, frame).equals(getattr(then, frame)), frame
    assert (made.verdict, made.forecast, made.settled) == (then.verdict, then.forecast, then.settled)
    kind = then.changes.set_index("id")["kind"]
    planned = Counter(kind)
    written = told(morning.made.now.records)
    assert sum(row["create"] for row in written) == planned["create"] > 0
    assert sum(row["update"] for row in written) == planned["update"] > 0
    fields = told(morning.made.now.fields)
    blank = then.cells["before"].fillna("") == ""
    updates = then.cells["change"].map(kind) == "update"
    assert sum(row["created"] for row in fields) == int((~updates).sum())
    assert sum(row["filled"] for row in fields) == int((updates & blank).sum())
    assert sum(row["overwritten"] for row in fields) == int((updates & ~blank).sum())
    assert sum(row["cleared"] for row in fields) == 0


def test_every_record_is_counted_once_by_its_number(morning: Morning) -> None:
    for row in told(morning.made.inventory):
        assert row["valid"] + row["invalid"] + row["blank"] == row["records"] > 0
    assert sum(row["invalid"] for row in told(morning.made.inventory)) > 0
    left_out = sum(row["left_out"] for row in told(morning.made.inventory))
    assert left_out == len(sheet(morning, f"{kinds.LEFT_OUT}.csv")) > 0


def test_whatever_the_plan_reports_is_in_a_file(morning: Morning) -> None:
    """A record that is left aside, a claim that collides, a side of a conflict: each is a row with its values whole."""
    rows = [row for kind in kinds.KINDS for row in sheet(morning, f"{kind}.csv")]
    listed = {(row["system"], row["object"], row["record_id"]) for row in rows}
    assert set(morning.plan.quarantine[["system", "object", "record_id"]].itertuples(index=False, name=None)) <= listed
    claimed = {tuple(ref.split(":", 2)) for refs in morning.plan.collisions["records"] for ref in json.loads(refs)}
    assert claimed <= listed
    sides = [value for text in morning.plan.conflicts["sides"] for value in json.loads(text).values()]
    assert Counter(row["value"] for row in sheet(morning, "conflicts.csv")) == Counter(sides)


def test_one_number_with_one_name_is_a_duplicate_and_with_several_it_is_shared(morning: Morning) -> None:
    duplicates = sheet(morning, "duplicates.csv")
    assert {row["last_name"] for row in duplicates if row["first_name"] == "Ann"} == {"Lee"}
    assert sum(row["detail"] == "speaks for this number" for row in duplicates) == len({r["group"] for r in duplicates})
    shared = sheet(morning, "shared-numbers.csv")
    assert all(len({r["last_name"] for r in shared if r["group"] == row["group"]}) > 1 for row in shared)


def test_each_owner_gets_a_private_file_with_all_of_theirs(morning: Morning) -> None:
    owners = [name for name in morning.files if name.startswith("owners/")]
    assert len(owners) > 2
    assert sum(morning.files[name] for name in owners) == len(morning.made.problems)
    for name in owners:
        rows = sheet(morning, name)
        assert {f"owners/{row['owner'] or 'nobody'}.csv" for row in rows} == {name}
        assert "problem" in rows[0]
    for path in (morning.folder, *morning.folder.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path


def test_what_opening_every_scope_would_write_is_told_beside_it(morning: Morning) -> None:
    assert {row["system"] for row in told(morning.made.now.records)} == {ALOWARE}
    assert morning.made.opened is not None
    opened = {row["system"]: row for row in told(morning.made.opened.records)}
    assert set(opened) == set(SYSTEMS)
    assert opened["hubspot"]["create"] > 0


def test_every_number_that_aloware_does_not_know_has_its_price(morning: Morning) -> None:
    creates = morning.plan.changes.query("system == 'aloware' and kind == 'create'")
    assert morning.made.new_numbers == len(creates) > 0
    assert morning.made.price == pytest.approx(0.002 * len(creates))


def test_calls_stand_beside_what_is_left_of_the_day(morning: Morning) -> None:
    costs = {cost.system: cost for cost in morning.made.costs}
    assert (costs["salesforce"].most, costs["hubspot"].most, costs[ALOWARE].most) == (15_000, 250_000, None)
    assert all(cost.looked > 0 for cost in costs.values())
    assert costs[ALOWARE].write == morning.plan.forecast[ALOWARE]["write"] > 0


def test_the_screen_shows_counts_and_nobodys_values(morning: Morning, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["assess"]) == 0
    said = capsys.readouterr().out
    for words in ("To look at first", "invalid-numbers", "Aloware bills $", "tandem assess --out DIR"):
        assert words in said
    assert not [row["phone"] for row in told(morning.made.problems) if row["phone"] and row["phone"] in said]
    assert "@" not in said
