"""Who may speak for a field and where it may be written: directions, narrowed by the policy (design, connections)."""

from collections.abc import Collection

import pandas as pd

from tasks.core.frames import among
from tasks.core.model import CRMS
from tasks.core.policy import Policy
from tasks.core.state import TOMBSTONE, State


def is_open(scope: str, state: State, without: Collection[str] = ()) -> bool:
    """Whether Tandem may write that scope: two-way, and its system connected."""
    system = scope.partition(".")[0]
    return state.directions.get(scope) == "two-way" and system in state.connected and scope not in without


def field_is_open(name: str, system: str, state: State, policy: Policy, without: Collection[str] = ()) -> bool:
    """Whether Aloware's word on this field may reach that CRM: scope open, and not narrowed by the policy."""
    return policy.fields[name].direction != "inbound" and is_open(policy.scope(name, system), state, without)


def crm_records(records: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """Columns `system`, `object`, `person`: every living record of every CRM, connected or not, with whose it is."""
    living = links[links["role"] != TOMBSTONE]
    columns = ["system", "object", "person"]
    found = pd.concat([living[columns], records[columns]], ignore_index=True).drop_duplicates().dropna()
    return found[found["system"].isin(CRMS)]


def inhabited(found: pd.DataFrame, people: "pd.Index[str]") -> pd.DataFrame:
    """Per `system:object` (bool) whether each of `people` has one of those records there; index: the people."""
    home = found["system"] + ":" + found["object"]
    homes = {each: among(people, found.loc[home == each, "person"]) for each in sorted(home.unique())}
    return pd.DataFrame(homes, index=people)


def aloware_speaks(records: pd.DataFrame, state: State, policy: Policy) -> "pd.Index[str]":
    """People whose number an agent may change: some CRM record of theirs takes phone edits, or they have none."""
    phones = [name for name, field in policy.fields.items() if field.type == "phone" and field.aloware]
    gained = state.rebasing  # authority over later edits only
    open_crms = [s for s in CRMS if any(field_is_open(name, s, state, policy, gained) for name in phones)]
    people = pd.Index(records["person"].dropna().unique())
    heard = among(people, records.loc[records["system"].isin(open_crms), "person"])
    found: pd.Index[str] = people[heard | ~among(people, crm_records(records, state.links)["person"])]
    return found
