"""Answers to conflicts, in people's words and through their spreadsheets: what each decides, or why it can't be taken.

An answer is the name of a side (what it said in the conflict), `keep` (what was decided last), or a value; what follows
`value:` is always one. Nothing is guessed: what may mean two things is asked back.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from difflib import get_close_matches

import pandas as pd

from tasks.core.canonical import canonical, unreadable
from tasks.core.model import ALOWARE, HUBSPOT, SYSTEMS, Schema
from tasks.core.policy import PLACES, Field, Policy

KEEP, LITERAL = "keep", "value:"
AGAIN = "write the file anew with `tandem conflicts --csv FILE`"

_SHORTENED = re.compile(r"([+-]?\d(?:[.,]\d+)?)E\+?(\d{1,3})", re.IGNORECASE)
_DIGITS = re.compile(r"\+?\d+")


@dataclass(frozen=True)
class Question:
    """A conflict as a plan told it: canonical values by system; what is decided now (None: nothing ever was); whether a
    later run than that plan's `decided` it anew."""

    id: str
    person: str
    field: str
    sides: Mapping[str, str]
    golden: str | None = None
    plan: str = ""
    decided: bool = False


@dataclass(frozen=True)
class Answer:
    """What a person wrote: about which conflict; and in a file, in which line, beside which values of the sides."""

    conflict: str
    text: str
    line: int = 0
    sides: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Decision:
    """A question and the canonical value that a person decided."""

    question: Question
    value: str


@dataclass(frozen=True)
class Refusal:
    """An answer that can't be taken, and why."""

    line: int
    conflict: str
    reason: str


def judge(
    answers: Sequence[Answer], questions: Mapping[str, Question], policy: Policy, schemas: Mapping[str, Schema]
) -> tuple[list[Decision], list[Refusal]]:
    """What those answers decide, one decision a conflict, and what can't be taken. `schemas` as last seen."""
    found: dict[str, dict[int, Decision]] = {}
    refusals: list[Refusal] = []
    for answer in answers:
        try:
            decision = _decision(answer, questions, policy, schemas)
        except ValueError as error:
            refusals.append(Refusal(answer.line, answer.conflict, str(error)))
        else:
            found.setdefault(answer.conflict, {})[answer.line] = decision
    decisions = []
    for conflict, said in found.items():
        if len({decision.value for decision in said.values()}) > 1:
            lines = " and ".join(map(str, said))
            refusals += [Refusal(line, conflict, f"lines {lines} answer it differently") for line in said]
        else:
            decisions.append(next(iter(said.values())))
    return decisions, sorted(refusals, key=lambda refusal: refusal.line)


def _decision(
    answer: Answer, questions: Mapping[str, Question], policy: Policy, schemas: Mapping[str, Schema]
) -> Decision:
    """Raises ValueError with the reason."""
    question = questions.get(answer.conflict)
    if question is None:
        raise ValueError("there is no such conflict: `tandem conflicts` lists them")
    if question.field not in policy.fields:
        raise ValueError(f"the policy has no field {question.field} any more")
    field = policy.fields[question.field]
    if answer.sides is not None and question.decided:
        raise ValueError("it was decided since the file was written: `tandem conflicts` lists what there is now")
    for system, text in (answer.sides or {}).items():
        if not same(text, question.sides.get(system, ""), field, policy):
            raise ValueError(f"{system} says something else by now: {AGAIN}")
    value = _value(answer.text, question, field, policy)
    if reason := _forbidden(value, question.field, field, policy, schemas):
        raise ValueError(reason)
    return Decision(question, value)


def _value(text: str, question: Question, field: Field, policy: Policy) -> str:
    if text.lower().startswith(LITERAL):
        return _read(text[len(LITERAL) :], field, policy)
    word = text.strip().lower()
    if word in (*SYSTEMS, KEEP):
        said = {held.lower() for side, held in question.sides.items() if side != word}
        if word in said:
            raise ValueError(f"{text!r} is a side's value, too: write {LITERAL}{text} if you mean that")
        return _of_side(word, question)
    exact = [held for held in question.sides.values() if held == text]
    if exact:
        return exact[0]
    if shortened(text):
        raise ValueError("a spreadsheet shortened that number: name the side that says it, or type it as text")
    lost = {held for held in question.sides.values() if _lost(text, held)}
    if len(lost) == 1:
        return lost.pop()
    if near := get_close_matches(word, (*SYSTEMS, KEEP, "golden"), cutoff=0.8):
        meant = KEEP if near[0] == "golden" else near[0]
        raise ValueError(f"{text!r} looks like {meant}: write that, or {LITERAL}{text}")
    return _read(text, field, policy)


def _of_side(word: str, question: Question) -> str:
    if word == KEEP and question.golden is None:
        raise ValueError("nothing was decided yet, so there is nothing to keep")
    if word == KEEP:
        return str(question.golden)
    if word not in question.sides:
        raise ValueError(f"{word} says nothing there")
    return question.sides[word]


def _read(text: str, field: Field, policy: Policy) -> str:
    """Canonical, or ValueError: the field can't hold it."""
    found = _canonical(text, field, policy)
    if found is None:
        kind = "email" if field.type == "owner" else field.type
        raise ValueError(f"the answer {unreadable(kind)}{_with_its_plus(text, field)}")
    return found


def _with_its_plus(text: str, field: Field) -> str:
    plain = field.type == "phone" and _DIGITS.fullmatch(text.strip()) and not text.startswith("+")
    return "; write it with its + and country code" if plain else ""


def _canonical(text: str, field: Field, policy: Policy) -> str | None:
    kind = "email" if field.type == "owner" else field.type
    found = canonical(pd.Series([text], dtype="str"), kind, HUBSPOT, policy.phones, {}, {}).iloc[0]
    return None if pd.isna(found) else str(found)


def _forbidden(value: str, name: str, field: Field, policy: Policy, schemas: Mapping[str, Schema]) -> str:
    """Why that may not be decided, or ""."""
    if field.type == "consent" and value != "true":
        return "a consent is withdrawn by people in each system: only true can be decided"
    if value == "" and name in policy.phone_fields(ALOWARE, "contacts"):
        return "a person is found by this number: it can't be decided away"
    if value == "" and field.blanks != "clear":
        return f'a blank erases nothing here: the policy would have to say blanks = "clear" in [fields.{name}]'
    options = list(_options(field, schemas))
    chosen = set(value.split(";")) - {""}
    if options and not any(chosen <= known or value in known for known in options):
        near = get_close_matches(value, sorted(frozenset[str]().union(*options)), cutoff=0.6)
        return f"no system has that option{f'; {near[0]} is one' if near else ''}"
    return ""


def _options(field: Field, schemas: Mapping[str, Schema]) -> Iterator[frozenset[str]]:
    """What each place lets people choose from, where it says so."""
    for place, (system, object_name) in PLACES.items():
        known = schemas.get(system, {}).get(object_name, {}).get(field.property_of(place) or "")
        if known is not None and known.options is not None:
            yield frozenset(known.options)


def same(text: str, held: str, field: Field, policy: Policy) -> bool:
    """Whether a spreadsheet's cell shows that value, allowing for what spreadsheets do to numbers and dates."""
    tidy = text.replace("\r\n", "\n").strip()
    if tidy == held.strip() or _lost(tidy, held) or _rounded(tidy, held):
        return True
    return bool(tidy) and _canonical(tidy, field, policy) == held


def _lost(text: str, held: str) -> bool:
    """The same digits, without the plus or the zeros before them."""
    both = _DIGITS.fullmatch(text.strip()) and _DIGITS.fullmatch(held)
    return bool(both) and text.strip().lstrip("+0") == held.lstrip("+0")


def shortened(text: str) -> bool:
    """Whether that is a long number as a spreadsheet shows it: 1.4155E+10."""
    return bool(_SHORTENED.fullmatch(text.strip()))


def _rounded(text: str, held: str) -> bool:
    """A shortened number that agrees with the value, to the precision that is left."""
    found, digits = _SHORTENED.fullmatch(text.strip()), held.lstrip("+0")
    if not found or not digits.isdecimal() or int(found[2]) != len(digits) - 1:
        return False
    mantissa = Decimal(found[1].replace(",", "."))
    exact = Decimal(digits).scaleb(-int(found[2]))
    return mantissa in {exact.quantize(mantissa, how) for how in (ROUND_HALF_UP, ROUND_HALF_EVEN)}
