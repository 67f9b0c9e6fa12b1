"""One call or message as it is known so far, and how what is heard later adds to it.

Aloware tells of one communication in several posts that come at most once, in any order and with less or more in them
(fact sheet, sections 2.1 and 2.2); its id is one for calls and messages.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import msgspec

CALL, MESSAGE = "call", "sms"
INBOUND, OUTBOUND = "inbound", "outbound"
OUTCOME = ("status", "talk_time", "duration")
FINISHED = frozenset({"completed", "missed", "failed", "abandoned", "voicemail", "dead-end", "invalid"})


class Communication(msgspec.Struct, frozen=True):
    """What is known; blank and 0 where nothing is. Times are ISO 8601 in UTC, durations seconds.

    `number` is the contact's, as Aloware wrote it; `user` an agent's id, `user_name` a name where only that is told.
    """

    id: str
    type: str = ""
    direction: str = ""
    number: str = ""
    contact_id: str = ""
    at: str = ""
    status: str = ""
    disposition: str = ""
    talk_time: int = 0
    duration: int = 0
    body: str = ""
    notes: str = ""
    summary: str = ""
    recording: str = ""
    user: str = ""
    user_name: str = ""
    updated_at: str = ""

    @property
    def finished(self) -> bool:
        return self.status in FINISHED


def recent(one: Communication, since: str, connected: datetime) -> bool:
    """Whether it is to be logged: nothing older than the policy says (ISO 8601), or else than the connection, is."""
    first = datetime.fromisoformat(since).astimezone(UTC) if since else connected
    return not one.at or datetime.fromisoformat(one.at) >= first.replace(microsecond=0)


def adds(part: Communication, known: Sequence[Communication]) -> bool:
    """Whether it tells anything that those parts don't come to: an export lists again what it listed before."""
    if not known:
        return True
    before, after = together(known), together([*known, part])
    return msgspec.structs.replace(before, updated_at="") != msgspec.structs.replace(after, updated_at="")


def together(parts: Iterable[Communication]) -> Communication:
    """What all that was heard of one communication comes to, in whatever order it came: the latest word counts, field
    by field, and nothing said erases nothing. Of how it ended, an outcome is later than none."""
    said = sorted(parts, key=_lateness)
    ended = _latest(sorted(said, key=lambda part: part.finished))
    outcome = {name: value for name, value in ended.items() if name in OUTCOME}
    return msgspec.convert(_latest(said) | outcome, Communication)


def _latest(parts: Iterable[Communication]) -> dict[str, str | int]:
    """Field by field, what the last of them says that says anything of it."""
    whole: dict[str, str | int] = {}
    for part in parts:
        whole |= {name: value for name, value in msgspec.structs.asdict(part).items() if value}
    return whole


def _lateness(part: Communication) -> tuple[str, bool, bytes]:
    """Of two posts of one moment the one that knows the outcome is later; else the content decides, so that the order
    of arrival never counts."""
    return part.updated_at or part.at, part.finished, msgspec.json.encode(part)
