"""The pages in the Prefect UI: short whatever the size of the plan, masked, and true."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape

import pandas as pd
import pytest

from tasks.core import briefing
from tasks.core.briefing import (
    FEWER,
    TOP,
    held_page,
    plan_page,
    question_page,
    report_page,
    run_page,
    verdict_page,
    verdict_words,
    waiting_words,
)
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
SIDES = f'{{"salesforce":"{EMAIL}","hubspot":"bo@example.com"}}'
CLAIMED = '["salesforce:Contact:003B","salesforce:Contact:003A"]'
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
        refused=frame(REFUSED, others, system="hubspot", kind="update", property="email", reason="read-only"),
        conflicts=frame(CONFLICTS, others, field="email", sides=SIDES, winner="salesforce", rule="priority"),
        collisions=frame(
            COLLISIONS, others, kind="shared-number", phone=PHONE, records=CLAIMED, chosen="salesforce:Contact:003A"
        ),
        quarantine=frame(
            QUARANTINE,
            others,
            system="hubspot",
            object="contacts",
            record_id="512345678",
            reason=f"{PHONE} is not a number",
        ),
        advance=NOTHING,
        verdict=verdict or Verdict(),
    )


def report(**known: object) -> RunReport:
    """A run of an empty plan."""
    receipts = {"applied": 3, "refused": 1, "failed": 0, "stale": 0}
    return RunReport(
        **{"plan": plan(), "api_calls": {"aloware": {"read": 7, "write": 3}}, "receipts": receipts} | known
    )


def read(page: str) -> str:
    """What a person reads of it."""
    return unescape(re.sub(r"\\(.)", r"\1", page))


@pytest.fixture(scope="module")
def large() -> Plan:
    """100,000 changes that are held, and as many that would fail, conflicts, collisions and records left out."""
    everything = frozenset(f"c{n}" for n in range(100_000))
    held = Verdict("hold", (Breaker("aloware.updates", 0.5, 0.3, everything),))
    return replace(plan(100_000, 100_000, held), whole="0" * 64)  # its checksum takes seconds


def test_large_plan_is_a_short_page(large: Plan) -> None:
    """Counts are of everything, lists are of the first, and it says how many more there are."""
    page = plan_page(replace(large, overrides=frozenset({"aloware.updates"})), {})
    assert len(page) < 20_000
    assert briefing.headline(large).startswith("100,000 changes, 100,000 held for a person, 100,000 that would fail")
    assert "| aloware | 100,000 |" in page
    assert [page.count(f"… and {100_000 - n:,} more") for n in (TOP, FEWER)] == [
        1,
        3,
    ]  # what would fail, and so on
    assert page.count("edited in salesforce") == TOP


def test_every_page_of_a_large_run_is_short(large: Plan) -> None:
    """Of what is held, and of what came of it: nothing of it has a row a change."""
    everything = large.changes["id"]
    residuals = frame(RESIDUALS, 100_000, system="aloware", field="email", wanted=EMAIL, found="", reason="not kept")
    done = report(
        plan=large,
        residuals=residuals,
        refusals=pd.DataFrame({"change": everything, "reason": "too long"}),
        stale=pd.DataFrame({"change": everything, "field": "email", "reason": "moved"}),
    )
    pages = [held_page(large, {}), verdict_page(large), question_page(large), run_page(done, {}, {})]
    assert [len(page) < 20_000 for page in pages] == [True] * 4
    assert [EMAIL in read(page) for page in pages] == [False] * 4
    assert pages[-1].count(f"… and {100_000 - TOP:,} more") == 3


def test_no_whole_phone_or_address(large: Plan) -> None:
    """Enough to recognise somebody, in every table; a record's id is nobody's number."""
    page = read(plan_page(large, {"p1": f"Ana {PHONE}"})) + read(held_page(large, {"p1": "Ana Lopez"}))
    assert PHONE not in page
    assert EMAIL not in page
    assert "Ana Lopez<br>+1******2671" in page
    assert "a***@example.com" in page
    assert "hubspot:contacts:512345678" in page


def test_a_conflict_shows_what_each_side_says() -> None:
    """And those that wait for a person come first."""
    made = plan(others=2)
    waiting = made.conflicts.assign(winner=["salesforce", None])
    page = read(plan_page(replace(made, conflicts=waiting), {"p0": "Ana", "p1": "Bo"}))
    assert "| Bo | email | salesforce: a***@example.com<br>hubspot: b***@example.com | nobody yet | priority |" in page
    assert page.index("| Bo | email | salesf") < page.index("| Ana | email | salesf")


def test_of_a_collision_the_one_who_speaks_is_named_first() -> None:
    told = "salesforce:Contact:003A (speaks)<br>salesforce:Contact:003B"
    assert f"| shared-number | +1******2671 | {told} |" in read(plan_page(plan(others=1), {}))


@pytest.mark.parametrize(
    "nasty", ["Ana | Co\nLtd", "![x](http://example.com/seen)", "[x](javascript:alert())", "<img src=x>", "*a* `b` _c_"]
)
def test_values_do_nothing_and_stay_in_their_cells(nasty: str) -> None:
    """Nobody draws a picture, sets a link or breaks the table by what they are called."""
    made = plan(changes=1)
    page = plan_page(replace(made, cells=made.cells.assign(after=nasty)), {})
    row = next(line for line in page.splitlines() if "edited in salesforce" in line)
    assert nasty.replace("\n", " ") in read(row)
    without = re.sub(r"\\.", "", row)
    assert without.count("|") == 5
    assert not re.search(r"[\[\]!*_`]|<(?!br>)", without)


def test_what_was_never_there_is_said_so() -> None:
    """A change without a value before it is told from one of a blank."""
    made = plan(changes=1)
    page = plan_page(replace(made, cells=made.cells.assign(before=pd.NA)), {})
    assert "email: (none) → " in read(page)


def test_empty_plan() -> None:
    """No tables, and no section for what isn't there."""
    page = plan_page(plan(), {})
    assert briefing.headline(plan()) == "0 changes."
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
    assert verdict_words(plan(changes=4, verdict=held)) == "2 changes wait for a person."
    assert "| aloware.updates | 50% | 30% | 2 |" in page
    assert "| plan | expect_unique_phone | critical | 4 |" in read(page)


def test_a_question_names_what_waits_and_what_was_wrong() -> None:
    """The form says how much each breaker holds; the page above it begins with why the last answer wasn't taken."""
    breakers = (
        Breaker("aloware.updates", 0.5, 0.3, frozenset({"c1", "c2"})),
        Breaker("hubspot.clears", 0.4, 0.3, frozenset({"c3"})),
    )
    held = plan(changes=4, verdict=Verdict(outcome="hold", breakers=breakers))
    page = question_page(held, f"there is nobody at {EMAIL}")
    assert read(page).startswith("**there is nobody at a***@example.com**")
    assert "3 changes wait for you" in page
    half = replace(held, overrides=frozenset({"hubspot.clears"}))
    assert waiting_words(half) == {"aloware.updates": "aloware.updates (2 changes: 50%, and the limit is 30%)"}
    assert "| c1 aloware update |" in held_page(half, {})
    assert "| c3 " not in held_page(half, {})


def test_verdict_passes() -> None:
    assert verdict_page(plan()) == "# Verdict: pass"


@pytest.mark.parametrize(
    ("converged", "said"), [(True, "converged"), (False, "something is left"), (None, "convergence unknown")]
)
def test_run_says_how_it_ended(converged: bool | None, said: str) -> None:
    """Receipts by outcome; the calls that it took, beside those that are left of the day."""
    page = run_page(report(converged=converged), {}, {"aloware": (990, 1000)})
    assert briefing.outcome_words(report(converged=converged)).startswith(f"3 applied, 1 refused; {said}")
    assert "| aloware | 7 | 3 |  |  | 990 of 1,000 |" in page


def test_run_shows_what_did_not_land() -> None:
    """Residuals, what a system refused and what wasn't true any more, in words that are masked."""
    residuals = frame(RESIDUALS, 1, system="aloware", field="email", wanted=EMAIL, found="", reason="not kept")
    refusals = pd.DataFrame({"change": ["c1"], "reason": [f"DUPLICATE_VALUE: {EMAIL}"]})
    stale = pd.DataFrame({"change": ["c0"], "field": ["email"], "reason": ["moved since"]})
    done = report(plan=plan(changes=2), residuals=residuals, refusals=refusals, stale=stale)
    assert briefing.undone_people(done) == ["p0", "p1"]
    page = read(run_page(done, {"p1": "Ana Lopez"}, {}))
    assert "| email | a***@example.com | (blank) | not kept |" in page
    assert "| c1 aloware update | Ana Lopez<br>+1******2671 | email | DUPLICATE_VALUE: a***@example.com |" in page
    assert "| c0 aloware update | +1******2671 | email | moved since |" in page
    assert EMAIL not in page


def test_the_report_is_a_link_where_its_folder_is_served() -> None:
    """Browsers open no file for a page of the web: elsewhere it says on which machine to look."""
    page = report_page("r1.html", "/home/t/reports/r1.html", "https://reports.example.com")
    assert "[Open the report](https://reports.example.com/r1.html)" in page
    assert "](" not in report_page("r1.html", "/home/t/reports/r1.html", None)
    assert "`/home/t/reports/r1.html`. `tandem report r1` makes it again." in page
