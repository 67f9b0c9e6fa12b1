"""Taking back that a record was created: it is archived if nobody has touched it since, and otherwise listed; and who
is who, which is never taken back."""

from datetime import timedelta

import numpy as np
import pandas as pd

from tasks.core.authority import is_open
from tasks.core.identity.asks import typed_at
from tasks.core.model import ALOWARE, CRMS, HUBSPOT, SALESFORCE
from tasks.core.plan import ARCHIVE, REFUSED
from tasks.core.planning.doubts import first, of_record, of_system
from tasks.core.planning.past import Past
from tasks.core.policy import Policy
from tasks.core.state import REFORMATTED, SYNTHETIC, VENDOR_DEFAULT, State

# What vendors call it that a record is put away.
PROPERTY = {SALESFORCE: "IsDeleted", HUBSPOT: "archived", ALOWARE: "archived"}


def propose(past: Past, policy: Policy, state: State, records: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Archives, as writes of one cell each, and created or archived records that stay as they are, with the reason."""
    created = past.births.drop_duplicates("ref")
    archived = past.written[past.written["kind"] == ARCHIVE]
    heads = pd.concat([created, archived], ignore_index=True)
    away = heads["kind"].eq(ARCHIVE)
    prop = heads["system"].map(PROPERTY)
    tolerance = timedelta(seconds=policy.recency.tolerance_seconds)
    why = first(
        heads,
        [
            ("what was archived can only be restored on its system's own screen", away),
            ("Aloware's API deletes no contact", heads["system"].eq(ALOWARE)),
            *of_record(heads, state, records),
            *of_system(heads, state),
            ("its scope is inbound now", heads["system"].isin([c for c in CRMS if not is_open(f"{c}.create", state)])),
            ("it was changed since it was created", _touched(heads, past, policy, state, records, tolerance)),
        ],
    )
    writes = heads.assign(
        kind=ARCHIVE,
        rule="undone",
        field=prop,
        property=prop,
        before=away.map({True: "true", False: "false"}),
        after=away.map({True: "false", False: "true"}),
        value=typed_at(pd.to_datetime(records["modified_at"], utc=True)).reindex(heads["ref"]).to_numpy(),
        sources="",
        initial="no",
    )
    return writes[why.isna()], writes[why.notna()].assign(reason=why.dropna())


def _touched(
    heads: pd.DataFrame, past: Past, policy: Policy, state: State, records: pd.DataFrame, tolerance: timedelta
) -> "pd.Series[bool]":
    """Whether a created record says anything else than it was created with, or its system says that it was modified
    after we last wrote it. Clocks of vendors differ, and they add to a new record for a while: hence the tolerance."""
    modified = pd.Series(records["modified_at"].reindex(heads["ref"]).to_numpy(), index=heads.index)
    ours = pd.Series(state.receipts["at"].reindex(heads["ref"]).to_numpy(), index=heads.index)
    touched = ~(pd.to_datetime(modified, utc=True) <= pd.to_datetime(ours, utc=True) + tolerance)
    sent = past.births.drop_duplicates(["ref", "field"]).set_index(["ref", "field"])["value"]
    habits = state.settled["reason"].isin([VENDOR_DEFAULT, SYNTHETIC])
    habits |= state.settled["reason"].str.startswith(REFORMATTED).fillna(False)
    theirs = state.settled[habits].set_index(["ref", "field"])["value"]
    for name in policy.fields:
        cell = pd.MultiIndex.from_arrays([heads["ref"], [name] * len(heads)])
        says = pd.Series(records[name].reindex(heads["ref"]).fillna("").to_numpy(), index=heads.index)
        expected, habit = (known.reindex(cell).fillna("").set_axis(heads.index) for known in (sent, theirs))
        held = np.array([name in policy.mapped(s, o) for s, o in zip(heads["system"], heads["object"], strict=True)])
        touched |= says.ne(expected) & says.ne(habit) & held
    return touched


def identity(past: Past) -> pd.DataFrame:
    """Records that came to somebody by a conversion, a merge, or because two people turned out to be one: listed."""
    advance = past.plan.advance
    links = advance.links
    heirs = links[links.index.isin(advance.inherited.index)].assign(reason="a conversion or a merge is not undone")
    joined = links[links["person"].isin(advance.absorbed["survivor"]) & ~links.index.isin(heirs.index)]
    moved = links[links["person"].isin(past.rekeyed) & (links["system"] == ALOWARE)]
    found = pd.concat(
        [
            heirs,
            joined.assign(reason="that two people are one is not undone"),
            moved[~moved.index.isin([*heirs.index, *joined.index])].assign(
                reason="a number that moved is not moved back"
            ),
        ]
    )
    return found.assign(kind="link").reindex(columns=list(REFUSED)).astype("str")
