"""Everybody of whom a record moved or something is open, with their neighbours. Of all others every record says what it
said, which is what was decided: whatever becomes of the first, nothing comes of them. Most people, on most days.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from tasks.core.authority import is_open
from tasks.core.frames import Bools, among, picked, places, same
from tasks.core.identity.periods import KEY, OTHER
from tasks.core.looking.neighbours import with_neighbours
from tasks.core.looking.view import View, through
from tasks.core.model import ALOWARE, CRMS, SALESFORCE, SYSTEMS, reference
from tasks.core.policy import Policy
from tasks.core.state import OUT_OF_SCOPE, TOMBSTONE, State


def stirred(records: pd.DataFrame, state: State, gone: Mapping[str, str], policy: Policy) -> tuple[pd.DataFrame, State]:
    """The records of those people and of nobody, and what the ledger knows of those people; what it knows of nobody in
    particular stays. `records` as `normalise` gives them, `gone` as `match` takes it.
    """
    if state.rebasing:  # whose word counts is another question than at the last run
        return records, state
    view = View(records, state, policy)
    people = _touched(view, gone) | _namesakes(view) | _due(view) | _out_of_step(view)
    return _part(view, with_neighbours(view, people))


def _touched(view: View, gone: Mapping[str, str]) -> Bools:
    """Of whom a record moved, ended, or takes over from another; of whom a difference is settled or something was
    decided by hand; and who turned out to be somebody else."""
    state = view.state
    converted = reference(SALESFORCE, "Contact", "") + view.records["converted_to"].dropna()
    refs = [*gone, *gone.values(), *converted, *state.settled["ref"].dropna().unique()]
    names = pd.concat([state.decisions["person"], state.absorbed["survivor"], state.absorbed.index.to_series()])
    rows = view.person[~view.still], through(places(refs, state.links.index), view.owner, -1), view.people(names)
    return view.whose(np.concatenate(rows))


def _namesakes(view: View) -> Bools:
    """Who are called as `match` would call somebody new: by the founding record, with a ' behind it where that is
    taken."""
    found, names = view.whose(np.empty(0, dtype="int64")), view.records.index[view.person < 0]
    while len(names):
        taken = view.people(names)
        found |= view.whose(taken)
        names = names[taken >= 0] + "'"
    return found


def _due(view: View) -> Bools:
    """Who may be due a record somewhere: no fewer of those at rest than `births.due` finds."""
    state, system_of = view.state, view.state.links["system"]
    here = {system: view.whose(view.person[(view.records["system"] == system).to_numpy()]) for system in SYSTEMS}
    lost = state.links["role"].isin([TOMBSTONE, OUT_OF_SCOPE])
    found = view.whose(np.empty(0, dtype="int64"))
    for system in sorted(state.connected - state.paused):
        absent = ~here[system] & ~view.whose(view.owner[lost & system_of.eq(system)])
        if system == ALOWARE:
            found |= absent & np.logical_or.reduce([here[crm] for crm in CRMS])
        elif is_open(f"{system}.create", state):
            owed = [_owed(view, system), *(here[other] for other in view.policy.people.create_from)]
            found |= absent & np.logical_or.reduce(owed)
    return found


def _owed(view: View, crm: str) -> Bools:
    """Whom no CRM ever knew, of whom a create there was begun, or refused."""
    state, people = view.state, view.state.people
    ever = view.whose(view.owner[state.links["system"].isin(CRMS)]) | among(people.index, state.once_in_crm)
    begun = among(people["key"], [number for system, number in state.owed if system == crm])
    refused = state.settled["ref"].str.extract(r":\+(.+)$", expand=False)
    return ~ever | begun | among(people.index, refused.dropna())


def _out_of_step(view: View) -> Bools:
    """Who share a number with others, or own others at present than was decided."""
    state = view.state
    present = state.numbers[state.numbers["until"].isna()]
    number, kind, who = present["number"], present["kind"], view.people(present["person"])
    keyed = same(number, picked(state.people["key"], who))
    told, decided = np.zeros(len(present), dtype=bool), [state.people["key"]]
    due = state.people["key"].notna().to_numpy().astype("int64")  # how many numbers they ought to own
    for golden in map(view.golden, view.fields("phone")):
        told |= same(number, picked(golden, who))
        due += (golden.fillna("") != "").to_numpy() & ~np.logical_or.reduce([same(golden, each) for each in decided])
        decided.append(golden)
    fits = keyed & kind.eq(KEY).to_numpy() | ~keyed & told & kind.eq(OTHER).to_numpy()
    owned = np.bincount(who[fits & (who >= 0)], minlength=len(due))
    shared = number.duplicated(keep=False).to_numpy()
    found: Bools = view.whose(who[~fits | shared]) | (owned != due)
    return found


def _part(view: View, people: Bools) -> tuple[pd.DataFrame, State]:
    """What is theirs or nobody's."""
    state = view.state
    ours = through(view.owner, people, True)
    links = state.links[ours]
    records = view.records[through(view.person, people, True)]
    return records, replace(
        state,
        elsewhere=replace(state, links=state.links[~ours]).alive(),
        links=links,
        people=state.people[people],
        golden=state.golden[through(view.people(state.golden.index), people, True)],
        bases=state.bases[among(state.bases.index, links.index) | among(state.bases.index, records.index)],
        receipts=state.receipts[among(state.receipts.index, records.index)],
        numbers=state.numbers[through(view.people(state.numbers["person"]), people, True)],
    )
