"""How HubSpot's HTTP looks: times, query parameters in every client's encoding, JSON in and out."""

import re
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse

_OURS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


class Json(JSONResponse):
    media_type = "application/json;charset=utf-8"


def stamp(moment: datetime) -> str:
    """`2025-11-03T23:36:13.632Z`; such strings sort by time."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: str) -> str | None:
    """A time as clients write it (epoch milliseconds or ISO) in our form; None where it is neither."""
    if _OURS.fullmatch(text):
        return text
    try:
        if text.lstrip("-").isdigit():
            return stamp(datetime.fromtimestamp(int(text) / 1000, UTC))
        parsed = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return stamp(parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC))


def names(request: Request, key: str) -> list[str]:
    """`key=a&key=b` (Python and Node clients) and `key=a,b` (hubspot-sdk, docs) alike."""
    return [name for text in request.query_params.getlist(key) for name in text.split(",") if name]


def flag(request: Request, key: str) -> bool:
    """`true`, and Python's `True`."""
    return request.query_params.get(key, "").lower() == "true"
