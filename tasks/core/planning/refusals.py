"""Writes that would fail at the vendor, known beforehand from what the vendor says of its own properties."""

from collections.abc import Mapping

import pandas as pd

from tasks.core.model import CHOICES, OWNER, Property, Schema

WHOLE = frozenset({"int", "long"})  # types of properties that take no fractions


def predict(writes: pd.DataFrame, schemas: Mapping[str, Schema]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`writes` that can land, and those that can't with their `reason`.

    A create that lacks what its object requires falls whole.
    """
    reason = pd.Series(pd.NA, index=writes.index, dtype="str")
    for (system, object_name, prop), rows in writes.groupby(["system", "object", "property"]):
        known = schemas.get(str(system), {}).get(str(object_name), {}).get(str(prop))
        if known is not None:
            reason[rows.index] = _why_not(rows, known)
    reason = reason.mask(reason.isna() & writes["after"].isna(), "the system has no value for this status")
    bad = reason.notna()
    refused = writes[bad].assign(reason=reason[bad])
    writes, incomplete = _complete(writes[~bad], schemas)
    return writes, pd.concat([refused, incomplete], ignore_index=True)


def _why_not(rows: pd.DataFrame, known: Property) -> "pd.Series[str]":
    reason = pd.Series(pd.NA, index=rows.index, dtype="str")
    if known.length is not None:
        reason = reason.mask(rows["after"].str.len() > known.length, f"longer than {known.length} characters")
    if known.options is not None:
        chosen = rows["after"].str.split(";").explode() if known.type == CHOICES else rows["after"]
        stray = chosen.index[chosen.notna() & (chosen != "") & ~chosen.isin(known.options)]
        reason = reason.mask(rows.index.isin(stray), "not one of the property's options")
    if known.type in WHOLE:
        reason = reason.mask(rows["after"].str.contains(".", regex=False, na=False), "not a whole number")
    if known.type == OWNER:
        reason = reason.mask(rows["after"].isna(), "no active user there, or more than one, has that e-mail")
    if not known.nillable:
        reason = reason.mask(rows["after"] == "", "the property can't be blank")
    creates = rows["kind"] == "create"
    if not known.createable:
        reason = reason.mask(creates, "read-only at creation")
    if not known.updateable:
        reason = reason.mask(~creates, "read-only")
    return reason


def _complete(writes: pd.DataFrame, schemas: Mapping[str, Schema]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Set aside creates that don't carry every property their object requires."""
    short = pd.Series(False, index=writes.index)
    creates = writes[writes["kind"] == "create"]
    for (system, object_name), rows in creates.groupby(["system", "object"]):
        schema = schemas.get(str(system), {}).get(str(object_name), {})
        required = [name for name, known in schema.items() if known.required]
        carried = rows[rows["property"].isin(required)].groupby("person")["property"].nunique()
        lacking = rows["person"].map(carried).fillna(0) < len(required)
        short[rows.index] = lacking
    reason = "the object requires a property that nobody has a value for"
    return writes[~short], writes[short].drop_duplicates(["system", "person"]).assign(reason=reason)
