"""A proposal that was judged, drawn up as the plan of its run."""

from datetime import datetime

from tasks.core.plan import Plan, Verdict
from tasks.core.planning.propose import Proposal


def plan_of(run: str) -> str:
    """The id of the one plan of a run."""
    return "p" + run.removeprefix("r")


def drawn(proposal: Proposal, verdict: Verdict, run: str, mode: str, created_at: datetime, inputs: str) -> Plan:
    """That run's plan; `inputs` as `evidence.inputs` gives them."""
    return Plan(
        id=plan_of(run),
        run=run,
        mode=mode,
        created_at=created_at,
        changes=proposal.changes,
        cells=proposal.cells,
        refused=proposal.refused,
        conflicts=proposal.conflicts,
        collisions=proposal.collisions,
        quarantine=proposal.quarantine,
        advance=proposal.advance,
        settled=proposal.settled,
        verdict=verdict,
        inputs=inputs,
        linked=proposal.linked,
    )
