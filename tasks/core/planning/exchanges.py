"""Numbers that pass from one person to another. Who takes one is only learned of together with who gives it: or the
ledger would have it that two people go by one number."""

from collections.abc import Collection

import pandas as pd

from tasks.core.frames import among
from tasks.core.identity.keys import listed
from tasks.core.identity.periods import BEGINS, ENDS, KEY
from tasks.core.matching import Matching
from tasks.core.plan import COLLISIONS

HANDS = "changes-hands"  # a number that somebody takes, whom a plan of some people alone leaves out for that


def passing(turns: pd.DataFrame) -> pd.DataFrame:
    """Which number passes from whom to whom (columns number, giver, taker), by the `turns` that a plan teaches."""
    keys = turns[turns["kind"] == KEY]
    given = keys.loc[keys["turn"] == ENDS, ["number", "person"]].rename(columns={"person": "giver"})
    taken = keys.loc[keys["turn"] == BEGINS, ["number", "person"]].rename(columns={"person": "taker"})
    return given.merge(taken, on="number")


def without_halves(people: Collection[str], turns: pd.DataFrame) -> set[str]:
    """Those of the people who take no number from somebody who isn't among them."""
    kept, numbers = set(people), passing(turns)
    while not (half := numbers[among(numbers["taker"], kept) & ~among(numbers["giver"], kept)]).empty:
        kept -= set(half["taker"])
    return kept


def left_out(people: Collection[str], turns: pd.DataFrame, matching: Matching) -> pd.DataFrame:
    """Collisions that say of those people that they are left out: their numbers, and all records of theirs and of who
    gave them."""
    givers, records = passing(turns).set_index("taker")["giver"], matching.records
    meant = ((person, [person, *givers[givers.index == person]]) for person in sorted(people))
    rows = [
        (HANDS, matching.people["key"].get(person), listed(records.index[among(records["person"], them)]), "")
        for person, them in meant
    ]
    return pd.DataFrame(rows, columns=list(COLLISIONS), dtype="str")
