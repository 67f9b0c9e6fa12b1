"""Deciding a value: for one field of every person at once, who wins and who must be told (design, "deciding a value").

`A` is a side that says what its base says, `A > B` one that departed from it, `> B` one that joins (it has no base),
`(A > B)` one without authority, `-` one that doesn't hold the field; `@9`: typed in the ninth minute. Golden
`A, aloware` stands with Aloware, and with Salesforce where nothing is said; `-` was never decided; of `A ! B` a person
has decided B since. Where no rule is named, all of them do the same.

| situation               | rule            | golden      | salesforce | hubspot   | aloware   | becomes | word        |
| ----------------------- | --------------- | ----------- | ---------- | --------- | --------- | ------- | ----------- |
| no edit                 |                 | A           | A          | A         | A         | A       | unchanged   |
|                         | priority        | A           | B          | A         | A         | A       | unchanged   |
| rank needs no edit      | rank            | A, aloware  | B          | A         | A         | B       | rank        |
|                         | rank            | A, decision | B          | A         | A         | A       | unchanged   |
| one edited value        |                 | A           | A > B      | A > B     | A         | B       | edit        |
|                         | recency         | A           | A          | A > B     | A         | B       | edit        |
|                         | hold            | A, decision | A          | A         | A > B     | B       | edit        |
|                         | rank            | A           | A          | A > B     | A         | A       | conflict    |
| edit without authority  |                 | A           | A          | A         | (A > B)   | A       | unchanged   |
| several distinct        | priority        | A           | A          | A > B     | A > C     | B       | conflict    |
|                         | rank            | A           | A          | A > B     | A > C     | A       | conflict    |
|                         | rank            | A           | blank      | A > B     | A > C     | B       | conflict    |
|                         | recency         | A           | A          | A > B @1  | A > C @9  | C       | conflict    |
|                         | recency         | A           | A          | A > B @8  | A > C @9  | A       | waits       |
|                         | recency         | A           | A          | A > B     | A > C @9  | A       | waits       |
|                         | hold            | A           | A          | A > B     | A > C     | A       | waits       |
| a blank is no edit      | ignore          | A           | A > blank  | A         | A         | A       | unchanged   |
|                         | fill-only       | A           | A > blank  | A         | A         | A       | unchanged   |
| a blank is a value      | priority, clear | A           | A > blank  | A         | A         | blank   | edit        |
|                         | hold, clear     | A           | A > blank  | A > B     | A         | A       | waits       |
|                         | rank, clear     | A           | A > blank  | A         | A         | A       | conflict    |
| golden made blank       | clear           | blank       | blank      | > B       | blank     | blank   | conflict    |
|                         | clear           | blank       | blank      | blank > B | blank     | B       | edit        |
| no golden yet           |                 | -           | > blank    | > B       | > C       | B       | conflict    |
|                         |                 | -           | blank      | blank     | blank > B | B       | first-sight |
| our own echo            |                 | -           | A          | A         | > B       | B       | first-sight |
|                         |                 | -           | A          | -         | (> B)     | A       | first-sight |
|                         |                 | -           | > blank    | > blank   | (> C)     | C       | fill        |
|                         |                 | -           | -          | > B       | (> C)     | B       | first-sight |
|                         | hold            | -           | > A        | > B       | -         | A       | conflict    |
|                         | hold            | -           | blank > A  | blank > B | -         | -       | waits       |
| a side joins            | priority        | A           | A          | > B       | A         | A       | conflict    |
|                         | priority        | A, hubspot  | > B        | A         | A         | B       | conflict    |
|                         | priority        | A, decision | > B        | A         | A         | A       | conflict    |
|                         | rank            | A, aloware  | A          | > B       | A         | A       | conflict    |
|                         | recency         | A, hubspot  | > B @9     | A @1      | A         | B       | conflict    |
|                         | recency         | A, hubspot  | > B @1     | A @9      | A         | A       | conflict    |
|                         | recency         | A, hubspot  | > B @9     | A         | A         | A       | waits       |
|                         | hold            | A, hubspot  | > B        | A         | A         | A       | waits       |
|                         | hold            | A, decision | > B        | A         | A         | A       | conflict    |
| a joiner agrees         |                 | A, hubspot  | > A        | A         | A         | A       | join        |
| a blank joiner          |                 | A           | A          | > blank   | A         | A       | unchanged   |
| joins without authority |                 | A           | A          | A         | (> B)     | A       | unchanged   |
| an edit beats a joiner  | priority        | A           | > C        | A > B     | A         | B       | conflict    |
|                         | hold            | A           | > C        | A > B     | A         | B       | conflict    |
|                         | rank            | A           | > C        | A > B     | A         | C       | conflict    |
| a person decided        |                 | A ! B       | A          | A > B     | A > C     | B       | decision    |
|                         |                 | A ! A       | A          | A > B     | A > C     | A       | decision    |
|                         |                 | A ! D       | A          | > B       | A         | D       | decision    |
|                         |                 | - ! B       | > A        | > B       | -         | B       | decision    |
|                         | clear           | A ! blank   | A          | A > B     | A > C     | blank   | decision    |

`tests/spec` executes this table, `tests/property` holds `decide` against a second implementation, a cell at a time.
Consent has a table of its own (`deciding.consent`).
"""

from collections.abc import Mapping
from datetime import timedelta

import numpy as np
import pandas as pd

from tasks.core.deciding import answered, consent, links, survivor
from tasks.core.deciding.sides import (
    CONFLICT,
    EDIT,
    FILL,
    FIRST,
    JOIN,
    RANK,
    UNCHANGED,
    Array,
    Sides,
    objects,
    pick,
    standing,
)
from tasks.core.model import ALOWARE, LINK, SYSTEMS
from tasks.core.policy import Field, Policy
from tasks.core.state import KEPT_DRIFT, LEFT_BLANK, NOT_CLEARED, NOT_WRITABLE

TOLERANCE = timedelta(seconds=120)


def decide_all(cells: Mapping[str, pd.DataFrame], policy: Policy) -> dict[str, pd.DataFrame]:
    """Field → decisions, under that policy."""
    tolerance = timedelta(seconds=policy.recency.tolerance_seconds)
    return {name: decide(sides, policy.fields[name], policy.aloware.drift, tolerance) for name, sides in cells.items()}


def decide(cells: pd.DataFrame, field: Field, drift: str = "restore", tolerance: timedelta = TOLERANCE) -> pd.DataFrame:
    """Decide one field of every person in `cells` (columns as `diff.diff` gives them).

    Index `person`; columns `golden` and `golden_from` (after; missing = still never decided), `rule` (one of the words
    above), `winner` (system, or "golden", or missing), `conflict` (bool), `waits` (bool: a conflict that only a person
    can decide; nothing of it advances and nothing is written), `survivor` (the policy's rule), `fresh` (bool: the
    winner had no base), and for each system s: `s_write` (bool: bring it to golden), `s_late` (bool: it would be
    written, were it not paused) and `s_settle` (why its difference is accepted, or missing).
    """
    if field.type == "consent":
        return consent.decide(cells, field)
    if field.type == LINK:
        return links.decide(cells, field, drift)
    sides = Sides.of(cells, field.order)
    golden, golden_from = objects(cells["golden"]), objects(cells["golden_from"])
    never = pd.isna(golden)
    stands = standing(golden_from, sides.order)

    first = survivor.first_sight(sides)
    edit = survivor.of_edits(sides, field, golden, tolerance)
    join = survivor.of_joins(sides, field, golden, stands, tolerance)

    asked = [edit.decides, never]
    winner = np.select(asked, [edit.winner, first.winner], default=join.winner)
    conflict = np.select(asked, [edit.conflict, first.conflict], default=join.conflict)
    waits = np.select(asked, [edit.waits, first.waits], default=join.waits)

    won = winner >= 0
    after = np.where(won, pick(sides.value, winner), golden)
    names = np.array([*sides.order, None], dtype=object)
    keeps = ~never & (after == golden) & (stands <= winner)
    fills = never & ~pick(sides.speaks, winner).astype(bool)
    rule = np.select(
        [conflict, ~won, edit.decides, fills, never, pick(sides.joins, winner).astype(bool)],
        [CONFLICT, UNCHANGED, EDIT, FILL, FIRST, JOIN],
        default=RANK,
    )
    out = pd.DataFrame({"golden": after, "rule": rule}, index=cells.index, dtype="str")
    out["golden_from"] = pd.Series(np.where(won & ~keeps, names[winner], golden_from), index=cells.index, dtype="str")
    out["winner"] = (
        pd.Series("golden", index=cells.index, dtype="str").where(conflict & ~waits).mask(won, names[winner])
    )
    out["conflict"], out["waits"], out["survivor"] = conflict, waits, field.rule
    out["fresh"] = won & pd.isna(pick(sides.base, winner))
    anew = answered.carry(out, cells).to_numpy()
    _aim(out, cells, field, drift, (after != golden) | anew, anew)
    return out


def _aim(out: pd.DataFrame, cells: pd.DataFrame, field: Field, drift: str, changed: Array, anew: Array) -> None:
    """Which sides must be brought to golden, and which differences are accepted. What a person decided `anew` is told
    to every side that may be written, whatever was accepted there before."""
    golden = out["golden"]
    blanked, waits = golden.eq("").to_numpy(), out["waits"].to_numpy()
    for system in SYSTEMS:
        value, base = cells[system], cells[f"{system}_base"]
        speaks, paused, writable = (
            cells[f"{system}_{word}"].to_numpy(bool) for word in ("speaks", "paused", "writable")
        )
        blank, known = value.eq("").to_numpy(), cells[f"{system}_settled"].eq(golden).to_numpy(bool)
        differs = (golden.notna() & value.notna() & (value != golden)).to_numpy()
        open_ = differs & (~known | anew) & ~waits
        moved = (base.notna() & (value != base)).to_numpy() & ~changed
        reasons = {
            LEFT_BLANK: moved & speaks & blank & (field.blanks != "clear"),
            KEPT_DRIFT: moved & ~speaks & (drift == "keep"),
            NOT_WRITABLE: blanked & ~writable & ~paused,
            # Blanks erase only where the policy says so, and nothing of Aloware's can be blanked (fact sheet, forms).
            NOT_CLEARED: blanked & (system == ALOWARE or field.blanks != "clear"),
        }
        stand = [open_ & accepted for accepted in reasons.values()]
        settle = np.select(stand, [np.array(reason) for reason in reasons], default=np.array(""))
        out[f"{system}_settle"] = pd.Series(settle, index=out.index, dtype="str").replace("", pd.NA)
        due = open_ & (settle == "") & (blank | anew | (field.blanks != "fill-only"))
        out[f"{system}_write"] = due & writable
        out[f"{system}_late"] = due & paused
