"""Runs to tell of in a report: one with something of everything, and one that is as large as they come."""

from dataclasses import replace
from datetime import timedelta

from tasks.core.plan import CELLS, CHANGES, Plan
from tasks.core.state import LINKS, PEOPLE, SETTLED, Advance, empty
from tasks.core.trend import Past
from tasks.report import Account, Line, Story
from tests.unit.ledgers import NOON, table
from tests.unit.sample_plans import EMAIL, PERSON, PHONE, sample

ACCOUNT = Account({"salesforce": {"read": 3, "write": 1}}, {"salesforce": {"read": 9, "write": 1}}, (), True)
NASTY = "<script>alert('x')</script>\" onload=\"x"


def past(number: int) -> Past:
    return Past(
        f"r{number}",
        "incremental",
        f"2026-11-22T1{number}:00:00",
        {"applied": number},
        1,
        2,
        0,
        {"aloware": 7 * number},
    )


def told(held: bool = False, **known: object) -> Story:
    """The sample plan as a run that is over; `known` changes what is known of it."""
    made = sample(held)
    facts = {
        "run": made.run,
        "mode": "incremental",
        "started_at": NOON,
        "told_at": NOON + timedelta(hours=1),
        "finished_at": NOON + timedelta(seconds=75),
        "outcome": "held" if held else "done",
        "plan": made,
        "status": "held" if held else "applied",
        "standing": {"c1": ("applied", ""), "c2": ("held", "") if held else ("refused", f"DUPLICATE {EMAIL}")},
        "names": {PERSON: f"Ana {NASTY}"},
        "account": ACCOUNT,
        "lines": [Line("2026-11-22T12:00:00", "eve", "approved", f"reason: {PHONE} called")],
        "trend": [past(1), past(2), past(3)],
    }
    return Story(**(facts | known))


def enormous(changes: int = 100_000) -> Story:
    """As many updates of e-mail addresses; the last one was refused."""
    ids = [f"c{n}" for n in range(changes)]
    people = [f"salesforce:Contact:003{n:012}" for n in range(changes)]
    heads = [
        (i, "aloware", "contacts", str(n), p, "update", f"+1415{n:07}", "edited in salesforce", "edit")
        for n, (i, p) in enumerate(zip(ids, people, strict=True))
    ]
    cells = [(i, "email", "email", f"old.{i}@example.com", f"new.{i}@example.com", "x", people[0]) for i in ids]
    nothing = Advance(empty(LINKS), empty(PEOPLE), empty(()), empty(("person",)), empty(SETTLED))
    plan: Plan = replace(
        sample(), changes=table(CHANGES, heads), cells=table(CELLS, cells), advance=nothing, verdict=sample().verdict
    )
    standing = dict.fromkeys(ids, ("applied", "")) | {ids[-1]: ("refused", "too long")}
    return told(plan=plan, standing=standing, names={p: f"Somebody {n}" for n, p in enumerate(people)})
