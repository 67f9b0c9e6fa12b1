"""A person, told to a person: who this is, and for each field whose word it is and why. It reads like an answer."""

from collections.abc import Sequence

from flows.cli.screen import Screen, plain, value
from tasks.core.explaining import portrait
from tasks.core.explaining.answer import Answer
from tasks.core.explaining.dossier import Dossier
from tasks.core.explaining.timeline import Event


def show_several(screen: Screen, found: Sequence[Dossier]) -> None:
    """Those whom somebody may have meant."""
    rows = [
        (plain(d.name), plain(d.key or ""), "\n".join(plain(record.ref) for record in d.records), plain(d.person))
        for d in found
    ]
    screen.table("People who answer to that", ("name", "number", "records", "id"), rows)


def show_person(screen: Screen, dossier: Dossier, answers: Sequence[Answer]) -> None:
    """Who it is, then each field; fields of which nobody ever said anything are named at the end."""
    show_portrait(screen, dossier)
    silent = [answer for answer in answers if answer.value is None and not answer.waits]
    told = [answer for answer in answers if answer not in silent] or answers
    for answer in told:
        _show_answer(screen, answer)
    if rest := [answer.field for answer in silent if answer not in told]:
        screen.say()
        screen.say(f"Nobody has ever said anything about: {', '.join(rest)}.")


def show_history(screen: Screen, dossier: Dossier, events: Sequence[Event]) -> None:
    """Who it is, then a line for everything that happened."""
    show_portrait(screen, dossier)
    rows = [(when(event.at), plain(event.what), plain(event.details), event.run) for event in events]
    screen.table("What happened (UTC)", ("when", "what", "to what", "run"), rows)


def when(at: str) -> str:
    return at[:19].replace("T", " ") or "ever"


def show_portrait(screen: Screen, dossier: Dossier) -> None:
    """Name and number, records with their roles, numbers with their periods."""
    screen.say(f"{plain(dossier.name) or 'Somebody without a name'}, {plain(dossier.key or 'no number')}", style="bold")
    screen.say(f"Tandem's id of this person: {plain(dossier.person)}", style="dim")
    rows = [(plain(ref), role, since) for ref, role, since in portrait.records(dossier)]
    screen.table("Records", ("record", "role", "since"), rows)
    numbers = [(plain(number), *rest) for number, *rest in portrait.numbers(dossier)]
    screen.table("Numbers", ("number", "how", "since", "until"), numbers)
    for remark in portrait.remarks(dossier):
        screen.say(plain(remark))


def _show_answer(screen: Screen, answer: Answer) -> None:
    screen.say()
    shown = "not decided yet" if answer.value is None else value(answer.value)
    screen.say(f"{answer.field}: {shown}", style="bold")
    for sentence in answer.origin:
        screen.say(f"  {plain(sentence)}")
    for side in answer.sides:
        screen.say(f"  - {plain(side)}")
    for sentence in answer.waits:
        screen.say(f"  ! {plain(sentence)}", style="yellow")
