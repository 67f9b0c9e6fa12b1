"""The report of a run: everything somebody asks of it, masked, escaped, of a bounded size, and without a network."""

import re
from dataclasses import replace

import pytest

from tasks.report import page
from tasks.report.rows import TOP_CHANGES
from tests.unit.sample_plans import EMAIL, PHONE
from tests.unit.told_runs import ACCOUNT, NASTY, enormous, told


def words(html: str) -> str:
    """What is left of a page without its style, its script and its tags."""
    text = re.sub(r"<(style|script)\b.*?</\1>|<[^>]+>", " ", html, flags=re.DOTALL)
    return " ".join(text.replace("&#39;", "'").split())


def test_what_changed_and_why() -> None:
    """Whose, what becomes what, why, by which rule, from which record, and what the vendor said."""
    told_of = words(page(told()))
    assert "2 changes: 1 written, 1 refused." in told_of
    assert "Email (blank) → a***@example.com" in told_of
    assert "edited elsewhere" in told_of
    assert "DUPLICATE a***@example.com" in told_of
    assert "from hubspot:contacts:7" in told_of


def test_what_was_only_reported() -> None:
    """Refusals that are foreseen, conflicts with what both sides say, collisions and quarantine."""
    told_of = words(page(told()))
    assert "Company A → B read-only" in told_of
    assert "Salesforce a***@example.com HubSpot (blank)" in told_of
    assert "nobody yet by hold" in told_of
    assert "1 waits for a person" in told_of
    assert f"salesforce:Contact:003A speaks {'salesforce:Contact:003B'}" in told_of
    assert "no valid phone number 1 hubspot:contacts:9" in told_of


def test_the_gate_and_what_to_do() -> None:
    """The breaker with what was asked and allowed, the finding, and the command that lets it go."""
    told_of = words(page(told(held=True)))
    assert "salesforce.updates 50% asked, the limit is 30% 1 change" in told_of
    assert "Aloware unique critical 2" in told_of
    assert "1 change held until a person says so." in told_of
    assert "tandem approve p1 --override salesforce.updates --reason TEXT" in told_of


def test_calls_spent_of_foreseen() -> None:
    """What looking took is told apart; where nobody counted, no number is made up."""
    assert "Salesforce 6 3 of 2 1 of 1" in words(page(told()))
    assert "Salesforce ? ? of 2 ? of 1" in words(page(told(account=None)))


def test_values_are_masked_and_harmless() -> None:
    """No whole number or address anywhere, and what a stranger typed is text."""
    html = page(told(held=True))
    assert PHONE not in html
    assert EMAIL not in html
    assert NASTY not in html
    assert "&lt;script&gt;alert(" in html
    assert html.count("<script>") == 1


def test_values_that_look_alike_are_told_apart() -> None:
    """Two addresses may differ only where they are masked."""
    story = told()
    assert story.plan is not None
    sides = f'{{"salesforce":"{EMAIL}","hubspot":"amy@example.com"}}'
    cells = story.plan.cells.assign(before="amy@example.com", after=EMAIL)
    alike = replace(story.plan, conflicts=story.plan.conflicts.assign(sides=sides), cells=cells)
    told_of = words(page(replace(story, plan=alike)))
    assert "They differ where they are masked." in told_of
    assert "a***@example.com → a***@example.com differs where it is masked" in told_of


def test_nothing_is_fetched() -> None:
    """The page names no other file, and forbids itself to ask for one."""
    html = page(told(held=True))
    assert "default-src 'none'" in html
    assert not re.search(r"\b(src|srcset|poster|data)=|@import|url\(|<link|<iframe|<img", html)
    assert set(re.findall(r"""(?:href|action)=["'](?!#)([^"']+)""", html)) == {
        "https://docs.greatexpectations.io/docs/"  # a link to read; nobody follows it but the reader
    }


@pytest.fixture(scope="module")
def large() -> str:
    return page(enormous())


def test_large_run_is_a_page_of_bounded_size(large: str) -> None:
    """What didn't land comes first; the page says how many it leaves out and where they are."""
    assert len(large.encode()) < 3_000_000
    assert large.count("<tr data-system") == TOP_CHANGES
    assert "The first 2,000 of 100,000 are shown" in large
    assert "tandem show p1 --json" in large
    assert large.index("Somebody 99999") < large.index("Somebody 0<")


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"at_work": True}, "This run is at work now."),
        ({"plan": None, "status": "", "standing": {}, "trend": ()}, "it stopped before it had a plan"),
        ({"plan": None, "status": "", "mode": "log-communications"}, "what it logged is recorded"),
        ({"standing": {"c1": ("planned", ""), "c2": ("planned", "")}}, "and wrote nothing"),
        ({"standing": {"c1": ("applied", ""), "c2": ("unsettled", "")}}, "nothing is written twice"),
    ],
)
def test_run_that_never_finished(known: dict[str, object], said: str) -> None:
    """How far it came, and what to do; its changes are told as far as they are known."""
    told_of = words(page(told(finished_at=None, outcome=None, account=None, **known)))
    assert said in told_of
    assert "Converged" not in told_of


def test_plan_that_nobody_applied() -> None:
    """It didn't fail: it was made to be looked at."""
    standing = {"c1": ("planned", ""), "c2": ("planned", "")}
    story = told(mode="plan", status="open", finished_at=None, outcome=None, account=None, standing=standing)
    told_of = words(page(story))
    assert "Nothing was written: the plan is open." in told_of
    assert "never finished" not in told_of


def test_values_that_did_not_stick() -> None:
    """Counted, where the ledger keeps no more than the count."""
    account = replace(ACCOUNT, residuals=[("aloware", "email", "the system holds something else", 3)], converged=False)
    assert "3 values written and not found again: something else is there." in words(page(told(account=account)))


def test_two_pages_of_one_run_are_the_same() -> None:
    """Nothing in it depends on when, where or how often it is made."""
    assert page(told()) == page(told())
