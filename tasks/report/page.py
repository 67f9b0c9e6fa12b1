"""The page itself: templates, filled and masked and escaped; style, script and charts stand in it."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from tasks.core.explaining.words import NAMES
from tasks.core.masking import mask, shown
from tasks.report import charts, rows, words
from tasks.report.story import Story

TEMPLATES = Path(__file__).parent / "templates"


def page(story: Story) -> str:
    """The report of that run as one HTML file."""
    plan = story.plan
    return (
        environment()
        .get_template("report.html")
        .render(
            story=story,
            plan=plan,
            title=words.title(story),
            headline=words.headline(story),
            took=words.took(story),
            told_at=words.moment(story.told_at),
            notices=list(words.notices(story)),
            style=Markup((TEMPLATES / "style.css").read_text(encoding="utf-8")),
            **_script(),
            **(_of_plan(story) if plan is not None else {}),
            charts=[draw(story.trend) for draw in charts.ALL] if len(story.trend) > 1 else [],
        )
    )


def _of_plan(story: Story) -> dict[str, object]:
    """What the sections about the plan show."""
    plan = story.plan
    if plan is None:
        return {}
    changes = rows.changes(story, plan)
    return {
        "by_system": rows.by_system(plan, story),
        "changes": changes,
        "choices": {
            "system": [system for system in NAMES if any(row.system == system for row in changes)],
            "kind": [kind for kind in rows.KINDS if any(row.kind == kind for row in changes)],
            "standing": [word for word in rows.STANDING.values() if any(row.standing == word for row in changes)],
        },
        "refused": rows.refused(story, plan),
        "conflicts": rows.conflicts(story, plan),
        "waiting": int(plan.conflicts["winner"].fillna("").eq("").sum()),
        "collisions": rows.collisions(story, plan),
        "quarantine": rows.quarantine(plan),
        "limits": rows.limits(plan),
        "calls": words.calls(plan, story.account),
    }


def _script() -> dict[str, object]:
    """The page's own script, and the digest by which the page allows it and no other."""
    text = (TEMPLATES / "script.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return {"script": Markup(text), "script_digest": Markup(f"sha256-{digest}")}


@cache
def environment() -> Environment:
    """Values come from strangers: whatever is printed is masked, then escaped."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(),
        finalize=_masked,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"number": _number, "coded": _coded, "system": _system, "moment": _moment, "shown": shown}
    return made


def _masked(value: object) -> object:
    """Text as it may be printed: masked, without control characters. Markup is ours and stays."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in mask(value))


def _number(number: int) -> str:
    return f"{number:,}"


def _coded(sentence: str) -> Markup:
    """A sentence with what is between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(_masked(sentence)))))


def _system(name: str) -> str:
    return NAMES.get(name, name)


def _moment(at: str) -> str:
    """A time of the ledger, as people read it."""
    return at[:16].replace("T", " ")
