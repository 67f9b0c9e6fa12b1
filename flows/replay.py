"""Plan a run again from what its plan kept: the same checksum, or what it would decide otherwise."""

from dataclasses import replace
from pathlib import Path

from flows.plan import intend, judge, see
from tasks.replay import Replayed, compare, recall, under
from tasks.session import open_session


def replay(run: str, policy: Path | None = None) -> Replayed:
    """That run's plan and the one that comes out now, under the policy of then or the one in that file.

    Nobody is asked and nothing is stored. Raises UsageError where what the run was planned from isn't kept.
    """
    with open_session(read_only=True) as session:
        stored, evidence = recall(session, run)
        if policy is not None:
            evidence = under(evidence, replace(session.settings, policy_path=policy).policy())
        seen = see(evidence, session.engine)
        proposal, decisions = intend(evidence, seen, session.engine)
        return compare(stored, evidence, seen.known, *judge(evidence, seen, proposal, decisions))
