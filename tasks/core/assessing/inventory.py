"""How many records there are, and with which of them something can be done."""

import pandas as pd

from tasks.core.planning.sight import Thought
from tasks.core.policy import Policy

INVENTORY = ("system", "object", "records", "valid", "invalid", "blank", "left_out", "out_of_scope")


def inventory(thought: Thought) -> pd.DataFrame:
    """A row an object; columns INVENTORY, from `records` on whole numbers.

    Each record has a `valid` number, or else an `invalid` one in some phone field, or else only `blank` ones. Of all
    these, `left_out` lead to nobody, for they have neither a valid number nor an address that tells whose they are, and
    `out_of_scope` are those that the policy's `where` leaves aside.
    """
    records, strangers = thought.seen.records, thought.seen.people.strangers
    valid = records["key"].notna()
    invalid = ~valid & unreadable(records, thought.evidence.policy).any(axis=1)
    told = records[["system", "object"]].assign(
        records=True,
        valid=valid,
        invalid=invalid,
        blank=~valid & ~invalid,
        left_out=records["in_scope"] & records.index.isin(strangers.index),
        out_of_scope=~records["in_scope"],
    )
    return told.groupby(["system", "object"], sort=False).sum().astype("int64").reset_index()


def unreadable(records: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Phone field → whether a record has something in it that is no valid number."""
    phones = [name for name, field in policy.fields.items() if field.type == "phone"]
    return pd.DataFrame({name: records[name].isna() & records[f"{name}_raw"].notna() for name in phones})
