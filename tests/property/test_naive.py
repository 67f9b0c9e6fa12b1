"""Production against the oracle: who is who, what every value becomes, what is written and created (design §3-5).

Both read the same small worlds, at the start and after every run; they must agree to the last cell.
"""

from collections.abc import Iterator
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


def story(seed: int, policy: Policy) -> Iterator[Opinions]:
    """Opinions before each run of a world that people disturb in between; some scopes open later."""
    dice = Random(seed)
    at_first = dice.sample(SCOPES, dice.randint(0, len(SCOPES)))
    world = grown(dice, *at_first)
    world.policy = policy
    for run in range(RUNS):
        if run == RUNS // 2:
            world.state = set_direction(world.state, *(scope for scope in SCOPES if scope not in at_first))
        yield opinions(world)
        world.run()
        disturb(world, dice)


def agreed(seeds: range, cells: int) -> None:
    """Tell stories until so many cells were compared; the first disagreement ends them."""
    compared = 0
    for seed in seeds:
        about = tuple(POLICIES)[seed % len(POLICIES)]
        for run, both in enumerate(story(seed, POLICIES[about])):
            assert both.disagreements == {}, f"seed {seed}, {about}, before run {run}"
            compared += both.cells
        if compared >= cells:
            return
    raise AssertionError(f"only {compared} cells were compared")


def test_production_agrees_with_the_naive_rules() -> None:
    """Every policy once."""
    agreed(range(len(POLICIES)), 30_000)


@pytest.mark.deep
@pytest.mark.parametrize("share", range(SHARES))
def test_production_agrees_with_the_naive_rules_on_200_000_cells(share: int) -> None:
    """The same, for long."""
    agreed(range(100 * (share + 1), 100 * (share + 2)), 200_000 // SHARES)
