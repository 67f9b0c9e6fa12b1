"""Which numbers to look up in Aloware, and what silence means: its list is an export, hours or days old.

An observation is as old as the export; a look-up is of this moment. Times are compared at a second's grain, the
coarser of the two.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

import pandas as pd

from tasks.core.frames import among
from tasks.core.matching import Matching
from tasks.core.model import ALOWARE, CRMS
from tasks.core.plan import Finding
from tasks.core.policy import Policy
from tasks.core.state import RETIRED, TOMBSTONE, State


def unlisted(records: pd.DataFrame, state: State, policy: Policy, taken_at: datetime) -> set[str]:
    """Numbers that the export can't speak of: those it doesn't know, those of contacts that are linked but not in it,
    that were written since, or that were deleted before though it lists them."""
    contacts = records.loc[records["system"] == ALOWARE, ["key", "as_of"]]
    outdated = contacts[among(contacts.index, state.receipts.index)]
    written = state.receipts["at"].reindex(outdated.index).dt.floor("s")
    outdated = outdated[outdated["as_of"].dt.floor("s") <= written]
    buried = contacts[among(contacts.index, state.links.index[state.links["role"] == TOMBSTONE])]
    buried = buried[_listed(buried, taken_at)]
    mentioned = pd.concat([records.loc[records["system"] != ALOWARE, "key"], state.people["key"]])
    unknown = mentioned[~among(mentioned, contacts["key"])]
    spoken_of = pd.concat([unknown, outdated["key"], buried["key"], _missing(records, state, policy)])
    return {*spoken_of.dropna()}


def unconfirmed(cells: Mapping[str, pd.DataFrame], matching: Matching, taken_at: datetime) -> set[str]:
    """Numbers whose contact seems edited, which counts only once this run has looked; and those that a CRM's edit is
    about to reach: the export may not know that the contact was edited, or deleted."""
    edited: set[str] = set()
    reached: set[str] = set()
    for sides in cells.values():
        known = sides[ALOWARE].notna() & sides[f"{ALOWARE}_base"].notna()
        edited |= set(sides.loc[known & (sides[ALOWARE] != sides[f"{ALOWARE}_base"]), f"{ALOWARE}_ref"].dropna())
        for crm in CRMS:
            moved = sides[crm].notna() & sides["golden"].notna()
            moved &= (sides[crm] != sides[f"{crm}_base"]) & (sides[crm] != sides["golden"])
            reached |= set(sides.loc[moved, f"{ALOWARE}_ref"].dropna())
    records = matching.records
    doubtful = among(records.index, edited) | (among(records.index, reached) & _listed(records, taken_at))
    return {*records.loc[doubtful, "key"].dropna()}


def silent(asked: Collection[str], records: pd.DataFrame, state: State, policy: Policy) -> list[str]:
    """Contacts that ought to answer to one of those numbers: listed with it, or linked and listed nowhere. Whichever of
    them no look-up finds is gone, or has another number by now."""
    listed = records.index[(records["system"] == ALOWARE) & among(records["key"], asked)]
    missing = _missing(records, state, policy)
    return [*listed, *missing.index[among(missing, asked)]]


def unseen(lists: bool) -> tuple[Finding, ...]:
    """What the report says where Aloware's contacts can't be listed: whom no CRM knows isn't there to be looked up."""
    said = (
        "every contact is listed: without an export those that only Aloware has can't be seen; "
        "make one and set ALOWARE_CONTACTS_EXPORT"
    )
    return () if lists else (Finding(ALOWARE, said, "info", 0),)


def _listed(contacts: pd.DataFrame, taken_at: datetime) -> "pd.Series[bool]":
    """Observed by the export, not by a look-up of this run; a tie is decided by a look-up."""
    listed: pd.Series[bool] = contacts["as_of"].dt.floor("s") <= pd.Timestamp(taken_at).floor("s")
    return listed


def _missing(records: pd.DataFrame, state: State, policy: Policy) -> "pd.Series[str]":
    """Reference → number of linked contacts that aren't listed: the number they had when last seen, else their
    person's."""
    links = state.links[(state.links["system"] == ALOWARE) & ~state.links["role"].isin([TOMBSTONE, RETIRED])]
    links = links[~among(links.index, records.index[records["system"] == ALOWARE])]
    key = pd.Series(state.people["key"].reindex(links["person"]).to_numpy(), index=links.index, dtype="str")
    phones = [name for name in policy.phone_fields(ALOWARE, "contacts") if name in state.bases]
    known = state.bases[phones[0]].reindex(links.index) if phones else key
    return known.where(known.fillna("") != "", key).dropna()
