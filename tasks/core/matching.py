"""What identity hands on: everybody, and the records that are theirs."""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Matching:
    """Records with their people.

    records     the normalised records that belong to somebody, plus `person`, `role`, `base_ref` (whose bases they
                inherit: usually their own; missing: they join afresh) and `foreign` (bool: an Aloware contact that
                changed hands); a cell with a number that its person may not have is missing
    people      index `person`; `key`, `born`, `key_before` (missing for somebody new), `since` (when the key was
                typed, where that is known)
    links       index `ref`, columns LINKS: crosswalk rows that are new or changed
    collisions  columns COLLISIONS; quarantine columns QUARANTINE
    absorbed    index `person`: who ever turned out to be somebody else → that person
    drift       references of Aloware contacts whose number an agent changed without authority
    turns       periods of owning a number that begin or end (columns TURNS, see `periods`)
    strangers   the normalised records that aren't among `records`, for they are out of scope or quarantined: nobody
                reads or writes them, and yet their systems count them
    """

    records: pd.DataFrame
    people: pd.DataFrame
    links: pd.DataFrame
    collisions: pd.DataFrame
    quarantine: pd.DataFrame
    absorbed: "pd.Series[str]"
    drift: "pd.Index[str]"
    turns: pd.DataFrame
    strangers: pd.DataFrame
