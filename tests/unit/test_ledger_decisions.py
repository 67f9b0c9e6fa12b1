"""People's decisions are kept with author and reason, asked from the latest plans, and end once."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tasks.core.answers import Decision, Question
from tasks.core.plan import CONFLICTS
from tasks.core.state import DECIDED, OVERTAKEN, TAKEN, golden_columns
from tasks.ledger import Ledger
from tests.unit.ledgers import FIELDS, LATER, NOON, advance, ledger, plan, postgresql, table

__all__ = ["ledger", "postgresql"]

ANN, BOB = "salesforce:Contact:1", "salesforce:Contact:2"
ASKED = Question(f"{ANN}/first_name", ANN, "first_name", {"hubspot": "Ann", "aloware": "née “X”"}, "Ann", "p1")


@pytest.fixture
def deciding(ledger: Ledger) -> Ledger:
    """Two plans: the first one's conflict about Bob is no more in the second, Ann's says something else there."""
    for number, rows in enumerate(
        (
            [(BOB, "email", '{"hubspot":"b@x.org"}', "hubspot"), (ANN, "first_name", '{"hubspot":"A"}', None)],
            [(ANN, "first_name", '{"aloware":"née “X”","hubspot":"Ann"}', None)],
        )
    ):
        conflicts = [(f"{who}/{field}", who, field, sides, winner, "hold") for who, field, sides, winner in rows]
        made = plan(f"p{number}", f"r{number}", conflicts=table(CONFLICTS, conflicts))
        object.__setattr__(made, "created_at", NOON + timedelta(hours=number))
        ledger.plans.store(made, NOON)
    known = table(golden_columns(FIELDS), [(ANN, "Ann", "salesforce", None, None)], "person")
    ledger.memory.advance(advance(golden=known), "r0", NOON)
    return ledger


def rows(ledger: Ledger, select: str) -> list[tuple[object, ...]]:
    with ledger.connections.database.reading() as transaction:
        return [tuple(row) for row in transaction.connection.execute(text(select)).all()]


def end(ledger: Ledger, value: str, ending: str) -> None:
    decided = table(DECIDED, [(ANN, "first_name", value, ending)])
    ledger.memory.advance(advance(decided=decided), "r9", LATER)


def test_a_conflict_is_asked_as_its_latest_plan_tells_it(deciding: Ledger) -> None:
    """Also one that the latest plan has no more, for a rule has chosen; with what is decided now."""
    asked = deciding.decisions.asked({ASKED.id, f"{BOB}/email", "x/y"}, FIELDS)
    assert asked == {
        ASKED.id: ASKED,
        f"{BOB}/email": Question(f"{BOB}/email", BOB, "email", {"hubspot": "b@x.org"}, None, "p0"),
    }


def test_a_decision_waits_until_a_run_took_it(deciding: Ledger) -> None:
    """Author and reason are kept and journalled; it leaves the list of open conflicts at once."""
    open_ = "SELECT id FROM audit_open_conflicts"
    assert rows(deciding, open_) == [(ASKED.id,)]
    deciding.decisions.record([Decision(ASKED, "Anne")], "ann", "her own word", NOON)
    assert deciding.decisions.pending() == {(ANN, "first_name")}
    assert rows(deciding, open_) == []
    told = deciding.memory.state(FIELDS).decisions.to_dict("records")
    sides = '{"aloware": "n\\u00e9e \\u201cX\\u201d", "hubspot": "Ann"}'
    assert told == [{"person": ANN, "field": "first_name", "value": "Anne", "sides": sides}]
    (entry,) = deciding.journal.entries()
    assert (entry.who, entry.what, entry.subject, dict(entry.details)) == (
        *("ann", "decided", ASKED.id),
        {"reason": "her own word", "plan": "p1"},
    )
    end(deciding, "Anne", TAKEN)
    assert deciding.memory.state(FIELDS).decisions.empty
    kept = rows(deciding, "SELECT who, reason, plan, value, ending, run FROM decisions")
    assert kept == [("ann", "her own word", "p1", "Anne", TAKEN, "r9")]


def test_a_person_may_think_again_before_the_run(deciding: Ledger) -> None:
    """The last answer counts; a plan that took the first into account doesn't end the second."""
    for value in ("Anne", "Nan"):
        deciding.decisions.record([Decision(ASKED, value)], "ann", "", NOON)
    assert list(deciding.memory.state(FIELDS).decisions["value"]) == ["Nan"]
    end(deciding, "Anne", TAKEN)
    assert rows(deciding, "SELECT value, ending FROM decisions ORDER BY seq") == [("Anne", "replaced"), ("Nan", None)]


def test_a_decision_that_was_overtaken_is_journalled(deciding: Ledger) -> None:
    """Whoever decided can see that it came to nothing."""
    deciding.decisions.record([Decision(ASKED, "Anne")], "ann", "", NOON)
    end(deciding, "Anne", OVERTAKEN)
    assert rows(deciding, "SELECT ending, run FROM decisions") == [(OVERTAKEN, "r9")]
    entry = deciding.journal.entries("r9")[-1]
    assert (entry.who, entry.what, entry.subject) == ("tandem", "overtaken", ASKED.id)
