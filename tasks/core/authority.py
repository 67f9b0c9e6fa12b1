"""Who may speak for a field and where it may be written: directions, narrowed by the policy (design, connections)."""

from collections.abc import Collection

import pandas as pd

from tasks.core.model import CRMS
from tasks.core.policy import Policy
from tasks.core.state import TOMBSTONE, State


def is_open(scope: str, state: State, without: Collection[str] = ()) -> bool:
    """Whether Tandem may write that scope: two-way, and its system connected."""
    system = scope.partition(".")[0]
    return state.directions.get(scope) == "two-way" and system in state.connected and scope not in without


def field_is_open(name: str, system: str, state: State, policy: Policy, without: Collection[str] = ()) -> bool:
    """Whether Aloware's word on this field may reach that CRM: scope open, and not narrowed by the policy."""
    return policy.fields[name].direction == "two-way" and is_open(policy.scope(name, system), state, without)


def known_to_crms(records: pd.DataFrame, state: State) -> set[str]:
    """People of whom some CRM, connected or not, has a record. About others an agent's word contradicts nobody's."""
    living = state.links[state.links["role"] != TOMBSTONE]
    found = pd.concat([living[["system", "person"]], records[["system", "person"]]])
    return set(found.loc[found["system"].isin(CRMS), "person"].dropna())


def aloware_speaks(records: pd.DataFrame, state: State, policy: Policy) -> set[str]:
    """People whose number an agent may change: some CRM record of theirs takes phone edits, or they have none."""
    phones = [name for name, field in policy.fields.items() if field.type == "phone" and field.aloware]
    open_crms = [s for s in CRMS if any(field_is_open(name, s, state, policy) for name in phones)]
    heard = set(records.loc[records["system"].isin(open_crms), "person"].dropna())
    return heard | (set(records["person"].dropna()) - known_to_crms(records, state))
