"""Following identity through conversions, merges and deletions: who inherits a link, and whose link ends."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from tasks.core.model import SALESFORCE, reference
from tasks.core.state import RETIRED, TOMBSTONE


@dataclass(frozen=True)
class Succession:
    """`person` and `base_ref` per record (index `ref`); `ended`: reference that speaks no more → its heir, or ""."""

    person: "pd.Series[str]"
    base_ref: "pd.Series[str]"
    ended: "pd.Series[str]"


def follow(records: pd.DataFrame, links: pd.DataFrame, gone: Mapping[str, str]) -> Succession:
    """Hand the link of a converted Lead to its Contact, of a merged record to its master, where that one is new to us.

    A record that is seen again after its tombstone lifts it: somebody restored it.
    """
    converted = records[(records["system"] == SALESFORCE) & records["converted_to"].notna()]
    heirs = {str(ref): reference(SALESFORCE, "Contact", id_) for ref, id_ in converted["converted_to"].items()}
    lost = {ref: heir for ref, heir in gone.items() if ref not in records.index}
    ended = pd.Series(lost | heirs, dtype="str")

    alive = links[~links["role"].isin([TOMBSTONE, RETIRED]) | links.index.isin(records.index)]
    person = alive.loc[alive["role"] != RETIRED, "person"].reindex(records.index)
    base_ref = pd.Series(records.index, index=records.index, dtype="str")

    leaving = ended[(ended != "") & ended.index.isin(links.index)].sort_index()
    inherits = pd.Series(leaving.index, index=leaving.to_numpy(), dtype="str")
    inherits = inherits[~inherits.index.duplicated()]
    inherits = inherits[inherits.index.isin(person.index[person.isna()])]
    person.loc[inherits.index] = links["person"].reindex(inherits).to_numpy()
    base_ref.loc[inherits.index] = inherits
    return Succession(person.astype("str"), base_ref, ended)
