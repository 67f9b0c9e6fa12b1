"""Hands on Salesforce, reading Tasks: ours by their key, and all that was written on some records lately."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from tasks.connectors import salesforce_wire as wire
from tasks.connectors.batching import chunks
from tasks.connectors.salesforce_asking import Asking
from tasks.connectors.salesforce_soql import Query, among, by_length, soql_time
from tasks.core.communications.native import Written

NAMES_LENGTH = 90_000  # of keys in one query, which may have 100,000 characters (fact sheet, section 3)
RECORDS = 2_000
SEEN = ("Id", "WhoId", "CreatedDate", "CallObject", "CallDurationInSeconds", "Subject", "Description")


def by_key(asking: Asking, keys: Sequence[str]) -> dict[str, str]:
    """The Task of each of those keys (CallObject) that has one, archived and deleted ones among them."""
    found: dict[str, str] = {}
    for some in by_length(keys, NAMES_LENGTH):
        for page in asking.all(Query("Task", wire.TASK, (among("CallObject", some),), deleted=True)):
            found |= {str(key): str(task) for task, key in zip(page["Id"], page["CallObject"], strict=True)}
    return found


def written(asking: Asking, records: Sequence[str], since: datetime) -> Iterator[Written]:
    """Whatever was written on those records since then, by anybody."""
    for some in chunks(sorted(set(records)), RECORDS):
        where = (among("WhoId", some), f"CreatedDate >= {soql_time(since)}")
        for page in asking.all(Query("Task", SEEN, where)):
            for row in zip(*(page[name] for name in SEEN), strict=True):
                yield _written(dict(zip(SEEN, (value or "" for value in row), strict=True)))


def _written(row: dict[str, str]) -> Written:
    return Written(
        id=wire.to18(row["Id"]),
        who=wire.to18(row["WhoId"]),
        created_at=datetime.fromisoformat(row["CreatedDate"]),
        call_object=row["CallObject"],
        seconds=int(float(row["CallDurationInSeconds"] or 0)),
        text=f"{row['Subject']}\n{row['Description']}",
    )
