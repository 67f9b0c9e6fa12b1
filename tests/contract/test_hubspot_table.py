"""The table of HubSpot's endpoints and clients is whole, and each version serves what the others do."""

import re

from starlette.routing import Route

from tasks.sandbox.hubspot import app
from tasks.sandbox.store import Store
from tasks.sandbox.world import World
from tests.contract.test_table import sections

DATED = re.compile(r"^/(crm/)?(objects|properties|owners|account-info)/(20\d\d-\d\d)")


def by_version() -> dict[str, set[tuple[str, str]]]:
    """Version → (method, address as in v3)."""
    found: dict[str, set[tuple[str, str]]] = {}
    store = Store()
    for route in app(World(store)).routes:
        assert isinstance(route, Route)
        date = DATED.match(route.path)
        path = DATED.sub(lambda m: f"/{m[1]}v3/{m[2]}" if m[1] else f"/{m[2]}/v3", route.path).rstrip("/")
        served = {(method, path) for method in route.methods or () if method != "HEAD"}
        found.setdefault(date[3] if date else "v3", set()).update(served)
    store.close()
    return found


def test_every_endpoint_is_in_the_table_and_nothing_else_is() -> None:
    named = {tuple(row[0].split()) for row in sections()["HubSpot"][1:]}
    assert by_version()["v3"] == named


def test_every_version_serves_the_same() -> None:
    versions = by_version()
    assert set(versions) == {"v3", "2026-03", "2026-09"}
    assert len({frozenset(served) for served in versions.values()}) == 1
