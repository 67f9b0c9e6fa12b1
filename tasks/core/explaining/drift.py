"""What departs from what was decided, counted: the drift alarm."""

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from tasks.core.frames import among, beside
from tasks.core.model import SYSTEMS
from tasks.core.planning.apply import LEFT_OUT
from tasks.core.planning.propose import rules
from tasks.core.planning.sight import Thought
from tasks.core.state import NOT_TAKEN, PARKED, TOMBSTONE

UNSETTLED, DRIFT, UNSTUCK, DUE = "write of an interrupted run", "drift", "didn't stick", "not carried yet"
MISSING, GONE, UNDECIDED = "record missing", "record gone", "waits for a decision"
WORDS = (UNSETTLED, DRIFT, UNSTUCK, DUE, MISSING, GONE, UNDECIDED)
DEVIATIONS = ("what", "system", "field", "count")
SETTLED = ("system", "field", "reason", "count")


@dataclass(frozen=True)
class Alarm:
    """`deviations` (columns DEVIATIONS) and what stands on purpose, `settled` (columns SETTLED); `count` are ints."""

    deviations: pd.DataFrame
    settled: pd.DataFrame

    @property
    def drifted(self) -> int:
        """How many values are otherwise than they were left: changed without authority, or never there to stay."""
        return int(self.deviations.loc[self.deviations["what"].isin([DRIFT, UNSTUCK]), "count"].sum())


def alarm(thought: Thought, unsettled: Collection[str] = ()) -> Alarm:
    """Count what a run would do something about, and what it would leave alone.

    `unsettled` are references of records that an interrupted run wrote, nobody knows how: what they say is no edit.
    """
    found = [_written(thought, unsettled), _missing(thought), _gone(thought), _undecided(thought)]
    return Alarm(_counted(pd.concat(found, ignore_index=True), DEVIATIONS), _counted(_settled(thought), SETTLED))


def _counted(rows: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """How many rows say the same, in the order of what there is to say and of the systems."""
    order = {word: n for n, word in enumerate((*WORDS, *SYSTEMS))}
    counted = rows.groupby(list(columns[:-1])).size().rename(columns[-1]).reset_index()
    return counted.sort_values(list(columns[:-1]), key=lambda words: words.map(order).fillna(-1), ignore_index=True)


def _written(thought: Thought, unsettled: Collection[str]) -> pd.DataFrame:
    """Values that would be brought to golden, by why they aren't."""
    cells, changes = thought.proposal.cells, thought.proposal.changes.set_index("id")
    cells = beside(cells, changes, "change", ["system", "object", "record_id", "person", "kind"])
    cells = cells[cells["kind"] == "update"]
    ref = cells["system"] + ":" + cells["object"] + ":" + cells["record_id"]
    known = thought.seen.state.settled
    not_taken = known[known["reason"] == NOT_TAKEN]
    told = pd.MultiIndex.from_frame(not_taken[["ref", "field"]])
    what = _why(cells, thought).map({"drift": DRIFT, "unchanged": UNSTUCK}).fillna(DUE)
    what = what.mask(pd.MultiIndex.from_arrays([ref, cells["field"]]).isin(told), UNSTUCK)
    return _rows(what.mask(among(ref, list(unsettled)), UNSETTLED), cells["system"], cells["field"])


def _why(cells: pd.DataFrame, thought: Thought) -> "pd.Series[str]":
    """The rule by which each cell is to be written."""
    why = pd.Series(pd.NA, index=cells.index, dtype="str")
    for (name, system), rows in cells.groupby(["field", "system"]):
        if name in thought.decisions:  # a new Contact's Account is no field
            decided = thought.decisions[str(name)].loc[rows["person"]]
            why[rows.index] = rules(decided, thought.seen.cells[str(name)].loc[rows["person"]], str(system)).to_numpy()
    return why


def _missing(thought: Thought) -> pd.DataFrame:
    """Records that people should have and don't."""
    creates = thought.proposal.changes[thought.proposal.changes["kind"] == "create"]
    return _rows(MISSING, creates["system"], "")


def _gone(thought: Thought) -> pd.DataFrame:
    """Records that were deleted, merged or converted since a run looked last."""
    links, before = thought.seen.people.links, thought.evidence.state.links
    ended = links[(links["role"] == TOMBSTONE) & links.index.isin(before.index)]
    return _rows(GONE, ended["system"], "")


def _undecided(thought: Thought) -> pd.DataFrame:
    open_ = thought.proposal.conflicts[thought.proposal.conflicts["winner"].isna()]
    return _rows(UNDECIDED, pd.Series("", index=open_.index), open_["field"])


def _rows(what: object, system: "pd.Series[str]", field: object) -> pd.DataFrame:
    return pd.DataFrame({"what": what, "system": system, "field": field}, dtype="str")


def _settled(thought: Thought) -> pd.DataFrame:
    """What stands settled after this look, by the head of its reason; what a person left out, as such."""
    news = thought.proposal.advance.settled
    rows = pd.concat([thought.seen.state.settled, news]).drop_duplicates(["ref", "field"], keep="last")
    rows = rows[rows["reason"].notna()]
    system = rows["ref"].str.split(":").str[0]
    told = rows["reason"].str.removeprefix(PARKED)
    reason = told.where(told == LEFT_OUT, rows["reason"].str.split(": ").str[0])
    return pd.DataFrame({"system": system, "field": rows["field"], "reason": reason}, dtype="str")
