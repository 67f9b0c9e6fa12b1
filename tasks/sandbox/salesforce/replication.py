"""`/updated` and `/deleted`: which ids moved between two times (fact sheet, section 8)."""

from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from tasks.sandbox.salesforce.errors import Refusal, answer
from tasks.sandbox.salesforce.org import stamp, table
from tasks.sandbox.salesforce.web import moment_of, schema_of, world_of
from tasks.sandbox.store import Row

UPDATED_DAYS, DELETED_DAYS = 30, 15


async def updated(request: Request) -> Response:
    start, end = _window(request, UPDATED_DAYS)
    ids = [row["Id"] for row in _moved(request, start, end) if not row["IsDeleted"]]
    return answer({"ids": ids, "latestDateCovered": stamp(end)})


async def deleted(request: Request) -> Response:
    start, end = _window(request, DELETED_DAYS)
    gone = [row for row in _moved(request, start, end) if row["IsDeleted"]]
    earliest = world_of(request).clock.now() - timedelta(days=DELETED_DAYS)
    return answer(
        {
            "deletedRecords": [{"id": row["Id"], "deletedDate": row["SystemModstamp"]} for row in gone],
            "earliestDateAvailable": stamp(earliest),
            "latestDateCovered": stamp(end),
        }
    )


def _moved(request: Request, start: datetime, end: datetime) -> list[Row]:
    low, high = stamp(start), stamp(end)
    found = table(world_of(request), schema_of(request).name).rows()
    return [row for row in found if low <= row["SystemModstamp"] < high]


def _window(request: Request, days: int) -> tuple[datetime, datetime]:
    """The times asked for, to the minute: the vendor ignores seconds."""
    start, end = (moment_of(request, key).replace(second=0, microsecond=0) for key in ("start", "end"))
    if start >= end:
        raise Refusal("INVALID_REPLICATION_DATE", "startDate must be before endDate", None)
    if start < world_of(request).clock.now() - timedelta(days=days):
        raise Refusal("INVALID_REPLICATION_DATE", f"startDate cannot be more than {days} days ago", None)
    return start, end
