"""What a parsed query means for rows: WHERE as a closure, ORDER BY as a sort, and the shortcut through an index."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from operator import ge, gt, le, lt
from typing import Any

from tasks.sandbox.salesforce.describe import Schema, schema
from tasks.sandbox.salesforce.fields import Field
from tasks.sandbox.salesforce.ids import is_id, to18
from tasks.sandbox.salesforce.org import fold, indexed, record, stamp, table
from tasks.sandbox.soql import (
    Comparison,
    Condition,
    Group,
    Literal,
    Matching,
    Membership,
    Negation,
    Query,
    SoqlError,
    Sorting,
    pointer,
)
from tasks.sandbox.soql import Field as Path
from tasks.sandbox.store import Row
from tasks.sandbox.world import World

Test = Callable[[Row], bool]
Read = Callable[[Row], Any]
_ORDERED: dict[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_TYPE_WORDS = {"string": "string", "boolean": "boolean", "date": "date", "datetime": "dateTime", "number": "double"}
_HELP = (
    ". If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. "
    "Please reference your WSDL or the describe call for the appropriate names."
)


class Meaning:
    """The meaning of one query in one world."""

    def __init__(self, world: World, query: Query, found: Schema) -> None:
        self.world, self.query, self.schema = world, query, found

    def column(self, path: Path) -> tuple[Field, Read]:
        """The field at the end of a path, one relationship deep at most, and how to read it from a row."""
        relation, _, name = path.path.rpartition(".")
        if not relation:
            field = self._need(self.schema, name, path)
            return field, partial(_own, field.name)
        link = self.schema.by_relationship.get(relation.lower())
        if link is None:
            message = f"Didn't understand relationship '{relation}' in field path{_HELP}"
            raise SoqlError("INVALID_FIELD", pointer(self.query.text, path.at) + message)
        field = self._need(self._target(link, path), name, path)
        return field, partial(_related, self.world, link.name, field.name)

    def _target(self, link: Field, path: Path) -> Schema:
        targets = [found for name in link.refers if (found := schema(self.world, name))]
        if not targets:
            raise self._no_column(path.path, self.schema.name, path)
        return targets[0]

    def _need(self, found: Schema, name: str, path: Path) -> Field:
        field = found.find(name)
        if field is None:
            raise self._no_column(name, found.name, path)
        return field

    def _no_column(self, name: str, entity: str, path: Path) -> SoqlError:
        message = f"No such column '{name}' on entity '{entity}'{_HELP}"
        return SoqlError("INVALID_FIELD", pointer(self.query.text, path.at) + message)

    def test(self, condition: Condition) -> Test:
        """Whether a row meets the condition. Two-valued: a null differs from every value."""
        if isinstance(condition, Group):
            tests = [self.test(part) for part in condition.parts]
            return partial(_every if condition.every else _some, tests)
        if isinstance(condition, Negation):
            return partial(_not, self.test(condition.part))
        field, read = self._filterable(condition.field)
        if isinstance(condition, Matching):
            return self._matching(field, read, condition)
        if isinstance(condition, Membership):
            values = frozenset(self.value(field, literal, condition.field) for literal in condition.values)
            return partial(_outside if condition.negated else _among, _folded(field, read), values)
        return self._comparison(field, _folded(field, read), condition)

    def _filterable(self, path: Path) -> tuple[Field, Read]:
        field, read = self.column(path)
        if field.is_long or field.kind == "address":
            message = f"field '{field.name}' can not be filtered in a query call"
            raise SoqlError("INVALID_FIELD", pointer(self.query.text, path.at) + message)
        return field, read

    def _matching(self, field: Field, read: Read, condition: Matching) -> Test:
        if field.kind != "string":
            message = f"invalid operator on {field.kind} field"
            raise SoqlError("INVALID_QUERY_FILTER_OPERATOR", pointer(self.query.text, condition.field.at) + message)
        return partial(_like, read, condition.pattern.fullmatch)

    def _comparison(self, field: Field, read: Read, condition: Comparison) -> Test:
        value = self.value(field, condition.value, condition.field)
        if condition.operator in _ORDERED:
            if field.kind == "boolean":
                message = f"invalid operator on {field.kind} field"
                raise SoqlError("INVALID_QUERY_FILTER_OPERATOR", pointer(self.query.text, condition.field.at) + message)
            return partial(_ordered, read, _ORDERED[condition.operator], value)
        return partial(_same if condition.operator == "=" else _different, read, value)

    def value(self, field: Field, literal: Literal, path: Path) -> Any:
        """A literal as the field's values are compared. Raises INVALID_FIELD where the types don't fit."""
        expected = "string" if field.kind in ("string", "id") else field.kind
        if literal.kind == "null" or (literal.kind == "string" == expected and literal.value == ""):
            return None  # an empty text is stored as null
        if literal.kind != expected:
            quotes = "should be enclosed in quotes" if expected == "string" else "should not be enclosed in quotes"
            word = _TYPE_WORDS[expected]
            message = f"value of filter criterion for field '{field.name}' must be of type {word} and {quotes}"
            raise SoqlError("INVALID_FIELD", pointer(self.query.text, path.at) + message)
        if field.kind == "id":
            return self._id(field, literal.value, path)
        return stamp(literal.value) if isinstance(literal.value, datetime) else _fold(literal.value)

    def _id(self, field: Field, value: str, path: Path) -> str:
        if not is_id(value):
            message = pointer(self.query.text, path.at) + f"invalid ID field: {value}"
            raise SoqlError("INVALID_QUERY_FILTER_OPERATOR", message)
        return to18(value)

    def candidates(self) -> Iterable[Row]:
        """The rows that may meet the query: those of an index where a condition that must hold names one."""
        rows = table(self.world, self.schema.name)
        for part in _musts(self.query.where):
            field, _ = self.column(part.field)
            literals = part.values if isinstance(part, Membership) else (part.value,)
            values = {self.value(field, literal, part.field) for literal in literals} - {None}
            if len(values) == len(literals) and "." not in part.field.path:
                if field.name == "Id":
                    return [row for value in sorted(values) if (row := rows.get(value))]
                if indexed(self.schema.name, field.name):
                    found = (record_id for value in values for record_id in rows.find(field.name, fold(value) or ""))
                    return [row for record_id in sorted(found) if (row := rows.get(record_id))]
        return rows.rows()

    def arrange(self, rows: list[Row]) -> list[Row]:
        """The rows in the order asked for; equal ones stay as they were."""
        for sorting in reversed(self.query.order):
            self._sort(rows, sorting)
        return rows

    def _sort(self, rows: list[Row], sorting: Sorting) -> None:
        field, read = self.column(sorting.field)
        if not field.sortable:
            message = f"field '{field.name}' can not be sorted in a query call"
            raise SoqlError("INVALID_FIELD", pointer(self.query.text, sorting.field.at) + message)
        read = _folded(field, read)
        keyed = [(read(row), row) for row in rows]
        filled = [pair for pair in keyed if pair[0] is not None]
        nulls = [row for value, row in keyed if value is None]
        filled.sort(key=lambda pair: pair[0], reverse=sorting.descending)
        ordered = [row for _, row in filled]
        rows[:] = ordered + nulls if sorting.nulls_last else nulls + ordered


def _musts(condition: Condition | None) -> list[Comparison | Membership]:
    """The equalities that every row of the answer meets."""
    if isinstance(condition, Group) and condition.every:
        return [must for part in condition.parts for must in _musts(part)]
    if isinstance(condition, Comparison) and condition.operator == "=":
        return [condition]
    return [condition] if isinstance(condition, Membership) and not condition.negated else []


def _fold(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _own(name: str, row: Row) -> Any:
    return row.get(name)


def _related(world: World, link: str, name: str, row: Row) -> Any:
    target = record(world, row.get(link))
    return target.get(name) if target else None


def _folded(field: Field, read: Read) -> Read:
    """Texts compare without case; ids, numbers and times as they are; a flag never set is false."""
    if field.kind == "string":
        return lambda row: fold(read(row))
    return (lambda row: bool(read(row))) if field.kind == "boolean" else read


def _every(tests: list[Test], row: Row) -> bool:
    return all(test(row) for test in tests)


def _some(tests: list[Test], row: Row) -> bool:
    return any(test(row) for test in tests)


def _not(test: Test, row: Row) -> bool:
    return not test(row)


def _same(read: Read, value: Any, row: Row) -> bool:
    return bool(read(row) == value)


def _different(read: Read, value: Any, row: Row) -> bool:
    return bool(read(row) != value)


def _among(read: Read, values: frozenset[Any], row: Row) -> bool:
    return read(row) in values


def _outside(read: Read, values: frozenset[Any], row: Row) -> bool:
    return read(row) not in values


def _ordered(read: Read, compare: Callable[[Any, Any], bool], value: Any, row: Row) -> bool:
    found = read(row)
    return found is not None and value is not None and compare(found, value)


def _like(read: Read, match: Callable[[str], Any], row: Row) -> bool:
    found = read(row)
    return found is not None and match(found) is not None
