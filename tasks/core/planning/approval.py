"""What a person may lift of a held plan, and whether two plans hold the very same changes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from tasks.core.errors import UsageError
from tasks.core.plan import Plan

TARGET = ("system", "object", "record_id", "person", "kind", "phone")
CELL = ("field", "property", "before", "after", "value")


def approved(plan: Plan, overrides: Sequence[str], left_out: Sequence[str]) -> Plan:
    """The plan with those breakers lifted and those of the changes that they held out for good.

    Raises UsageError for a breaker that isn't waiting, for none at all, and for an exception that isn't held.
    """
    waiting = [breaker.name for breaker in plan.verdict.breakers if breaker.name not in plan.overrides]
    again = [name for name in overrides if name in plan.overrides]
    if again or not waiting:
        lifted = f"{', '.join(again)} of plan" if again else "Plan"
        raise UsageError(f"{lifted} {plan.id} was approved already: `tandem apply {plan.id}` carries it out")
    if not overrides:
        raise UsageError(f"Say which breakers to lift: {command(plan)}")
    if strange := [name for name in overrides if name not in waiting]:
        raise UsageError(f"{strange[0]} didn't fire in plan {plan.id}; those that hold it are {', '.join(waiting)}")
    known, held = set(plan.changes["id"]), plan.held
    if unknown := [change for change in left_out if change not in known]:
        raise UsageError(
            f"Plan {plan.id} has no change {unknown[0]}: `tandem show {plan.id} --json` lists what is held"
        )
    if free := [change for change in left_out if change not in held]:
        raise UsageError(f"{free[0]} isn't held, so it can't be excepted: `tandem show {plan.id}` shows what is held")
    return replace(plan, overrides=plan.overrides.union(overrides), left_out=plan.left_out.union(left_out))


def command(plan: Plan) -> str:
    """What to type to let all of it go."""
    waiting = (breaker.name for breaker in plan.verdict.breakers if breaker.name not in plan.overrides)
    lifted = "".join(f" --override {name}" for name in waiting)
    return f"`tandem approve {plan.id}{lifted} --reason TEXT`"


def same_hold(old: Plan, new: Plan) -> Mapping[str, str] | None:
    """Held change of the one plan → the same write held by the other; None where they hold different things, or for
    different reasons."""
    mine, theirs = _content(old, old.held), _content(new, new.held)
    if _waiting(old, mine) != _waiting(new, theirs):
        return None
    ids = {content: change for change, content in theirs.items()}
    return {change: ids[content] for change, content in mine.items()}


def _waiting(plan: Plan, content: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """Breaker that waits → what it holds."""
    waiting = (breaker for breaker in plan.verdict.breakers if breaker.name not in plan.overrides)
    return {b.name: frozenset(content[change] for change in b.holds if change in content) for b in waiting}


def _content(plan: Plan, changes: Collection[str]) -> dict[str, str]:
    """Change → what it writes where: its id counts all changes of its plan, and says nothing to another one."""
    heads = plan.changes[plan.changes["id"].isin(sorted(changes))]
    cells = plan.cells[plan.cells["change"].isin(heads["id"])]
    told = _told(cells, CELL).groupby(cells["change"]).agg(" ".join)
    return dict(zip(heads["id"], _told(heads, TARGET) + " " + heads["id"].map(told), strict=True))


def _told(rows: pd.DataFrame, columns: Sequence[str]) -> "pd.Series[str]":
    values = zip(*(rows[name] for name in columns), strict=True)
    return pd.Series([repr([None if pd.isna(v) else v for v in row]) for row in values], index=rows.index, dtype="str")
