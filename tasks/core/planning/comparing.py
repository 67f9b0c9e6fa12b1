"""Two plans of one run, side by side: what they decide otherwise."""

from collections.abc import Iterator

import pandas as pd

from tasks.core.frames import beside
from tasks.core.plan import Plan

CHANGE, REFUSED, CONFLICT, COLLISION, QUARANTINE = "change", "would fail", "conflict", "collision", "quarantine"
KEY = ("what", "where", "person", "field")
DIFFERENCES = (*KEY, "then", "now")


def differences(then: Plan, now: Plan) -> pd.DataFrame:
    """A row for each thing that only one of them says, or both say otherwise; columns DIFFERENCES.

    `what` is one of the words above, `where` the record or the number, `field` the vendor's property (of a conflict the
    policy's field); `then` and `now` are what either plan says, missing where it says nothing.
    """
    both = pd.concat([_said(then).rename("then"), _said(now).rename("now")], axis=1)
    both = both[both["then"].fillna("") != both["now"].fillna("")]
    order = {what: n for n, what in enumerate((CHANGE, REFUSED, CONFLICT, COLLISION, QUARANTINE))}
    rows = both.reset_index()
    rows = rows.sort_values(list(KEY), key=lambda column: column.map(order) if column.name == "what" else column)
    return rows[list(DIFFERENCES)].astype("str").reset_index(drop=True)


def _said(plan: Plan) -> "pd.Series[str]":
    """What a plan says, by what it says it of."""
    rows = pd.concat(list(_parts(plan)), ignore_index=True).astype("str").fillna("")
    return rows.groupby(list(KEY), sort=False)["says"].agg("; ".join)


def _parts(plan: Plan) -> Iterator[pd.DataFrame]:
    heads = plan.changes.set_index("id")
    cells = beside(plan.cells, heads, "change", ["system", "object", "record_id", "person", "kind", "rule"])
    yield _rows(CHANGE, _record(cells), cells["person"], cells["property"], _move(cells) + " (" + cells["rule"] + ")")
    refused = plan.refused
    yield _rows(
        REFUSED, _record(refused), refused["person"], refused["property"], _move(refused) + ": " + refused["reason"]
    )
    conflicts = plan.conflicts
    winner = conflicts["winner"].fillna("nobody") + " by " + conflicts["rule"].fillna("")
    yield _rows(CONFLICT, "", conflicts["person"], conflicts["field"], winner + ", of " + conflicts["sides"])
    collisions = plan.collisions
    chosen = collisions["chosen"].fillna("nobody") + ", of " + collisions["records"]
    yield _rows(COLLISION, collisions["phone"], "", collisions["kind"], chosen)
    yield _rows(QUARANTINE, _record(plan.quarantine), "", "", plan.quarantine["reason"])


def _rows(what: str, where: object, person: object, field: object, says: "pd.Series[str]") -> pd.DataFrame:
    columns = {"what": what, "where": where, "person": person, "field": field, "says": says}
    return pd.DataFrame(columns, columns=[*KEY, "says"], index=says.index)


def _record(rows: pd.DataFrame) -> "pd.Series[str]":
    return rows["system"] + ":" + rows["object"] + ":" + rows["record_id"].fillna("(new)")


def _move(rows: pd.DataFrame) -> "pd.Series[str]":
    before = rows["before"].mask(rows["before"] == "", "(blank)").fillna("(none)")
    return before + " → " + rows["after"].mask(rows["after"] == "", "(blank)").fillna("(none)")
