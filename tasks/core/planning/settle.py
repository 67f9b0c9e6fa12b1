"""Differences that this plan accepts, and the accepted ones that end (design, "settled")."""

from collections.abc import Mapping

import pandas as pd

from tasks.core.deciding.settlements import known, plain
from tasks.core.identity import contacts
from tasks.core.matching import Matching
from tasks.core.model import ALOWARE, SYSTEMS
from tasks.core.policy import Field
from tasks.core.state import (
    BEFORE_AUTHORITY,
    FOREIGN,
    SETTLED,
    SYNTHETIC,
    State,
    empty,
)

Frames = Mapping[str, pd.DataFrame]


def learned(
    matching: Matching, cells: Frames, decisions: Frames, state: State, fields: Mapping[str, Field]
) -> pd.DataFrame:
    """What this plan settles, as rows of `state.SETTLED`; a row without a reason ends what was settled of that cell,
    whatever becomes of the decision if its golden is blank."""
    settled = known(matching, state)
    moved, decided = _over(settled, cells, decisions, fields)
    stored = settled.index >= 0
    taken_over = settled[~stored & ~moved & ~decided]
    ended = settled.loc[stored & (moved | decided), ["ref", "field"]].assign(golden=moved.map({True: "", False: None}))
    drifted = contacts.settled(matching.drift, matching.records, decisions, fields)
    new = [_decided(cells, decisions), _rebased(cells, decisions), _foreign(matching, cells, decisions), drifted]
    rows = pd.concat([empty(SETTLED), ended, taken_over, *new]).drop_duplicates(["ref", "field"], keep="last")
    return rows.sort_values(["ref", "field"], ignore_index=True)[list(SETTLED)].astype("str")


def _over(
    settled: pd.DataFrame, cells: Frames, decisions: Frames, fields: Mapping[str, Field]
) -> tuple["pd.Series[bool]", "pd.Series[bool]"]:
    """Settlements whose value or terms moved, and those whose golden did: they don't stand again if it moves back."""
    moved, otherwise = settled["reason"].isna(), pd.Series(False, index=settled.index)
    for name, sides in cells.items():
        here = settled[settled["field"] == name]
        if here.empty:
            continue
        now = _by_record(sides, decisions[name]).reindex(here["ref"]).set_axis(here.index)
        value, before = plain(now["value"], fields[name]), plain(here["value"], fields[name])
        invented = here["reason"].eq(SYNTHETIC) & value.eq("")  # it is read as a blank while the policy knows it
        decided = now["golden"].notna() & ~now["waits"].eq(True)
        moved[here.index] |= value.notna() & (value != before) & ~invented
        otherwise[here.index] = decided & (here["golden"] != "") & (now["golden"] != here["golden"])
    return moved, otherwise


def _by_record(sides: pd.DataFrame, decided: pd.DataFrame) -> pd.DataFrame:
    """Per record of one field: its value, the golden that was decided, and whether that waits."""
    found = [
        pd.DataFrame(
            {
                "value": sides[system].to_numpy(),
                "golden": decided["golden"].to_numpy(),
                "waits": decided["waits"].to_numpy(),
            },
            index=sides[f"{system}_ref"],
        )[sides[f"{system}_ref"].notna().to_numpy()]
        for system in SYSTEMS
    ]
    return pd.concat(found)


def _decided(cells: Frames, decisions: Frames) -> pd.DataFrame:
    """Differences that the decisions accept."""
    found = [empty(SETTLED)]
    for name, decided in decisions.items():
        for system in SYSTEMS:
            rows = decided[decided[f"{system}_settle"].notna()]
            if rows.empty:
                continue
            side = cells[name].loc[rows.index]
            reason = rows[f"{system}_settle"].to_numpy()
            found.append(_rows(name, side, system, rows["golden"].to_numpy(), reason))
    return pd.concat(found, ignore_index=True)


def _rebased(cells: Frames, decisions: Frames) -> pd.DataFrame:
    """What an agent typed before Aloware had a say in it: it stays nobody's word until it is restored."""
    found = [empty(SETTLED)]
    for name, sides in cells.items():
        side = sides[sides["rebased"] & (sides[ALOWARE] != "")]
        if side.empty:
            continue
        side = side[side[ALOWARE] != decisions[name]["golden"].reindex(side.index)]
        found.append(_rows(name, side, ALOWARE, "", BEFORE_AUTHORITY))
    return pd.concat(found, ignore_index=True)


def _foreign(matching: Matching, cells: Frames, decisions: Frames) -> pd.DataFrame:
    """What an Aloware contact that changed hands still says and golden leaves blank: it never flows."""
    foreign = matching.records[matching.records["foreign"]]
    found = [empty(SETTLED)]
    for name in cells if len(foreign) else ():
        golden = decisions[name]["golden"].reindex(foreign["person"]).fillna("").to_numpy()
        says = foreign[(foreign[name].fillna("") != "") & (golden == "")]
        rows = {"ref": says.index, "field": name, "golden": "", "value": says[name].to_numpy(), "reason": FOREIGN}
        found.append(pd.DataFrame(rows, columns=list(SETTLED), dtype="str"))
    return pd.concat(found, ignore_index=True)


def _rows(name: str, side: pd.DataFrame, system: str, golden: object, reason: object) -> pd.DataFrame:
    columns = {"ref": side[f"{system}_ref"].to_numpy(), "field": name, "golden": golden}
    columns |= {"value": side[system].to_numpy(), "reason": reason}
    return pd.DataFrame(columns, columns=list(SETTLED), dtype="str")
