"""Three vendors' snapshots as one frame: whose users they speak of, when a value was entered."""

import tomllib
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from tasks.core.model import HUBSPOT, SALESFORCE, Snapshot
from tasks.core.normalise import normalise
from tasks.core.policy import parse
from tasks.settings import DEFAULT_POLICY

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SHIPPED = tomllib.loads(DEFAULT_POLICY.read_text(encoding="utf-8"))
EXTRA = {
    "owner": {"type": "owner", "contact": "OwnerId", "hubspot": "hubspot_owner_id"},
    "title": {"contact": "Title", "hubspot": "jobtitle", "rule": "recency"},
}
POLICY = parse(SHIPPED | {"fields": SHIPPED["fields"] | EXTRA})


def snapshot(system: str, name: str, users: dict[str, str], **columns: Any) -> Snapshot:
    """One record of one system."""
    frame = pd.DataFrame({"record_id": ["1"], **{column: [value] for column, value in columns.items()}})
    return Snapshot(system, NOON, {name: frame}, users=users)


def test_the_time_of_an_edit_is_kept_where_the_system_tells_it() -> None:
    """HubSpot does, by property; Salesforce doesn't, and nobody makes one up."""
    told = snapshot(HUBSPOT, "contacts", {}, jobtitle="Buyer", jobtitle__at=pd.Timestamp(NOON))
    silent = snapshot(SALESFORCE, "Contact", {}, Title="Owner")
    at = normalise([told, silent], POLICY, {})["title_at"]
    assert at.dtype == "datetime64[ns, UTC]"
    assert at.loc["hubspot:contacts:1"] == NOON
    assert pd.isna(at.loc["salesforce:Contact:1"])
    assert "email_at" not in normalise([told], POLICY, {})


def test_an_owner_is_an_e_mail_and_somebody_who_is_nobody_is_missing() -> None:
    """The raw id stays, so that the cell is reported."""
    users = {"005A": "ann@x.example"}
    rows = normalise([snapshot(SALESFORCE, "Contact", users, OwnerId=owner) for owner in ("005A", "00G1")], POLICY, {})
    assert rows["owner"].fillna("-").tolist() == ["ann@x.example", "-"]
    assert rows["owner_raw"].tolist() == ["005A", "00G1"]


def test_without_its_users_a_system_says_nothing_of_owners() -> None:
    """A paused one's aren't asked for: that is nobody's mistake, and is neither reported nor overwritten."""
    rows = normalise([snapshot(HUBSPOT, "contacts", {}, hubspot_owner_id="61")], POLICY, {})
    assert rows[["owner", "owner_raw"]].isna().to_numpy().all()
