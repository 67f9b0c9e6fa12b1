"""Approving, rejecting and deciding on the command line: words in, sentences out. What is behind is stood in for."""

from dataclasses import replace
from typing import Any

import pytest

import flows.approve
import flows.decide
from tasks.core.answers import Decision, Question
from tasks.core.errors import UsageError
from tests.unit.sample_plans import sample
from tests.unit.test_cli import Tandem, stand_in, tandem

__all__ = ["stand_in", "tandem"]

HELD = sample(held=True)
LIFTED = replace(HELD, overrides=frozenset({"salesforce.updates"}))


def test_an_approval_is_passed_on_with_the_name_of_who_typed_it(
    tandem: Tandem, stand_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Breakers and exceptions may be repeated, or stand with commas between them."""
    monkeypatch.setattr("getpass.getuser", lambda: "ann")
    calls = stand_in(flows.approve, "approve", replace(LIFTED, left_out=frozenset({"c2"})))
    words = ("--override", "a,b", "--override", "a", "--except", "c2, c3", "--reason", " fine ")
    said = tandem("approve", "p1", *words)
    assert calls == [(("p1", ("a", "b"), "fine", ("c2", "c3"), "ann"), {})]
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "Approved by ann: a, b of plan p1.",
        "Left out for good: 1 change.",
        "Next: `tandem apply p1`.",
    ]


def test_an_approval_says_what_waits_still_and_which_plan_it_went_to(tandem: Tandem, stand_in: Any) -> None:
    """With the command for the rest."""
    stand_in(flows.approve, "approve", HELD)
    said = tandem("approve", "p0", "--override", "x", "--reason", "fine", "--by", "bo")
    assert "Plan p0 was replaced by p1, which holds the very same changes: that one is approved." in said.out
    rest = "`tandem approve p1 --override salesforce.updates --reason TEXT` lets go of that, too."
    assert f"Still held: 1 change; {rest}" in said.out


def test_a_rejection_says_that_nothing_is_written(tandem: Tandem, stand_in: Any) -> None:
    """And that the next run asks again."""
    calls = stand_in(flows.approve, "reject", HELD)
    said = tandem("reject", "p1", "--reason", "wrong file", "--by", "bo")
    assert calls == [(("p1", "wrong file", "bo"), {})]
    assert "Plan p1 is rejected by bo: nothing of it is written or learned." in said.out


@pytest.mark.parametrize("command", ["approve", "reject"])
def test_without_a_reason_nothing_is_decided(tandem: Tandem, stand_in: Any, command: str) -> None:
    """It is asked for; a blank is none."""
    stand_in(flows.approve, command, UsageError("not reached"))
    for words in ((), ("--reason", "  ")):
        said = tandem(command, "p1", *words)
        assert (said.code, said.out) == (2, "")
        assert "--reason" in said.err


def test_one_answer_is_told_with_what_was_understood(tandem: Tandem, stand_in: Any) -> None:
    """A side's name that was mistyped is a value: so the value is said."""
    decision = Decision(Question("p/first_name", "p", "first_name", {}), "hubspott")
    stand_in(flows.decide, "decide", ([decision], []))
    said = tandem("decide", "p/first_name", "hubspott", "--by", "bo")
    assert said.out.splitlines()[0] == "Decided by bo: p/first_name becomes hubspott."
