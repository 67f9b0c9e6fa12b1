"""Every plan that is made from a part of the world, beside the one that is made from all of it: nothing may tell them
apart but what they took."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest

from flows import plan
from tasks import focus
from tasks.core.evidence import Evidence, inputs
from tasks.core.planning import versions
from tasks.core.planning.drawing import drawn
from tasks.core.planning.sight import Thought
from tasks.core.tally import Tally, added, tallied
from tasks.focus import Focus
from tasks.ledger import people
from tasks.ledger.snapshots import digest
from tasks.session import Session

EVERYBODY = 1000.0  # times as many people as there are: no part is too large


def compare_twins(patched: pytest.MonkeyPatch) -> list[int | None]:
    """From now on every draft is made twice; says of each, as they come, of how many people its part was, and None of
    one that was made from all."""
    patched.setattr(people, "MANY", EVERYBODY)
    patched.setattr(people, "FEW", 0)
    patched.setattr(focus, "SKEW", timedelta(0))
    made: list[int | None] = []
    patched.setattr(plan, "consider", _twice(plan.consider, made))
    return made


def _twice(consider: Callable[..., Thought], made: list[int | None]) -> Callable[..., Thought]:
    def both(session: Session, evidence: Evidence, narrow: Focus | None = None) -> Thought:
        one = consider(session, evidence, narrow)
        made.append(len(one.evidence.state.people) if one.evidence.part else None)
        if one.evidence.part:
            check_same(one, consider(session, replace(evidence, state=session.state())))
        return one

    return both


def check_same(one: Thought, other: Thought) -> None:
    """What they intend, what they learn, what the gate says, and what they are made from."""
    assert _made_from(one) == _made_from(other)
    assert one.verdict == other.verdict
    for name in ("settled", "linked", "initial"):
        assert getattr(one.proposal, name) == getattr(other.proposal, name), name
    for name in ("changes", "cells", "refused", "conflicts", "collisions", "quarantine"):
        pd.testing.assert_frame_equal(getattr(one.proposal, name), getattr(other.proposal, name))
    for part in fields(one.proposal.advance):
        frames = (getattr(each.proposal.advance, part.name) for each in (one, other))
        pd.testing.assert_frame_equal(*map(_in_order, frames))
    assert _versions(one).equals(_versions(other))
    assert _counted(one) == _counted(other)


def _made_from(thought: Thought) -> str:
    evidence = thought.evidence
    digests = {system: digest(snapshot) for system, snapshot in evidence.snapshots.items()}
    return inputs(evidence.policy, digests, thought.seen.known)


def _versions(thought: Thought) -> Any:
    now = next(iter(thought.evidence.snapshots.values())).taken_at
    return versions.of_cells(drawn(thought.proposal, thought.verdict, "r", "test", now, ""), thought.evidence.state)


def _counted(thought: Thought) -> dict[str, Tally]:
    evidence = thought.evidence
    return added(tallied(thought.seen.records, evidence.policy, evidence.schemas), evidence.others)


def _in_order(frame: pd.DataFrame) -> pd.DataFrame:
    flat = frame.reset_index() if frame.index.name else frame.reset_index(drop=True)
    return flat.sort_values(list(flat.columns), ignore_index=True) if len(flat.columns) else flat
