"""Consent (do not call, opted out): true is said once and carried; false is said by everybody, and never by Tandem.

| situation                 | golden | salesforce   | hubspot      | aloware        | becomes | word        |
| ------------------------- | ------ | ------------ | ------------ | -------------- | ------- | ----------- |
| nobody ever said yes      | -      | > blank      | > blank      | > blank        | -       | unchanged   |
| a no is remembered        | -      | > blank      | > false      | > blank        | false   | first-sight |
| first sight: or of all    | -      | > false      | > false      | > true         | true    | first-sight |
| a true needs no authority | false  | false        | false        | (false > true) | true    | edit        |
| of a true and a false     | true   | false > true | true > false | true           | true    | conflict    |
| a joiner's true counts    | false  | false        | > true       | false          | true    | join        |
| a joiner's false doesn't  | true   | true         | > false      | true           | true    | unchanged   |
| one no is not enough      | true   | true > false | true         | true           | true    | unchanged   |
| every side's no is        | true   | true > false | true > false | false          | false   | edit        |
| a blank is a no           | true   | true > blank | blank        | -              | false   | edit        |

`>` as in `deciding.resolve`'s table. A side that a person set to false is left in peace until somebody says true anew:
settled as `consent differs`.
"""

import numpy as np
import pandas as pd

from tasks.core.deciding import answered
from tasks.core.deciding.sides import CONFLICT, EDIT, FIRST, JOIN, UNCHANGED, Array, Sides, leftmost, objects, pick
from tasks.core.model import SYSTEMS
from tasks.core.policy import Field
from tasks.core.state import CONSENT_DIFFERS

YES, NO = "true", "false"
INHERITED = "inherited"  # column of the cells: somebody who became this person had consented


def plain(values: "pd.Series[str]") -> "pd.Series[str]":
    """A blank counts as false."""
    return values.replace("", NO)


def decide(cells: pd.DataFrame, field: Field) -> pd.DataFrame:
    """`resolve.decide` for a field of type `consent`: neither rule, blanks, drift nor authority have a say in it."""
    sides = Sides.of(cells, field.order)
    golden, golden_from = objects(cells["golden"]), objects(cells["golden_from"])
    heard = sides.held & ~sides.mute
    yes = heard & (sides.value == YES)
    edited = yes & sides.has_base & (sides.base != YES)
    joined = yes & ~sides.has_base
    withdrawn = heard & ~yes & (sides.base == YES)
    was, never = golden == YES, pd.isna(golden)
    inherited = cells[INHERITED].to_numpy(dtype=bool) & ~was

    over = was & heard.any(axis=1) & ~yes.any(axis=1)
    voices = [edited, joined & ~was[:, None], yes & never[:, None], withdrawn & over[:, None]]
    voices.append(heard & (sides.value == NO) & (never & ~inherited)[:, None])
    found = [leftmost(voice) for voice in voices]
    winner = np.select([place >= 0 for place in found], found, default=-1)
    won = winner >= 0
    said = np.where(won, pick(sides.value, winner), golden)
    after = np.where(over, NO, np.where(inherited, YES, np.where(won & (said != YES), NO, said)))

    anew = edited.any(axis=1) | ((after == YES) & ~was)
    conflict = edited.any(axis=1) & withdrawn.any(axis=1)
    names = np.array([*sides.order, None], dtype=object)
    moves = (after != golden) & won
    still = ~won & ((after == golden) | pd.isna(after))
    joins = (inherited & ~won) | pick(joined, winner).astype(bool)
    rule = np.select([conflict, still, never, joins], [CONFLICT, UNCHANGED, FIRST, JOIN], default=EDIT)
    out = pd.DataFrame(
        {
            "golden": after,
            "golden_from": np.where(moves, names[winner], golden_from),
            "rule": rule,
            "winner": np.where(won, names[winner], names[-1]),
        },
        index=cells.index,
        dtype="str",
    )
    out["conflict"], out["waits"], out["survivor"] = conflict, False, "consent"
    out["fresh"] = won & pd.isna(pick(sides.base, winner))
    _aim(out, cells, anew | answered.carry(out, cells).to_numpy())
    return out


def _aim(out: pd.DataFrame, cells: pd.DataFrame, anew: Array) -> None:
    """A yes goes wherever Tandem may write, but not over a no that a person said after it; a no goes nowhere."""
    golden = plain(out["golden"])
    for system in SYSTEMS:
        value, base = plain(cells[system]), plain(cells[f"{system}_base"])
        known = cells[f"{system}_settled"].eq(out["golden"]).fillna(False) & ~anew
        open_ = golden.notna() & value.notna() & (value != golden) & ~known
        differs = open_ & ((golden != YES) | (base.eq(YES).fillna(False) & ~anew))
        out[f"{system}_settle"] = pd.Series(CONSENT_DIFFERS, index=out.index, dtype="str").where(differs)
        due = open_ & ~differs
        out[f"{system}_write"] = due & cells[f"{system}_writable"]
        out[f"{system}_late"] = due & cells[f"{system}_paused"]
