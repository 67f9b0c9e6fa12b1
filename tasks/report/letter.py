"""The digest as a mail: a subject, a text (which Markdown reads as well), and HTML that mail programs understand."""

from collections import Counter
from dataclasses import dataclass

from tasks.core import digest as told
from tasks.core.digest import Digest
from tasks.report.page import environment
from tasks.report.words import moment

ENDINGS = {"": "never finished", "done": "done", "held": "held", "interrupted": "interrupted"}
STATUS = {"applied": "written", "refused": "refused"}


@dataclass(frozen=True)
class Letter:
    """What is mailed."""

    subject: str
    text: str
    html: str


def letter(digest: Digest) -> Letter:
    """That digest, ready to be sent."""
    since = f"from {moment(digest.since)}" if digest.since else "from the beginning"
    subject = told.subject_line(digest)
    words = {
        "subject": subject,
        "period": f"{since} to {moment(digest.until)}",
        "runs": ", ".join(f"{number:,} {ENDINGS.get(outcome, outcome)}" for outcome, number in digest.runs),
        "changes": _changes(digest),
        "tasks": told.tasks(digest),
    }
    text, html = (environment().get_template(f"digest.{kind}").render(words) for kind in ("txt", "html"))
    return Letter(subject, text, html)


def _changes(digest: Digest) -> list[tuple[str, str, int]]:
    """System, what became of its changes, how many."""
    counts = Counter[tuple[str, str]]()
    for done in digest.done:
        counts[done.system, f"{done.kind}s {STATUS.get(done.status, done.status)}"] += done.number
    return [(system, what, number) for (system, what), number in counts.items()]
