"""The terms under which differences were settled, and which property a base is of: told by policy and vendor.

When they change, what was settled is judged anew; where a field is mapped to another property, its sides join.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from tasks.core.model import ALOWARE, Property, Schema
from tasks.core.policy import Policy
from tasks.core.state import CONSENT_DIFFERS, KEPT_DRIFT, LEFT_BLANK, TERMS, UNDONE, State, emptied, empty

# Somebody wanted it so, whatever the vendor says of the property.
OF_PEOPLE = (LEFT_BLANK, KEPT_DRIFT, CONSENT_DIFFERS, UNDONE)


def present(policy: Policy, schemas: Mapping[str, Schema]) -> pd.DataFrame:
    """Per place (`salesforce:Contact:company`) the columns TERMS: as far as the systems have told."""
    rows = {
        f"{system}:{object_name}:{name}": (prop, _of_policy(policy, system, name), _of_vendor(schema[prop]))
        for system, objects in schemas.items()
        for object_name, schema in objects.items()
        if object_name in policy.objects(system)
        for name, prop in policy.mapped(system, object_name).items()
        if prop in schema
    }
    if not rows:
        return empty(TERMS, "place")
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(TERMS), dtype="str").rename_axis("place")


def _of_policy(policy: Policy, system: str, name: str) -> str:
    field = policy.fields[name]
    return "/".join((field.type, field.blanks, *([policy.aloware.drift] if system == ALOWARE else [])))


def _of_vendor(known: Property) -> str:
    options = None if known.options is None else sorted(known.options)
    told = (known.type, known.length, known.createable, known.updateable, known.required, known.nillable, options)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def news(state: State, policy: Policy, schemas: Mapping[str, Schema]) -> pd.DataFrame:
    """The terms that the ledger doesn't know yet, or knows otherwise."""
    now = present(policy, schemas)
    before = state.terms.reindex(now.index)
    return now[(now != before).any(axis=1)]


def renewed(state: State, policy: Policy, schemas: Mapping[str, Schema]) -> State:
    """The ledger without the bases of other properties, and with settlements under other terms emptied."""
    now = news(state, policy, schemas)
    now = now[now.index.isin(state.terms.index)]
    before = state.terms.reindex(now.index)
    moved = {column: now.index[now[column] != before[column]] for column in TERMS}
    return replace(
        state,
        bases=without_bases(state.bases, moved["property"]),
        settled=_judged(state.settled, moved),
    )


def without_bases(bases: pd.DataFrame, places: "pd.Index[str]") -> pd.DataFrame:
    """`bases` without those of a field in an object where it is another property's by now."""
    bases = bases.copy() if len(places) else bases
    for place in places:
        where, _, name = place.rpartition(":")
        if name in bases:
            bases.loc[bases.index.str.startswith(f"{where}:"), [name, f"{name}_raw"]] = pd.NA
    return bases


def _judged(settled: pd.DataFrame, moved: Mapping[str, "pd.Index[str]"]) -> pd.DataFrame:
    """Without what was settled under terms that moved. What is mute stays so with its property."""
    where = settled["ref"].str.extract(r"^([^:]+:[^:]+):", expand=False) + ":" + settled["field"]
    mute = settled["golden"].eq("").fillna(False)
    over = where.isin(moved["property"])
    over |= where.isin(moved["policy"]) & ~mute & (settled["reason"] != CONSENT_DIFFERS)
    over |= where.isin(moved["vendor"]) & ~mute & ~settled["reason"].isin(OF_PEOPLE)
    return emptied(settled, over)
