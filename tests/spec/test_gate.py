"""The gate

How much one run may change in one system before a person is asked. A breaker compares the planned changes of one kind
with the records that are linked in that system; it fires above its share (30 %), and never at or below ten changes.
"""

from collections.abc import Collection

import pandas as pd
import pytest

from tasks.core.plan import CELLS, CHANGES
from tasks.core.planning.breaker import fired
from tasks.core.policy import Limits


def changes(number: int, kind: str = "update", after: str = "Ann") -> tuple[pd.DataFrame, pd.DataFrame]:
    """That many changes of one kind in Salesforce, of one cell each."""
    ids = [f"c{n}" for n in range(number)]
    heads = pd.DataFrame({"id": ids, "system": "salesforce", "person": ids, "kind": kind}, columns=list(CHANGES))
    return heads, pd.DataFrame({"change": ids, "after": after}, columns=list(CELLS))


def names(
    number: int, linked: int, kind: str = "update", after: str = "Ann", lifted: Collection[str] = ()
) -> list[str]:
    """The breakers that these changes fire; each holds all of them."""
    heads, cells = changes(number, kind, after)
    breakers = fired(heads, cells, (), {"salesforce": linked}, Limits(), lifted)
    assert all(len(breaker.holds) == number for breaker in breakers)
    return [breaker.name for breaker in breakers]


@pytest.mark.parametrize(("kind", "name"), [("update", "salesforce.updates"), ("create", "salesforce.creates")])
def test_too_many_changes_of_a_kind_wait_for_a_person(kind: str, name: str) -> None:
    """31 of 100 records are held, all of them; 30 are not."""
    assert names(31, linked=100, kind=kind) == [name]
    assert names(30, linked=100, kind=kind) == []


def test_a_few_changes_never_wait() -> None:
    """Ten are not held, however few records there are; eleven are."""
    assert names(10, linked=12) == []
    assert names(11, linked=12) == ["salesforce.updates"]


def test_clearing_has_a_limit_of_its_own() -> None:
    """Blanks written over values are counted apart from updates."""
    assert names(31, linked=100, after="") == ["salesforce.updates", "salesforce.clears"]


def test_where_nothing_is_linked_yet_everything_waits() -> None:
    """A first run over a system is said to be one."""
    assert names(11, linked=0) == ["salesforce.updates"]


def test_initial_lifts_what_it_names_and_nothing_else() -> None:
    """Creates, and updates that a first sight or a join decided, pass; an edit of many records doesn't."""
    assert names(31, linked=0, kind="create", lifted=[f"c{n}" for n in range(31)]) == []
    heads, cells = changes(40)
    first_sights = [f"c{n}" for n in range(20)]
    (breaker,) = fired(heads, cells, (), {"salesforce": 50}, Limits(), lifted=first_sights)
    assert breaker.value == 0.4
    assert breaker.holds == {f"c{n}" for n in range(20, 40)}
