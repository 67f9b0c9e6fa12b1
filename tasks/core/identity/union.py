"""Persons who turn out to be one: who survives, whatever the order, length or circularity of the chains."""

from collections.abc import Iterable

import pandas as pd


def survivors(pairs: Iterable[tuple[str, str]]) -> "pd.Series[str]":
    """Absorbed person → surviving person (index `person`), from pairs (absorbed, survivor).

    A chain ends with its last survivor; a pair that would close a circle says nothing new.
    """
    into: dict[str, str] = {}

    def last(person: str) -> str:
        while person in into:
            person = into[person]
        return person

    for absorbed, survivor in pairs:
        one, other = last(absorbed), last(survivor)
        if one != other:
            into[one] = other
    found = {person: last(person) for person in sorted(into)}
    return pd.Series(list(found.values()), index=pd.Index(list(found), name="person", dtype="str"), dtype="str")


def replaced(person: "pd.Series[str]", absorbed: "pd.Series[str]") -> "pd.Series[str]":
    """`person` with everybody absorbed replaced by their survivor."""
    if absorbed.empty:
        return person.astype("str")
    return person.map(absorbed).astype("str").fillna(person)


def pairs(absorbed: "pd.Series[str]") -> list[tuple[str, str]]:
    """(absorbed, survivor) of each."""
    return list(zip(absorbed.index, absorbed, strict=True))
