"""Aloware contacts follow the number, for nothing re-keys them: handed over, left behind, or drifted (design, 3.7)."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from tasks.core.frames import among
from tasks.core.model import ALOWARE
from tasks.core.plan import QUARANTINE
from tasks.core.policy import Field
from tasks.core.state import NOT_RESTORED, REPRESENTATIVE, RETIRED, SETTLED, State, empty


@dataclass(frozen=True)
class Handover:
    """Linked contacts: `owner` per reference, their person after this run; those `foreign` to it; those `retired`."""

    owner: "pd.Series[str]"
    foreign: "pd.Index[str]"
    retired: "pd.Index[str]"


def follow(contacts: pd.DataFrame, people: pd.DataFrame, held: "pd.Index[str]", state: State) -> Handover:
    """Whose each contact is now. `contacts` are Aloware's records, `held` those whose agent asked for a taken number.

    A contact belongs to whoever holds its number, unless that is in dispute and its person has no other. Without a
    holder it is retired when its person moved, became somebody else, or is served by another contact; else it stays,
    for an agent changed its number without authority.
    """
    linked = contacts[contacts["person"].notna()]
    keys = people["key"].dropna()
    owner = linked["key"].map(pd.Series(keys.index, index=keys.to_numpy(), dtype="str")).astype("str")
    before = people["key_before"].reindex(linked["person"]).set_axis(linked.index)
    key = people["key"].reindex(linked["person"]).set_axis(linked.index)
    served = among(key, contacts["key"])
    owner = owner.mask(among(linked.index, held) & ~served, linked["person"])
    retired = (
        state.links["role"].reindex(linked.index).eq(RETIRED) | linked["base_ref"].isna() | (before != key) | served
    )
    foreign = owner.notna() & (owner != linked["person"])
    return Handover(
        owner=owner.fillna(linked["person"]),
        foreign=linked.index[foreign],
        retired=linked.index[owner.isna() & retired],
    )


def drifted(records: pd.DataFrame, people: pd.DataFrame, held: pd.DataFrame) -> "pd.Index[str]":
    """Contacts that speak under another number than their person's: an agent changed it, and it can't be restored."""
    mine = records[(records["system"] == ALOWARE) & (records["role"] == REPRESENTATIVE) & records["key"].notna()]
    strays = mine["key"].to_numpy() != people["key"].reindex(mine["person"]).to_numpy()
    drift: pd.Index[str] = mine.index[strays].difference(held.index)
    return drift


def reported(drift: "pd.Index[str]", records: pd.DataFrame) -> pd.DataFrame:
    """Rows of the quarantine."""
    rows = records.loc[drift, ["system", "object", "record_id"]]
    return rows.assign(reason="an agent changed its number, which Aloware can't change back")[list(QUARANTINE)]


def settled(
    drift: "pd.Index[str]", records: pd.DataFrame, decisions: Mapping[str, pd.DataFrame], fields: Mapping[str, Field]
) -> pd.DataFrame:
    """That difference as settlements (columns SETTLED)."""
    rows = records.loc[drift]
    found = [empty(SETTLED)]
    for name in [name for name, field in fields.items() if field.type == "phone" and field.aloware][:1]:
        golden = decisions[name]["golden"].reindex(rows["person"]).to_numpy()
        columns = {"ref": rows.index, "field": name, "golden": golden, "value": rows[name], "reason": NOT_RESTORED}
        frame = pd.DataFrame(columns, columns=list(SETTLED), dtype="str")
        found.append(frame[frame["golden"].notna() & (frame["golden"] != frame["value"])])
    return pd.concat(found, ignore_index=True).astype("str")
