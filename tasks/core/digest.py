"""The digest: what changed since the last one, and what waits for whom. It counts, and names nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tasks.core.explaining.words import NAMES


@dataclass(frozen=True)
class Done:
    """Changes of runs that ended: how many of which kind stand how, in which system."""

    system: str
    kind: str
    status: str
    number: int


@dataclass(frozen=True)
class Waiting:
    """Something that goes no further without somebody. `what` is one of WHOM, `subject` which plan, records or field,
    `since` when it was first seen (ISO 8601; blank: not known)."""

    what: str
    subject: str
    number: int
    since: str = ""


@dataclass(frozen=True)
class Digest:
    """`since` is None for the first one, which tells of everything so far; `runs` by how they ended (a run that never
    did under a blank)."""

    since: datetime | None
    until: datetime
    runs: Sequence[tuple[str, int]] = ()
    done: Sequence[Done] = ()
    waiting: Sequence[Waiting] = ()


@dataclass(frozen=True)
class Task:
    """What waits, in words, and what to do about it; between backticks a command to type."""

    what: str
    then: str
    since: str


# For whom something waits, the most urgent first: what it is, in words, and what they can do.
WHOM = {
    "held": (
        "Whoever approves",
        "{n} held by the gate in plan {subject}",
        "`tandem show {subject}` says why; `tandem approve {subject}` or `tandem reject {subject}`",
    ),
    "conflict": (
        "Whoever decides",
        "{n} open on {subject}",
        "`tandem conflicts --open --csv FILE`, fill in, `tandem decide FILE`",
    ),
    "collision": (
        "Whoever keeps the CRMs clean",
        "{n} claimed by several ({subject})",
        "merge the duplicates, or correct the number or address, where they are",
    ),
    "quarantine": (
        "Whoever keeps the CRMs clean",
        "{n} left out of {subject}",
        "correct their numbers where they are; `tandem report RUN` lists them",
    ),
    "parked": (
        "Whoever administers the systems",
        "{n} refused for good ({subject})",
        "mend the field or its rules there; then `tandem plan --retry-parked`",
    ),
    "task": (
        "Whoever administers the systems",
        "{n} that Salesforce refused ({subject})",
        "mend what it says; the next `tandem log-communications` tries again",
    ),
    "communication": (
        "Whoever keeps the CRMs clean",
        "{n} that can't be logged yet ({subject})",
        "create whom they were with in Salesforce; the next run logs them",
    ),
}
NOUNS = {
    "held": ("change", "changes"),
    "conflict": ("conflict", "conflicts"),
    "collision": ("number or address", "numbers or addresses"),
    "quarantine": ("record", "records"),
    "parked": ("value", "values"),
    "task": ("call or message", "calls or messages"),
    "communication": ("call or message", "calls or messages"),
}


def tasks(digest: Digest) -> dict[str, list[Task]]:
    """For whom → what waits for them, in the order of WHOM."""
    found: dict[str, list[Task]] = {whom: [] for whom, _, _ in WHOM.values()}
    for name, (whom, what, then) in WHOM.items():
        for waits in (waits for waits in digest.waiting if waits.what == name):
            one, many = NOUNS[name]
            words = {
                "n": f"{waits.number:,} {one if waits.number == 1 else many}",
                "subject": _said(name, waits.subject),
            }
            found[whom].append(Task(what.format(**words), then.format(**words), waits.since[:10]))
    return {whom: listed for whom, listed in found.items() if listed}


def _said(what: str, subject: str) -> str:
    """What it is about, as people say it."""
    if what == "quarantine":
        system, _, kind = subject.partition(" ")
        return f"{NAMES.get(system, system)} {kind}"
    return subject.replace("-", " ") if what == "collision" else subject


def subject_line(digest: Digest) -> str:
    """The mail's subject: how much was written, how many things wait."""
    written = sum(done.number for done in digest.done if done.status == "applied")
    waits = sum(len(listed) for listed in tasks(digest).values())
    changes = f"{written:,} change{'' if written == 1 else 's'} written"
    return f"Tandem: {changes}, " + (f"{waits} thing{'' if waits == 1 else 's'} to do" if waits else "nothing waits")
