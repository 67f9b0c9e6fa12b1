"""Numbers and Aloware contacts that pass from one person to another. Who takes a number is only learned of together
with who gives it, or the ledger would have it that two people go by one number; who gives a contact together with who
takes it, or they would be given a second one."""

from collections.abc import Collection

import pandas as pd

from tasks.core.frames import among
from tasks.core.identity.keys import listed
from tasks.core.identity.periods import BEGINS, ENDS, KEY
from tasks.core.matching import Matching
from tasks.core.plan import COLLISIONS

HANDS = "changes-hands"  # a number or a contact, for which a plan of some people alone leaves somebody out


def bonds(matching: Matching, links: pd.DataFrame) -> pd.DataFrame:
    """Who is only learned of (column `who`) together with whom (column `other`), by the crosswalk as it was."""
    keys = matching.turns[matching.turns["kind"] == KEY]
    given = keys.loc[keys["turn"] == ENDS, ["number", "person"]].rename(columns={"person": "other"})
    taken = keys.loc[keys["turn"] == BEGINS, ["number", "person"]].rename(columns={"person": "who"})
    passed = matching.records.loc[matching.records["foreign"], "person"]
    givers = links["person"].reindex(passed.index).replace(matching.absorbed.to_dict())
    contacts = pd.DataFrame({"who": givers, "other": passed})
    return pd.concat([given.merge(taken, on="number")[["who", "other"]], contacts], ignore_index=True)


def without_halves(people: Collection[str], bonds: pd.DataFrame) -> set[str]:
    """Those of the people who are bound to nobody but to others of them."""
    kept = set(people)
    while not (half := bonds[among(bonds["who"], kept) & ~among(bonds["other"], kept)]).empty:
        kept -= set(half["who"])
    return kept


def left_out(people: Collection[str], bonds: pd.DataFrame, matching: Matching) -> pd.DataFrame:
    """Collisions that say of those people that they are left out: their numbers, and all records of theirs and of whom
    they are bound to."""
    others, records = bonds.set_index("who")["other"], matching.records
    meant = ((person, [person, *others[others.index == person]]) for person in sorted(people))
    rows = [
        (HANDS, matching.people["key"].get(person), listed(records.index[among(records["person"], them)]), "")
        for person, them in meant
    ]
    return pd.DataFrame(rows, columns=list(COLLISIONS), dtype="str")
