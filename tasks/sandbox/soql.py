"""SOQL, the language: text becomes a typed query, or the refusal that a real org would give.

Part of the mirror world. The subset and its rules are those of the Salesforce fact sheet, section 4; what fields exist
and what a condition means for a row is the emulator's business.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedInput, v_args
from lark.exceptions import VisitError

MAX_LENGTH = 100_000
MAX_OFFSET = 2_000
MAX_STRING = 4_000  # characters of a text in WHERE
_CONTEXT = 33  # characters shown before the caret in a recorded message
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_ESCAPE = re.compile(r"\\u[0-9a-fA-F]{4}|\\.", re.DOTALL)
_PIECE = re.compile(_ESCAPE.pattern + "|.", re.DOTALL)
_WILDCARDS = {"%": ".*", "_": "."}


class SoqlError(Exception):
    """A query that the vendor refuses: its error code and the message a client would read."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True)
class Literal:
    """A value as written: its kind decides which fields it may be compared with."""

    kind: str  # string, datetime, date, number, boolean, null
    value: Any
    raw: str = ""


@dataclass(frozen=True)
class Field:
    """A field path as written, and where."""

    path: str
    at: int


@dataclass(frozen=True)
class Comparison:
    field: Field
    operator: str
    value: Literal


@dataclass(frozen=True)
class Matching:
    field: Field
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Membership:
    field: Field
    values: tuple[Literal, ...]
    negated: bool


@dataclass(frozen=True)
class Negation:
    part: "Condition"


@dataclass(frozen=True)
class Group:
    """Parts joined by AND (`every`) or by OR."""

    parts: tuple["Condition", ...]
    every: bool


Condition = Comparison | Matching | Membership | Negation | Group


@dataclass(frozen=True)
class Sorting:
    field: Field
    descending: bool = False
    nulls_last: bool = False


@dataclass(frozen=True)
class Query:
    """A parsed query. `paths` is empty for `COUNT()`."""

    text: str
    paths: tuple[Field, ...]
    object: Field
    where: Condition | None = None
    order: tuple[Sorting, ...] = ()
    limit: int | None = None
    offset: int = 0


def pointer(text: str, at: int) -> str:
    """The recorded opening of a message: the query around the fault, a caret under it, its row and column."""
    start = next((m.start() for m in re.finditer(r"\w+", text) if m.start() >= at - _CONTEXT), at)
    start = min(start, at) if at > _CONTEXT else 0
    shown = text[start : at + _CONTEXT].replace("\n", " ")
    row, column = text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1
    return f"\n{shown}\n{' ' * (at - start)}^\nERROR at Row:{row}:Column:{column}\n"


def parse(text: str) -> Query:
    """The query that `text` says. Raises SoqlError MALFORMED_QUERY."""
    if len(text) > MAX_LENGTH:
        raise SoqlError("MALFORMED_QUERY", f"SOQL statements cannot be longer than {MAX_LENGTH} characters.")
    try:
        query: Query = _Builder(text).transform(_PARSER.parse(text))
    except UnexpectedInput as error:
        raise SoqlError("MALFORMED_QUERY", _unexpected(text, error)) from None
    except VisitError as error:
        raise error.orig_exc from None
    if query.offset > MAX_OFFSET:
        raise SoqlError("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {MAX_OFFSET}")
    return query


def _unexpected(text: str, error: UnexpectedInput) -> str:
    token = getattr(error, "token", None)
    if token is not None and token.type == "$END":
        return pointer(text, len(text)) + "unexpected token: '<EOF>'"
    at = error.pos_in_stream or 0
    found = str(token)[:_CONTEXT] if token is not None else text[at]
    return pointer(text, at) + f"unexpected token: '{found}'"


def _character(escape: str) -> str:
    if len(escape) == 6:
        return chr(int(escape[2:], 16))
    if escape[1:] not in _ESCAPES:
        raise SoqlError("MALFORMED_QUERY", f"Illegal character sequence '{escape}' in string literal.")
    return _ESCAPES[escape[1:]]


def _like(raw: str) -> re.Pattern[str]:
    """The pattern of a LIKE string, where `\\_` and `\\%` are escapes too."""
    parts = []
    for piece in _PIECE.findall(raw):
        if piece in _WILDCARDS:
            parts.append(_WILDCARDS[piece])
        elif piece in ("\\_", "\\%"):
            parts.append(piece[1])
        else:
            parts.append(re.escape(_character(piece) if piece[0] == "\\" else piece))
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)


@v_args(inline=True)
class _Builder(Transformer[Token, Query]):
    """Turns the parse tree into a Query."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def start(self, paths: tuple[Field, ...], name: Token, *clauses: Any) -> Query:
        return Query(self._text, paths, Field(str(name), name.start_pos or 0), **dict(clauses))

    def count(self, _: Token) -> tuple[Field, ...]:
        return ()

    def paths(self, *paths: Field) -> tuple[Field, ...]:
        return paths

    def where(self, condition: Condition) -> tuple[str, Condition]:
        return "where", condition

    def order(self, *sortings: Sorting) -> tuple[str, tuple[Sorting, ...]]:
        return "order", sortings

    def limit(self, number: Token) -> tuple[str, int]:
        return "limit", int(number)

    def offset(self, number: Token) -> tuple[str, int]:
        return "offset", int(number)

    def sorting(self, field: Field, *words: Token) -> Sorting:
        said = {word.upper() for word in words}
        # Nulls come first in both directions unless asked otherwise.
        return Sorting(field, "DESC" in said, "LAST" in said)

    def conjunction(self, *parts: Condition) -> Group:
        return Group(parts, every=True)

    def disjunction(self, *parts: Condition) -> Group:
        return Group(parts, every=False)

    def negation(self, part: Condition) -> Negation:
        return Negation(part)

    def comparison(self, field: Field, operator: Token, value: Literal) -> Comparison:
        return Comparison(field, str(operator), self._plain(value))

    def matching(self, field: Field, pattern: Literal) -> Matching:
        return Matching(field, _like(pattern.raw))

    def membership(self, field: Field, *rest: Any) -> Membership:
        negated = isinstance(rest[0], Token)
        values = tuple(self._plain(value) for value in (rest[1:] if negated else rest))
        return Membership(field, values, negated)

    def PATH(self, token: Token) -> Field:
        return Field(str(token), token.start_pos or 0)

    def STRING(self, token: Token) -> Literal:
        return Literal("string", None, str(token)[1:-1])

    def DATETIME(self, token: Token) -> Literal:
        return Literal("datetime", self._moment(token), str(token))

    def DATE(self, token: Token) -> Literal:
        return Literal("date", self._moment(token).date().isoformat(), str(token))

    def NUMBER(self, token: Token) -> Literal:
        return Literal("number", float(token), str(token))

    def NULL(self, token: Token) -> Literal:
        return Literal("null", None, str(token))

    def BOOLEAN(self, token: Token) -> Literal:
        return Literal("boolean", token.lower() == "true", str(token))

    def _plain(self, literal: Literal) -> Literal:
        if literal.kind != "string":
            return literal
        value = _ESCAPE.sub(lambda escape: _character(escape.group()), literal.raw)
        if len(value) > MAX_STRING:
            raise SoqlError("MALFORMED_QUERY", f"string literals cannot be longer than {MAX_STRING} characters")
        return replace(literal, value=value)

    def _moment(self, token: Token) -> datetime:
        try:
            return datetime.fromisoformat(token.upper())
        except ValueError:
            message = pointer(self._text, token.start_pos or 0) + f"unexpected token: '{token}'"
            raise SoqlError("MALFORMED_QUERY", message) from None


_PARSER = Lark(Path(__file__).with_name("soql.lark").read_text(), parser="lalr")
