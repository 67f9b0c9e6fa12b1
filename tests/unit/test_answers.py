"""Answers to conflicts: what they may say, and what spreadsheets do to them on the way."""

from collections.abc import Mapping
from typing import Any

import pytest

from tasks.core import sheet
from tasks.core.answers import Answer, Question, judge
from tasks.core.errors import UsageError
from tasks.core.model import Property
from tasks.core.policy import parse

POLICY = parse(
    {
        "fields": {
            "first_name": {"contact": "FirstName", "hubspot": "firstname", "aloware": "first_name"},
            "nickname": {"contact": "Nick__c", "hubspot": "nick", "blanks": "clear"},
            "email": {"type": "email", "contact": "Email", "hubspot": "email", "aloware": "email"},
            "phone": {"type": "phone", "contact": "Phone", "hubspot": "phone", "aloware": "phone_number"},
            "zip": {"contact": "MailingPostalCode", "hubspot": "zip"},
            "birthday": {"type": "date", "contact": "Birthdate", "hubspot": "date_of_birth"},
            "lead_status": {"type": "status", "hubspot": "hs_lead_status", "aloware": "disposition_status_id"},
            "do_not_call": {"type": "consent", "contact": "DoNotCall", "aloware": "is_dnc"},
        }
    }
)
STATUS = Property("hs_lead_status", options=("NEW", "IN_PROGRESS"))
SCHEMAS = {"hubspot": {"contacts": {"hs_lead_status": STATUS}}}
PHONE, BRITISH = "+14155552671", "+442071838750"


def question(field: str, golden: str | None = None, **sides: str) -> Question:
    return Question(f"p/{field}", "p", field, sides, golden, "p1")


def answered(text: str, asked: Question, **shown: str) -> str:
    """What that answer decides, or the reason why it can't be taken."""
    decisions, refusals = judge([Answer(asked.id, text, 2, shown)], {asked.id: asked}, POLICY, SCHEMAS)
    assert len(decisions) + len(refusals) == 1
    return decisions[0].value if decisions else f"no: {refusals[0].reason}"


NAME = question("first_name", "Ann", salesforce="Anne", hubspot="Annie")
CALL = question("phone", PHONE, salesforce=PHONE, hubspot=BRITISH)


@pytest.mark.parametrize(
    ("text", "asked", "value"),
    [
        ("hubspot", NAME, "Annie"),
        (" HubSpot ", NAME, "Annie"),
        ("keep", NAME, "Ann"),
        ("Nan", NAME, "Nan"),
        ("value:keep", NAME, "keep"),
        ("value:HubSpot", NAME, "HubSpot"),
        ("(415) 555-2671", CALL, PHONE),
        ("442071838750", CALL, BRITISH),  # a spreadsheet lost the plus
        ("2134", question("zip", None, salesforce="02134", hubspot="99999"), "02134"),
        ("A@X.ORG", question("email", None, salesforce="a@x.org"), "a@x.org"),
        ("12/31/1990", question("birthday", None, hubspot="1990-12-31"), "1990-12-31"),
        ("value:", question("nickname", None, salesforce="Nan", hubspot="N"), ""),
        ("IN_PROGRESS", question("lead_status", None, hubspot="NEW"), "IN_PROGRESS"),
        ("true", question("do_not_call", None, salesforce="false", aloware="true"), "true"),
    ],
)
def test_an_answer_is_a_side_or_what_was_decided_or_a_value(text: str, asked: Question, value: str) -> None:
    """Values take their field's canonical form."""
    assert answered(text, asked) == value


@pytest.mark.parametrize(
    ("text", "asked", "reason"),
    [
        ("aloware", NAME, "aloware says nothing there"),
        ("hubsopt", NAME, "'hubsopt' looks like hubspot: write that, or value:hubsopt"),
        ("golden", NAME, "'golden' looks like keep"),
        ("keep", question("first_name", None, salesforce="A"), "nothing was decided yet"),
        ("hubspot", question("first_name", None, salesforce="HubSpot", hubspot="Ann"), "is a side's value, too"),
        ("1.4155E+10", CALL, "a spreadsheet shortened that number"),
        ("pipedrive", CALL, "is not a valid phone number"),
        ("4420718387", CALL, "write it with its + and country code"),
        ("x" * 300, NAME, "is longer than 255 characters"),
        ("value:", NAME, 'blanks = "clear" in [fields.first_name]'),
        ("hubspot", question("first_name", None, hubspot=""), "a blank erases nothing here"),
        ("value:", CALL, "a person is found by this number"),
        ("false", question("do_not_call", None, salesforce="true", aloware="false"), "only true can be decided"),
        ("aloware", question("do_not_call", None, salesforce="true", aloware="false"), "only true can be decided"),
        ("In progress", question("lead_status", None, hubspot="NEW"), "no system has that option"),
        ("IN_PROGRES", question("lead_status", None, hubspot="NEW"), "IN_PROGRESS is one"),
        ("aloware", question("lead_status", None, hubspot="NEW", aloware="?99"), "no system has that option"),
        ("A", question("company", None, hubspot="B"), "the policy has no field company any more"),
    ],
)
def test_what_can_t_be_decided_is_refused_with_what_to_do(text: str, asked: Question, reason: str) -> None:
    """Nothing is guessed, and nothing is decided that can't be written."""
    assert reason in answered(text, asked)


def test_an_unknown_conflict_is_refused() -> None:
    """Ids come from `tandem conflicts`."""
    _, refusals = judge([Answer("p/other", "A", 7)], {}, POLICY, SCHEMAS)
    assert (refusals[0].line, refusals[0].reason) == (7, "there is no such conflict: `tandem conflicts` lists them")


@pytest.mark.parametrize(
    ("asked", "shown", "fits"),
    [
        (CALL, {"salesforce": PHONE, "hubspot": BRITISH}, True),
        (CALL, {"salesforce": "14155552671", "hubspot": "4.42071838750E+11"}, True),
        (CALL, {"salesforce": "1.4156E+10"}, True),
        (CALL, {"salesforce": "1,4156E+10"}, True),
        (CALL, {"salesforce": "1.4155E+10"}, False),
        (CALL, {"salesforce": "1.4156E+11"}, False),
        (CALL, {"salesforce": ""}, False),
        (CALL, {"aloware": "+14155550000"}, False),
        (CALL, {}, True),
        (question("zip", None, salesforce="02134"), {"salesforce": "2134"}, True),
        (question("do_not_call", None, salesforce="true"), {"salesforce": "TRUE"}, True),
        (question("birthday", None, salesforce="1990-12-31"), {"salesforce": "12/31/1990"}, True),
        (question("first_name", None, salesforce="A\nB"), {"salesforce": "A\r\nB"}, True),
        (question("first_name", None, salesforce="Ann"), {"salesforce": "Anne"}, False),
    ],
)
def test_a_row_must_show_what_the_sides_say_now(asked: Question, shown: Mapping[str, str], fits: bool) -> None:
    """Up to what a spreadsheet does to numbers, dates and words; else the answer was given to another question."""
    said = answered("value:true" if asked.field == "do_not_call" else next(iter(asked.sides)), asked, **shown)
    assert ("says something else by now" not in said) == fits


def test_two_answers_to_one_conflict_must_agree() -> None:
    """Which one was meant, nobody can tell."""
    answers = [Answer(NAME.id, "hubspot", 2), Answer(NAME.id, "salesforce", 3)]
    decisions, refusals = judge(answers, {NAME.id: NAME}, POLICY, SCHEMAS)
    assert decisions == []
    assert [(r.line, r.reason) for r in refusals] == [(n, "lines 2 and 3 answer it differently") for n in (2, 3)]
    decisions, refusals = judge([answers[0], Answer(NAME.id, "Annie", 9)], {NAME.id: NAME}, POLICY, SCHEMAS)
    assert ([decision.value for decision in decisions], refusals) == (["Annie"], [])


CONFLICT: dict[str, Any] = {
    "id": "p/first_name",
    "person": "p",
    "field": "first_name",
    "sides": {"salesforce": 'An"n; "é"', "hubspot": "=HYPERLINK(1)"},
    "winner": None,
    "rule": "hold",
    "since": "2026-11-22T12:00:00+00:00",
}
PLAIN = sheet.written([CONFLICT]).decode()


def filled(text: str, separator: str = ",", end: str = "\r\n") -> str:
    """The file as a spreadsheet saves it, with an answer."""
    head, row, *_ = text.split("\r\n")
    quoted = '"An""n; ""é"""'
    cells = row.replace(quoted, "@").split(",")
    assert cells[-1] == ""
    cells[-1] = "hubspot"
    lines = [head.replace(",", separator), separator.join(cells).replace("@", quoted), ""]
    return end.join(lines)


@pytest.mark.parametrize(
    "content",
    [
        filled(PLAIN).encode(),
        filled(PLAIN, end="\n").encode("utf-8-sig"),
        filled(PLAIN, ";").encode("utf-8-sig"),
        filled(PLAIN, ";").encode("cp1252"),
        filled(PLAIN, "\t").encode("utf-16"),
        ("sep=;\r\n" + filled(PLAIN, ";")).encode(),
        filled(PLAIN).replace("id,", "ID ,").encode(),
    ],
)
def test_a_sheet_comes_back_through_any_spreadsheet(content: bytes) -> None:
    """Byte order marks, separators, quotes, line ends, other encodings; and no value is taken for a formula."""
    assert "'=HYPERLINK" in PLAIN
    (answer,), refused = sheet.read(content)
    assert refused == []
    assert (answer.conflict, answer.text) == ("p/first_name", "hubspot")
    assert answer.sides == {**CONFLICT["sides"], "aloware": ""}
    assert answer.line == (3 if content.startswith(b"sep") else 2)


def test_rows_without_an_answer_are_skipped_and_broken_ones_named() -> None:
    """A half-filled file is a good file."""
    rows = ["id,decision", "a,", "", "b,keep", "c,D,E", '"d","two', 'lines"', "e, "]
    answers, refused = sheet.read("\n".join(rows).encode())
    assert [(a.conflict, a.text, a.line) for a in answers] == [("b", "keep", 4), ("d", "two\nlines", 6)]
    assert [(r.conflict, r.line) for r in refused] == [("c", 5)]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n", "is empty"),
        (b",,\r\n", "no column `id`"),
        (b"id,answer\r\na,keep\r\n", "no column `decision`"),
        (b"PK\x03\x04 and so on", "is a workbook: save it as CSV"),
        (b'id,decision\r\n"a,keep\r\n', "can't be read as CSV"),
    ],
)
def test_another_file_is_refused_in_a_sentence(content: bytes, sentence: str) -> None:
    """It says how to make a right one."""
    with pytest.raises(UsageError, match=sentence):
        sheet.read(content)
