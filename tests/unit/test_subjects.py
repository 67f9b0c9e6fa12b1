"""Whom somebody means by a number, an e-mail or an id; and what of theirs nobody else has."""

import tomllib
from dataclasses import replace

import pandas as pd
import pytest

from tasks.core.model import Snapshot
from tasks.core.policy import parse
from tasks.core.state import (
    ABSORBED,
    LINKS,
    NUMBERS,
    PEOPLE,
    SETTLED,
    TURNS,
    State,
    base_columns,
    empty,
    golden_columns,
)
from tasks.core.subjects import people_of, seen, stranger, subject, words
from tasks.ledger import Ledger
from tests.unit.ledgers import NOON, advance, ledger, postgresql, table
from tests.unit.test_policy import SHIPPED

__all__ = ["ledger", "postgresql"]

POLICY = parse(tomllib.loads(SHIPPED))
FIELDS = tuple(POLICY.fields)
ID = "003AB00000CDEFG"


def of_field(columns: list[str], rows: dict[str, dict[str, str]], index: str) -> pd.DataFrame:
    frame = pd.DataFrame.from_dict(rows, orient="index", dtype="str")
    return frame.reindex(columns=columns).astype("str").rename_axis(index)


CROWD = table(PEOPLE, [(who, None, None) for who in ("old", *map(str, range(100)))], "person")  # where a few are few
STATE = State(
    links=table(
        LINKS,
        [
            (f"salesforce:Contact:{ID}HIJ", "salesforce", "Contact", f"{ID}HIJ", "ann", "representative"),
            ("hubspot:contacts:7", "hubspot", "contacts", "7", "ann", "representative"),
            ("hubspot:contacts:8", "hubspot", "contacts", "8", "bob", "representative"),
            ("aloware:contacts:7", "aloware", "contacts", "7", "bob", "representative"),
        ],
        "ref",
    ),
    people=table(PEOPLE, [("ann", "+14152000001", None), ("bob", "+14152000002", None), ("cy", None, None)], "person"),
    golden=of_field(golden_columns(FIELDS), {"ann": {"email": "ann@x.io"}, "bob": {"email": "both@x.io"}}, "person"),
    bases=of_field(
        base_columns(FIELDS),
        {
            f"salesforce:Contact:{ID}HIJ": {"email": "both@x.io", "email_raw": "Both@x.io"},
            "hubspot:contacts:7": {"phone": "+14152000001", "phone_raw": "415-200-0001", "email": "ann@x.io"},
            "hubspot:contacts:8": {"phone": "+14152000002", "mobile_phone": "+14152000003"},
        },
        "ref",
    ),
    settled=empty(SETTLED),
    receipts=pd.DataFrame(),
    numbers=table(
        NUMBERS,
        [
            ("ann", "+14152000001", "key", "2026", None),
            ("bob", "+14152000001", "key", "", "2026"),
            ("ann", "+14152000003", "other", "", None),
            ("bob", "+14152000003", "other", "", None),
            ("ann", "+14152000004", "key", "", "2026"),
        ],
    ),
    absorbed=table(ABSORBED, [("old", "ann")], "person"),
)


@pytest.mark.parametrize(
    ("who", "people"),
    [
        ("(415) 200-0001", ["ann"]),  # whose key it is now, not who had it before
        ("+14152000003", ["ann", "bob"]),  # nobody's key, and in a field of both
        ("4152000004", ["ann"]),  # nobody has it any more
        ("ANN@x.io ", ["ann"]),
        ("both@x.io", ["ann", "bob"]),  # one says so, of the other it was decided
        ("8", ["bob"]),
        ("7", ["ann", "bob"]),  # of two systems
        ("hubspot:contacts:7", ["ann"]),
        (f"{ID}HIJ", ["ann"]),
        (ID, ["ann"]),
        ("ann", ["ann"]),
        ("old", ["ann"]),
        ("cy", ["cy"]),
        ("+14155550000", []),
        ("x@y.io", []),
        ("", []),
    ],
)
def test_whom_words_name(who: str, people: list[str]) -> None:
    assert people_of(who, STATE, POLICY) == people


def test_of_a_person_all_is_known_that_nobody_else_has() -> None:
    """What two share is the other's, too: it is told apart, and stays."""
    ann = subject("ann", STATE, POLICY)
    assert ann.people == {"ann", "old"}
    assert ann.refs == {f"salesforce:Contact:{ID}HIJ", "hubspot:contacts:7"}
    assert ann.numbers == {"+14152000001", "+14152000004"}
    assert ann.emails == {"ann@x.io"}
    assert ann.spellings == {"415-200-0001"}
    assert ann.shared == {"+14152000003", "both@x.io"}


def test_somebody_who_is_nobody_in_the_ledger_is_seen_in_what_was_pulled() -> None:
    """Their record was left out for want of a number; what it shares with others isn't theirs alone."""
    frame = table(("record_id", "Phone", "Email"), [("9", "none", "New@x.io"), ("10", "+14152000002", "both@x.io")])
    pulled = Snapshot("salesforce", NOON, {"Lead": frame})
    for who in ("new@X.io", "9", "salesforce:Lead:9"):
        records = seen(who, [pulled], POLICY)
        assert list(records) == ["salesforce:Lead:9"]
        assert stranger(records, STATE, POLICY).emails == {"new@x.io"}
    shared = stranger(seen("+14152000002", [pulled], POLICY), STATE, POLICY)
    assert (shared.numbers, shared.emails, len(shared.shared)) == (set(), set(), 2)
    assert seen("nobody", [pulled], POLICY) == {}


@pytest.mark.parametrize(
    "who",
    [
        *("ann", "old", "cy", "", "nobody@x.io", "ANN@x.io", "both@x.io", "7", "hubspot:contacts:8", ID, f"{ID}HIJ"),
        *("+1 415 200 0001", "415-200-0003", "415-200-0004", "\udcff", "a\x00"),
    ],
)
def test_the_ledger_finds_whomever_the_words_could_mean(who: str, ledger: Ledger) -> None:
    """So that nobody else's rows are read to find them."""
    turns = [(*row[:3], "begins", row[3]) for row in STATE.numbers.itertuples(index=False)]
    ends = [(*row[:3], "ends", row[4]) for row in STATE.numbers.itertuples(index=False) if isinstance(row[4], str)]
    taught = advance(
        links=STATE.links,
        people=STATE.people,
        golden=STATE.golden,
        bases=STATE.bases,
        numbers=table(TURNS, turns + ends),
    )
    ledger.memory.advance(replace(taught, people=pd.concat([STATE.people, CROWD])), "r1", NOON)
    ledger.memory.advance(replace(advance(), absorbed=STATE.absorbed), "r2", NOON)
    found = ledger.people.named(words(who, POLICY), ["email"])
    part, whole = (people_of(who, ledger.memory.state(FIELDS, about), POLICY) for about in (found, None))
    assert part == whole
    assert whole or who in ("nobody@x.io", "", "\udcff", "a\x00")
