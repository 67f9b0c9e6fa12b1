"""Production against the oracle: who is who, what every value becomes, what is written and created (design §3-5).

Both read the same small worlds, at the start and after every run; they must agree to the last cell.
"""

from collections.abc import Iterator
from itertools import count
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from tasks.core.model import SCOPES
from tasks.core.policy import People, Phones, Policy
from tests.property.naive import Opinions, opinions
from tests.property.simulation import set_direction
from tests.property.worlds import POLICY, disturb, grown

RUNS = 4
SHARES = 8  # in which the long comparison is told, so that processors can share it out


def first_name(**rules: Any) -> Policy:
    """The shipped policy with other rules for first names."""
    return replace(POLICY, fields=dict(POLICY.fields) | {"first_name": replace(POLICY.fields["first_name"], **rules)})


POLICIES = {
    "shipped": POLICY,
    "next number": replace(POLICY, phones=Phones(shared_number="next-number")),
    "leads first": replace(
        POLICY, salesforce=replace(POLICY.salesforce, priority="lead"), phones=Phones(pick="oldest")
    ),
    "created everywhere": replace(POLICY, people=People(create_from=("salesforce", "hubspot"))),
    "scoped": replace(
        POLICY,
        salesforce=replace(POLICY.salesforce, where={"lead": {"FirstName": ("Ann", "Bob", "")}}),
        hubspot=replace(POLICY.hubspot, where={"hs_lead_status": ("NEW", "")}),
    ),
    "hold": first_name(rule="hold"),
    "rank": first_name(rule="rank", order=("hubspot", "aloware", "salesforce")),
    "clear": first_name(blanks="clear"),
    "fill only": first_name(blanks="fill-only"),
    "narrowed": first_name(direction="inbound"),
    "kept drift": replace(POLICY, aloware=replace(POLICY.aloware, drift="keep")),
}


def story(seed: int, policy: Policy, runs: int = RUNS) -> Iterator[Opinions]:
    """Opinions before each run of a world that people disturb in between; some scopes open later."""
    dice = Random(seed)
    at_first = dice.sample(SCOPES, dice.randint(0, len(SCOPES)))
    world = grown(dice, *at_first)
    world.policy = policy
    for run in range(runs):
        if run == runs // 2:
            world.state = set_direction(world.state, *(scope for scope in SCOPES if scope not in at_first))
        yield opinions(world)
        world.run()
        disturb(world, dice)


def agreed(seed: int, runs: int = RUNS) -> int:
    """Tell one story; gives back how many cells were compared, and all agreed."""
    about = tuple(POLICIES)[seed % len(POLICIES)]
    compared = 0
    for run, both in enumerate(story(seed, POLICIES[about], runs)):
        assert both.disagreements == {}, f"seed {seed}, {about}, before run {run}"
        compared += both.cells
    return compared


@pytest.mark.parametrize("seed", range(len(POLICIES)))
def test_production_agrees_with_the_naive_rules(seed: int) -> None:
    """Every policy once."""
    assert agreed(seed, runs=2)


@pytest.mark.deep
@pytest.mark.parametrize("share", range(SHARES))
def test_production_agrees_with_the_naive_rules_on_200_000_cells(share: int) -> None:
    """The same, for long."""
    seeds, compared = count(100 * (share + 1)), 0
    while compared < 200_000 // SHARES:
        compared += agreed(next(seeds))
