"""What carrying out a plan asks of whom, known beforehand: looks, writes and read-backs, in order."""

import pandas as pd
import pytest

from tasks.core.model import ALOWARE, HUBSPOT, SALESFORCE
from tasks.core.plan import CELLS, CHANGES, Plan
from tasks.core.planning.forecast import steps
from tests.unit.ledgers import plan, table

HERS, HIS, NEW = "+12125550101", "+12125550102", "+12125550103"


def planned() -> Plan:
    """Three writes of two fields: Salesforce's from HubSpot, HubSpot's from Salesforce, and a new Aloware contact."""
    changes = [
        ("c1", SALESFORCE, "Contact", "003A", "p1", "update", HERS, "edited elsewhere", "edit"),
        ("c2", HUBSPOT, "contacts", "7", "p1", "update", HERS, "edited elsewhere", "edit"),
        ("c3", ALOWARE, "contacts", None, "p2", "create", NEW, "known elsewhere, not here", "create"),
    ]
    cells = [
        ("c1", "first_name", "FirstName", "A", "B", "B", "hubspot:contacts:7"),
        ("c2", "first_name", "firstname", "A", "B", "B", "salesforce:Contact:003A aloware:contacts:5"),
        ("c2", "last_name", "lastname", "C", "D", "D", "salesforce:Lead:00QA"),
        ("c3", "phone", "phone_number", None, NEW, NEW, "salesforce:Contact:003B"),
    ]
    return plan(changes=table(CHANGES, changes), cells=table(CELLS, cells))


def told(made: Plan, may: list[bool] | None = None) -> list[str]:
    allowed = pd.Series(may or [True] * len(made.cells), index=made.cells.index)
    found = []
    for system, peeked, written in steps(made, allowed, {"aloware:contacts:5": HIS}):
        looks = [f"look {a.object} {a.record_id or a.phone}" for a in peeked]
        found += [f"{system}: {', '.join([*looks, *(f'write {c.id}' for c in written)])}"]
    return found


def test_everything_is_looked_at_written_and_read_back_and_our_own_writes_are_not_looked_at() -> None:
    assert told(planned()) == [
        "hubspot: look contacts 7",
        "salesforce: look Contact 003A",
        "salesforce: write c1",
        "aloware: look contacts 5",
        "hubspot: look contacts 7",
        "salesforce: look Lead 00QA",
        "hubspot: write c2",
        "salesforce: look Contact 003B",
        f"aloware: look contacts {NEW}",
        "aloware: write c3",
        "aloware: look contacts c3",
        "hubspot: look contacts 7",
        "salesforce: look Contact 003A",
    ]


def test_what_may_not_be_written_costs_nothing() -> None:
    assert told(planned(), [False, False, False, True]) == [
        "salesforce: look Contact 003B",
        f"aloware: look contacts {NEW}",
        "aloware: write c3",
        "aloware: look contacts c3",
    ]


@pytest.mark.parametrize("nothing", [plan(), planned()])
def test_nothing_is_asked_where_nothing_may_be_written(nothing: Plan) -> None:
    assert told(nothing, [False] * len(nothing.cells)) == []
