"""The match key of a person: how it moves when a linked record's number is edited, and who may not have it."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from tasks.core.frames import among
from tasks.core.identity.asks import asked
from tasks.core.identity.union import replaced, survivors
from tasks.core.model import CRMS
from tasks.core.plan import COLLISIONS
from tasks.core.policy import Policy
from tasks.core.state import RETIRED, TOMBSTONE, State


def listed(refs: Iterable[str]) -> str:
    """Record references as the JSON text that collisions carry."""
    return json.dumps(sorted(refs))


@dataclass(frozen=True)
class Moves:
    """What became of keys in this run.

    people      index `person`; `key`, `born`, `key_before`, `since` (ISO time of the edit that moved the key, if known)
    absorbed    who moved onto the number of somebody else and became one with them → that person
    held        index `ref`, `field`: cells with a number that their person may not have
    collisions  columns COLLISIONS: those refusals
    """

    people: pd.DataFrame
    absorbed: "pd.Series[str]"
    held: pd.DataFrame
    collisions: pd.DataFrame


def move(linked: pd.DataFrame, holders: pd.DataFrame, ended: "pd.Index[str]", state: State, policy: Policy) -> Moves:
    """Keys after all moves of this run. `linked` are records with a `person`, `holders` the people (`key`, `born`),
    `ended` the references that speak no more.

    A number counts as free when nobody holds it after all moves, so swaps and rotations pass. A mover who still meets
    somebody becomes one with them where no CRM knows both; else the mover stays, and that is a collision.
    """
    asks = asked(linked, holders["key"], state, policy)
    wanted = asks[asks["wins"]].set_index("person")["number"]
    holding = holders.index[among(holders["key"], asks["number"])]
    people = [*asks["person"], *holding]
    involved = linked[among(linked["person"], people)]
    reach = _reach(people, involved, ended, state)
    pairs: list[tuple[str, str]] = []
    while True:
        left = holders["key"].drop(survivors(pairs).index)
        after, refused = _settled(left, wanted.reindex(left.index))
        stuck = wanted[among(wanted.index, refused)]
        resting = stuck[among(stuck, after[~among(after.index, refused)])]  # the end of a chain makes room for its rest
        at_rest = [pair for joining in _unions(resting, after, asks, reach) for pair in joining]
        more = at_rest or next(_unions(stuck, after, asks, reach), [])  # one union may resolve the rest of a circle
        if not more:
            break
        pairs += more
        reach = reach.assign(person=replaced(reach["person"], survivors(pairs)))
    moved = holders.loc[left.index, ["born"]].assign(key=after, key_before=left)
    moved["since"] = asks[asks["wins"]].set_index("person")["at"].reindex(moved.index)
    held = asks[among(asks["person"], refused)]
    return Moves(
        people=moved[["key", "born", "key_before", "since"]].astype("str"),
        absorbed=survivors(pairs),
        held=held.set_index("ref")[["field"]],
        collisions=_refusals(stuck, held, involved, moved),
    )


def _settled(before: "pd.Series[str]", wanted: "pd.Series[str]") -> tuple["pd.Series[str]", "pd.Index[str]"]:
    """Keys after the moves that pass, and the people whose move doesn't."""
    after = before.where(wanted.isna(), wanted)
    refused = pd.Series(False, index=before.index)
    while True:
        meets = after.duplicated(keep=False) & (after != before)
        if not meets.any():
            return after, before.index[refused]
        refused |= meets
        after = after.where(~meets, before)


def _reach(people: Sequence[str], records: pd.DataFrame, ended: "pd.Index[str]", state: State) -> pd.DataFrame:
    """Which CRMs know whom: columns `person`, `system`. Records that no snapshot shows, or out of scope, count, too."""
    theirs = state.links[among(state.links["person"], people)]
    alive = theirs[~theirs["role"].isin([TOMBSTONE, RETIRED]) & ~among(theirs.index, ended)]
    known = pd.concat([records[["person", "system"]], alive[["person", "system"]]])
    return known[known["system"].isin(CRMS)].drop_duplicates()


def _unions(
    refused: "pd.Series[str]", after: "pd.Series[str]", asks: pd.DataFrame, reach: pd.DataFrame
) -> Iterator[list[tuple[str, str]]]:
    """For each number, its movers who become one with its holder; where nobody holds it, with the first of them.

    Whoever also meets people over a smaller number waits for the next round: by then another CRM may know them.
    """
    order = asks.drop_duplicates("person").set_index("person")["rank"]
    holder = _holders(after, refused)
    met: set[str] = set()
    for number, movers in refused.groupby(refused, sort=True):
        ranked = sorted(map(str, movers.index), key=lambda person: (order[person], person))
        holders = holder.get(number, [])
        head, *others = [*holders, *ranked]
        waits = not met.isdisjoint([head, *others])
        known = set(reach.loc[reach["person"] == head, "system"])
        joining = []
        for other in others:
            systems = set(reach.loc[reach["person"] == other, "system"])
            if not known & systems:
                joining.append((other, head))
                known |= systems
        joins = bool(joining) and (bool(holders) or len(joining) == len(others))
        if waits or joins:
            met |= {head, *others}
        if joins and not waits:
            yield joining


def _holders(keys: "pd.Series[str]", numbers: "pd.Series[str]") -> dict[object, list[str]]:
    """Number → who holds it: nobody, or one."""
    held = keys[among(keys, numbers)]
    return {number: [str(person)] for person, number in held.items()}


def _refusals(
    refused: "pd.Series[str]", held: pd.DataFrame, linked: pd.DataFrame, people: pd.DataFrame
) -> pd.DataFrame:
    """A number asked for by one person and held by another: reported with the records of both."""
    holder = _holders(people["key"], refused)
    rows = []
    for number, movers in refused.groupby(refused, sort=True):
        claimants = pd.Index(held.loc[among(held["person"], movers.index) & (held["number"] == number), "ref"])
        holders = linked.index[among(linked["person"], holder.get(number, []))]
        rows.append(("number-taken", number, listed(claimants.union(holders)), ""))
    return pd.DataFrame(rows, columns=list(COLLISIONS), dtype="str")
