"""Who had which number when: a call belongs to whoever held its number at the time (design, identity 10).

A period is a row (`person`, `number`, `kind`, `since`, `until`), times as ISO text in UTC: `since` "" reaches back to
the beginning of time, a missing `until` is still going on. The kind says how the number is theirs: as their match key,
in another of their phone fields, or because somebody who had it turned out to be them.
"""

import pandas as pd

from tasks.core.frames import Bools, among
from tasks.core.identity.numbers import carried
from tasks.core.identity.union import replaced
from tasks.core.policy import Policy
from tasks.core.state import TURNS, State

KEY, OTHER, ABSORBED = "key", "other", "absorbed"
BEGINS, ENDS = "begins", "ends"
SAME = ["person", "number", "kind"]


def turns(
    people: pd.DataFrame, members: pd.DataFrame, absorbed: "pd.Series[str]", state: State, policy: Policy
) -> pd.DataFrame:
    """Periods that begin or end with this run; columns TURNS, `at` missing: when the run learns it.

    A number's first known holder has had it since ever. A later one has it since their record was modified, if that is
    known, and that ends the period of the number which it replaced.
    """
    known = state.numbers.assign(person=replaced(state.numbers["person"], absorbed))
    going_on = known[known["until"].isna()].drop_duplicates(SAME)
    inherited = pd.DataFrame({"person": absorbed, "number": state.people["key"].reindex(absorbed.index)})
    inherited = pd.concat([inherited, going_on.loc[going_on["kind"] == ABSORBED, ["person", "number"]]])
    now = _held(people["key"], carried(members, policy), inherited)
    ends = going_on[~_among(going_on, now)].assign(turn=ENDS)
    begins = now[~_among(now, going_on)].assign(turn=BEGINS)
    rows = pd.concat([ends, begins], ignore_index=True)
    rows["at"] = rows["person"].map(people["since"]).where(rows["kind"] == KEY).astype("str")
    first = (rows["turn"] == BEGINS) & ~among(rows["number"], known["number"])
    return rows.assign(at=rows["at"].mask(first, ""))[list(TURNS)].sort_values(SAME, ignore_index=True).astype("str")


def _held(keys: "pd.Series[str]", others: pd.DataFrame, inherited: pd.DataFrame) -> pd.DataFrame:
    """Who has which number now; columns SAME. What was inherited ends when it becomes somebody's key."""
    mine = pd.DataFrame({"person": keys.index, "number": keys.to_numpy(), "kind": KEY})
    left = inherited[inherited["number"].notna() & ~among(inherited["number"], keys)]
    rows = pd.concat([mine, others.assign(kind=OTHER)[SAME], left.assign(kind=ABSORBED)], ignore_index=True)
    return rows.astype("str").drop_duplicates(["person", "number"], ignore_index=True)


def _among(rows: pd.DataFrame, others: pd.DataFrame) -> Bools:
    one, other = (periods["number"] + " " + periods["kind"] + " " + periods["person"] for periods in (rows, others))
    return among(one, other)


def holders(calls: pd.DataFrame, periods: pd.DataFrame) -> "pd.Series[str]":
    """Whose each of `calls` is (columns `number` and `at`, ISO text in UTC); missing: nobody's, or nobody can tell.

    Whoever had the number as their key, the last to get it; else the one person who had it otherwise.
    """
    asked = calls[["number", "at"]].assign(call=range(len(calls)))
    rows = asked.merge(periods, on="number")
    rows = rows[(rows["since"] <= rows["at"]) & (rows["until"].isna() | (rows["at"] < rows["until"]))]
    keyed = rows[rows["kind"] == KEY].sort_values(["since", "person"]).drop_duplicates("call", keep="last")
    others = rows[~rows["call"].isin(keyed["call"])].drop_duplicates(["call", "person"])
    alone = others[~others["call"].duplicated(keep=False)]
    found = pd.concat([keyed, alone]).set_index("call")["person"]
    return found.reindex(asked["call"]).set_axis(calls.index).astype("str")
