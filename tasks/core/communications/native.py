"""Whether something else logs the same calls in Salesforce already: then every call would be there twice.

Aloware's own package leaves properties of its own on Tasks; any other integration leaves Tasks of the same calls
(Aloware fact sheet, section 5). What a person logged by hand, without a call's length or Aloware's name, is neither.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tasks.core.communications.communication import CALL, Communication
from tasks.core.communications.task import call_object

PACKAGE = "aloware__"  # the prefix that Salesforce gives to all that comes with the package
OURS = call_object("")
SOON = timedelta(minutes=15)  # after a call, another integration has logged it
NAMED = 3
REMEDY = (
    "Switch that logging off and run `tandem log-communications` again; or, if it doesn't log these calls, or they may "
    'be there twice, set others = "accept" in the policy\'s [communications].'
)


@dataclass(frozen=True)
class Written:
    """A Task of somebody else's, as Salesforce shows it; blank and 0 where it says nothing."""

    id: str
    who: str
    created_at: datetime
    call_object: str = ""
    seconds: int = 0
    text: str = ""


def earliest(calls: Collection[tuple[Communication, str]]) -> datetime:
    """Before this no Task can have been written of one of these communications."""
    return min(datetime.fromisoformat(one.at) for one, _ in calls)


def suspicions(
    properties: Collection[str], calls: Sequence[tuple[Communication, str]], tasks: Collection[Written]
) -> Iterator[str]:
    """What was found, a sentence each. `properties` are those of Salesforce's Tasks; `calls` communications with the
    record that each is about to be logged on; `tasks` what is there on those records."""
    if package := sorted(name for name in properties if name.startswith(PACKAGE)):
        listed = ", ".join(package[:NAMED]) + (", …" if len(package) > NAMED else "")
        yield f"Aloware's own package is installed in Salesforce: Tasks have its properties ({listed})"
    by_record: dict[str, list[Written]] = {}
    for written in tasks:
        if not written.call_object.startswith(OURS):
            by_record.setdefault(written.who, []).append(written)
    found = [next((w for w in by_record.get(who, ()) if _same(one, w)), None) for one, who in calls]
    if examples := [written.id for written in found if written is not None]:
        yield (
            f"Salesforce has Tasks that others wrote of {len(examples):,} of the {len(calls):,} calls and messages "
            f"that are about to be logged (Task {examples[0]}, for one)"
        )


def page(found: Sequence[str]) -> str:
    """The same as Markdown, with what to do."""
    listed = "\n".join(f"- {sentence}." for sentence in found)
    return f"Nothing was logged, for every call would be there twice.\n\n{listed}\n\n{REMEDY}"


def _same(one: Communication, written: Written) -> bool:
    """Whether that Task, on the record where it belongs, is about that very communication."""
    if one.id in written.call_object:
        return True
    after = written.created_at - datetime.fromisoformat(one.at)
    if one.type == CALL and one.talk_time and written.seconds in (one.talk_time, one.duration):
        return timedelta() <= after < timedelta(days=1)
    ended = timedelta(seconds=max(one.duration, one.talk_time))
    return "aloware" in written.text.casefold() and timedelta() <= after < ended + SOON
