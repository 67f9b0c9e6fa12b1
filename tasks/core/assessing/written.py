"""What a run would write, counted: records by kind, and fields by what happens to them."""

from dataclasses import dataclass, replace

import pandas as pd

from tasks.core.evidence import Evidence
from tasks.core.frames import beside
from tasks.core.model import SCOPES, SYSTEMS
from tasks.core.planning.propose import Proposal

RECORDS = ("system", "object", "create", "update")
FIELDS = ("system", "object", "field", "created", "filled", "overwritten", "cleared")


@dataclass(frozen=True)
class Written:
    """`records` (columns RECORDS) and `fields` (columns FIELDS), counts as whole numbers.

    A field is `created` with its record, `filled` where it was blank, `overwritten` where it said something else, and
    `cleared` where it becomes blank.
    """

    records: pd.DataFrame
    fields: pd.DataFrame

    @classmethod
    def of(cls, proposal: Proposal) -> "Written":
        """What carrying out that proposal writes, held changes too."""
        cells = beside(proposal.cells, proposal.changes.set_index("id"), "change", ["system", "object", "kind"])
        what = pd.Series("overwritten", index=cells.index)
        what = what.mask(cells["before"].fillna("") == "", "filled").mask(cells["after"] == "", "cleared")
        what = what.mask(cells["kind"] == "create", "created")
        return cls(
            _counted(proposal.changes, proposal.changes["kind"], RECORDS),
            _counted(cells, what, FIELDS),
        )


def _counted(rows: pd.DataFrame, what: "pd.Series[str]", columns: tuple[str, ...]) -> pd.DataFrame:
    """A row for each of `rows` that differ in the columns which aren't counts, in the order of the systems."""
    places = [name for name in columns if name in rows.columns]
    counts = [name for name in columns if name not in places]
    told = rows[places].assign(**{name: what.eq(name) for name in counts})
    order = {system: n for n, system in enumerate(SYSTEMS)}
    counted = told.groupby(places, sort=False)[counts].sum().astype("int64").reset_index()
    return counted.sort_values("system", key=lambda systems: systems.map(order), kind="stable", ignore_index=True)


def opened(evidence: Evidence) -> Evidence:
    """The same, as if every scope of a connected CRM had just been opened."""
    state = evidence.state
    scopes = [scope for scope in SCOPES if scope.partition(".")[0] in state.connected]
    directions = {**state.directions, **dict.fromkeys(scopes, "two-way")}
    rebasing = state.rebasing | {scope for scope in scopes if state.directions.get(scope) != "two-way"}
    return replace(evidence, state=replace(state, directions=directions, rebasing=rebasing))
