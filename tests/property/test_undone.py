"""§10.7: an undo restores every reversible cell that still holds our value, and nothing else; nobody does it again."""

import gc
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.core.model import ALOWARE, CRMS, SCOPES
from tasks.core.policy import PLACES
from tests.property.machine_policies import POLICIES
from tests.property.undoing import SAID, Cell, Deed, Screen, Street, moved, unjudged

FEW = settings(
    max_examples=3, derandomize=True, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck)
)
MANY = settings(FEW, max_examples=500, derandomize=False, database=None)
PEOPLE = 10  # a story of many costs hardly more than one of a few

deeds = st.lists(
    st.builds(
        Deed,
        who=st.integers(0, PEOPLE - 1),
        place=st.sampled_from(list(PLACES)),
        name=st.sampled_from(list(SAID)),
        choice=st.integers(0, 3),
        delete=st.sampled_from([False] * 9 + [True]),
    ),
    max_size=30,
)
# A deed of every person in every place, so that there is something to change.
settlers = st.lists(
    st.builds(
        Deed, st.integers(0, PEOPLE - 1), st.sampled_from(list(PLACES)), st.just("first_name"), st.integers(0, 3)
    ),
    min_size=15,
    max_size=40,
)
story = given(
    policy=st.sampled_from(["shipped", "consent", "clear", "kept drift", "rank"]),
    scopes=st.one_of(st.just(SCOPES), st.sets(st.sampled_from(SCOPES))),
    first=settlers,
    before=deeds,
    between=deeds,
    over=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3)), max_size=5),  # typed over what the run wrote
    later_run=st.booleans(),
)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody judges the data: there is nothing wrong with it, and most of the time would go there."""
    gc.freeze()
    unjudged(monkeypatch)


def check(policy: str, scopes: Iterable[str], **deeds: Any) -> None:
    """The story, and what must hold of it."""
    with tempfile.TemporaryDirectory() as home:
        street = Street(Path(home), POLICIES[policy], sorted(scopes))
        try:
            _tell(street, **deeds)
        finally:
            street.session.close()


def _tell(
    street: Street,
    first: list[Deed],
    before: list[Deed],
    between: list[Deed],
    over: list[tuple[int, int]],
    later_run: bool,
) -> None:
    for deed in first:
        street.do(deed)
    street.reconcile()
    for deed in before:
        street.do(deed)
    was = street.screen()
    run = street.reconcile()
    made = street.screen()
    busy = {street.type_over(moved(was, made), *typed) for typed in over}
    for deed in between:
        street.do(deed)
    busy |= {str(deed.who) for deed in between}
    shaken = {
        street.who(ref, screen)
        for screen in (made, street.screen())
        for ref in made.keys() ^ street.screen().keys()
        if ref in screen
    }
    if later_run:
        street.reconcile()
    found = street.screen()
    undone = street.undo(run)
    left = street.screen()
    judge(street, was, made, found, left, busy if later_run else shaken)
    assert undone.residuals.empty
    ours = {(street.who(cell, found), street.field(cell)) for cell in moved(found, left)}
    street.reconcile()
    next_moves = moved(left, street.screen())
    if not later_run:
        again = {(street.who(cell, left), street.field(cell)) for cell in next_moves} & ours
        assert {person for person, _ in again} <= shaken  # a new record brings news of its own
    assert {street.who(cell, left) for cell in next_moves} <= busy
    assert {street.who(record, street.screen()) for record in street.screen().keys() - left.keys()} <= busy


def judge(street: Street, was: Screen, made: Screen, found: Screen, left: Screen, busy: set[str]) -> None:
    """What the undo changed, against what it should have changed: all of it, but of people who are `busy`."""
    may = {cell for cell in moved(was, made) if reversible(street, cell, was)}
    still = {cell for cell in may if cell[:3] in found and said(found, cell) == said(made, cell)}
    changed = moved(found, left)
    assert changed <= still
    assert all(said(left, cell) == said(was, cell) for cell in changed)
    missed = {cell for cell in still - changed if not claimed(street, said(was, cell), cell, found)}
    assert {street.who(cell, made) for cell in missed} <= busy
    created = made.keys() - was.keys()
    away = found.keys() - left.keys()
    assert all(record in created and record[0] in CRMS and found[record] == made[record] for record in away)
    lasting = {
        record
        for record in created - away
        if record in found and record[0] in CRMS and street.open(f"{record[0]}.create")
    }
    assert {street.who(record, made) for record in lasting} <= busy
    assert not left.keys() - found.keys()


def said(screen: Screen, cell: Cell) -> str:
    return screen[cell[:3]].get(cell[3], "")


def claimed(street: Street, value: str, cell: Cell, screen: Screen) -> bool:
    """Whether it is an address that somebody else has by now."""
    mine = street.number(cell, screen)
    others = [record for record, values in screen.items() if street.number(record, screen) != mine]
    return "@" in value and any(value in screen[record].values() for record in others)


def reversible(street: Street, cell: Cell, was: Screen) -> bool:
    """By scope, by what Aloware can do, and by what is never undone."""
    name = street.field(cell)
    if street.policy.fields[name].type in ("consent", "phone"):
        return False
    if cell[0] == ALOWARE:
        return said(was, cell) != ""
    return street.open(street.policy.scope(name, cell[0]))


@FEW
@story
def test_an_undo_puts_back_what_is_still_ours(**drawn: Any) -> None:
    """A few stories, the same every time."""
    check(**drawn)


@pytest.mark.deep
@MANY
@story
def test_an_undo_puts_back_what_is_still_ours_in_five_hundred_stories(**drawn: Any) -> None:
    """Others."""
    check(**drawn)
