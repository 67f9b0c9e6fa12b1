"""What a first run will meet, do and cost, told before anything is written."""

from pathlib import Path

from flows.plan import consider, intend, judge, known, look, see
from tasks.assess import assess as count
from tasks.assess import write_out
from tasks.core.assessing.assessment import Assessment
from tasks.core.assessing.written import opened
from tasks.core.evidence import Evidence
from tasks.core.planning.sight import Thought
from tasks.core.run import Asked
from tasks.engine import Engine
from tasks.orchestrate import flow
from tasks.session import open_session
from tasks.statuses import mirror_statuses


@flow(name="assess")
def assess(out: Path | None = None) -> tuple[Assessment, dict[str, int]]:
    """Read everything as a first run does, and count. No system is written, and no plan is stored.

    Gives, too, the files that it wrote into `out`, for those who will set things right, with how many rows each has.
    """
    with open_session(read_only=True, owners=True) as session:
        session.check_settings(session.connected())
        with session.run("assess") as run:
            statuses = mirror_statuses(session)
            snapshots = look(session, full=True)
            evidence = known(session, Asked("assess", initial=True), snapshots, statuses.ids, statuses.findings)
            thought = consider(session, evidence)
            wider = opened(thought.evidence)
            widest = (
                imagine(wider, session.engine) if wider.state.directions != thought.evidence.state.directions else None
            )
            made = count(session, run, thought, widest)
            return made, write_out(made, out) if out else {}


def imagine(evidence: Evidence, engine: Engine) -> Thought:
    """What would be thought of that, without another look."""
    seen = see(evidence, engine)
    proposal, decisions = intend(evidence, seen, engine)
    return Thought(evidence, seen, decisions, *judge(evidence, seen, proposal, decisions))
