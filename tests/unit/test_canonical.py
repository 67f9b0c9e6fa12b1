"""The one form of a value, per type of field: what means the same is the same, and what can't be read is missing."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.core.canonical import NOBODY, canonical, raw_value, shown, unreadable
from tasks.core.model import ALOWARE, HUBSPOT, SALESFORCE
from tasks.core.policy import FieldType, Phones

USERS = {"005A": "ann@x.example", "005B": "bob@x.example", "005C": "bob@x.example"}
KINDS: list[FieldType] = ["text", "long-text", "email", "phone", "picklist", "boolean", "date", "number", "consent"]


def read(kind: FieldType, *raw: str | None, system: str = HUBSPOT) -> list[str | None]:
    """The canonical forms of those raw values; None where there is none."""
    found = canonical(pd.Series(raw, dtype="str"), kind, system, Phones(), {"1": "NEW"}, USERS)
    assert str(found.dtype) == "str"
    return [None if pd.isna(value) else value for value in found]


@pytest.mark.parametrize(
    ("kind", "raw", "form"),
    [
        ("text", " Ann\u00a0", "Ann"),
        ("text", "Ame\u0301lie", "Am\u00e9lie"),
        ("text", "1 Main St\r\nFloor 2\rRear", "1 Main St\nFloor 2\nRear"),
        ("text", "אבי", "אבי"),
        ("text", "x" * 255, "x" * 255),
        ("text", "x" * 10_000, None),
        ("long-text", "x" * 10_000, "x" * 10_000),
        ("long-text", "one  \r\ntwo\r\n", "one\ntwo"),
        ("long-text", "<p>one</p>\n<p>two &amp;<br/>three</p>", "one\ntwo &\nthree"),
        ("long-text", "a < b and c > d &amp; e", "a < b and c > d &amp; e"),
        ("long-text", "<unknown>", "<unknown>"),
        ("email", " Ann@X.Example ", "ann@x.example"),
        ("email", "ann @x.example", None),
        ("email", "ann\u00a0b@x.example", None),
        ("email", "ann", None),
        ("email", "ann@x", None),
        ("email", "ann@-x.example", None),
        ("email", "ann@x-.example", None),
        ("email", "ann@x-1.example", "ann@x-1.example"),
        ("email", "ann@x.example, bob@x.example", None),
        ("email", "ann@x.example;bob@x.example", None),
        ("email", "Ann <ann@x.example>", None),
        ("email", "a" * 250 + "@x.example", None),
        ("email", "jos\u00e9@m\u00fcnchen.example", "jos\u00e9@m\u00fcnchen.example"),
        ("picklist", "Partner Referral", "Partner Referral"),
        ("picklist", "b; a;b", "a;b"),
        ("boolean", "True", "true"),
        ("boolean", "No", "false"),
        ("boolean", "1", "true"),
        ("boolean", "perhaps", None),
        ("consent", "Yes", "true"),
        ("date", "2026-02-17", "2026-02-17"),
        ("date", "2026-02-17T23:30:00-05:00", "2026-02-18"),
        ("date", "2020-10-22T21:03:23.000+0000", "2020-10-22"),
        ("date", "1762212973632", "2025-11-03"),
        ("date", "-86400000000", "1967-04-07"),
        ("date", "02/17/1980", "1980-02-17"),
        ("date", "2026-02-30", None),
        ("date", "17/02/1980", None),
        ("date", "soon", None),
        ("number", "1.0", "1"),
        ("number", "+007.50", "7.5"),
        ("number", "1.0E7", "10000000"),
        ("number", "-0.0", "0"),
        ("number", "12345678901234567890.123456789012345", "12345678901234567890.123456789012345"),
        ("number", "1e999999999", None),
        ("number", "1E100", None),
        ("number", "1,000", None),
        ("number", "x0", None),
        ("number", "0x", None),
        ("number", "12.", "12"),
        ("number", "0.5", "0.5"),
        ("number", ".50", "0.5"),
        ("number", "1_000", None),
        ("number", "nan", None),
        ("number", "Infinity", None),
        ("owner", "005A", "ann@x.example"),
        ("owner", "00G1", None),
    ],
)
def test_a_value_has_one_form(kind: FieldType, raw: str, form: str | None) -> None:
    """Whatever the vendor, the keyboard or the export made of it."""
    assert read(kind, raw) == [form]


@pytest.mark.parametrize(
    ("raw", "form"),
    [
        ("(415) 555-2671", "+14155552671"),
        ("415-555-2671 x123", "+14155552671"),
        ("\uff0b\uff11 \uff14\uff11\uff15 555 2671", "+14155552671"),
        ("\u202a+1 415 555 2671\u202c", "+14155552671"),
        ("0044 20 7946 0000", "+442079460000"),
        ("0", None),
        ("911", None),
        ("+1", None),
        ("9" * 40, None),
        ("1" * 300, None),
        ("call reception", None),
        ("415-555-2671 / 415-555-2672", None),
        ("415-555-2671; 415-555-2672", None),
        ("415-555-2671 or 415-555-2672", None),
        ("\u0664\u0661\u0665-555-2671", "+14155552671"),
    ],
)
def test_a_phone_is_what_the_library_of_phone_numbers_says(raw: str, form: str | None) -> None:
    """Full-width and Arabic digits are digits, an extension isn't part of the number, two numbers are none."""
    assert read("phone", raw) == [form]


@pytest.mark.parametrize("kind", [*KINDS, "status", "owner"])
def test_a_blank_is_a_blank_in_every_type(kind: FieldType) -> None:
    """Null, nothing and white space are the same."""
    assert read(kind, None, "", "  \t") == ["", "", ""]


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=50)
@given(raw=st.text(max_size=40) | st.text("<>/pb r&;lt\n\r\t .,-+e0123456789@x", max_size=40))
def test_reading_what_was_written_changes_nothing(kind: FieldType, raw: str) -> None:
    """Else two systems would rewrite each other for ever. And nothing that people type is a crash."""
    once = read(kind, raw.replace("\x00", ""))
    if once != [None]:
        assert read(kind, *once) == once


def test_html_is_read_until_no_tag_is_left() -> None:
    """A tag that was spelt out as text would turn into one when it is written, and vanish when it is read."""
    assert shown("<p>&lt;b&gt;bold&lt;/b&gt;</p>") == "bold"


def test_an_owner_is_written_by_the_one_active_user_of_that_address() -> None:
    """Nobody, and one of two, is no answer: what can't be said is missing."""
    emails = pd.Series(["ann@x.example", "bob@x.example", "cy@x.example", ""], dtype="str")
    said = raw_value(emails, "owner", SALESFORCE, {}, USERS)
    assert said.fillna("-").tolist() == ["005A", "-", "-", ""]
    assert raw_value(emails, "owner", SALESFORCE, {}, NOBODY).fillna("-").tolist() == ["-", "-", "-", ""]


def test_a_disposition_is_read_and_written_by_its_id() -> None:
    """An id that nobody knows keeps its number, so that it differs from every status."""
    assert read("status", "1", "7", system=ALOWARE) == ["NEW", "?7"]
    assert read("status", "NEW", system=HUBSPOT) == ["NEW"]
    assert raw_value(pd.Series(["NEW", "OLD"], dtype="str"), "status", ALOWARE, {"1": "NEW"}, {}).tolist()[0] == "1"


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_read_has_a_reason(kind: FieldType) -> None:
    """It stands behind the field's name in the quarantine."""
    assert unreadable(kind)
