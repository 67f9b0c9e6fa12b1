"""What suggests that something else logs the same calls in Salesforce, and what doesn't."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tasks.core.communications.communication import CALL, MESSAGE, OUTBOUND, Communication
from tasks.core.communications.native import Written, suspicions

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ANN, BOB = "0035e00003qKKpaAAG", "0035e00003qKKpbAAG"
TALK = Communication("912345", CALL, OUTBOUND, at=NOON.isoformat(), talk_time=63, duration=70)
TEXT = Communication("912346", MESSAGE, OUTBOUND, at=NOON.isoformat(), body="see you")
OWN = ["Subject", "CallObject", "Region__c"]


def written(minutes: int = 2, who: str = ANN, **says: Any) -> Written:
    return Written("00T1", who, NOON + timedelta(minutes=minutes), **says)


@pytest.mark.parametrize(
    ("call", "task"),
    [
        (TALK, written(call_object="rec-912345-1")),
        (TALK, written(seconds=63)),
        (TALK, written(minutes=200, seconds=70)),
        (TALK, written(text="Outbound call\nlogged by Aloware")),
        (TEXT, written(text="Aloware SMS: see you")),
    ],
)
def test_a_task_of_the_same_call_is_suspicious(call: Communication, task: Written) -> None:
    """By the call's id, by its length on the same day, or by a text that names Aloware, right after it."""
    (found,) = suspicions(OWN, [(call, ANN)], [task])
    assert "of 1 of the 1 calls" in found
    assert "00T1" in found


@pytest.mark.parametrize(
    "task",
    [
        written(call_object="aloware:912345", seconds=63),
        written(who=BOB, seconds=63),
        written(text="had a nice talk"),
        written(seconds=400),
        written(minutes=60 * 24 * 3, seconds=63),
        written(minutes=-5, seconds=63),
        written(minutes=120, text="Aloware call"),
    ],
)
def test_other_tasks_are_not(task: Written) -> None:
    """Our own; another record's; what somebody wrote by hand; another call's, of another length or another day."""
    assert list(suspicions(OWN, [(TALK, ANN)], [task])) == []


def test_the_package_s_properties_are_suspicious() -> None:
    """Whether it logs can't be seen before it does: that it is there is enough to ask."""
    (found,) = suspicions([*OWN, "aloware__Call_Direction__c"], [(TALK, ANN)], [])
    assert "aloware__Call_Direction__c" in found
