"""Why something that a run wrote can't be taken back, as far as that lies with its record or its system."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tasks.core.authority import field_is_open
from tasks.core.model import ALOWARE
from tasks.core.policy import Policy
from tasks.core.state import OUT_OF_SCOPE, REPRESENTATIVE, SHADOW, State

Doubts = Sequence[tuple[str, "pd.Series[bool]"]]  # a reason, and the rows of which it is one

GONE = "the record is gone"


def first(rows: pd.DataFrame, doubts: Doubts) -> "pd.Series[str]":
    """Of each row the first reason, missing where there is none."""
    said = np.select([mask.to_numpy(dtype=bool) for _, mask in doubts], [reason for reason, _ in doubts], default="")
    return pd.Series(said, index=rows.index, dtype="str").replace("", pd.NA)


def of_record(rows: pd.DataFrame, state: State, records: pd.DataFrame) -> Doubts:
    """`rows` name a record (`ref`) and whose it was (`person`)."""
    links = state.links.reindex(rows["ref"]).set_axis(rows.index)
    found = rows["ref"].isin(records.index)
    unseen = ~rows["system"].isin(sorted(state.connected - state.paused))
    converted = pd.Series(records["converted_to"].reindex(rows["ref"]).notna().to_numpy(), index=rows.index)
    return [
        ("it belongs to somebody else now", links["person"].notna() & links["person"].ne(rows["person"])),
        (GONE, ~found & ~unseen),
        ("it was converted since", converted),
        ("another record speaks for that person now", links["role"].eq(SHADOW)),
        ("the record is out of the policy's scope", links["role"].eq(OUT_OF_SCOPE)),
        ("the record is linked to nobody", links["role"].ne(REPRESENTATIVE)),
    ]


def of_system(rows: pd.DataFrame, state: State) -> Doubts:
    return [
        ("its system is not connected", ~rows["system"].isin(sorted(state.connected))),
        ("its system is paused", rows["system"].isin(sorted(state.paused))),
    ]


def of_scope(rows: pd.DataFrame, state: State, policy: Policy) -> Doubts:
    """`rows` name a `system` and a `field`."""
    pairs = rows[["system", "field"]].drop_duplicates().itertuples(index=False)
    closed = [
        (system, name)
        for system, name in pairs
        if system != ALOWARE and (name not in policy.fields or not field_is_open(name, system, state, policy))
    ]
    here = pd.MultiIndex.from_frame(rows[["system", "field"]]).isin(closed)
    return [*of_system(rows, state), ("its scope is inbound now", pd.Series(here, index=rows.index))]
