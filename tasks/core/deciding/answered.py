"""What people decided and no run has taken into account yet: which of it stands, which was overtaken, what it does.

A decision is an edit with an author, and stands above every rule: whoever made it saw what the sides said. So it ends
where a side with authority says something that neither the person saw nor an earlier run took into account.
"""

import json
from collections.abc import Iterator, Mapping

import pandas as pd

from tasks.core.deciding.sides import DECISION
from tasks.core.model import SYSTEMS
from tasks.core.plan import Finding
from tasks.core.policy import Field
from tasks.core.state import DECIDED, OVERTAKEN, TAKEN, State, empty

ANSWER, LATE = "decided", "overtaken"  # columns of cells: what a person decided; whether that was overtaken


def add(cells: pd.DataFrame, name: str, field: Field, state: State, keys: "pd.Series[str] | None" = None) -> None:
    """Give the cells of one field the columns ANSWER (canonical; missing: nobody decided, or it doesn't stand) and LATE
    (bool). `keys`: for the field that a person's number comes from, the numbers after this run's moves; a decision
    stands there when its number is the person's, and waits while it can't be.
    """
    answers = of_field(name, state)
    cells[ANSWER], cells[LATE] = pd.Series(pd.NA, index=cells.index, dtype="str"), False
    if answers.empty:
        return
    answers = answers.reindex(cells.index)
    value = answers["value"]
    news = _unseen(cells, field, answers)
    stands = value.notna() & ~news if keys is None else value.notna() & value.eq(keys.reindex(cells.index))
    cells[ANSWER] = value.where(stands)
    cells[LATE] = value.notna() & news & ~stands


def of_field(name: str, state: State) -> pd.DataFrame:
    """Pending decisions of one field by person: `value`, `sides`; of several the last."""
    mine = state.decisions[state.decisions["field"] == name]
    return mine.drop_duplicates("person", keep="last").set_index("person")[["value", "sides"]]


def _unseen(cells: pd.DataFrame, field: Field, answers: pd.DataFrame) -> "pd.Series[bool]":
    """Rows in which a side says what was no part of the question. A blank is only said where it counts as a value."""
    news = pd.Series(False, index=cells.index)
    asked = answers.index[answers["value"].notna()]
    seen = pd.DataFrame([json.loads(text) for text in answers.loc[asked, "sides"]], index=asked, columns=list(SYSTEMS))
    for system in SYSTEMS:
        here = cells.loc[asked]
        value, base = here[system], here[f"{system}_base"]
        heard = value.notna() & here[f"{system}_speaks"] & here[f"{system}_settled"].ne("").fillna(True)
        heard &= value.ne("") | (base.notna() & (field.blanks == "clear"))
        known = value.eq(seen[system]) | value.eq(base) | value.eq(answers.loc[asked, "value"])
        news[asked] |= heard & ~known.fillna(False).astype(bool)
    return news


def carry(out: pd.DataFrame, cells: pd.DataFrame) -> "pd.Series[bool]":
    """Enter the decisions that stand into what `resolve.decide` found; gives the rows that have one."""
    here = cells[ANSWER].notna()
    if not here.any():
        return here
    out["golden"] = out["golden"].mask(here, cells[ANSWER])
    for column in ("golden_from", "rule", "winner"):
        out[column] = out[column].mask(here, DECISION)
    for column in ("conflict", "waits", "fresh"):
        out[column] &= ~here
    return here


def ended(cells: Mapping[str, pd.DataFrame], absorbed: "pd.Index[str]", state: State) -> pd.DataFrame:
    """Decisions that end with this plan, as rows of DECIDED; those about somebody who turned out to be another, too.
    One in which a system had a say that is disconnected now goes on: what was said there would come back as an edit."""
    lost = state.decisions[state.decisions["person"].isin(absorbed)]
    found = [empty(DECIDED), lost[["person", "field", "value"]].assign(ending=OVERTAKEN), *_ended(cells, state)]
    return pd.concat(found, ignore_index=True)[list(DECIDED)].astype("str")


def _ended(cells: Mapping[str, pd.DataFrame], state: State) -> Iterator[pd.DataFrame]:
    for name in (name for name in cells if state.decisions["field"].eq(name).any()):
        sides, answers = cells[name], of_field(name, state)
        told = sides.index.isin(answers.index[[set(json.loads(text)) <= state.connected for text in answers["sides"]]])
        for ending, here in ((TAKEN, sides[ANSWER].notna() & told), (OVERTAKEN, sides[LATE])):
            people = sides.index[here]
            value = answers["value"].reindex(people).to_numpy()
            yield pd.DataFrame({"person": people, "field": name, "value": value, "ending": ending}, dtype="str")


def findings(decided: pd.DataFrame) -> tuple[Finding, ...]:
    """How many decisions came too late; the rule of their field decides now."""
    late = int(decided["ending"].eq(OVERTAKEN).sum())
    return (Finding("decisions", "no side has said anything new since", "warning", late),) if late else ()
