"""Everybody lined up: of each person, side by side, what is needed to set every side against its base."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from tasks.core.authority import crm_records, inhabited
from tasks.core.deciding.consent import YES
from tasks.core.deciding.settlements import known, standing
from tasks.core.frames import Bools, among, column, shares
from tasks.core.matching import Matching
from tasks.core.model import SYSTEMS, Schema
from tasks.core.policy import Policy
from tasks.core.state import REPRESENTATIVE, SHADOW, State


@dataclass(frozen=True)
class Side:
    """The records of one system that speak, and what holds for all of their fields; a row a person everywhere."""

    rows: pd.DataFrame  # as `representatives` gives them; missing for people who aren't there
    bases: pd.DataFrame  # what a decision last took into account of them
    foreign: "pd.Series[bool]"  # a contact that changed hands
    unseated: "pd.Series[bool]"  # who spoke here gave way to another record

    def part(self, rows: slice) -> "Side":
        return Side(self.rows.iloc[rows], self.bases.iloc[rows], self.foreign.iloc[rows], self.unseated.iloc[rows])


@dataclass(frozen=True)
class Lineup:
    """What a plan is decided from, a row a person; of nobody does it depend on who else is there.

    sides      system → who speaks there
    keys       the person's number
    golden     what was decided, as `State` has it
    homes      per `system:object` of a CRM (bool): whether a living record of theirs is there, in sight or not
    consented  per field of type consent (bool): whether somebody who became this person had consented
    settled    field → settlements that stand, by `ref`
    state      the ledger, asked for directions, receipts and people's decisions alone
    """

    sides: Mapping[str, Side]
    keys: "pd.Series[str]"
    golden: pd.DataFrame
    homes: pd.DataFrame
    consented: pd.DataFrame
    settled: Mapping[str, pd.DataFrame]
    state: State
    policy: Policy
    schemas: Mapping[str, Schema]

    @property
    def people(self) -> "pd.Index[str]":
        return self.golden.index

    def parts(self, count: int) -> list["Lineup"]:
        """The same people in that many parts of about equal size, in their order; fewer where there are fewer people.
        Each part holds its own people's rows alone."""
        count = min(count, len(self.people))
        return [self] if count <= 1 else [self._part(rows) for rows in shares(len(self.people), count)]

    def _part(self, rows: slice) -> "Lineup":
        sides = {system: side.part(rows) for system, side in self.sides.items()}
        refs = pd.concat([side.rows["ref"] for side in sides.values()]).dropna()
        return replace(
            self,
            sides=sides,
            keys=self.keys.iloc[rows],
            golden=self.golden.iloc[rows],
            homes=self.homes.iloc[rows],
            consented=self.consented.iloc[rows],
            settled={name: found[among(found.index, refs)] for name, found in self.settled.items()},
            state=_about(self.state, self.people[rows], refs),
        )


def line_up(matching: Matching, state: State, policy: Policy, schemas: Mapping[str, Schema]) -> Lineup:
    """Everybody in their order, with what every system says and the ledger knows of them."""
    people = matching.people.index.sort_values()
    links = pd.concat([matching.links, state.links[~among(state.links.index, matching.links.index)]])
    consents = [name for name, field in policy.fields.items() if field.type == "consent"]
    return Lineup(
        sides={system: _side(system, people, matching, state, policy) for system in SYSTEMS},
        keys=matching.people["key"].reindex(people),
        golden=state.golden.reindex(people),
        homes=inhabited(crm_records(matching.records, links), people),
        consented=pd.DataFrame({name: _consented(name, people, matching, state) for name in consents}, index=people),
        settled=standing(known(matching, state)),
        state=state,
        policy=policy,
        schemas=schemas,
    )


def representatives(matching: Matching, system: str, people: "pd.Index[str]", policy: Policy) -> pd.DataFrame:
    """The record of one system that speaks for each of `people`, with its reference in `ref`, without raw values;
    missing: none does."""
    records, dated = matching.records, [f"{name}_at" for name in policy.dated]
    columns = ["person", "object", "base_ref", "foreign", "modified_at", *policy.fields, *dated]
    speaks = (records["system"] == system) & (records["role"] == REPRESENTATIVE) & among(records["person"], people)
    return records.loc[speaks, columns].rename_axis("ref").reset_index().set_index("person").reindex(people)


def _side(system: str, people: "pd.Index[str]", matching: Matching, state: State, policy: Policy) -> Side:
    rows = representatives(matching, system, people, policy)
    shadows = state.links.index[state.links["role"] == SHADOW]  # who spoke long ago and speaks again joins
    base_ref = rows["base_ref"].mask(among(rows["base_ref"], shadows))  # missing: the side joins
    unseated = among(people, _unseated(system, matching, state, policy))
    return Side(
        rows=rows,
        bases=state.bases.reindex(base_ref).set_axis(people),
        foreign=rows["foreign"].eq(True),
        unseated=pd.Series(unseated, index=people),
    )


def _unseated(system: str, matching: Matching, state: State, policy: Policy) -> "pd.Series[str]":
    """People whose representative there, still alive, gave way to another record: by priority, or its module is off."""
    links = state.links[(state.links["system"] == system) & (state.links["role"] == REPRESENTATIVE)]
    here = matching.records[matching.records["system"] == system]
    shadows, spoken_for = here.index[here["role"] == SHADOW], here.loc[here["role"] == REPRESENTATIVE, "person"]
    off = ~links["object"].isin(policy.objects(system)) & among(links["person"], spoken_for)
    return links.loc[among(links.index, shadows) | off, "person"]


def _consented(name: str, people: "pd.Index[str]", matching: Matching, state: State) -> Bools:
    absorbed = matching.absorbed
    return among(people, absorbed[column(state.golden, name).reindex(absorbed.index).eq(YES)])


def _about(state: State, people: Collection[str], refs: Collection[str]) -> State:
    """Of the ledger what the fields of those people are still to be set against."""
    spent = {name: getattr(state, name).iloc[:0] for name in ("links", "people", "golden", "bases", "settled")}
    return replace(
        state,
        **spent,
        receipts=state.receipts[among(state.receipts.index, refs)],
        decisions=state.decisions[among(state.decisions["person"], people)],
        numbers=state.numbers.iloc[:0],
        absorbed=state.absorbed.iloc[:0],
        owed=frozenset(),
        once_in_crm=frozenset(),
    )
