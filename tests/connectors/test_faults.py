"""Every fault that all vendors share, on a read, an update and a create: it passes, or says so, and doubles nothing."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest
from pydantic import SecretStr
from scripted import http
from subjects import WANTED, Subject, logins, subject

from tasks.connectors.hubspot import HubSpot
from tasks.connectors.logins import SalesforceLogin
from tasks.connectors.opening import open_connector
from tasks.connectors.patience import Patience
from tasks.connectors.salesforce import Salesforce
from tasks.core.errors import ConnectorError
from tasks.core.model import ALOWARE, HUBSPOT, SALESFORCE, SYSTEMS, Outcome
from tasks.sandbox.server import Ready, sandbox

HURRIED = Patience(timeout=0.3, first_wait=0.01, longest_wait=0.05)
UNDONE = ("429-bare", "503", "lock", "expire")  # kinds that surely change nothing
LOST = ("reset", "html", "timeout", "truncated")  # kinds after which nobody knows; the latter two do the work
WRITES = {SALESFORCE: "composite", HUBSPOT: "batch", ALOWARE: "forms"}
READS = {SALESFORCE: "data", HUBSPOT: "contacts", ALOWARE: "contact"}


@pytest.fixture(scope="module")
def running() -> Iterator[Ready]:
    with sandbox() as world:
        yield world


@pytest.fixture
def world(running: Ready) -> Iterator[Ready]:
    yield running
    httpx.delete(f"{running.control}/faults").raise_for_status()


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    return iter(range(1, 9999))


@pytest.fixture(scope="module")
def connected(running: Ready) -> dict[str, Subject]:
    """Connectors that have been answered before, as one in the middle of a run has."""
    subjects = {}
    for system, login in logins(running.ready).items():
        subjects[system] = subject(open_connector(login, WANTED[system], patience=HURRIED))
        subjects[system].connector.identify()
        subjects[system].connector.pull(datetime.now(UTC))
    return subjects


def suffer(world: Ready, system: str, kind: str, match: str, times: int = 1) -> None:
    body = {"system": system, "kind": kind, "times": times, "match": match}
    httpx.post(f"{world.control}/faults", json=body).raise_for_status()


def held(it: Subject, n: int, record_id: str) -> list[str]:
    """What that record holds, once for each record found."""
    return list(it.connector.peek([it.address(n, record_id)], datetime.now(UTC)).frames[it.object][it.name])


def count(it: Subject, name: str) -> int:
    """How many records of that name there are."""
    return int((it.connector.pull(datetime.now(UTC)).frames[it.object][it.name] == name).sum())


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("kind", ["429", *UNDONE, *LOST])
def test_a_read_passes(
    world: Ready, connected: dict[str, Subject], numbers: Iterator[int], system: str, kind: str
) -> None:
    it, n = connected[system], next(numbers)
    (born,) = it.connector.write([it.create(n)])
    suffer(world, system, kind, READS[system])
    assert held(it, n, str(born.record_id)) == [f"Person {n}"]


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("kind", [*UNDONE, *LOST])
def test_an_update_passes(
    world: Ready, connected: dict[str, Subject], numbers: Iterator[int], system: str, kind: str
) -> None:
    it, n = connected[system], next(numbers)
    (born,) = it.connector.write([it.create(n)])
    suffer(world, system, kind, WRITES[system])
    (receipt,) = it.connector.write([it.update(n, str(born.record_id), **{it.name: f"After {n}"})])
    assert receipt.outcome is Outcome.APPLIED
    assert held(it, n, str(born.record_id)) == [f"After {n}"]


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("kind", UNDONE)
def test_a_create_that_was_turned_away_passes(
    world: Ready, connected: dict[str, Subject], numbers: Iterator[int], system: str, kind: str
) -> None:
    it, n = connected[system], next(numbers)
    suffer(world, system, kind, WRITES[system])
    (receipt,) = it.connector.write([it.create(n)])
    assert receipt.outcome is Outcome.APPLIED
    assert count(it, f"Person {n}") == 1


@pytest.mark.parametrize("system", [SALESFORCE, HUBSPOT])
@pytest.mark.parametrize("kind", LOST)
def test_a_create_without_a_readable_answer_is_in_doubt_and_not_sent_again(
    world: Ready, connected: dict[str, Subject], numbers: Iterator[int], system: str, kind: str
) -> None:
    it, n = connected[system], next(numbers)
    suffer(world, system, kind, WRITES[system])
    (receipt,) = it.connector.write([it.create(n)])
    assert receipt.outcome is Outcome.FAILED
    assert receipt.reason.startswith("outcome unknown: ")
    assert count(it, f"Person {n}") == (1 if kind in ("timeout", "truncated") else 0)


@pytest.mark.parametrize("kind", LOST)
def test_an_aloware_create_is_keyed_by_its_number(
    world: Ready, connected: dict[str, Subject], numbers: Iterator[int], kind: str
) -> None:
    it, n = connected[ALOWARE], next(numbers)
    suffer(world, ALOWARE, kind, WRITES[ALOWARE])
    (receipt,) = it.connector.write([it.create(n)])
    assert receipt.outcome is Outcome.APPLIED
    assert count(it, f"Person {n}") == 1


@pytest.mark.parametrize("system", [SALESFORCE, HUBSPOT])
def test_after_a_lost_batch_the_next_one_goes_on(
    world: Ready, connected: dict[str, Subject], numbers: Iterator[int], system: str
) -> None:
    it, n = connected[system], next(numbers)
    (born,) = it.connector.write([it.create(n)])
    suffer(world, system, "truncated", WRITES[system])
    lost, done = it.connector.write([it.create(next(numbers)), it.update(n, str(born.record_id), **{it.name: "On"})])
    assert (lost.outcome, done.outcome) == (Outcome.FAILED, Outcome.APPLIED)


@pytest.mark.parametrize("system", SYSTEMS)
def test_an_address_that_never_answered_properly_is_wrong_at_once(world: Ready, system: str) -> None:
    """Nobody waits out the patience of a call for a typing error."""
    it = subject(open_connector(logins(world.ready)[system], WANTED[system]))
    suffer(world, system, "html", "", times=9)
    with pytest.raises(ConnectorError, match="answered HTML where JSON was due: check the URL"):
        it.connector.identify()
    assert sum(it.connector.calls.values()) == 1


def answering(answer: object) -> tuple[Callable[[httpx.Request], httpx.Response], list[str]]:
    """A vendor that signs in and describes as usual and answers everything else with that; and the writes it got."""
    writes: list[str] = []
    identity = "https://login.salesforce.com/id/00D000000000001EAA/005000000000001AAA"
    token = {"access_token": "t", "instance_url": "https://vendor.example", "id": identity}
    usual = {"token": token, "describe": {"fields": []}}

    def handle(request: httpx.Request) -> httpx.Response:
        last = request.url.path.rpartition("/")[2]
        if last not in usual:
            writes.append(request.url.path)
        return httpx.Response(200, json=usual.get(last, answer))

    return handle, writes


@pytest.mark.parametrize("answer", [{}, [], "fine", 7, [{}], None])
@pytest.mark.parametrize("system", [SALESFORCE, HUBSPOT])
def test_an_answer_that_holds_no_results_refuses_nobody(system: str, answer: object) -> None:
    """A batch that may have been carried out isn't taken apart and sent again."""
    handle, writes = answering(answer)
    client = http(handle, system)
    login = SalesforceLogin("https://vendor.example", "id", SecretStr("s3cr3t"))
    connector = HubSpot(client, WANTED[system]) if system == HUBSPOT else Salesforce(client, login, WANTED[system])
    it = subject(connector)
    receipts = list(connector.write([it.create(1), it.create(2)]))
    assert [receipt.outcome for receipt in receipts] == [Outcome.FAILED] * 2
    assert len(writes) == 1
