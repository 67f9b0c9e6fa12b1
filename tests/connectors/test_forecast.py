"""A connector knows beforehand how many calls a peek and a write take."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from subjects import emulated, fake, subject

from tasks.connectors.protocol import Connector
from tasks.connectors.read_only import ReadOnly
from tasks.core.model import ALOWARE, HUBSPOT, SALESFORCE, SYSTEMS, Address, Change
from tasks.sandbox.server import Ready, sandbox

UNKNOWN = {SALESFORCE: "0030000{:08}AAA", HUBSPOT: "9{:09}", ALOWARE: "{}"}


@pytest.fixture(scope="module")
def world() -> Iterator[Ready]:
    with sandbox() as running:
        yield running


def spent(connector: Connector, peeked: list[Address], written: list[Change]) -> dict[str, int]:
    """The calls that it does take, once the connector knows its way about."""
    connector.peek([Address("Contact", "003000000000001AAA", "+12125550000")], datetime.now(UTC))
    before = connector.calls
    if peeked:
        connector.peek(peeked, datetime.now(UTC))
    list(connector.write(written))
    return {way: n - before[way] for way, n in connector.calls.items()}


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(("peeks", "again"), [(0, 0), (1, 0), (101, 40)])
def test_a_peek(world: Ready, system: str, peeks: int, again: int) -> None:
    """Records that are named twice are asked for once."""
    it = subject(emulated(system, world.ready))
    addresses = [it.address(n, UNKNOWN[system].format(n)) for n in range(peeks)]
    addresses += addresses[:again]
    assert spent(it.connector, addresses, []) == it.connector.forecast(addresses, [])


def test_a_peek_at_more_than_salesforce_takes_at_once(world: Ready) -> None:
    it = subject(emulated(SALESFORCE, world.ready))
    addresses = [it.address(n, UNKNOWN[SALESFORCE].format(n)) for n in range(2001)]
    assert spent(it.connector, addresses, []) == it.connector.forecast(addresses, []) == {"read": 2, "write": 0}


@pytest.mark.parametrize(("system", "count", "calls"), [(SALESFORCE, 201, 2), (HUBSPOT, 201, 3), (ALOWARE, 12, 12)])
def test_creates(world: Ready, system: str, count: int, calls: int) -> None:
    it = subject(emulated(system, world.ready))
    creates = [it.create(n) for n in range(count)]
    foreseen = it.connector.forecast([], creates)
    assert foreseen["write"] == calls
    assert spent(it.connector, [], creates) == foreseen


@pytest.mark.parametrize("system", SYSTEMS)
def test_updates_of_records_that_come_twice(world: Ready, system: str) -> None:
    it = subject(emulated(system, world.ready))
    born = [str(receipt.record_id) for receipt in it.connector.write([it.create(n) for n in range(500, 503)])]
    updates = [it.update(n, record_id, **{it.name: "New"}) for n, record_id in enumerate(born, 500)]
    assert spent(it.connector, [], updates * 2) == it.connector.forecast([], updates * 2)


def test_what_aloware_is_never_sent_costs_nothing(world: Ready) -> None:
    it = subject(emulated(ALOWARE, world.ready))
    assert it.connector.forecast([], [it.create(4000, first_name="")]) == {"read": 0, "write": 0}


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_fake_and_the_reader_do_as_well(system: str) -> None:
    it = subject(fake(system))
    addresses, creates = [it.address(1, "1")], [it.create(1), it.create(2)]
    foreseen = ReadOnly(it.connector).forecast(addresses, creates)
    assert spent(it.connector, addresses, creates) == foreseen == {"read": 1, "write": 2}
