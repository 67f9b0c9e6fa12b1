"""A crowd as the core meets it: snapshots of three systems, and what the ledger knows once a run has seen them."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from tasks.core import normalise
from tasks.core.deciding import diff, resolve
from tasks.core.deciding.lineup import line_up
from tasks.core.identity import match
from tasks.core.looking.stirred import stirred
from tasks.core.model import SCOPES, SYSTEMS, Snapshot
from tasks.core.planning import propose
from tasks.core.planning.propose import Proposal
from tasks.core.policy import Policy, parse
from tasks.core.state import NUMBERS, PEOPLE, Advance, State, base_columns, golden_columns
from tasks.settings import DEFAULT_POLICY
from tests.bench.crowd import Frames, Shares, edited, frames, people
from tests.property.simulation import STATUSES, nothing_known, schema

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CITY = {"contact": "MailingCity", "lead": "City", "hubspot": "city", "aloware": "city"}


def crowd_policy() -> Policy:
    """The default policy and one field more: eight."""
    document = tomllib.loads(DEFAULT_POLICY.read_text(encoding="utf-8"))
    return parse(document | {"fields": document["fields"] | {"city": CITY}})


@dataclass(frozen=True)
class CrowdWorld:
    """`known`: the ledger after a run that saw `before`, which taught it that `lesson`; `after` is what the systems say
    now."""

    policy: Policy
    lesson: Advance
    known: State
    before: Sequence[Snapshot]
    after: Sequence[Snapshot]

    @classmethod
    def of(cls, count: int, shares: Shares, seed: int = 8) -> "CrowdWorld":
        policy, dice = crowd_policy(), np.random.default_rng(seed)
        before = frames(people(0, count, dice), dice)
        snapshots = pulled(before, policy)
        fresh = nothing_known(policy, SCOPES)
        made = think(snapshots, fresh, policy)
        return cls(
            policy,
            made.advance,
            learned(fresh, made),
            snapshots,
            pulled(edited(before, shares, dice), policy),
        )


def pulled(found: Frames, policy: Policy) -> list[Snapshot]:
    """Those records under the vendors' names."""
    return [
        Snapshot(
            system,
            NOON,
            {name: _vendor_frame(found[system, name], policy.mapped(system, name)) for name in policy.objects(system)},
            schema(system, policy),
        )
        for system in SYSTEMS
    ]


def _vendor_frame(rows: pd.DataFrame, mapped: dict[str, str]) -> pd.DataFrame:
    ids = {status: id_ for id_, status in STATUSES.items()}
    said = rows.assign(lead_status=rows["lead_status"].map(ids)) if "phone_number" in mapped.values() else rows
    frame = said[[*mapped, "record_id"]].rename(columns=mapped).reset_index(drop=True).astype("str")
    touched = rows["modified"].to_numpy(dtype=bool) if "modified" in rows else np.zeros(len(rows), dtype=bool)
    made = pd.Timestamp(NOON - timedelta(days=30))
    modified = pd.Series(made, index=frame.index).mask(touched, pd.Timestamp(NOON - timedelta(hours=1)))
    return frame.assign(
        converted_to=pd.Series(pd.NA, index=frame.index, dtype="str"), created_at=made, modified_at=modified, as_of=NOON
    )


def think(snapshots: Sequence[Snapshot], state: State, policy: Policy, everybody: bool = False) -> Proposal:
    """The core's part of a plan, from records to writes; `everybody`: with nobody left out."""
    schemas = {snapshot.system: snapshot.schema for snapshot in snapshots}
    records = normalise.normalise(snapshots, policy, STATUSES)
    records, state = (records, state) if everybody else stirred(records, state, {}, policy)
    matching = match.match(records, state, {}, policy)
    cells = diff.diff(line_up(matching, state, policy, schemas))
    decisions = resolve.decide_all(cells, policy)
    return propose.propose(matching, cells, decisions, state, policy, schemas, STATUSES)


def learned(fresh: State, made: Proposal) -> State:
    """A ledger that knew nothing, after that plan was carried out."""
    news, fields = made.advance, [name for name in made.advance.golden.columns if f"{name}_from" in made.advance.golden]
    numbers = news.numbers.rename(columns={"at": "since"}).reindex(columns=list(NUMBERS)).astype("str")
    return replace(
        fresh,
        links=news.links,
        people=news.people[list(PEOPLE)],
        golden=news.golden.reindex(columns=golden_columns(fields)).astype("str"),
        bases=news.bases.reindex(columns=base_columns(fields)).astype("str"),
        settled=news.settled,
        terms=news.terms,
        numbers=numbers,
    )
