"""Tell a run as a page. Reads the ledger, and asks nobody."""

from pathlib import Path

from tasks.session import open_session
from tasks.tell import write_report


def report(which: str, out: Path | None = None) -> Path:
    """Write the report of that run, or of the run of that plan; gives where it is: in the home, unless `out` says.

    Raises UsageError for a run that isn't known, and for a file that can't be written.
    """
    with open_session(read_only=True) as session:
        return write_report(session, which, out)
