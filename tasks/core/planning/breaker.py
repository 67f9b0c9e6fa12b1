"""Breakers: how much of one kind one run may change in one system before a person is asked (design, the gate)."""

from collections.abc import Collection, Mapping

import pandas as pd

from tasks.core.frames import among
from tasks.core.plan import ARCHIVE, Breaker
from tasks.core.policy import Limits


def fired(
    changes: pd.DataFrame,
    cells: pd.DataFrame,
    moved: Collection[str],
    linked: Mapping[str, int],
    limits: Limits,
    lifted: Collection[str] = (),
) -> tuple[Breaker, ...]:
    """The breakers that fire (`salesforce.updates`, `aloware.creates` …), with the ids of the changes they hold.

    A breaker's share is the planned changes of its kind in one system over that system's linked records (all of it,
    where none is linked yet); it fires above its limit and above the floor. `moved` are people whose number moves;
    `lifted` are creates and updates that nobody need approve as such: clears and key moves among them count all the
    same.
    """
    asked = ~among(changes["id"], lifted)
    clearing = set(cells.loc[cells["after"] == "", "change"])
    of_kind = {
        "updates": (changes["kind"].isin(["update", ARCHIVE]) & asked, limits.updates),
        "creates": (changes["kind"].eq("create") & asked, limits.creates),
        "clears": (among(changes["id"], clearing), limits.clears),
        "key_moves": (among(changes["person"], moved), limits.key_moves),
    }
    breakers = []
    for kind, (mask, limit) in of_kind.items():
        for system, rows in changes[mask].groupby("system", sort=True):
            known = linked.get(str(system), 0)
            share = len(rows) / known if known else 1.0
            if len(rows) > limits.floor and share > limit:
                breakers.append(Breaker(f"{system}.{kind}", round(share, 4), limit, frozenset(rows["id"])))
    return tuple(breakers)
