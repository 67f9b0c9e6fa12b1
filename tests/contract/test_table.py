"""The tables of endpoint and client beside this file are true."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from starlette.routing import Route

from tasks.sandbox import aloware, salesforce
from tasks.sandbox.store import Store
from tasks.sandbox.world import World

HERE = Path(__file__).parent
BASE = "/services/data/v{version:int}.0"
CODE = re.compile(r"`([^`]+)`")
Row = list[str]


def sections() -> dict[str, list[Row]]:
    """The rows of each section's table, its heading first."""
    found: dict[str, list[Row]] = {}
    for part in (HERE / "README.md").read_text().split("\n## ")[1:]:
        lines = [line for line in part.splitlines() if line.startswith("|") and not line.startswith("|-")]
        found[part.splitlines()[0]] = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return found


def cells() -> Iterator[tuple[str, str, str]]:
    """(endpoint, what files, what tests) of every cell."""
    for heading, *rows in sections().values():
        for row in rows:
            assert len(row) == len(heading), row
            yield from ((row[0], files, tests) for files, tests in zip(heading[1:], row[1:], strict=True))


@cache
def functions_in(heading: str) -> set[str]:
    (pattern,) = CODE.findall(heading)
    files = sorted(HERE.glob(pattern))
    assert files, pattern
    return {name for file in files for name in re.findall(r"def (test_\w+)\(", file.read_text())}


def test_every_test_that_is_named_exists() -> None:
    """In the files of its column."""
    named = [(where, files, name) for where, files, names in cells() for name in CODE.findall(names)]
    assert [(where, name) for where, files, name in named if name not in functions_in(files)] == []


def test_every_endpoint_has_a_test() -> None:
    covered: dict[str, bool] = {}
    for endpoint, _, tests in cells():
        covered[endpoint] = covered.get(endpoint, False) or bool(CODE.findall(tests))
    assert [endpoint for endpoint, has in covered.items() if not has] == []


@pytest.mark.parametrize(("section", "emulator"), [("Salesforce", salesforce), ("Aloware", aloware)])
def test_every_endpoint_is_in_its_table(section: str, emulator: ModuleType) -> None:
    """And nothing else is."""
    store = Store()
    routes = [route for route in emulator.app(World(store)).routes if isinstance(route, Route)]
    served = {(method, route.path.removeprefix(BASE) or "/") for route in routes for method in route.methods or ()}
    store.close()
    named = {tuple(row[0].split()) for row in sections()[section][1:]}
    assert {pair for pair in served if pair[0] != "HEAD"} == named
