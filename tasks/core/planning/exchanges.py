"""Numbers that pass from one person to another. Who takes one is only learned of together with who gives it: or the
ledger would have it that two people go by one number."""

from collections.abc import Collection

import pandas as pd

from tasks.core.frames import among
from tasks.core.identity.keys import listed
from tasks.core.identity.periods import BEGINS, ENDS, KEY
from tasks.core.plan import COLLISIONS

HALF = "half-exchanged"  # the number passes, but a plan of some people alone is only about who takes it


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


def halves(people: Collection[str], turns: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    """Collisions that say of whom of the people a plan of them alone has to leave out, and what passes to them."""
    numbers = passing(turns)
    left = numbers[among(numbers["taker"], set(people) - without_halves(people, turns))]
    rows = [
        (HALF, number, listed(records.index[among(records["person"], [giver, taker])]), "")
        for number, giver, taker in left[["number", "giver", "taker"]].to_numpy()
    ]
    return pd.DataFrame(rows, columns=list(COLLISIONS), dtype="str")
