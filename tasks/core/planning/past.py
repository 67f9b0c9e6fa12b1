"""A run that is over: what of its plan took effect, as the systems' own answers say."""

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from tasks.core.frames import beside
from tasks.core.identity.periods import ENDS
from tasks.core.model import Outcome
from tasks.core.plan import Plan
from tasks.core.state import REPRESENTATIVE, State

HEAD = ("system", "object", "record_id", "person", "kind", "phone")


@dataclass(frozen=True)
class Past:
    """A plan, and of its cells those that were `written`: its columns, HEAD and `ref`, a created record's too."""

    plan: Plan
    written: pd.DataFrame

    @property
    def updates(self) -> pd.DataFrame:
        """Values that were written into records that had been there before."""
        return self.written[self.written["kind"] == "update"]

    @property
    def births(self) -> pd.DataFrame:
        """Values with which records were created."""
        return self.written[self.written["kind"] == "create"]

    @property
    def rekeyed(self) -> Collection[str]:
        """People whose number that run moved."""
        turns = self.plan.advance.numbers
        return frozenset(turns.loc[(turns["turn"] == ENDS) & (turns["kind"] == "key"), "person"])

    def records(self, state: State) -> "pd.Index[str]":
        """References of the records to look at: what was written, and whoever speaks for people concerned."""
        people = self.updates["person"].to_list() + self.plan.advance.replaced.index.to_list()
        speaking = state.links[(state.links["role"] == REPRESENTATIVE) & state.links["person"].isin(people)]
        refs: pd.Index[str] = speaking.index.union(pd.Index(self.written["ref"].dropna().unique()))
        return refs


def past(plan: Plan, endings: pd.DataFrame, sent: pd.DataFrame) -> Past:
    """What took effect of a plan. `endings` has `outcome`, a row a cell; missing where the run never concluded. `sent`:
    a row a value that was sent in a write which its system acknowledged: `change`, `property`, `record_id`.

    A cell counts that was sent, or that ended well in such a write: one that was carried out in two attempts tells of
    the first one's values only. What the run found as it wished it to be isn't of its making.
    """
    cells = beside(plan.cells, plan.changes.set_index("id"), "change", HEAD)
    named = pd.MultiIndex.from_frame(cells[["change", "property"]])
    took = named.isin(pd.MultiIndex.from_frame(sent[["change", "property"]]))
    took |= endings["outcome"].eq(Outcome.APPLIED).to_numpy() & cells["change"].isin(sent["change"]).to_numpy()
    ids = sent.drop_duplicates("change").set_index("change")["record_id"]
    cells["record_id"] = cells["record_id"].fillna(cells["change"].map(ids))
    cells["ref"] = cells["system"] + ":" + cells["object"] + ":" + cells["record_id"]
    return Past(plan, cells[took].reset_index(drop=True))
