"""Snapshots of three vendors → one frame of records in canonical form, with every raw value kept beside it."""

from collections.abc import Mapping, Sequence

import pandas as pd

from tasks.core import phones
from tasks.core.model import ALOWARE, SALESFORCE, Snapshot
from tasks.core.policy import Policy

IDENTITY = ("system", "object", "record_id", "key", "converted_to")
TIMES = ("created_at", "modified_at", "as_of")


def normalise(snapshots: Sequence[Snapshot], policy: Policy, statuses: Mapping[str, str]) -> pd.DataFrame:
    """All records of all snapshots, one row each.

    Index `ref`. Columns: IDENTITY (`key` the match key in E.164, missing without a valid number; `converted_to` the
    Contact that a Lead became), TIMES (UTC), and per policy field `<field>` (canonical: "" blank, missing when the
    object doesn't hold the field or the value is no valid phone number) and `<field>_raw` (as the system gave it).
    `statuses` maps Aloware disposition ids to HubSpot's internal values; an id it doesn't know becomes `?<id>`.
    """
    frames = [
        _records(frame, snapshot.system, object_name, policy, statuses)
        for snapshot in snapshots
        for object_name, frame in snapshot.frames.items()
    ]
    columns = [*IDENTITY, *TIMES, *(c for name in policy.fields for c in (name, f"{name}_raw"))]
    if not frames:
        return pd.DataFrame(columns=columns, index=pd.Index([], name="ref", dtype="str"))
    return pd.concat(frames).reindex(columns=columns).sort_index()


def _records(
    frame: pd.DataFrame, system: str, object_name: str, policy: Policy, statuses: Mapping[str, str]
) -> pd.DataFrame:
    ids = frame["record_id"].astype("str")
    out = pd.DataFrame({"system": system, "object": object_name, "record_id": ids}, dtype="str")
    blank = pd.Series(pd.NA, index=frame.index, dtype="str")
    out["converted_to"] = frame.get("converted_to", blank).astype("str")
    for time in TIMES:
        out[time] = pd.to_datetime(frame[time], utc=True) if time in frame else pd.NaT
        out[time] = out[time].astype("datetime64[ns, UTC]")
    for name, prop in policy.mapped(system, object_name).items():
        raw = frame[prop].astype("str") if prop in frame else blank
        raw = raw.str.replace("\x00", "", regex=False)  # PostgreSQL refuses it in text
        out[f"{name}_raw"] = raw
        out[name] = _canonical(raw, name, system, policy, statuses)
    out["key"] = _key(out, policy.phone_fields(system, object_name))
    out.index = pd.Index(f"{system}:{object_name}:" + ids, name="ref")
    return out[~out.index.duplicated(keep="last")]


def _canonical(
    raw: "pd.Series[str]", name: str, system: str, policy: Policy, statuses: Mapping[str, str]
) -> "pd.Series[str]":
    kind = policy.fields[name].type
    if kind == "phone":
        return phones.canonical(raw, policy.phones)
    text = raw.fillna("").str.normalize("NFC").str.strip()
    if kind == "email":
        return text.str.lower()
    if kind == "status" and system == ALOWARE:
        return text.map({**{t: f"?{t}" for t in text.unique()}, **statuses, "": ""}).astype("str")
    if system == SALESFORCE:
        # Values that Tandem invented for a required field are blanks to everybody else (design, synthetic values).
        return text.mask(text == policy.salesforce.synthetic.get(name), "")
    return text


def _key(records: pd.DataFrame, fields: Sequence[str]) -> "pd.Series[str]":
    """The first valid number in the order of the policy's phone fields."""
    key = pd.Series(pd.NA, index=records.index, dtype="str")
    for name in fields:
        key = key.fillna(records[name].where(records[name] != ""))
    return key


def raw_value(value: "pd.Series[str]", kind: str, system: str, statuses: Mapping[str, str]) -> "pd.Series[str]":
    """Canonical values as `system` wants them written; missing where it has no word for one (an unknown status)."""
    if kind == "status" and system == ALOWARE:
        return value.map({"": "", **{status: id_ for id_, status in statuses.items()}}).astype("str")
    return value
