"""Hands on HubSpot, writing: what the answer to a batch says of each change that was in it. Pure functions; no HTTP.

Answers needn't name the row that they are about: an update to a taken address refuses all hundred rows, and an error in
a 207 may come without a context. Nobody is blamed on a guess: such rows go out again in halves, at most twice as many
calls as there are rows.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tasks.connectors.batching import Partly, Refusal, complete, halves
from tasks.connectors.hubspot_wire import reason
from tasks.core.model import Change, Outcome, Receipt

PASSING = frozenset({"INTERNAL_ERROR", "RATE_LIMITS"})  # HubSpot's own trouble with a row, not the row's fault
_TAKEN = re.compile(r" on (\d+)\. \d+ already has that value")

Body = Mapping[str, Any]


def answered(batch: Sequence[Change], answer: Body) -> list[Receipt] | Partly:
    """A 200, 201 or 207. A row without result or error may be tried again: the id of a merged-away record can be
    missing without a word. Where errors name no row, the silent rows are sent again, unless one may have been created.
    """
    found, nameless = _errors(batch, answer)
    strangers = _results([change for change in batch if change.id not in found], answer, found)
    silent = [change for change in batch if change.id not in found]
    if not (silent and nameless):
        return complete(batch, found)
    if len(batch) == 1 or (len(silent) == 1 and not strangers):
        found[silent[0].id] = _receipt(silent[0], nameless[0])
        return complete(batch, found)
    creates = batch[0].record_id is None
    if creates and (strangers or any(error.get("category") in PASSING for error in nameless)):
        return complete(batch, found)
    return Partly([found[change.id] for change in batch if change.id in found], halves(silent))


def refused(batch: Sequence[Change], answer: Body) -> Partly | Refusal:
    """A no to the whole batch. Where its message tells the record that may not have the value, only that one is
    refused (fact sheet, section 3: recorded)."""
    named = set(_TAKEN.findall(str(answer.get("message", "")))) if isinstance(answer, Mapping) else set()
    guilty = [change for change in batch if change.record_id in named]
    others = [change for change in batch if change.record_id not in named]
    if not (guilty and others):
        return Refusal(reason(answer))
    return Partly([Receipt(c.id, Outcome.REFUSED, c.record_id, reason(answer)) for c in guilty], [others])


def _receipt(change: Change, error: Body) -> Receipt:
    outcome = Outcome.FAILED if error.get("category") in PASSING else Outcome.REFUSED
    return Receipt(change.id, outcome, change.record_id, reason(error))


def _errors(batch: Sequence[Change], answer: Body) -> tuple[dict[str, Receipt], list[Body]]:
    """Receipts for the rows that errors name, and the errors that name none. One error may stand for many ids."""
    found: dict[str, Receipt] = {}
    nameless = []
    for error in answer.get("errors") or ():
        context = error.get("context") or {}
        traces, ids = set(context.get("objectWriteTraceId", ())), set(context.get("ids", ()))
        named = [change for change in batch if change.id in traces or change.record_id in ids]
        found |= {change.id: _receipt(change, error) for change in named}
        if not named:
            nameless.append(error)
    return found, nameless


def _results(waiting: Sequence[Change], answer: Body, found: dict[str, Receipt]) -> int:
    """Adds the receipts of rows that were carried out; how many results are none of theirs."""
    left = {change.id: change for change in waiting}
    by_record = {change.record_id: change for change in waiting if change.record_id is not None}
    strangers = 0
    for result in answer.get("results") or ():
        record_id, trace = str(result["id"]), result.get("objectWriteTraceId")
        change = left.get(str(trace)) or by_record.get(record_id) or _alike(left, result.get("properties") or {})
        if change is None:
            strangers += 1
        else:
            found[change.id] = Receipt(change.id, Outcome.APPLIED, change.record_id or record_id)
            left.pop(change.id, None)
    return strangers


def _alike(left: Mapping[str, Change], values: Mapping[str, Any]) -> Change | None:
    """The create that these values came from (recorded answers to creates carry no trace id): the one of which most is
    there, and nothing different."""
    creates = [change for change in left.values() if change.record_id is None]
    likeness = {change.id: _likeness(change.fields, values) for change in creates}
    best = max(creates, key=lambda change: likeness[change.id], default=None)
    return best if best is not None and likeness[best.id] > 0 else None


def _likeness(sent: Mapping[str, str], kept: Mapping[str, Any]) -> int:
    """How many of the values that were sent are there; none, where one is another. HubSpot keeps addresses in lower
    case."""
    shared = [name for name, value in sent.items() if name in kept and value]
    return len(shared) * all(str(kept[name]).casefold() == sent[name].casefold() for name in shared)
