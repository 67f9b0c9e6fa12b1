"""Give a person what is held about them. Never a flow run: a flow's parameters are kept."""

from pathlib import Path

from tasks.session import open_session
from tasks.subject import find, held, write_out


def subject(who: str, out: Path) -> dict[str, int]:
    """Write everything held about whoever `who` names to that file; gives how many of what it holds.

    Raises UsageError for nobody, for several people, and for a file that can't be written.
    """
    with open_session(read_only=True) as session:
        found = find(session, who)
        return write_out(found, held(session, found), out)
