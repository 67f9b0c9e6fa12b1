"""The connector against the emulator's cruelties: an index that lags, short pages, taken addresses, admins' rules."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from scripted import by_change, create, update

from tasks.connectors.logins import HubSpotLogin
from tasks.connectors.opening import open_connector
from tasks.connectors.protocol import Connector
from tasks.core.errors import SettingsError
from tasks.core.model import HUBSPOT, Address, Outcome, Receipt
from tasks.sandbox.faults import Fault
from tasks.sandbox.hubspot import must
from tasks.sandbox.store import Store
from tasks.sandbox.world import Switches, World
from tasks.session import open_session
from tests.contract.hubspot_world import CONTACTS, Portal, Stage, staged

DISPUTED = [f.name for f in fields(Switches) if f.name.startswith("hubspot_")]
VERSIONS = ["v3", "2026-03", "2026-09"]


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with staged() as served:
        yield served


@pytest.fixture
def hub(stage: Stage) -> Iterator[Portal]:
    with stage.portal() as fresh:
        yield fresh


def connector(hub: Portal, credential: str = "hubspot.token", version: str = "2026-09") -> Connector:
    login = HubSpotLogin(hub.url, SecretStr(hub.world.credential(credential)), version)
    return open_connector(login, {"contacts": ["email", "firstname"]})


def fault(hub: Portal, kind: str, times: int = 1, match: str = "") -> None:
    hub.world.faults.pending.append(Fault(HUBSPOT, kind, times, match))


def now() -> datetime:
    return datetime.now(UTC)


def edit(hub: Portal, record: str, **properties: str) -> None:
    hub.http.patch(f"{CONTACTS}/{record}", json={"properties": properties}).raise_for_status()


def found(it: Connector, since: str | None = None) -> tuple[dict[str, str], str | None]:
    """Record id → first name, of a pull, and how far it got."""
    snapshot = it.pull(now(), since)
    frame = snapshot.frames["contacts"]
    return dict(zip(frame["record_id"], frame["firstname"], strict=True)), snapshot.watermark


def outcomes(receipts: Iterator[Receipt]) -> dict[str, tuple[Outcome, str]]:
    return {name: (receipt.outcome, receipt.reason) for name, receipt in by_change(receipts).items()}


@pytest.mark.parametrize("credential", ["hubspot.token", "hubspot.service_key"])
@pytest.mark.parametrize("version", VERSIONS)
def test_each_token_reads_and_writes_in_each_version(hub: Portal, credential: str, version: str) -> None:
    it = connector(hub, credential, version)
    assert it.identify()
    (made,) = it.write([create("a", {"firstname": "Ann"})])
    _, mark = found(it)
    (changed,) = it.write([update(str(made.record_id), "firstname", "Eve")])
    assert changed.outcome is Outcome.APPLIED
    assert found(it, mark)[0] == {made.record_id: "Eve"}


def test_the_version_is_one_setting(hub: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what can't be a version is refused by its name."""
    for name, value in (("URL", hub.url), ("TOKEN", hub.token), ("API_VERSION", "v3")):
        monkeypatch.setenv(f"HUBSPOT_{name}", value)
    with open_session() as session:
        assert session.connector(HUBSPOT).identify()
    monkeypatch.setenv("HUBSPOT_API_VERSION", "4")
    with open_session() as session, pytest.raises(SettingsError, match="HUBSPOT_API_VERSION"):
        session.connector(HUBSPOT)


def test_what_the_index_does_not_know_yet_comes_with_a_later_pull(hub: Portal) -> None:
    """Though others, written after it, have come meanwhile."""
    it, (late, other) = connector(hub), [hub.seed(firstname=name) for name in ("Late", "Other")]
    _, mark = found(it)
    fault(hub, "lag")
    edit(hub, late, firstname="Later")
    seen = []
    for step in range(4):
        edit(hub, other, firstname=f"Other {step}")
        names, mark = found(it, mark)
        seen.append((names.get(late), names[other]))
    assert seen == [(None, "Other 0"), (None, "Other 1"), (None, "Other 2"), ("Later", "Other 3")]


def test_short_pages_lose_nobody(hub: Portal) -> None:
    it, records = connector(hub), [hub.seed(firstname=str(n)) for n in range(7)]
    fault(hub, "short", 3)
    names, mark = found(it)
    assert list(names) == records
    for record in records:
        edit(hub, record, firstname="New")
    fault(hub, "short", 4)
    assert found(it, mark)[0] == dict.fromkeys(records, "New")


@pytest.mark.parametrize("switch", [*DISPUTED, "none"])
def test_one_bad_row_fails_alone_whatever_hubspot_is_like(hub: Portal, switch: str) -> None:
    if switch != "none":
        setattr(hub.world.switches, switch, not getattr(Switches(), switch))
    holder, *others = (hub.seed(email=f"{n}@example.com") for n in range(8))
    it = connector(hub)
    moved = [update(i, "email", "0@example.com" if n == 3 else f"new{n}@example.com") for n, i in enumerate(others)]
    told = outcomes(it.write(moved))
    assert told.pop(f"update-{others[3]}") == (Outcome.REFUSED, f"VALIDATION_ERROR: the value belongs to {holder}")
    assert {outcome for outcome, _ in told.values()} == {Outcome.APPLIED}
    born = [create(f"c{n}", {"email": "0@example.com" if n == 3 else f"born{n}@example.com"}) for n in range(8)]
    receipts = by_change(it.write(born))
    assert receipts.pop("c3").reason == f"CONFLICT: the value belongs to {holder}"
    held = {str(r.record_id): f"born{name[1:]}@example.com" for name, r in receipts.items()}
    frame = it.peek([Address("contacts", i) for i in held], now()).frames["contacts"]
    assert dict(zip(frame["record_id"], frame["email"], strict=True)) == held


@pytest.mark.parametrize("traced", [True, False])
def test_an_admin_s_rule_refuses_its_record_and_no_other(hub: Portal, traced: bool) -> None:
    """And the reason says which property is missing."""
    hub.world.switches.hubspot_traced_updates = traced
    must(hub.world, "jobtitle", ("hs_lead_status", "OPEN"))
    records = [hub.seed(hs_lead_status="OPEN" if n == 2 else "NEW") for n in range(5)]
    told = outcomes(connector(hub).write([update(i, "firstname", "New") for i in records]))
    assert told.pop(f"update-{records[2]}") == (Outcome.REFUSED, "VALIDATION_ERROR (jobtitle)")
    assert set(told.values()) == {(Outcome.APPLIED, "")}


def test_a_merged_away_record_is_no_neighbour_s_trouble(hub: Portal) -> None:
    """Nobody is told that its change was applied: what became of the record is for the next pull to say."""
    first, second, other = (hub.seed() for _ in range(3))
    merge: dict[str, Any] = {"primaryObjectId": first, "objectIdToMerge": second}
    httpx.post(f"{hub.url}{CONTACTS}/merge", json=merge, headers=hub.http.headers).raise_for_status()
    for silent in (False, True):
        hub.world.switches.hubspot_merged_ids_silent = silent
        told = outcomes(connector(hub).write([update(i, "firstname", "New") for i in (second, other)]))
        assert told[f"update-{other}"][0] is Outcome.APPLIED
        assert told[f"update-{second}"][0] is Outcome.FAILED


def test_limits_as_they_are_enforced_slow_us_down_and_no_more(stage: Stage) -> None:
    """Six searches in a second are one too many for the account, and searches don't say what is left."""
    with stage.portal(World(Store(), real_limits=True)) as hub:
        it, record = connector(hub), hub.seed()
        _, mark = found(it)
        edit(hub, record, firstname="New")
        assert [found(it, mark)[0] for _ in range(6)] == [{record: "New"}] * 6
