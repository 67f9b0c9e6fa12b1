"""What HubSpot costs: few calls for few changes, and full batches for many, counted by the sandbox's own log."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from scripted import update
from subjects import emulated

from tasks.connectors.protocol import Connector
from tasks.core.model import HUBSPOT, Address, Outcome
from tasks.sandbox.hubspot import seed
from tasks.sandbox.server import Ready, sandbox

PEOPLE = 1_000


@pytest.fixture
def world() -> Iterator[Ready]:
    """A portal of a thousand contacts, ten of them archived."""
    with sandbox(people=0) as running:
        for number in range(PEOPLE + 10):
            values = {"firstname": f"Person {number}", "email": f"p{number}@example.com"}
            seed(running.world, values, datetime(2024, 1, 1, tzinfo=UTC), archived=number >= PEOPLE)
        yield running


@pytest.fixture
def hubspot(world: Ready) -> Iterator[Connector]:
    """A connector that knows the definitions of properties already; from here on calls are counted."""
    connector = emulated(HUBSPOT, world.ready)
    connector.peek([], now())
    httpx.delete(f"{world.control}/requests").raise_for_status()
    yield connector
    connector.close()


def now() -> datetime:
    return datetime.now(UTC)


def spent(world: Ready) -> list[tuple[str, str]]:
    """Method and the end of the path of every call to HubSpot."""
    calls = httpx.get(f"{world.control}/requests", params={"system": HUBSPOT}).raise_for_status().json()["requests"]
    return [(call["method"], call["path"].partition("/contacts")[2]) for call in calls]


def ids(connector: Connector) -> list[str]:
    return list(connector.pull(now()).frames["contacts"]["record_id"])


def test_a_full_pull_takes_full_pages(world: Ready, hubspot: Connector) -> None:
    assert len(ids(hubspot)) == PEOPLE
    assert len(spent(world)) <= 1.2 * PEOPLE / 100


def test_a_few_changes_among_many_cost_a_few_calls(world: Ready, hubspot: Connector) -> None:
    """No list but that of the archived contacts, which is short here."""
    first = hubspot.pull(now())
    edited = list(first.frames["contacts"]["record_id"][:10])
    list(hubspot.write([update(i, "firstname", "Edited") for i in edited]))
    httpx.delete(f"{world.control}/requests").raise_for_status()
    hubspot.identify()
    found = hubspot.pull(now(), first.watermark).frames["contacts"]
    assert set(found["record_id"]) == set(edited)
    assert sorted(spent(world)) == [("GET", ""), ("GET", ""), ("POST", "/search")]


def test_a_long_archived_list_costs_nothing_for_a_while(world: Ready, hubspot: Connector) -> None:
    for number in range(100):
        seed(world.world, {"email": f"gone{number}@example.com"}, datetime(2024, 1, 1, tzinfo=UTC), archived=True)
    first = hubspot.pull(now())
    httpx.delete(f"{world.control}/requests").raise_for_status()
    hubspot.pull(now(), first.watermark)
    assert spent(world) == [("POST", "/search")]
    assert len(hubspot.pull(now() + timedelta(hours=1), first.watermark).gone) == 110


def test_a_thousand_changes_go_out_and_are_looked_at_in_full_batches(world: Ready, hubspot: Connector) -> None:
    some = ids(hubspot)
    httpx.delete(f"{world.control}/requests").raise_for_status()
    addresses = [Address("contacts", record_id) for record_id in some]
    hubspot.peek(addresses, now())
    receipts = list(hubspot.write([update(record_id, "firstname", "New") for record_id in some]))
    seen = hubspot.peek(addresses, now()).frames["contacts"]
    assert {receipt.outcome for receipt in receipts} == {Outcome.APPLIED}
    assert seen["firstname"].eq("New").all()
    assert len(spent(world)) <= 1.2 * 3 * len(some) / 100
