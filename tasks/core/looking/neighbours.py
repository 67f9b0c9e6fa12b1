"""Who has a number or an address in common: whatever becomes of one of them may be something to the others."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from tasks.core.frames import Bools, Places, among, column
from tasks.core.looking.view import View, through


def with_neighbours(view: View, people: Bools) -> Bools:
    """Those people, with everybody who has a number or an address that one of them, or a record of nobody, has or had;
    with everybody who has one that these have, and so on. Of the others every record is `still`."""
    known, asked = list(_known(view)), said(view, people)
    while len(asked):
        met = np.logical_or.reduce([view.whose(who[among(values, asked)]) for values, who in known]) & ~people
        people = people | met
        asked = pd.concat([values[through(who, met, False)] for values, who in known]).dropna()
    return people


def _known(view: View) -> Iterator[tuple["pd.Series[str]", Places]]:
    """Numbers and addresses in the ledger, and whose they are, or were."""
    everybody, numbers = np.arange(len(view.state.people)), view.state.numbers
    yield view.state.people["key"], everybody
    yield numbers["number"], view.people(numbers["person"])
    for name in view.fields("phone", "email"):
        yield view.golden(name), everybody


def said(view: View, people: Bools) -> "pd.Series[str]":
    """Every number and address that those people, or records of nobody, say, said, or are decided to have."""
    state, names = view.state, view.fields("phone", "email")
    records = view.records[(view.person < 0) | through(view.person, people, False)]
    bases = state.bases[among(state.bases.index, records.index)]
    decisions = state.decisions.loc[state.decisions["field"].isin(names), "value"]
    found = [records["key"], decisions, *(column(rows, name) for name in names for rows in (records, bases))]
    found += [values[through(who, people, False)] for values, who in _known(view)]
    values: pd.Series[str] = pd.concat(found).dropna().drop_duplicates()
    return values[values.ne("")]
