"""Links that no plan can promise: to records that it creates, whose address nobody knows beforehand."""

import pandas as pd

from tasks.core.model import CRMS, LINK, Outcome
from tasks.core.plan import Plan
from tasks.core.policy import Policy


def due(plan: Plan, outcomes: pd.DataFrame, policy: Policy) -> bool:
    """Whether records were created whose links the next plan will put into Aloware. `outcomes`: a row a cell."""
    links = [name for name, field in policy.fields.items() if field.type == LINK]
    linked = [crm for crm in CRMS if any(policy.maps(name, crm) for name in links)]
    born = plan.changes.loc[plan.changes["kind"].eq("create") & plan.changes["system"].isin(linked), "id"]
    return bool((plan.cells["change"].isin(born) & outcomes["outcome"].eq(Outcome.APPLIED.value)).any())
