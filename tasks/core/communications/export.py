"""What a row of Aloware's communications export says (Aloware fact sheet, section 2.4).

Its columns are called here as webhooks call them; the policy's `communications_columns` says under which headers they
stand in the account's exports, which change.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tasks.core.communications.communication import Communication
from tasks.core.communications.reading import Unreadable, communication

NEEDED = ("id", "started_at", "type", "contact_number")
COLUMNS = (
    *NEEDED, "direction", "disposition_status", "call_disposition", "talk_time", "duration", "contact_id", "user_name",
    "body", "notes", "call_summary", "recording", "voicemail",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A row of the file, by its number there (the headers are row 1): column → text, times in UTC, and `updated_at`,
    when the file was made; or a `fault`, which is why nothing of it can be used."""

    number: int
    said: Mapping[str, str]
    fault: str = ""


def listed(line: Line, now: datetime) -> Communication:
    """The call or message that it lists. Raises Unreadable."""
    if line.fault:
        raise Unreadable(line.fault)
    one = communication(line.said, {}, now)
    if not one.type:
        raise Unreadable("neither a call nor a message")
    return one


@dataclass(frozen=True)
class Listed:
    """What came of an export: how many `rows` it had, how many of them told something `new`, and how many can't be
    used; of the first of those, `quarantine` says where and why: (row, reason)."""

    rows: int = 0
    new: int = 0
    unusable: int = 0
    quarantine: tuple[tuple[str, str], ...] = ()
