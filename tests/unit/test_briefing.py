"""The pages in the Prefect UI: short whatever the size of the plan, masked, and true."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from tasks.core.briefing import TOP, held_page, plan_page, question_page, run_page, verdict_page, waiting_words
from tasks.core.outcome import RESIDUALS
from tasks.core.plan import (
    CELLS,
    CHANGES,
    COLLISIONS,
    CONFLICTS,
    QUARANTINE,
    REFUSED,
    Breaker,
    Finding,
    Plan,
    Verdict,
)
from tasks.core.run import RunReport
from tasks.core.state import LINKS, PEOPLE, SETTLED, Advance, empty

PHONE, EMAIL = "+14155552671", "ana.lopez@example.com"
NOTHING = Advance(
    links=empty(LINKS), people=empty(PEOPLE), golden=empty(()), bases=empty(("person",)), settled=empty(SETTLED)
)


def frame(columns: tuple[str, ...], rows: int, **values: str) -> pd.DataFrame:
    """That many rows, with those values, numbered ids and missing in all other columns."""
    ids = pd.Series(range(rows)).astype("str")
    given = {"id": "c" + ids, "change": "c" + ids, "person": "p" + ids} | values
    return pd.DataFrame({name: given.get(name) for name in columns}, index=range(rows)).astype("str")


def plan(changes: int = 0, others: int = 0, verdict: Verdict | None = None) -> Plan:
    """A plan with that many changes of one e-mail each, and that many rows of everything else."""
    return Plan(
        id="p1",
        run="r1",
        mode="incremental",
        created_at=datetime(2026, 11, 22, tzinfo=UTC),
        changes=frame(CHANGES, changes, system="aloware", kind="update", phone=PHONE, reason="edited in salesforce"),
        cells=frame(CELLS, changes, property="email", before=EMAIL, after="ana|new@example.com"),
        refused=frame(REFUSED, others),
        conflicts=frame(CONFLICTS, others, field="email", winner="salesforce", rule="priority"),
        collisions=frame(COLLISIONS, others, kind="shared-number", phone=PHONE, chosen="salesforce:Contact:003A"),
        quarantine=frame(QUARANTINE, others, system="hubspot", reason=f"{PHONE} is not a number"),
        advance=NOTHING,
        verdict=verdict or Verdict(),
    )


def report(**known: object) -> RunReport:
    """A run of an empty plan."""
    receipts = {"applied": 3, "refused": 1, "failed": 0, "stale": 0}
    return RunReport(
        **{"plan": plan(), "api_calls": {"aloware": {"read": 7, "write": 3}}, "receipts": receipts} | known
    )


@pytest.fixture(scope="module")
def large() -> str:
    """The page of a plan with 100,000 changes, and as many conflicts, collisions and quarantined records."""
    return plan_page(plan(100_000, 100_000))


def test_large_plan_is_a_short_page(large: str) -> None:
    """Counts are of everything, lists are of the first, and it says how many more there are."""
    assert len(large) < 20_000
    assert "100000 changes, 100000 refused" in large
    assert "| aloware | update | 100000 |" in large
    assert large.count(f"… and {100_000 - TOP:,} more") == 3  # conflicts, collisions, quarantine
    assert large.count("edited in salesforce") == TOP


def test_no_whole_phone_or_address(large: str) -> None:
    """Enough to recognise somebody, in every table."""
    assert PHONE not in large
    assert EMAIL not in large
    assert "+1******2671" in large
    assert "a***@example.com" in large


def test_values_stay_in_their_cells() -> None:
    """A vertical bar or a line break in a value doesn't break the table."""
    made = plan(changes=1)
    page = plan_page(Plan(**vars(made) | {"cells": made.cells.assign(after="Ana | Co\nLtd")}))
    row = next(line for line in page.splitlines() if "edited in salesforce" in line)
    assert "Ana \\| Co Ltd" in row
    assert row.replace("\\|", "").count("|") == 7


def test_what_was_never_there_is_said_so() -> None:
    """A change without a value before it is told from one of a blank."""
    made = plan(changes=1)
    page = plan_page(Plan(**vars(made) | {"cells": made.cells.assign(before=pd.NA)}))
    assert "email: (none) → " in page


def test_empty_plan() -> None:
    """No tables, and no section for what isn't there."""
    page = plan_page(plan())
    assert "0 changes" in page
    assert "## " not in page


def test_verdict_names_what_holds() -> None:
    """Which breaker at which share, and the findings with their rows."""
    held = Verdict(
        outcome="hold",
        breakers=(Breaker("aloware.updates", 0.5, 0.3, frozenset({"c1", "c2"})),),
        findings=(Finding("plan", "expect_unique_phone", "critical", 4),),
    )
    page = verdict_page(plan(changes=4, verdict=held))
    assert page.startswith("# Verdict: hold")
    assert "2 changes wait for a person." in page
    assert "| aloware.updates | 50% | 30% |" in page
    assert "| plan | expect_unique_phone | critical | 4 |" in page


def test_a_question_names_what_waits_and_what_was_wrong() -> None:
    """The form says how much each breaker holds; the page above it begins with why the last answer wasn't taken."""
    breakers = (
        Breaker("aloware.updates", 0.5, 0.3, frozenset({"c1", "c2"})),
        Breaker("hubspot.clears", 0.4, 0.3, frozenset({"c3"})),
    )
    held = plan(changes=4, verdict=Verdict(outcome="hold", breakers=breakers))
    page = question_page(held, f"there is nobody at {EMAIL}")
    assert page.startswith("**there is nobody at a***@example.com**")
    assert "3 changes wait for you" in page
    half = Plan(**vars(held) | {"overrides": frozenset({"hubspot.clears"})})
    assert waiting_words(half) == {"aloware.updates": "aloware.updates (2 changes: 50%, and the limit is 30%)"}
    assert "| c1 | aloware | update |" in held_page(half)
    assert "| c3 |" not in held_page(half)


def test_verdict_passes() -> None:
    assert verdict_page(plan()) == "# Verdict: pass\n\nNothing waits for a person."


@pytest.mark.parametrize(
    ("converged", "said"), [(True, "Converged"), (False, "Something is left"), (None, "Convergence unknown")]
)
def test_run_says_how_it_ended(converged: bool | None, said: str) -> None:
    """Receipts by outcome, and the calls that it took."""
    page = run_page(report(converged=converged))
    assert said in page
    assert "| applied | 3 |" in page
    assert "| aloware | 7 | 3 |" in page


def test_run_shows_what_did_not_land() -> None:
    """Residuals and refusals, in the vendor's words, masked and cut."""
    residuals = frame(RESIDUALS, 500, system="aloware", field="email", wanted=EMAIL, found="", reason="not kept")
    refusals = pd.DataFrame({"change": ["c1"], "reason": [f"DUPLICATE_VALUE: {EMAIL}"]})
    page = run_page(report(residuals=residuals, refusals=refusals))
    assert "## Residuals" in page
    assert f"… and {500 - TOP} more" in page
    assert "DUPLICATE_VALUE: a***@example.com" in page
    assert EMAIL not in page
