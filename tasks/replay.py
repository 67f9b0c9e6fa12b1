"""Verb: plan a run again from what its plan kept. No system is asked and nothing is stored."""

from dataclasses import dataclass, replace

import pandas as pd

from tasks.core.errors import PolicyError, UsageError
from tasks.core.evidence import Evidence, inputs
from tasks.core.mapping import check_against
from tasks.core.plan import UNDO, Plan, Verdict
from tasks.core.planning.comparing import differences
from tasks.core.planning.drawing import drawn
from tasks.core.planning.propose import Proposal
from tasks.core.policy import Policy
from tasks.core.state import State
from tasks.ledger.snapshots import digest
from tasks.session import Session


@dataclass(frozen=True)
class Replayed:
    """A plan as it was stored, as it comes out now, and where they differ (see `comparing.differences`)."""

    stored: Plan
    again: Plan
    differences: pd.DataFrame

    @property
    def same(self) -> bool:
        return self.stored.checksum == self.again.checksum


def recall(session: Session, run: str) -> tuple[Plan, Evidence]:
    """The plan of that run, and what it was made from. Raises UsageError where there is none, or it isn't kept."""
    found = session.ledger.runs.get(run)
    plan_id = found.plan
    if found.mode == UNDO:
        raise UsageError(f"run {run} took another one back, and follows from that one: replay that one instead")
    if plan_id is None:
        raise UsageError(f"run {run} made no plan; `tandem status` names the latest plan and its run")
    evidence = session.ledger.evidence.load(plan_id, run)
    return session.ledger.plans.load(plan_id), evidence


def under(evidence: Evidence, policy: Policy) -> Evidence:
    """The same evidence under another policy. Raises PolicyError where that asks for what the run never read, and
    UsageError where the run read of the ledger only what is known of those whom its own policy had it look at."""
    if evidence.part is not None:
        raise UsageError(
            "that run looked only at those of whom something had moved, and another policy may be about others: "
            "`tandem replay` one that looked at everybody, as `tandem reconcile --full` does"
        )
    check_against(policy, evidence.schemas)
    for system, snapshot in evidence.snapshots.items():
        for object_name, columns in policy.wanted(system).items():
            read = snapshot.frames.get(object_name, pd.DataFrame())
            if unread := [column for column in columns if column not in read]:
                raise PolicyError(
                    f"that run didn't read {unread[0]} of {system}'s {object_name}, which the other policy maps: "
                    "replay knows only what was read then; `tandem plan` with that policy reads it"
                )
    return replace(evidence, policy=policy)


def compare(stored: Plan, evidence: Evidence, known: State, proposal: Proposal, verdict: Verdict) -> Replayed:
    """That plan beside the one that was made of the evidence now, and of what is `known` of those looked at."""
    digests = {system: digest(snapshot) for system, snapshot in evidence.snapshots.items()}
    made_from = inputs(evidence.policy, digests, known)
    again = drawn(proposal, verdict, stored.run, stored.mode, stored.created_at, made_from)
    return Replayed(stored, again, differences(stored, again))
