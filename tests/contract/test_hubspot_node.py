"""The emulator under @hubspot/api-client, HubSpot's JavaScript client: one conversation, asserted piece by piece."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tasks.sandbox.hubspot import seed_owner
from tests.contract.hubspot_world import LONG_AGO, staged

ROOT = Path(__file__).parents[2]
CLIENTS = ROOT / ".clients"
SCRIPT = Path(__file__).parent / "clients" / "hubspot.mjs"


@pytest.fixture(scope="module")
def said() -> dict[str, Any]:
    """What the client understood of a portal with twelve contacts and an owner."""
    if (node := shutil.which("node")) is None:
        pytest.skip("node is not installed")
    if not (CLIENTS / "node_modules" / "@hubspot" / "api-client").is_dir():
        pytest.skip("@hubspot/api-client is not installed: make clients")
    with staged() as stage, stage.portal() as hub:
        for number in range(12):
            hub.seed(email=f"p{number:02}@seed.example")
        seed_owner(hub.world, "ann@corp.example", "Ann", "Rep", LONG_AGO)
        command = [node, str(SCRIPT), str(CLIENTS), hub.url, hub.token]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    understood: dict[str, Any] = json.loads(ended.stdout)
    return understood


def test_records(said: dict[str, Any]) -> None:
    assert said["records"] == {
        "made": "ann@x.example",
        "read": [True, None],
        "changed": ["", "+14155552671"],
        "history": ["", "Ann"],
        "taken": 409,
        "missing": 404,
        "archived": 1,
    }


def test_lists_and_searches(said: dict[str, Any]) -> None:
    lists = said["lists"]
    assert (lists["everybody"], lists["pages"]) == (12, [10, 2])
    assert (lists["total"], lists["found"]) == (12, [f"p{n:02}@seed.example" for n in (11, 10, 9, 8)])
    assert lists["refused"] == 400


def test_batches(said: dict[str, Any]) -> None:
    batches = said["batches"]
    created, errors, context = batches["partial"]
    assert sorted(batches["made"]) == ["a@batch.example", "b@batch.example"]
    assert (created, errors, context["objectWriteTraceId"]) == (["c@batch.example"], 2, ["0"])
    assert (batches["changed"], batches["twice"], batches["upserted"]) == (3, 400, [False, True])
    assert batches["read"] == [["New"] * 3, 1]
    assert batches["left"] == 1


def test_merge_and_erase(said: dict[str, Any]) -> None:
    assert said["merges"] == {"fresh": True, "erased": 404}


def test_properties(said: dict[str, Any]) -> None:
    properties = said["properties"]
    assert properties["options"] == [8, ["New", "Opened"]]
    assert (properties["made"], properties["all"]) == (["shoe", "hat"], [False, True, True])


def test_owners_and_account(said: dict[str, Any]) -> None:
    portal = said["portal"]
    assert (portal["owner"], portal["portal"]) == ("ann@corp.example", 44237313)
    assert (portal["used"], portal["dated"], portal["stranger"]) == (True, 1, 401)
