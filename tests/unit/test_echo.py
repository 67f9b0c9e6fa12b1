"""Writes of which nobody heard again: what counts as ours, what of a plan has ended, and what becomes of bases."""

import tomllib
from datetime import UTC, datetime

import pandas as pd
import pytest

from tasks.core.model import Change, Outcome, Receipt, Snapshot
from tasks.core.normalise import normalise
from tasks.core.planning import echo
from tasks.core.policy import parse
from tasks.core.state import LINKS
from tasks.settings import DEFAULT_POLICY
from tests.unit.ledgers import table
from tests.unit.sample_plans import sample

POLICY = parse(tomllib.loads(DEFAULT_POLICY.read_text(encoding="utf-8")))
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PHONE = "+14155550101"
CREATE = Change("c1", "hubspot", "contacts", None, "create", {"lastname": "Lee", "phone": PHONE})
UPDATE = Change("c2", "salesforce", "Contact", "003", "update", {"LastName": "Lee"})
LINKED = [("hubspot", "contacts", "71", "somebody", "representative")]


def found(change: Change, *rows: dict[str, str], linked: bool = False) -> str | None:
    """The record that holds what that change sent, among those."""
    sent = normalise(echo.as_snapshots([change], NOON, {}), POLICY, {})
    frame = pd.DataFrame(list(rows), dtype="str")
    there = normalise([Snapshot(change.system, NOON, {change.object: frame} if rows else {})], POLICY, {})
    links = table(LINKS, [("hubspot:contacts:71", *row) for row in LINKED] if linked else [], index="ref")
    (record,) = echo.found([change], sent, there, links, POLICY)
    return record


@pytest.mark.parametrize("phone", [PHONE, "(415) 555-0101"], ids=["as sent", "as the vendor writes it"])
def test_a_stranger_who_is_like_whom_we_asked_for_is_ours(phone: str) -> None:
    assert found(CREATE, {"record_id": "71", "lastname": "Lee", "phone": phone, "company": "Acme"}) == "71"


def test_of_several_like_that_one_is_ours() -> None:
    rows = [{"record_id": record, "lastname": "Lee", "phone": PHONE} for record in ("72", "71")]
    assert found(CREATE, *rows) == "71"


@pytest.mark.parametrize("row", [{"lastname": "Ray", "phone": PHONE}, {"lastname": "Lee", "phone": "+14155550102"}])
def test_somebody_else_is_not_ours(row: dict[str, str]) -> None:
    assert found(CREATE, {"record_id": "71", **row}) is None
    assert found(CREATE) is None


def test_a_record_that_is_somebodys_already_is_not_ours() -> None:
    assert found(CREATE, {"record_id": "71", "lastname": "Lee", "phone": PHONE}, linked=True) is None


@pytest.mark.parametrize(("now", "record"), [("Lee", "003"), ("Ray", None)])
def test_an_update_took_effect_where_its_record_says_so(now: str, record: str | None) -> None:
    assert found(UPDATE, {"record_id": "003", "LastName": now}) == record


def test_an_archive_took_effect_where_its_record_is_gone() -> None:
    archive = Change("c4", "salesforce", "Contact", "003", "archive", {"IsDeleted": "true"})
    assert found(archive, {"record_id": "003", "LastName": "Lee"}) is None
    assert found(archive, {"record_id": "004", "LastName": "Ray"}) == "003"
    assert found(archive) == "003"


def test_only_the_creates_of_a_crm_have_no_address() -> None:
    aloware = Change("c3", "aloware", "contacts", None, "create", {"phone_number": PHONE}, PHONE)
    assert [echo.in_a_list(change) for change in (CREATE, UPDATE, aloware)] == [True, False, False]
    where = echo.addresses([CREATE, UPDATE, aloware])
    assert {system: [(a.record_id, a.phone) for a in some] for system, some in where.items()} == {
        "salesforce": [("003", "")],
        "aloware": [("", PHONE)],
    }


def test_cells_that_were_not_sent_have_not_ended() -> None:
    """Of a change of which one cell was stale, only the others were asked for."""
    plan = sample()
    (sent, *others) = plan.cells.loc[plan.cells["change"] == "c1", "property"]
    change = Change("c1", "aloware", "contacts", None, "create", {sent: "x"}, PHONE)
    ended = echo.outcomes(plan, {"c1": change}, [Receipt("c1", Outcome.APPLIED, "700")])
    by_property = dict(zip(plan.cells["property"], ended["outcome"], strict=True))
    assert by_property.pop(sent) == "applied"
    assert set(by_property.values()) == {"stale"}
    assert others
    assert set(echo.outcomes(plan, {}, [])["outcome"]) == {"stale"}


def test_what_was_sent_is_the_base_of_the_record_that_took_it() -> None:
    sent = normalise(echo.as_snapshots([UPDATE], NOON, {}), POLICY, {})
    bases = echo.bases([UPDATE], sent, POLICY)
    assert bases.loc["salesforce:Contact:003", ["last_name", "last_name_raw"]].tolist() == ["Lee", "Lee"]
    assert sorted(bases.columns) == ["last_name", "last_name_raw"], "of what was not sent nothing is known"
