"""What is left of a plan that was carried out in part: held changes that a person let go, and what was stale then."""

from dataclasses import replace

import pandas as pd

from tasks.core.model import Outcome
from tasks.core.plan import UNDO, Plan
from tasks.core.state import WAITING, empty

ENDED = [Outcome.APPLIED.value, Outcome.REFUSED.value]


def remainder(plan: Plan, endings: pd.DataFrame) -> Plan:
    """The plan without the cells that ended (`endings` has `outcome`, a row a cell of the plan). It teaches only what
    its own cells decide: who is who, and all that its run has concluded, the ledger knows already. An undo of which
    nothing has ended has taught nothing: it waits as a whole, golden that goes back without a write included."""
    ended = endings["outcome"].isin(ENDED).to_numpy()
    if plan.mode == UNDO and not ended.any():
        return replace(plan, versions=endings["version"], whole=plan.checksum)
    cells = plan.cells[~ended]
    versions = endings.loc[cells.index, "version"].reset_index(drop=True)
    changes = plan.changes[plan.changes["id"].isin(cells["change"])]
    due = pd.DataFrame(
        {"person": cells["change"].map(changes.set_index("id")["person"]), "field": cells["field"]}
    ).drop_duplicates()
    old = plan.advance
    golden, bases = old.golden.copy(), old.bases.copy()
    for name in (str(column) for column in old.bases.columns if f"{column}_raw" in old.bases.columns):
        people = due.loc[due["field"] == name, "person"]
        kept = [column for column in (name, f"{name}_from", f"{name}_rule") if column in golden]
        golden.loc[~golden.index.isin(people), kept] = pd.NA
        bases.loc[~bases["person"].isin(people), [name, f"{name}_raw"]] = pd.NA
    theirs = pd.MultiIndex.from_arrays([old.settled["ref"].map(bases["person"]), old.settled["field"]])
    mine = pd.MultiIndex.from_frame(due)
    return replace(
        plan,
        changes=changes.reset_index(drop=True),
        cells=cells.reset_index(drop=True),
        versions=versions,
        whole=plan.checksum,
        advance=replace(
            old,
            links=old.links.iloc[:0],
            people=old.people.iloc[:0],
            golden=golden.dropna(how="all"),
            bases=bases[bases.drop(columns="person").notna().any(axis=1)],
            settled=old.settled[theirs.isin(mine)],
            waiting=old.waiting[pd.MultiIndex.from_frame(old.waiting[list(WAITING)]).isin(mine)],
            terms=old.terms.iloc[:0],
            numbers=old.numbers.iloc[:0],
            absorbed=old.absorbed.iloc[:0],
            inherited=empty((), "ref"),
            decided=old.decided[pd.MultiIndex.from_frame(old.decided[list(WAITING)]).isin(mine)],
        ),
    )
