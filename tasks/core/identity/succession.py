"""Following identity through conversions, merges and deletions: who inherits a link, whose link ends, who are one."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from tasks.core.frames import among
from tasks.core.model import SALESFORCE, reference
from tasks.core.state import REPRESENTATIVE, State

LONGEST_CHAIN = 50  # merges of merges in one run; also what ends a circle of records that we don't know


@dataclass(frozen=True)
class Succession:
    """What became of identities since the last run.

    person, base_ref  per record (index `ref`): whose link it has or inherits, and whose bases; missing person: unlinked
    ended             reference that speaks no more → its heir, or ""
    pairs             (person, the person on whose record one of theirs landed): they are one
    """

    person: "pd.Series[str]"
    base_ref: "pd.Series[str]"
    ended: "pd.Series[str]"
    pairs: list[tuple[str, str]]


def follow(records: pd.DataFrame, state: State, gone: Mapping[str, str]) -> Succession:
    """Hand the link of a converted Lead to its Contact, of a merged record to its master.

    Into a record new to us the link and its bases are inherited; into a linked one, its holder survives. A record that
    is seen again after its tombstone lifts it: somebody restored it.
    """
    converted = records[(records["system"] == SALESFORCE) & records["converted_to"].notna()]
    heirs = {str(ref): reference(SALESFORCE, "Contact", id_) for ref, id_ in converted["converted_to"].items()}
    lost = {ref: heir for ref, heir in gone.items() if ref not in records.index}
    ended = pd.Series(lost | heirs, dtype="str")

    person = state.links["person"].reindex(records.index)
    base_ref = pd.Series(records.index, index=records.index, dtype="str")
    leaving = _leaving(ended, state)
    leaving["holder"] = state.links["person"].reindex(leaving["heir"]).to_numpy()
    landed = leaving[leaving["holder"].notna() & (leaving["holder"] != leaving["person"])]
    pairs = list(zip(landed["person"], landed["holder"], strict=True))

    met = among(leaving["heir"], records.index) & ~among(leaving["heir"], ended.index)
    new = leaving[met & ~among(leaving["heir"], state.links.index)]
    new = _best_first(new, records, state)
    first = new.drop_duplicates("heir").set_index("heir")
    pairs += list(zip(new["person"], first["person"].reindex(new["heir"]), strict=True))
    person.loc[first.index] = first["person"]
    base_ref.loc[first.index] = first["ref"]
    return Succession(person.astype("str"), base_ref, ended, pairs)


def _leaving(ended: "pd.Series[str]", state: State) -> pd.DataFrame:
    """Linked records that ended in another: `ref`, `heir`, `person`; unknown records in between are skipped."""
    heir = ended[(ended != "") & among(ended.index, state.links.index)].sort_index()
    for _ in range(LONGEST_CHAIN):
        passing = ~among(heir, state.links.index) & among(heir, ended.index)
        if not passing.any():
            break
        heir = heir.mask(passing, heir.map(ended))
    held_by = state.links["person"].reindex(heir.index).to_numpy()
    return pd.DataFrame({"ref": heir.index, "heir": heir.to_numpy(), "person": held_by}, dtype="str")


def _best_first(new: pd.DataFrame, records: pd.DataFrame, state: State) -> pd.DataFrame:
    """Of several records merged into one that is new to us: first who holds its number, then who spoke."""
    number = records["key"].reindex(new["heir"]).to_numpy()
    holds = state.people["key"].reindex(new["person"]).to_numpy() == number
    spoke = state.links["role"].reindex(new["ref"]).to_numpy() == REPRESENTATIVE
    return new.assign(holds=~holds, spoke=~spoke).sort_values(["heir", "holds", "spoke", "ref"])
