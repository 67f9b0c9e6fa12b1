"""Verb: decide every field, and say what must be written."""

from collections.abc import Mapping, Sequence

import pandas as pd

from tasks.connectors.opening import accounts
from tasks.connectors.salesforce_wire import ACCOUNT_ID
from tasks.core.canonical import Users
from tasks.core.deciding import resolve as core
from tasks.core.frames import parts, together
from tasks.core.matching import Matching
from tasks.core.model import SALESFORCE, Schema
from tasks.core.planning import accounts as core_accounts
from tasks.core.planning import one_time
from tasks.core.planning import propose as core_propose
from tasks.core.planning.propose import Decisions, Proposal
from tasks.core.planning.sight import Sight
from tasks.core.policy import Policy
from tasks.engine import Engine
from tasks.orchestrate import task
from tasks.session import Session


@task
def resolve(cells: Mapping[str, pd.DataFrame], policy: Policy) -> dict[str, pd.DataFrame]:
    """Field → decisions; see `deciding.resolve`."""
    return core.decide_all(cells, policy)


def resolve_by(engine: Engine, cells: Mapping[str, pd.DataFrame], policy: Policy) -> dict[str, pd.DataFrame]:
    """The same, part by part."""
    return together(engine.each(resolve, parts(cells, engine.parts), policy))


@task
def resolve_once(
    cells: Mapping[str, pd.DataFrame], matching: Matching, objects: Sequence[str], policy: Policy
) -> dict[str, pd.DataFrame]:
    """Field → decisions of a one-time pull of those Salesforce objects; see `planning.one_time`."""
    people = one_time.people_of(matching.records, objects)
    return {name: one_time.decide(sides, people, policy.fields[name]) for name, sides in cells.items()}


@task
def propose(
    seen: Sight,
    decisions: Decisions,
    policy: Policy,
    schemas: Mapping[str, Schema],
    statuses: Mapping[str, str],
    users: Users,
) -> Proposal:
    """The writes that carry the decisions out; see `planning.propose`."""
    return core_propose.propose(seen.people, seen.cells, decisions, seen.known, policy, schemas, statuses, users)


@task
def find_accounts(session: Session, proposal: Proposal, decisions: Decisions) -> dict[str, list[str]]:
    """Name → ids of the Accounts of new Contacts, looked up where the policy wants them by name."""
    names = core_accounts.companies(proposal, decisions, session.policy)
    return accounts(session.connector(SALESFORCE), names) if names else {}


@task
def with_accounts(
    proposal: Proposal, decisions: Decisions, policy: Policy, found: Mapping[str, Sequence[str]]
) -> Proposal:
    """The proposal with the Accounts of new Contacts; see `planning.accounts`."""
    return core_accounts.attach(proposal, decisions, policy, ACCOUNT_ID, found)
