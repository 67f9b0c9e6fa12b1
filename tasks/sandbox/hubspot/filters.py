"""Search filters as predicates over rows (fact sheet, section 2.2).

Dates compare as our ISO strings, numbers as numbers, enumerations exactly, other text without regard to case. Every
operator but NOT_HAS_PROPERTY asks for a value: records without one never match.
"""

import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

from tasks.sandbox.hubspot.contacts import value
from tasks.sandbox.hubspot.draft import Row
from tasks.sandbox.hubspot.errors import Refusal, invalid
from tasks.sandbox.hubspot.properties import Definition
from tasks.sandbox.hubspot.requests import members
from tasks.sandbox.hubspot.wire import moment

MAX_GROUPS, MAX_FILTERS, MAX_IN_ALL = 5, 6, 18

Test = Callable[[Row], bool]
Comparable = Callable[[str], Any]
Define = Callable[[str], Definition | None]

_TOKEN = re.compile(r"\w+")


def malformed(detail: str) -> Refusal:
    return invalid(f"There was a problem with the request. {detail}")


def comparable(definition: Definition) -> Comparable:
    """How values of a property compare; the function raises ValueError on what is no such value."""
    kind = definition["type"]
    if kind == "number":
        return float
    if kind in ("enumeration", "bool"):
        return str
    if kind in ("date", "datetime"):
        return _time
    return str.lower


def _time(text: str) -> str:
    if (found := moment(text)) is None:
        raise ValueError(f"{text} is not a date")
    return found


def _words(text: str) -> list[str]:
    return _TOKEN.findall(text.lower())


def has_token(wanted: str) -> Callable[[str], bool]:
    """Whether a text has these words; `*` stands for any characters."""
    wanted = wanted.lower()
    if "*" in wanted:
        return lambda text: any(fnmatchcase(part, wanted) for part in (text.lower(), *_words(text)))
    words = set(_words(wanted))
    return lambda text: words <= set(_words(text))


def _parts(definition: Definition) -> Callable[[str], list[str]]:
    """Values of a multiple checkbox are several values."""
    return (lambda text: text.split(";")) if definition["fieldType"] == "checkbox" else (lambda text: [text])


def _member(definition: Definition, given: dict[str, Any]) -> Callable[[str], bool]:
    """IN: text in the list must be lower case already, as HubSpot compares it with lower-cased values."""
    values = [str(v) for v in given.get("values") or ()]
    if not values:
        raise malformed("IN and NOT_IN need `values`")
    compare, parts = comparable(definition), _parts(definition)
    allowed = set(values) if definition["type"] == "string" else {compare(v) for v in values}
    return lambda text: any(compare(part) in allowed for part in parts(text))


def _between(definition: Definition, given: dict[str, Any]) -> Callable[[str], bool]:
    compare = comparable(definition)
    low, high = compare(str(given.get("value", ""))), compare(str(given.get("highValue", "")))
    return lambda text: low <= compare(text) <= high


def _compared(definition: Definition, operator: str, wanted: str) -> Callable[[str], bool]:
    compare, parts = comparable(definition), _parts(definition)
    against = compare(wanted)
    tests: dict[str, Callable[[str], bool]] = {
        "EQ": lambda text: against in [compare(part) for part in parts(text)],
        "NEQ": lambda text: against not in [compare(part) for part in parts(text)],
        "LT": lambda text: compare(text) < against,
        "LTE": lambda text: compare(text) <= against,
        "GT": lambda text: compare(text) > against,
        "GTE": lambda text: compare(text) >= against,
    }
    if operator not in tests:
        raise malformed(f"Unknown operator {operator}")
    return tests[operator]


def _check(definition: Definition, given: dict[str, Any]) -> Callable[[str], bool]:
    operator = str(given.get("operator"))
    if operator in ("IN", "NOT_IN"):
        among = _member(definition, given)
        return among if operator == "IN" else (lambda text: not among(text))
    if operator == "BETWEEN":
        return _between(definition, given)
    if given.get("value") in (None, ""):
        raise malformed(f"{operator} needs `value`")
    if operator in ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"):
        having = has_token(str(given["value"]))
        return having if operator == "CONTAINS_TOKEN" else (lambda text: not having(text))
    return _compared(definition, operator, str(given["value"]))


def _filter(define: Define, given: dict[str, Any]) -> Test:
    name = str(given.get("propertyName"))
    definition = define(name)
    if definition is None:
        raise malformed(f'Property "{name}" does not exist')
    if given.get("operator") == "HAS_PROPERTY":
        return lambda row: bool(value(row, name))
    if given.get("operator") == "NOT_HAS_PROPERTY":
        return lambda row: not value(row, name)
    try:
        check = _check(definition, given)
    except ValueError as error:
        raise malformed(str(error)) from None
    return lambda row: (text := value(row, name)) not in (None, "") and check(str(text))


def compile_groups(define: Define, groups: list[dict[str, Any]]) -> list[list[Test]]:
    """Filters of a group are all to hold, of several groups any one. Sources differ on the counts: the lowest hold."""
    filters = [members(group, "filters") for group in groups]
    counts = [len(group) for group in filters]
    if len(counts) > MAX_GROUPS or max(counts, default=0) > MAX_FILTERS or sum(counts) > MAX_IN_ALL:
        raise malformed(f"At most {MAX_GROUPS} groups, {MAX_FILTERS} filters in each and {MAX_IN_ALL} filters in all")
    return [[_filter(define, given) for given in group] for group in filters]
