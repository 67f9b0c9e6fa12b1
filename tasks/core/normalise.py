"""Snapshots of three vendors → one frame of records in canonical form, with every raw value kept beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from tasks.core.canonical import canonical
from tasks.core.frames import shares
from tasks.core.model import EDITED, SALESFORCE, Snapshot, reference
from tasks.core.policy import Policy, Where

IDENTITY = ("system", "object", "record_id", "key", "converted_to")
TIMES = ("created_at", "modified_at", "as_of")


def normalise(snapshots: Sequence[Snapshot], policy: Policy, statuses: Mapping[str, str]) -> pd.DataFrame:
    """All records of all snapshots, one row each.

    Index `ref`. Columns: IDENTITY (`key` the match key in E.164, missing without a valid number; `converted_to` the
    Contact that a Lead became), TIMES (UTC), and per policy field `<field>` (canonical: "" blank, missing when the
    object doesn't hold the field or the value can't be read: see `canonical`) and `<field>_raw` (as the system gave
    it); `<field>_at` (UTC) for fields under `recency`: when that value was entered, where the system says so.
    `in_scope` (bool): whether the record satisfies the policy's `where`.
    `statuses` maps Aloware disposition ids to HubSpot's internal values; an id it doesn't know becomes `?<id>`.
    """
    objects = [(each, name, frame) for each in snapshots for name, frame in each.frames.items()]
    objects.sort(key=lambda one: reference(one[0].system, one[1], ""))  # whole frames in order take longer to sort
    frames = [_records(frame, each, name, policy, statuses) for each, name, frame in objects]
    dated = [f"{name}_at" for name in policy.dated]
    columns = [*IDENTITY, *TIMES, "in_scope", *(c for name in policy.fields for c in (name, f"{name}_raw")), *dated]
    if not frames:
        return pd.DataFrame(columns=columns, index=pd.Index([], name="ref", dtype="str"))
    return pd.concat(frames).reindex(columns=columns).sort_index()


def parts(snapshots: Sequence[Snapshot], count: int) -> list[Sequence[Snapshot]]:
    """The same records in that many parts of about equal size: brought into canonical form and put `together`, they are
    what the whole would be. Nothing is in a part but what it takes for that."""
    if count == 1:
        return [snapshots]
    bare = [replace(snapshot, schema={}, gone={}, skipped=frozenset()) for snapshot in snapshots]
    return [[replace(each, frames=_share(each.frames, n, count)) for each in bare] for n in range(count)]


def _share(frames: Mapping[str, pd.DataFrame], n: int, count: int) -> dict[str, pd.DataFrame]:
    return {name: rows.iloc[shares(len(rows), count)[n]] for name, rows in frames.items()}


def together(found: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The records of all `parts`, in their order; of one that was given twice the last, as anywhere."""
    if len(found) == 1:
        return found[0]
    records = pd.concat(found)
    return records[~records.index.duplicated(keep="last")].sort_index()


def _records(
    frame: pd.DataFrame, snapshot: Snapshot, object_name: str, policy: Policy, statuses: Mapping[str, str]
) -> pd.DataFrame:
    system = snapshot.system
    frame = _in_order(frame[frame["record_id"].fillna("") != ""])  # the gate has a word to say about such a snapshot
    ids = frame["record_id"].astype("str")
    out = pd.DataFrame({"system": system, "object": object_name, "record_id": ids}, dtype="str")
    blank = pd.Series(pd.NA, index=frame.index, dtype="str")
    out["converted_to"] = frame.get("converted_to", blank).astype("str")
    mapped = policy.mapped(system, object_name)
    times = {time: time for time in TIMES} | {f"{name}_at": mapped.get(name, "") + EDITED for name in policy.dated}
    for time, column in times.items():
        known = frame[column] if column in frame else pd.Series(pd.NaT, index=frame.index, dtype="datetime64[ns, UTC]")
        out[time] = pd.to_datetime(known, utc=True).astype("datetime64[ns, UTC]")
    out["in_scope"] = _in_scope(frame, policy.where(system, object_name))
    for name, prop in mapped.items():
        raw = frame[prop].astype("str") if prop in frame else blank
        raw = raw.str.replace("\x00", "", regex=False)  # PostgreSQL refuses it in text
        out[f"{name}_raw"] = raw
        out[name] = readable(raw, name, system, policy, statuses, snapshot.users)
        if policy.fields[name].type == "owner" and not snapshot.users:
            out[[name, f"{name}_raw"]] = pd.NA  # who they are is never stored: of a paused system nobody knows
    out["key"] = _key(out, policy.phone_fields(system, object_name))
    out.index = pd.Index(f"{system}:{object_name}:" + ids, name="ref")
    return out[~out.index.duplicated(keep="last")]


def _in_order(frame: pd.DataFrame) -> pd.DataFrame:
    """By id, and what has the same id in the order given: before there are twice as many columns to sort."""
    ids = frame["record_id"].astype("str")
    return frame if ids.is_monotonic_increasing else frame.iloc[ids.array.argsort(kind="stable")]


def readable(
    raw: "pd.Series[str]",
    name: str,
    system: str,
    policy: Policy,
    statuses: Mapping[str, str],
    users: Mapping[str, str],
) -> "pd.Series[str]":
    """A system's raw values of one field in canonical form; see `normalise`."""
    value = canonical(raw, policy.fields[name].type, system, policy.phones, statuses, users)
    return _without_inventions(value, name, system, policy)


def _in_scope(frame: pd.DataFrame, where: Where) -> "pd.Series[bool]":
    found = pd.Series(True, index=frame.index)
    for prop, values in where.items():
        found &= frame[prop].fillna("").isin(values) if prop in frame else False
    return found


def _without_inventions(value: "pd.Series[str]", name: str, system: str, policy: Policy) -> "pd.Series[str]":
    """Values that Tandem invented for a required field are blanks to everybody else (design, synthetic values)."""
    invented = policy.salesforce.synthetic.get(name)
    return value.mask(value == invented, "") if system == SALESFORCE and invented is not None else value


def _key(records: pd.DataFrame, fields: Sequence[str]) -> "pd.Series[str]":
    """The first valid number in the order of the policy's phone fields."""
    key = pd.Series(pd.NA, index=records.index, dtype="str")
    for name in fields:
        key = key.fillna(records[name].where(records[name] != ""))
    return key
