"""What is left out of a run, and why: records nobody can place, cells nobody can read, links that ended."""

import pandas as pd

from tasks.core.canonical import unreadable
from tasks.core.frames import among
from tasks.core.model import ALOWARE, CRMS
from tasks.core.plan import QUARANTINE
from tasks.core.policy import Policy
from tasks.core.state import RETIRED, TOMBSTONE, State, empty

RECORD = ["system", "object", "record_id"]


def unplaced(lost: pd.DataFrame) -> pd.DataFrame:
    """Records that lead to nobody; columns QUARANTINE, as of all here."""
    return lost[RECORD].assign(reason="no valid phone number, and no e-mail match")


def unread(members: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Cells of known people that hold what their field's type can't be."""
    found = [empty(QUARANTINE)]
    for name, field in policy.fields.items():
        bad = members[members[name].isna() & members[f"{name}_raw"].notna()]
        found.append(bad[RECORD].assign(reason=f"{name} {unreadable(field.type)}"))
    return pd.concat(found, ignore_index=True)


def emptied(members: pd.DataFrame, people: pd.DataFrame, state: State, policy: Policy) -> pd.DataFrame:
    """Phone cells of CRM records that gave a person their number, and were emptied since the last run."""
    found = [empty(QUARANTINE)]
    members = members[members["system"].isin(CRMS)]
    for name in [name for name, field in policy.fields.items() if field.type == "phone" and name in state.bases]:
        blank = members[members[name] == ""]
        key = people["key_before"].reindex(blank["person"]).to_numpy()
        gave = state.bases[name].reindex(blank["base_ref"]).to_numpy() == key
        found.append(blank.loc[gave, RECORD].assign(reason=f"{name} was emptied; its person keeps the number"))
    return pd.concat(found, ignore_index=True)


def deleted(ended: "pd.Series[str]", state: State) -> pd.DataFrame:
    """Records whose deletion this run learns of. Aloware tells no more than that nobody has the number."""
    alive = state.links[~state.links["role"].isin([TOMBSTONE, RETIRED])]
    rows = alive[among(alive.index, ended.index[ended == ""])].sort_index()
    what = rows["system"].map({ALOWARE: "gone or renumbered"}).fillna("deleted")
    return rows[RECORD].assign(reason=what + "; it is not created again from the other sides")
