"""Verb: judge a proposal before anything is written: data quality first, then how much may change at once."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from tasks.core.deciding import answered
from tasks.core.matching import Matching
from tasks.core.model import HUBSPOT, SYSTEMS, Snapshot
from tasks.core.plan import Breaker, Verdict
from tasks.core.planning import after, breaker
from tasks.core.planning.propose import Proposal
from tasks.core.policy import Policy
from tasks.core.statuses import strays
from tasks.core.tally import Tallies, Tally, added, tallied
from tasks.orchestrate import task
from tasks.quality.after_state import check_after_state
from tasks.quality.snapshots import check_snapshot

NOBODY_ELSE: Tallies = {}


@task
def gate(
    proposal: Proposal,
    matching: Matching,
    records: pd.DataFrame,
    snapshots: Mapping[str, Snapshot],
    accepted_rows: Mapping[str, int],
    policy: Policy,
    initial: bool,
    others: Tallies = NOBODY_ELSE,
) -> tuple[Proposal, Verdict]:
    """The proposal without the cells that fail a check, and the verdict on the rest. `records` are those of the
    `snapshots`, normalised, or those of them which the run looked at, with a tally of all `others`; `accepted_rows`
    counts those of each system's last accepted one.

    A failing set holds every change of its system; a breaker holds the changes of its kind. What isn't held may go.
    """
    schemas = {system: snapshot.schema for system, snapshot in snapshots.items()}
    tallies = added(tallied(records, policy, schemas), others)
    checks = [
        check_snapshot(snapshots[system], tallies.get(system, Tally()), accepted_rows.get(system))
        for system in SYSTEMS
        if system in snapshots and (any(map(len, snapshots[system].frames.values())) or accepted_rows.get(system))
    ]
    cells = after.planned_cells(proposal, policy, schemas)
    future = check_after_state(cells, after.aloware_numbers(records, proposal))
    proposal = after.without(proposal, future.failing, cells)
    moved = matching.people.index[
        matching.people["key_before"].notna() & (matching.people["key_before"] != matching.people["key"])
    ]
    fired = breaker.fired(
        proposal.changes,
        proposal.cells,
        moved,
        proposal.linked,
        policy.limits,
        lifted=proposal.initial if initial else (),
    )
    set_failures = [b for check in [*checks, future] for b in check.breakers]
    breakers = (*(replace(b, holds=_held_by_set(b, proposal)) for b in set_failures), *fired)
    findings = tuple(finding for check in [*checks, future] for finding in check.findings)
    strayed = tallies.get(HUBSPOT, Tally()).strays
    findings += (*strays(strayed), *answered.findings(proposal.advance.decided))
    return proposal, Verdict("hold" if breakers else "pass", breakers, findings)


def _held_by_set(failure: Breaker, proposal: Proposal) -> frozenset[str]:
    """A failing set holds every change that reads or writes its system; a failing plan, all of it."""
    system = failure.name.partition(".")[0]
    if system == "plan":
        return frozenset(proposal.changes["id"])
    written = proposal.changes.loc[proposal.changes["system"] == system, "id"]
    read = proposal.cells.loc[proposal.cells["sources"].fillna("").str.contains(f"{system}:"), "change"]
    return frozenset(written) | frozenset(read)
