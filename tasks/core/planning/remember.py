"""What the ledger learns from a plan: links, people, golden values and the bases that the decisions saw."""

from collections.abc import Mapping

import pandas as pd

from tasks.core.deciding import answered
from tasks.core.deciding.consent import INHERITED, NO, YES
from tasks.core.frames import among, column
from tasks.core.matching import Matching
from tasks.core.model import SYSTEMS
from tasks.core.state import PEOPLE, WAITING, Advance, State, empty


def learn(
    matching: Matching,
    cells: Mapping[str, pd.DataFrame],
    decisions: Mapping[str, pd.DataFrame],
    state: State,
    settled: pd.DataFrame,
    writes: pd.DataFrame,
) -> Advance:
    """Golden and bases advance together, to what the decision saw: losers and sides that can't be written included."""
    absorbed = matching.absorbed.rename("survivor").to_frame()
    said, moved = _passed_on(absorbed, cells, state), _golden(cells, decisions, state)
    return Advance(
        links=matching.links,
        people=_people(matching.people),
        golden=pd.concat([moved, said]).rename_axis("person"),
        bases=_bases(matching, cells, decisions, state, writes),
        settled=settled,
        waiting=_waiting(decisions),
        numbers=matching.turns,
        inherited=_inherited(matching, state),
        replaced=_replaced(moved, cells),
        decided=answered.ended(cells, matching.absorbed.index, state),
        absorbed=absorbed[~among(absorbed.index, state.absorbed.index) | among(absorbed.index, said.index)],
    )


def _people(people: pd.DataFrame) -> pd.DataFrame:
    changed = people["key_before"].isna() | (people["key_before"] != people["key"])
    return people.loc[changed, list(PEOPLE)].sort_index().astype("str")


def _golden(cells: Mapping[str, pd.DataFrame], decisions: Mapping[str, pd.DataFrame], state: State) -> pd.DataFrame:
    columns = {}
    for name, decided in decisions.items():
        before = column(state.golden, name).reindex(decided.index)
        passed_on = decided["golden_from"].fillna("") != cells[name]["golden_from"].fillna("")
        moved = decided["golden"].notna() & ((decided["golden"] != before) | passed_on)
        columns[name] = decided["golden"].where(moved)
        columns[f"{name}_from"] = decided["golden_from"].where(moved)
        columns[f"{name}_rule"] = decided["rule"].where(moved)
    return pd.DataFrame(columns).dropna(how="all").astype("str").rename_axis("person")


def _replaced(moved: pd.DataFrame, cells: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """What golden was, where it moves."""
    columns = {}
    for name, sides in cells.items():
        here = moved.index[moved[name].notna()]
        columns[name] = sides["golden"].reindex(here)
        columns[f"{name}_from"] = sides["golden_from"].reindex(here)
    return pd.DataFrame(columns, index=moved.index).dropna(how="all").astype("str")


def _inherited(matching: Matching, state: State) -> pd.DataFrame:
    """Bases of records that are gone, as those of their heirs."""
    heirs = matching.records["base_ref"].dropna()
    heirs = heirs[heirs != heirs.index]
    return state.bases.reindex(heirs).set_axis(heirs.index).dropna(how="all").rename_axis("ref")


def _passed_on(absorbed: pd.DataFrame, cells: Mapping[str, pd.DataFrame], state: State) -> pd.DataFrame:
    """Consent of absorbed people that becomes their survivor's by this plan: it is theirs no more."""
    found = {}
    for name in (name for name, sides in cells.items() if sides[INHERITED].any()):
        consented = state.golden[name].reindex(absorbed.index).eq(YES)
        found[name] = pd.Series(NO, index=absorbed.index[consented])
    return pd.DataFrame(found).astype("str")


def _waiting(decisions: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Decisions of which a paused system must still be told: taken again until it can be."""
    found = [empty(WAITING)]
    for name, decided in decisions.items():
        late = decided[[f"{system}_late" for system in SYSTEMS]].any(axis=1)
        found.append(pd.DataFrame({"person": decided.index[late], "field": name}, dtype="str"))
    return pd.concat(found, ignore_index=True)


def _bases(
    matching: Matching,
    cells: Mapping[str, pd.DataFrame],
    decisions: Mapping[str, pd.DataFrame],
    state: State,
    writes: pd.DataFrame,
) -> pd.DataFrame:
    """Cells whose base moves, and every cell of a (person, field) that is written: staleness is judged by them."""
    columns: dict[str, pd.Series[str]] = {}
    raw = matching.records
    for name, sides in cells.items():
        written = among(sides.index, writes.loc[writes["field"] == name, "person"])
        born = among(sides.index, writes.loc[writes["kind"] == "create", "person"])
        waits = decisions[name]["waits"]
        values = [
            pd.Series(sides[system].to_numpy(), index=sides[f"{system}_ref"], dtype="str")[
                (sides[system].notna() & ~waits & (written | born | ~_same(sides, system, name, state))).to_numpy()
            ]
            for system in SYSTEMS
        ]
        seen = pd.concat(values)
        columns[name] = seen
        columns[f"{name}_raw"] = raw[f"{name}_raw"].reindex(seen.index)
    frame = pd.DataFrame(columns).dropna(how="all").rename_axis("ref").sort_index()
    frame.insert(0, "person", raw["person"].reindex(frame.index))
    return frame.astype("str")


def _same(sides: pd.DataFrame, system: str, name: str, state: State) -> "pd.Series[bool]":
    """Whether the ledger's base of this very record already says so (an inherited or rebased one doesn't count)."""
    known = state.bases[name] if name in state.bases else pd.Series([], dtype="str")
    base = pd.Series(known.reindex(sides[f"{system}_ref"]).to_numpy(), index=sides.index, dtype="str")
    return base.notna() & (base == sides[system])
