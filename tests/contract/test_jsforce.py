"""The emulator under jsforce, a real client in another language: one conversation, asserted piece by piece."""

import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tasks.sandbox.store import Store
from tasks.sandbox.world import World
from tests.contract.salesforce_world import serving

ROOT = Path(__file__).parents[2]
CLIENTS = ROOT / ".clients"
SCRIPT = Path(__file__).parent / "clients" / "jsforce.mjs"


@pytest.fixture(scope="module")
def said() -> dict[str, Any]:
    """What jsforce understood of an org with 1,200 leads."""
    if (node := shutil.which("node")) is None:
        pytest.skip("node is not installed")
    if not (CLIENTS / "node_modules" / "jsforce").is_dir():
        pytest.skip("jsforce is not installed: npm install --prefix .clients jsforce@3.10.16")
    store = Store()
    with serving(World(store)) as org:
        for number in range(1_200):
            at = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
            org.seed("Lead", LastName=f"P{number:04}", Company="Paged", at=at)
        command = [node, str(SCRIPT), str(CLIENTS), org.url, org.client_id, org.client_secret]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    store.close()
    assert ended.returncode == 0, ended.stderr
    understood: dict[str, Any] = json.loads(ended.stdout)
    return understood


def test_rows(said: dict[str, Any]) -> None:
    rows = said["rows"]
    assert rows["made"]["success"]
    assert (rows["read"]["Name"], rows["read"]["Title"]) == ("Ana Ray", "CTO")
    assert (rows["upserted"]["id"], rows["upserted"]["created"]) == (rows["made"]["id"], False)
    assert rows["gone"]["success"]
    assert rows["missing"] == "NOT_FOUND"


def test_collections(said: dict[str, Any]) -> None:
    collections = said["collections"]
    assert [result["success"] for result in collections["created"]] == [True] * 3
    assert [result["success"] for result in collections["updated"]] == [True, False, True]
    assert collections["updated"][1]["errors"][0]["statusCode"] == "INVALID_EMAIL_ADDRESS"
    assert [result["created"] for result in collections["upserted"]] == [True]
    assert collections["read"] == ["A", "B", "C"]


def test_queries(said: dict[str, Any]) -> None:
    queries = said["queries"]
    assert (queries["total"], queries["fetched"], queries["firstPage"]) == (1_200, 1_200, [500, False])
    assert queries["built"] == ["P0009", "P0008", "P0007"]
    assert queries["deleted"] == ["Ray"]
    assert (queries["malformed"], queries["unknown"]) == ("MALFORMED_QUERY", "INVALID_FIELD")


def test_metadata(said: dict[str, Any]) -> None:
    metadata = said["metadata"]
    assert metadata["callTypes"] == ["Internal", "Inbound", "Outbound"]
    assert {"Account", "Contact", "Lead", "Organization", "Task", "User"} == set(metadata["objects"])
    assert metadata["limits"]["Max"] == metadata["usage"]["limit"] == 15_000
    assert set(metadata["moved"]["ids"]) == {result["id"] for result in said["collections"]["created"]} | {
        result["id"] for result in said["collections"]["upserted"]
    }
    assert metadata["organization"].startswith("00D")


def test_bulk(said: dict[str, Any]) -> None:
    """Uploads with each row's fate, and queries of one page: at a second page this client breaks off by itself."""
    bulk = said["bulk"]
    assert sorted(row["LastName"] for row in bulk["loaded"]["successfulResults"]) == ["Down", "Up"]
    (failed,) = bulk["loaded"]["failedResults"]
    assert failed["sf__Error"].startswith("INVALID_EMAIL_ADDRESS:")
    assert bulk["loaded"]["unprocessedRecords"] == []
    assert [row["sf__Created"] for row in bulk["upserted"]["successfulResults"]] == ["false"]
    assert (len(bulk["living"]), sorted(bulk["all"])) == (1, ["Down", "Higher"])
    assert (bulk["refused"], bulk["aborted"], bulk["deleted"]) == ("INVALID_FIELD", "Aborted", "NOT_FOUND")
