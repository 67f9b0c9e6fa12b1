"""Verb: decide every field, and say what must be written."""

from collections.abc import Mapping, Sequence

import pandas as pd

from tasks.core import one_time
from tasks.core import propose as core_propose
from tasks.core import resolve as core
from tasks.core.match import Matching
from tasks.core.model import Schema
from tasks.core.policy import Policy
from tasks.core.propose import Proposal
from tasks.core.state import State
from tasks.orchestrate import task


@task
def resolve(cells: Mapping[str, pd.DataFrame], policy: Policy) -> dict[str, pd.DataFrame]:
    """Field → decisions; see `core.resolve`."""
    return {name: core.decide(sides, policy.fields[name], policy.aloware.drift) for name, sides in cells.items()}


@task
def resolve_once(
    cells: Mapping[str, pd.DataFrame], matching: Matching, objects: Sequence[str]
) -> dict[str, pd.DataFrame]:
    """Field → decisions of a one-time pull of those Salesforce objects; see `core.one_time`."""
    people = one_time.people_of(matching.records, objects)
    return {name: one_time.decide(sides, people) for name, sides in cells.items()}


@task
def propose(
    matching: Matching,
    cells: Mapping[str, pd.DataFrame],
    decisions: Mapping[str, pd.DataFrame],
    state: State,
    policy: Policy,
    schemas: Mapping[str, Schema],
    statuses: Mapping[str, str],
) -> Proposal:
    """The writes that carry the decisions out; see `core.propose`."""
    return core_propose.propose(matching, cells, decisions, state, policy, schemas, statuses)
