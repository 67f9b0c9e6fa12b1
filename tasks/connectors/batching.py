"""Hands, many at once: changes go out in batches, and a batch that is refused whole is taken apart."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tasks.connectors.http import OutcomeUnknown
from tasks.connectors.patience import Turns
from tasks.core.errors import ConnectorError
from tasks.core.model import Address, Change, Outcome, Receipt

T = TypeVar("T")


@dataclass(frozen=True)
class Refusal:
    """A vendor's no to a whole batch, with a reason that holds no values."""

    reason: str


@dataclass(frozen=True)
class Partly:
    """Some rows are answered; the others go out again, in these smaller batches."""

    receipts: Sequence[Receipt]
    again: Sequence[Sequence[Change]]


Attempt = Callable[[Sequence[Change]], "list[Receipt] | Partly | Refusal"]


def batches(changes: Iterable[Change], size: int) -> Iterator[list[Change]]:
    """In order of arrival; creates, updates and archives apart, and no record twice in one batch."""
    batch: list[Change] = []
    ids: set[str] = set()
    for change in changes:
        mixed = bool(batch) and _way(batch[0]) != _way(change)
        if batch and (mixed or len(batch) == size or change.record_id in ids):
            yield batch
            batch, ids = [], set()
        batch.append(change)
        if change.record_id is not None:
            ids.add(change.record_id)
    if batch:
        yield batch


def _way(change: Change) -> tuple[bool, bool]:
    """What tells the calls apart by which changes are carried out."""
    return change.record_id is None, change.kind == "archive"


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in order, at most `size` at a time."""
    return (items[start : start + size] for start in range(0, len(items), size))


def halves(batch: Sequence[Change]) -> list[Sequence[Change]]:
    """Two halves of several rows; one row is a half already."""
    middle = len(batch) // 2
    return [half for half in (batch[:middle], batch[middle:]) if half]


def calls_for(addresses: Iterable[Address], objects: Container[str], size: int) -> int:
    """How many calls of that size ask for those records, as far as they are of those objects."""
    records = {(address.object, address.record_id) for address in addresses if address.object in objects}
    return -(-len(records) // size)


def failed(batch: Iterable[Change], reason: str) -> Iterator[Receipt]:
    for change in batch:
        yield Receipt(change.id, Outcome.FAILED, change.record_id, reason)


def complete(batch: Sequence[Change], receipts: Mapping[str, Receipt]) -> list[Receipt]:
    """One receipt per change, in order; a row of which the vendor said nothing may be tried again."""
    silent = "NO_ANSWER: the system said nothing of this record"
    return [receipts.get(c.id, Receipt(c.id, Outcome.FAILED, c.record_id, silent)) for c in batch]


def deliver(batch: Sequence[Change], attempt: Attempt) -> Iterator[Receipt]:
    """Receipts for a batch, whatever happens to it. A refused batch is halved until the bad row stands alone.

    When the system itself can't be reached or refuses us, the batch gets its receipts and then the error is raised:
    what was never sent stays without one.
    """
    try:
        answer = attempt(batch)
    except OutcomeUnknown as error:
        yield from failed(batch, str(error))
        return
    except ConnectorError as error:
        yield from failed(batch, str(error))
        raise
    if isinstance(answer, Refusal) and len(batch) == 1:
        answer = [Receipt(batch[0].id, Outcome.REFUSED, batch[0].record_id, answer.reason)]
    if isinstance(answer, Refusal):
        answer = Partly([], halves(batch))
    if not isinstance(answer, Partly):
        answer = Partly(answer, [])
    yield from answer.receipts
    for some in answer.again:
        yield from deliver(some, attempt)


def persist(turns: Turns, batch: Sequence[Change], attempt: Attempt, passing: frozenset[str]) -> Iterator[Receipt]:
    """As `deliver`; rows that failed for a reason that passes (a lock) are sent again, alone, while there are turns."""
    left = {change.id: change for change in batch}
    with turns:
        while left:
            waiting = []
            for receipt in deliver(list(left.values()), attempt):
                if receipt.outcome is Outcome.FAILED and receipt.reason in passing:
                    waiting.append(receipt)
                else:
                    del left[receipt.change]
                    yield receipt
            if waiting and not turns.again():
                yield from waiting
                return
