"""What an org does on its own when a client writes a row: it assigns an owner, and it minds duplicates.

Both are off until somebody sets them up (`assign`, `guard`), as in a new org. Fact sheet, sections 0, 1 and 9.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from starlette.responses import Response

from tasks.sandbox.salesforce.describe import Schema
from tasks.sandbox.salesforce.errors import Refusal, answer
from tasks.sandbox.salesforce.fields import Field
from tasks.sandbox.salesforce.org import fold, record, table
from tasks.sandbox.salesforce.query import as_record
from tasks.sandbox.store import Row
from tasks.sandbox.world import World

FIRST_WITH_DUPLICATE_HEADER = 52  # API version
_ASSIGNED = "salesforce.assigned"
_GUARDED = "salesforce.guarded"
_SENTENCE = "Use one of these records?"
_KEY = "Email"


@dataclass(frozen=True)
class Asked:
    """How a client wants its write done, by its headers."""

    version: str
    assign: bool = True
    save_duplicates: bool = False
    show_duplicates: bool = False


def asked(headers: Mapping[str, str], version: str) -> Asked:
    """What the headers ask for. An owner is assigned unless they say FALSE."""
    wishes = headers.get("sforce-duplicate-rule-header", "").lower().replace(" ", "").split(";")
    heard = float(version) >= FIRST_WITH_DUPLICATE_HEADER
    return Asked(
        version,
        assign=headers.get("sforce-auto-assign", "").strip().upper() != "FALSE",
        save_duplicates=heard and "allowsave=true" in wishes,
        show_duplicates=heard and "includerecorddetails=true" in wishes,
    )


def assign(world: World, name: str, owner: str) -> None:
    """Set up an assignment rule: a row of that object goes to `owner` at every write that doesn't decline."""
    world.store.remember(_ASSIGNED, world.store.fact(_ASSIGNED, {}) | {name: owner})


def guard(world: World, name: str, action: Literal["alert", "block"]) -> None:
    """Set up a duplicate rule: two living rows of that object with one e-mail are told of, or not let in at all."""
    world.store.remember(_GUARDED, world.store.fact(_GUARDED, {}) | {name: action})


def assigned(world: World, found: Schema, wish: Asked) -> Row:
    """What an assignment rule adds to a write."""
    owner = world.store.fact(_ASSIGNED, {}).get(found.name) if wish.assign else None
    return {"OwnerId": owner} if owner else {}


def mind_duplicates(world: World, found: Schema, given: Row, own_id: str | None, wish: Asked) -> None:
    """Raises Refusal where a duplicate rule objects to the values given."""
    action = world.store.fact(_GUARDED, {}).get(found.name)
    if action is None or given.get(_KEY) is None or (action == "alert" and wish.save_duplicates):
        return
    before = record(world, own_id) or {}
    if fold(before.get(_KEY)) == fold(given[_KEY]):
        return
    rows = table(world, found.name)
    alike = [row for each in rows.find(_KEY, fold(given[_KEY]) or "") if (row := rows.get(each))]
    if living := [row for row in alike if not row["IsDeleted"]]:
        fields = list(found.fields) if wish.show_duplicates else [found.by_name["id"]]
        detail = _detail(found, living, fields, wish.version) | {"allowSave": action == "alert"}
        raise _Duplicates({world.switches.duplicate_key: detail})


class _Duplicates(Refusal):
    """A single call's refusal shows the matches; a collection's row has the words alone."""

    def __init__(self, detail: dict[str, Any]) -> None:
        super().__init__("DUPLICATES_DETECTED", _SENTENCE)
        self._detail = detail

    def response(self) -> Response:
        return answer([self._detail | {"errorCode": self.problem.code, "message": self.problem.message}], self.status)


def _detail(found: Schema, rows: list[Row], fields: list[Field], version: str) -> dict[str, Any]:
    matched = [
        {
            "additionalInformation": [],
            "fieldDiffs": [],
            "matchConfidence": 100.0,
            "record": as_record(found.name, row, fields, version),
        }
        for row in rows
    ]
    result = {
        "entityType": found.name,
        "errors": [],
        "matchEngine": "ExactMatchEngine",
        "matchRecords": matched,
        "rule": f"{found.name}_By_Email",
        "size": len(matched),
        "success": True,
    }
    return {
        "duplicateRule": f"{found.name}_Duplicate_Rule",
        "duplicateRuleEntityType": found.name,
        "errorMessage": _SENTENCE,
        "matchResults": [result],
    }
