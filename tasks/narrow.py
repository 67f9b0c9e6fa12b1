"""Verb: keep of a proposal only some people: a pilot, or a look at one contact."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from tasks.core import phones
from tasks.core.errors import UsageError
from tasks.core.matching import Matching
from tasks.core.planning import exchanges, one_time
from tasks.core.planning.propose import Proposal
from tasks.core.policy import Policy
from tasks.core.state import BEFORE_AUTHORITY
from tasks.orchestrate import task


@task
def narrow(
    proposal: Proposal, matching: Matching, links: pd.DataFrame, only: Sequence[str], policy: Policy
) -> Proposal:
    """The proposal for the people with those phone numbers alone (all of it when none is named); without those among
    them who take a number from somebody else, or give a contact to them, which is a collision. What is open, refused or
    left aside stays everybody's: people answer the latest plan's conflicts. `links` is the crosswalk as it was.

    Raises UsageError for a text that is no valid number.
    """
    if not only:
        return proposal
    numbers = {text: phones.e164(text, policy.phones) for text in only}
    if bad := [text for text, number in numbers.items() if number is None]:
        raise UsageError(f"--only takes phone numbers: {len(bad)} of those given can't be read as one.")
    named = matching.people.index[matching.people["key"].isin(numbers.values())]
    bonds = exchanges.bonds(matching, links)
    people = exchanges.without_halves(named, bonds)
    left = exchanges.left_out(set(named) - people, bonds, matching)
    changes = proposal.changes[proposal.changes["person"].isin(people)].reset_index(drop=True)
    old = proposal.advance
    theirs = old.settled["ref"].isin(matching.records.index[matching.records["person"].isin(people)])
    return replace(
        proposal,
        changes=changes,
        cells=proposal.cells[proposal.cells["change"].isin(changes["id"])].reset_index(drop=True),
        collisions=pd.concat([proposal.collisions, left], ignore_index=True),
        advance=replace(
            old,
            links=old.links[old.links["person"].isin(people)],
            people=old.people[old.people.index.isin(people)],
            golden=old.golden[old.golden.index.isin(people)],
            bases=old.bases[old.bases["person"].isin(people)],
            # A scope is opened for everybody at once: what agents typed before that stays nobody's word.
            settled=old.settled[theirs | old.settled["reason"].eq(BEFORE_AUTHORITY)],
            waiting=old.waiting[old.waiting["person"].isin(people)],
            terms=old.terms.iloc[:0],  # the others' settlements are still under the old ones
            numbers=old.numbers[old.numbers["person"].isin(people)],
            absorbed=old.absorbed[old.absorbed["survivor"].isin(people)],
            decided=old.decided[old.decided["person"].isin(people)],
        ),
    )


@task
def narrow_to_aloware(proposal: Proposal, matching: Matching, links: pd.DataFrame, objects: Sequence[str]) -> Proposal:
    """What a one-time pull of those Salesforce objects may do: Aloware's writes alone; see `planning.one_time`."""
    return one_time.only_aloware(proposal, matching, links, objects)
