"""After the writes: what may advance, what stays outstanding, and what didn't stick (design, write-back).

Golden and all bases of a (person, field) advance together once every planned target is acknowledged or refused
for good.
While one is outstanding only the acknowledged targets advance, so that the same decision is taken again.
"""

from dataclasses import dataclass, replace

import pandas as pd

from tasks.core.frames import beside
from tasks.core.model import Outcome
from tasks.core.plan import ARCHIVE, Plan
from tasks.core.state import (
    LINKS,
    NOT_TAKEN,
    PARKED,
    REFORMATTED,
    REPRESENTATIVE,
    SETTLED,
    SYNTHETIC,
    TOMBSTONE,
    UNDONE,
    VENDOR_DEFAULT,
    WAITING,
    Advance,
    empty,
    unborn,
)

RESIDUALS = ("change", "system", "object", "record_id", "field", "wanted", "found", "reason")


@dataclass(frozen=True)
class Result:
    """What to store: `advance`, and the `residuals` (columns RESIDUALS) that the read-back found."""

    advance: Advance
    residuals: pd.DataFrame


def conclude(
    plan: Plan,
    outcomes: pd.DataFrame,
    read_back: pd.DataFrame,
    settled: pd.DataFrame,
    overtaken: pd.DataFrame | None = None,
) -> Result:
    """Close a plan.

    outcomes   one row a cell of the plan: index aligned with `plan.cells`; columns `outcome` (see model.Outcome; a held
               or never attempted cell is "stale"), `record_id` (given by the system on a create), `reason`
    read_back  normalised records (as `normalise` gives them) of what was written
    settled    what the ledger has settled, columns SETTLED
    overtaken  of an undo alone, columns WAITING: what of it isn't learned; a write that is outstanding keeps back
               nothing there, for what golden goes back to is what the next run brings that cell to

    Cells that hold what they held before, or, in a new record, nothing, are nobody's edit: the system said yes and did
    no such thing. They wait like ones that failed; the second time that counts as a refusal.
    """
    cells = _with_targets(plan, outcomes)
    applied = cells[cells["outcome"] == Outcome.APPLIED]
    found = _found(applied, read_back)
    untaken = found[_untaken(found)]
    again = untaken.index[_said_before(untaken, settled)]
    cells.loc[again, ["outcome", "note"]] = [Outcome.REFUSED.value, NOT_TAKEN]
    waiting = untaken.drop(index=again)
    taken, stuck = applied.drop(index=untaken.index), found.drop(index=untaken.index)
    ended = cells["outcome"].isin([Outcome.APPLIED, Outcome.REFUSED]) & ~cells.index.isin(waiting.index)
    outstanding = cells.loc[~ended, list(WAITING)] if overtaken is None else overtaken
    advance = _hold_back(plan.advance, pd.concat([outstanding, plan.advance.waiting]).drop_duplicates())
    new = [
        advance.settled[advance.settled["reason"] != UNDONE],
        _ended(taken),
        _parked(cells),
        _reformatted(stuck),
        _invented(taken),
        _not_taken(waiting),
    ]
    new += [*_vendor_defaults(applied, read_back), _undone(advance.settled, cells, stuck)]
    last_word = pd.concat(new).drop_duplicates(["ref", "field"], keep="last")
    return Result(
        advance=replace(
            advance,
            links=pd.concat([advance.links, _born(applied), _put_away(applied)]),
            bases=_overlay(advance.bases.drop(columns="person"), stuck, read_back, applied),
            settled=last_word.reset_index(drop=True).astype("str"),
        ),
        residuals=_residuals(found),
    )


def _with_targets(plan: Plan, outcomes: pd.DataFrame) -> pd.DataFrame:
    heads = plan.changes.set_index("id")
    cells = beside(plan.cells, heads, "change", ["system", "object", "record_id", "person", "kind"])
    cells["outcome"] = outcomes["outcome"]
    cells["note"] = outcomes["reason"]
    cells["record_id"] = cells["record_id"].fillna(outcomes["record_id"])
    cells["ref"] = cells["system"] + ":" + cells["object"] + ":" + cells["record_id"]
    cells["seen"] = pd.Series(pd.NA, index=cells.index, dtype="str")
    for name in cells["field"].unique():
        rows = cells.index[cells["field"] == name]
        if name in plan.advance.bases:
            cells.loc[rows, "seen"] = plan.advance.bases[name].reindex(cells.loc[rows, "ref"]).to_numpy()
    return cells


def _found(applied: pd.DataFrame, read_back: pd.DataFrame) -> pd.DataFrame:
    """Applied cells beside what the system holds now: `found` canonical, `found_raw`, `same`, `alike`."""
    out = applied[applied["field"].isin(read_back.columns)].copy()  # the Account of a new Contact is no field
    out["found"] = pd.Series(pd.NA, index=out.index, dtype="str")
    out["found_raw"] = pd.Series(pd.NA, index=out.index, dtype="str")
    for name in out["field"].unique():
        rows = out.index[out["field"] == name]
        if name in read_back:
            out.loc[rows, "found"] = read_back[name].reindex(out.loc[rows, "ref"]).to_numpy()
            out.loc[rows, "found_raw"] = read_back[f"{name}_raw"].reindex(out.loc[rows, "ref"]).to_numpy()
    out["same"] = out["found"] == out["value"]
    out["alike"] = ~out["same"] & out["found"].notna() & (_bare(out["found"]) == _bare(out["value"]))
    return out


def _bare(text: "pd.Series[str]") -> "pd.Series[str]":
    """Text without what systems like to change: case, space and punctuation."""
    return text.str.casefold().str.replace(r"[\W_]+", "", regex=True)


def _untaken(found: pd.DataFrame) -> "pd.Series[bool]":
    before = found["seen"].where(found["kind"] != "create", "")
    return ~found["same"] & ~found["alike"] & found["found"].eq(before).fillna(False).astype(bool)


def _said_before(untaken: pd.DataFrame, settled: pd.DataFrame) -> "pd.Series[bool]":
    """Cells of which an earlier run has learned the very same."""
    known = settled.loc[settled["reason"] == NOT_TAKEN, ["ref", "field", "golden", "value"]]
    asked = untaken[["ref", "field", "value", "found"]].set_axis(known.columns, axis=1)
    told = pd.MultiIndex.from_frame(asked).isin(pd.MultiIndex.from_frame(known))
    return pd.Series(told, index=untaken.index)


def _not_taken(waiting: pd.DataFrame) -> pd.DataFrame:
    columns = {"ref": waiting["ref"], "field": waiting["field"], "golden": waiting["value"], "value": waiting["found"]}
    return pd.DataFrame(columns | {"reason": NOT_TAKEN}, columns=list(SETTLED), dtype="str")


def _hold_back(advance: Advance, outstanding: pd.DataFrame) -> Advance:
    """Take out of the advance every (person, field) with an outstanding target."""
    if outstanding.empty:
        return advance
    golden, bases, settled = advance.golden.copy(), advance.bases.copy(), advance.settled
    waits = pd.MultiIndex.from_frame(outstanding[list(WAITING)])
    decided = advance.decided[~pd.MultiIndex.from_frame(advance.decided[list(WAITING)]).isin(waits)]
    for name, rows in outstanding.groupby("field"):
        absorbed = advance.absorbed.index[advance.absorbed["survivor"].isin(rows["person"])]
        theirs = settled["ref"].isin(bases.index[bases["person"].isin(rows["person"])])
        # What is nobody's word is so whatever becomes of the decision.
        mute = settled["golden"].eq("").fillna(False) & settled["reason"].ne(UNDONE)
        settled = settled[~(theirs & settled["field"].eq(name)) | mute]
        if name in golden:
            here = golden.index.isin(rows["person"]) | golden.index.isin(absorbed)
            golden.loc[here, [name, f"{name}_from", f"{name}_rule"]] = pd.NA
        if name in bases:
            bases.loc[bases["person"].isin(rows["person"]), [name, f"{name}_raw"]] = pd.NA
    return replace(advance, golden=golden, bases=bases, settled=settled, decided=decided)


def _ended(applied: pd.DataFrame) -> pd.DataFrame:
    """What was settled of a cell that we wrote: its value has moved."""
    rows = applied[applied["kind"] == "update"]
    return pd.DataFrame({"ref": rows["ref"], "field": rows["field"]}, dtype="str").reindex(columns=list(SETTLED))


def _invented(applied: pd.DataFrame) -> pd.DataFrame:
    """What we made up for a required property of a new record: marked, so that it stays nobody's word."""
    rows = applied[(applied["kind"] == "create") & (applied["value"] == "") & (applied["after"] != "")]
    columns = {"ref": rows["ref"], "field": rows["field"], "golden": "", "value": rows["after"], "reason": SYNTHETIC}
    return pd.DataFrame(columns, columns=list(SETTLED), dtype="str")


def _parked(cells: pd.DataFrame) -> pd.DataFrame:
    """A vendor's final no: not planned again until golden or the value changes; a create, until its values do."""
    rows = cells[(cells["outcome"] == Outcome.REFUSED) & (cells["kind"] != ARCHIVE)]
    return pd.DataFrame(
        {
            "ref": rows["ref"].fillna(unborn(rows)),
            "field": rows["field"],
            "golden": rows["value"],
            "value": rows["seen"],
            "reason": PARKED + rows["note"].fillna("refused"),
        },
        columns=list(SETTLED),
        dtype="str",
    )


def _reformatted(found: pd.DataFrame) -> pd.DataFrame:
    rows = found[found["alike"]]
    return pd.DataFrame(
        {
            "ref": rows["ref"],
            "field": rows["field"],
            "golden": rows["value"],
            "value": rows["found"],
            "reason": REFORMATTED + rows["system"],
        },
        columns=list(SETTLED),
        dtype="str",
    )


def _born(applied: pd.DataFrame) -> pd.DataFrame:
    rows = applied[applied["kind"] == "create"].drop_duplicates("ref").set_index("ref")
    return rows.assign(role=REPRESENTATIVE)[list(LINKS)].astype("str")


def _put_away(applied: pd.DataFrame) -> pd.DataFrame:
    """What we archived is as good as deleted by a person: nobody creates it anew."""
    rows = applied[applied["kind"] == ARCHIVE].set_index("ref")
    return rows.assign(role=TOMBSTONE)[list(LINKS)].astype("str")


def _undone(settled: pd.DataFrame, cells: pd.DataFrame, stuck: pd.DataFrame) -> pd.DataFrame:
    """What an undo leaves different from golden, as it became: what we wrote, as its system spells it; what was there
    where it was refused; where nobody can say, it isn't settled."""
    rows = settled[settled["reason"] == UNDONE]
    ours = stuck.index[stuck["same"] | stuck["alike"]]
    became = cells["seen"].where(cells["outcome"] == Outcome.REFUSED)
    became = became.mask(cells.index.isin(ours), stuck["found"].reindex(cells.index))
    place, written = (pd.MultiIndex.from_frame(frame[["ref", "field"]]) for frame in (rows, cells))
    now = became.set_axis(written)[~written.duplicated()].reindex(place).to_numpy()
    value = rows["value"].mask(place.isin(written), now)
    return rows.assign(value=value)[value.notna() & value.ne(rows["golden"])]


def _vendor_defaults(applied: pd.DataFrame, read_back: pd.DataFrame) -> list[pd.DataFrame]:
    """Values in a created record that we didn't send: the vendor's own, settled and never a proposal."""
    created = applied[applied["kind"] == "create"]
    if created.empty:
        return [empty(SETTLED)]
    records = read_back[read_back.index.isin(created["ref"])]
    out = []
    for name in (c for c in read_back.columns if f"{c}_raw" in read_back.columns):
        sent = created.loc[created["field"] == name, "ref"]
        extra = records[records[name].notna() & (records[name] != "") & ~records.index.isin(sent)]
        out.append(
            pd.DataFrame(
                {"ref": extra.index, "field": name, "golden": "", "value": extra[name], "reason": VENDOR_DEFAULT},
                columns=list(SETTLED),
                dtype="str",
            )
        )
    return out


def _overlay(bases: pd.DataFrame, found: pd.DataFrame, read_back: pd.DataFrame, applied: pd.DataFrame) -> pd.DataFrame:
    """Bases of what was written: what the system now holds, or, where that is neither ours nor like it, what we sent.

    The latter makes a value that somebody else put there in the meantime an edit for the next run.
    """
    created = read_back[read_back.index.isin(applied.loc[applied["kind"] == "create", "ref"])]
    born = created[[c for c in created.columns if c in bases.columns]]
    out = bases.reindex(bases.index.union(pd.Index(found["ref"].unique())).union(born.index))
    out.update(born)
    ours = found["same"] | found["alike"]
    for name, rows in found.groupby("field"):
        keep = ours[rows.index]
        out.loc[rows["ref"], str(name)] = rows["found"].where(keep, rows["value"]).to_numpy()
        out.loc[rows["ref"], f"{name}_raw"] = rows["found_raw"].where(keep, rows["after"]).to_numpy()
    return out.rename_axis("ref").astype("str")


def _residuals(found: pd.DataFrame) -> pd.DataFrame:
    rows = found[~found["same"] & ~found["alike"]]
    return pd.DataFrame(
        {
            **{column: rows[column] for column in ("change", "system", "object", "record_id", "field")},
            "wanted": rows["after"],
            "found": rows["found_raw"],
            "reason": "the system holds something else now",
        },
        columns=list(RESIDUALS),
        dtype="str",
    )
