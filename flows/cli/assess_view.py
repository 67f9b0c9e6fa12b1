"""An assessment, told to a person: counts alone, so that nothing of anybody is on the screen."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from flows.cli.plan_view import show_verdict
from flows.cli.screen import Screen, count, plain
from tasks.core.assessing import problems as kinds
from tasks.core.assessing.assessment import Assessment, conflicts_of, counts, told
from tasks.core.assessing.costs import Cost
from tasks.core.assessing.written import Written

MEANING = {
    kinds.INVALID: "a phone field holds what is no number: it is left alone",
    kinds.LEFT_OUT: "neither a number nor an e-mail says who it is: it takes no part",
    kinds.UNREADABLE: "a field holds what its type can't be: it is left alone",
    kinds.DUPLICATES: "one number, one name or e-mail: one of them speaks, merge the others",
    kinds.SHARED: "one number, several people: the policy's pick speaks",
    kinds.BOTH: "one number on a Lead and a Contact: the one with priority speaks",
    kinds.POSSIBLE: "a number in another field of somebody else's record",
    kinds.TAKEN: "another person has this e-mail: it isn't spread",
    kinds.CONFLICTS: "systems say different things: see below who wins",
    kinds.REFUSED: "the system wouldn't take it: it isn't tried",
}
MOVES = ("created", "filled", "overwritten", "cleared")
NUMBERS = ("records", "valid", "invalid", "blank", "left_out", "out_of_scope")
BRIEF, CENTS = 0.05, 0.1  # hours and dollars: below them more is said than a number of so many places


def show_assessment(screen: Screen, made: Assessment, out: Path | None, files: Mapping[str, int]) -> None:
    """The whole page."""
    inventory = told(made.inventory)
    records = sum(row["records"] for row in inventory)
    screen.say(f"Run {made.plan.run} read {count(records, 'record')} and wrote nothing.", style="bold")
    screen.table(
        "Records, by their phone number",
        ("system", "object", "records", "valid", "invalid", "blank", "left out", "out of scope"),
        [(row["system"], row["object"], *(f"{row[name]:,}" for name in NUMBERS)) for row in inventory],
    )
    screen.table(
        "To look at first",
        ("problem", "records", "owners", "meaning"),
        [
            (name, f"{records:,}", f"{owners:,}", MEANING[name])
            for name, (records, owners) in counts(made.problems).items()
        ],
    )
    screen.table("Conflicts", ("field", "who wins", "rule", "how many"), list(_conflicts(made)))
    _show_written(screen, "A first run would write, with the directions as they are", made.now)
    if made.opened is not None:
        _show_written(screen, "It would write, if every scope were two-way", made.opened)
    _show_costs(screen, made)
    screen.say()
    show_verdict(screen, made.plan)
    for line in _next(out, files):
        screen.say(line)


def _conflicts(made: Assessment) -> Iterator[tuple[str, ...]]:
    for field, winner, rule, number in conflicts_of(made.plan):
        yield plain(field), winner or "nobody: waits for a person", rule, f"{number:,}"


def _show_written(screen: Screen, title: str, written: Written) -> None:
    rows = [
        (f"→ {row['system']}", row["object"], "(records)", f"{row['create']:,}", "", f"{row['update']:,}", "")
        for row in told(written.records)
    ]
    rows += [
        (f"→ {row['system']}", row["object"], plain(row["field"]), *(f"{row[name]:,}" for name in MOVES))
        for row in told(written.fields)
    ]
    screen.table(title, ("direction", "object", "field", *MOVES), sorted(rows))
    if not rows:
        screen.say()
        screen.say(f"{title}: nothing.")


def _show_costs(screen: Screen, made: Assessment) -> None:
    screen.table(
        "What a first run costs, at the pace of this look",
        ("system", "calls to look", "to check", "to write", "of the day's", "hours", "runs"),
        [
            (
                cost.system,
                *(f"{n:,}" for n in (cost.looked, cost.read, cost.write)),
                _of_the_day(cost),
                f"{cost.hours:,.1f}" if cost.hours >= BRIEF else "under 0.1",
                str(cost.runs),
            )
            for cost in made.costs
        ],
    )
    screen.say()
    price = f"{made.price:,.{2 if made.price >= CENTS else 3}f}"
    screen.say(
        f"Aloware bills ${price} for {count(made.new_numbers, 'number')} that it doesn't know yet "
        "([aloware] price_per_number in the policy)."
    )
    if any(cost.runs > 1 for cost in made.costs):
        screen.say("One run may use a share of the calls left of a day: see [budgets] in the policy.")


def _of_the_day(cost: Cost) -> str:
    """What is left of the day, of how many calls, and how much of it one run may use."""
    if cost.left is None:
        return "no limit told"
    most = f" of {cost.most:,}" if cost.most is not None else ""
    return f"{cost.left:,} left{most}" + (f", {cost.share:.0%} a run" if cost.share is not None else "")


def _next(out: Path | None, files: Mapping[str, int]) -> Iterator[str]:
    if out is None:
        yield "Next: `tandem assess --out DIR` lists the records behind these numbers."
    else:
        yield f"Written to {out}, with whole values, for you alone: {count(len(files), 'file')}."
    yield "Then a pilot: `tandem plan --initial --only PHONE,…`, `tandem apply PLAN`; waves: `where` in the policy."
