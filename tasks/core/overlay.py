"""A whole snapshot out of an older one and what was seen since: nobody downstream can tell it from a full pull.

Absence proves nothing, so nothing vanishes here without evidence; and evidence, once seen, stays with the snapshot
until the record is seen again or everything is read anew.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from tasks.core.frames import among, places
from tasks.core.model import EDITED, Address, Snapshot, reference
from tasks.core.state import RETIRED, TOMBSTONE

LOOKS = 10_000  # records missing from a snapshot that one run reads by id; the next run goes on
FEW = 10  # so many may be missing, whatever their share


def continues(old: Snapshot, wanted: Mapping[str, Sequence[str]]) -> bool:
    """Whether what changed since `old` is enough: it reached a known point, and holds every column that is wanted."""
    return old.watermark is not None and all(
        name in old.frames
        and set(columns) <= set(old.frames[name].columns)
        and {column.removesuffix(EDITED) for column in columns} <= set(old.schema.get(name, {}))
        for name, columns in wanted.items()
    )


def lay(old: Snapshot, fresh: Snapshot) -> Snapshot:
    """`old` with the records of `fresh` in place of its own, and without those that are gone.

    `fresh` is what changed since (then the result is as of `fresh`), or a look at single records (no watermark: then
    neither time nor reach move).
    """
    seen = refs(fresh)
    # A deleted list names no heir; a merge seen earlier does.
    gone = {**old.gone, **{ref: heir or old.gone.get(ref, "") for ref, heir in fresh.gone.items()}}
    skipped = (old.skipped | fresh.skipped).difference(seen)
    stale = seen.union(pd.Index([*fresh.gone, *fresh.skipped], dtype="str"))
    return Snapshot(
        system=old.system,
        taken_at=fresh.taken_at if fresh.watermark is not None else old.taken_at,
        frames={name: _laid(old, name, frame, stale) for name, frame in fresh.frames.items()},
        schema=fresh.schema or old.schema,
        gone={ref: heir for ref, heir in gone.items() if ref not in seen and ref not in skipped},
        watermark=old.watermark if fresh.watermark is None else fresh.watermark,
        users=fresh.users or old.users,
        skipped=skipped,
    )


def _laid(old: Snapshot, name: str, frame: pd.DataFrame, stale: pd.Index) -> pd.DataFrame:
    if name not in old.frames or old.frames[name].empty:
        return frame
    kept = old.frames[name]
    kept = kept.loc[~among(_names(old.system, name, kept), stale), list(frame.columns)]
    return pd.concat([kept, frame], ignore_index=True) if len(frame) else kept.reset_index(drop=True)


def looked(snapshot: Snapshot, asked: Iterable[str], found: Snapshot) -> Snapshot:
    """`snapshot` after a look at those references: who isn't found is gone."""
    return lay(snapshot, replace(found, gone={ref: "" for ref in asked if ref not in found.skipped}))


def alike(one: Snapshot, other: Snapshot) -> bool:
    """Whether both say the same, whenever that was seen and in whatever order."""
    same_evidence = one.gone == other.gone and one.skipped == other.skipped
    return same_evidence and all(_alike(one.frames[name], frame) for name, frame in other.frames.items())


def _alike(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    where, said = places(other["record_id"], one["record_id"]), other.columns.drop("as_of")
    if len(one) != len(other) or (where < 0).any():
        return False
    there: pd.DataFrame = one[said].iloc[where]
    return other[said].reset_index(drop=True).equals(there.reset_index(drop=True))


def refs(snapshot: Snapshot) -> "pd.Index[str]":
    """References of all records in a snapshot."""
    names = [_names(snapshot.system, name, frame) for name, frame in snapshot.frames.items() if len(frame)]
    return pd.Index(pd.concat(names) if names else [], dtype="str")


def _names(system: str, name: str, frame: pd.DataFrame) -> "pd.Series[str]":
    return reference(system, name, "") + frame["record_id"].astype("str")


def in_doubt(
    snapshot: Snapshot, links: pd.DataFrame, written: "pd.Series[pd.Timestamp]", elsewhere: int = 0
) -> dict[str, Address]:
    """References of a CRM's records to read by id, and where they are found. `elsewhere`: so many more records than
    `links` has are linked and alive.

    Those whose observation isn't newer than our last write (`written`, by reference): a search index may lag behind it.
    And linked ones that the snapshot doesn't have, unless they are so many that its size is for the gate to judge.
    """
    seen = refs(snapshot)
    here = links[(links["system"] == snapshot.system) & links["object"].isin(list(snapshot.frames))]
    here = here[~here["role"].isin([TOMBSTONE, RETIRED])]
    explained = [*snapshot.gone, *snapshot.skipped]
    missing = here.index[~among(here.index, seen) & ~among(here.index, explained)].sort_values()
    if len(missing) > max(FEW, (len(here) + elsewhere) / 2):
        missing = missing[:0]
    outdated = _outdated(snapshot, written)
    parts = (ref.split(":", 2) for ref in (*outdated, *missing[:LOOKS]))
    return {reference(*part): Address(part[1], part[2]) for part in parts}


def _outdated(snapshot: Snapshot, written: "pd.Series[pd.Timestamp]") -> list[str]:
    """Records that we wrote after they were observed, or in the same second."""
    found: list[str] = []
    for name, frame in snapshot.frames.items():
        names = _names(snapshot.system, name, frame)
        ours = among(names, written.index)
        names, observed = names[ours], frame.loc[ours, "as_of"].dt.floor("s")
        found.extend(names[(observed <= written.reindex(names).dt.floor("s").to_numpy()).to_numpy()])
    return sorted(found)
