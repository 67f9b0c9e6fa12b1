"""Who asks for which number: edits of the cell that a person's match key comes from (design, identity 2 and 7)."""

from collections.abc import Collection
from datetime import timedelta

import pandas as pd

from tasks.core.authority import aloware_speaks
from tasks.core.deciding import answered, resolve
from tasks.core.deciding.recency import edit_times
from tasks.core.frames import among, beside
from tasks.core.model import ALOWARE, SYSTEMS
from tasks.core.policy import Policy
from tasks.core.state import OUT_OF_SCOPE, REPRESENTATIVE, TOMBSTONE, State, empty

ASKS = ("ref", "person", "system", "field", "number", "at")


def asked(linked: pd.DataFrame, keys: "pd.Series[str]", state: State, policy: Policy) -> pd.DataFrame:
    """Columns ASKS plus `rank` (int) and `wins` (bool): at most one of a person, the one that decides their number.

    Only an edit to another valid number asks, of the field that the key came from; of a record that never had it, its
    first valid number. A blanked or spoilt cell asks nothing, and what joins is no edit. What a person decided about
    the number is an edit, too, wherever they read it: the first record that speaks asks for it.
    """
    linked = linked[among(linked["person"], _in_question(linked, state, policy))]
    speaking = _speaking(linked, state, aloware_speaks(linked, state, policy))
    found = [_of_object(rows, keys, state, policy) for _, rows in speaking.groupby(["system", "object"])]
    asks: pd.DataFrame = pd.concat([empty(ASKS), *found], ignore_index=True)
    asks = asks.assign(rank=asks["system"].map({system: n for n, system in enumerate(SYSTEMS)}).astype("int64"))
    asks = asks.sort_values(["person", "rank", "ref"], ignore_index=True)
    answers = _answered(speaking, state, policy)
    decided = pd.concat([answers["number"], _decided(asks, speaking, keys, state, policy)])
    decided = decided[~decided.index.duplicated()]
    asks = pd.concat([asks, _asked_by_people(answers, asks, speaking, keys)], ignore_index=True)
    chosen = asks["number"] == decided.reindex(asks["person"]).to_numpy()
    asks["wins"] = chosen & ~asks["person"].where(chosen).duplicated()
    return asks


def _in_question(linked: pd.DataFrame, state: State, policy: Policy) -> "pd.Series[str]":
    """People of whom some record says another number than before, in whatever field, or somebody decided something."""
    names = [name for name, field in policy.fields.items() if field.type == "phone" and name in state.bases]
    bases = state.bases[names].reindex(linked["base_ref"]).set_axis(linked.index)
    edited = (bases.notna() & (linked[names] != bases)).any(axis=1)
    people: pd.Series[str] = pd.concat([linked.loc[edited, "person"], state.decisions["person"]])
    return people


def _speaking(linked: pd.DataFrame, state: State, heard: Collection[str]) -> pd.DataFrame:
    """Records that speak for their person, or come back to where nobody else does; agents of people who are `heard`."""
    role = pd.Series(state.links["role"].reindex(linked["base_ref"]).to_numpy(), index=linked.index, dtype="str")
    seat = linked["person"] + " " + linked["system"]
    speaks = role == REPRESENTATIVE
    back = role.isin([OUT_OF_SCOPE, TOMBSTONE]) & ~among(seat, seat[speaks])
    mute = (linked["system"] == ALOWARE) & ~among(linked["person"], heard)
    rows: pd.DataFrame = linked[(speaks | back) & ~mute]
    return rows


def _of_object(rows: pd.DataFrame, keys: "pd.Series[str]", state: State, policy: Policy) -> pd.DataFrame:
    """Records of one object that ask for another number than their person's, and the field that says so."""
    key = pd.Series(keys.reindex(rows["person"]).to_numpy(), index=rows.index, dtype="str")
    number, field = pd.Series(pd.NA, index=rows.index, dtype="str"), pd.Series(pd.NA, index=rows.index, dtype="str")
    phones = policy.phone_fields(rows["system"].iloc[0], rows["object"].iloc[0])
    names = [name for name in phones if name in state.bases]
    bases = state.bases[names].reindex(rows["base_ref"]).set_axis(rows.index)
    gave = pd.DataFrame({name: bases[name].eq(key).fillna(False) for name in names}, index=rows.index)
    sourced = gave.any(axis=1)
    for name in names:
        edited = bases[name].notna() & (rows[name] != bases[name])
        source = gave[name] & ~gave[names[: names.index(name)]].any(axis=1)
        asks = edited & _valid(rows[name]) & (source | (~sourced & (rows[name] == rows["key"]))) & number.isna()
        number, field = number.mask(asks, rows[name]), field.mask(asks, name)
    columns = {"ref": rows.index, "person": rows["person"], "system": rows["system"], "field": field, "number": number}
    asking = pd.DataFrame(columns)[number.notna() & (number != key)]
    return asking.assign(at=typed_at(rows["modified_at"].reindex(asking.index))).astype("str")


def typed_at(modified_at: "pd.Series[pd.Timestamp]") -> "pd.Series[str]":
    """Times as the ledger writes them."""
    return modified_at.dt.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00").astype("str")


def _valid(cell: "pd.Series[str]") -> "pd.Series[bool]":
    return cell.notna() & (cell != "")


def _decided(
    asks: pd.DataFrame, speaking: pd.DataFrame, keys: "pd.Series[str]", state: State, policy: Policy
) -> "pd.Series[str]":
    """Person → their number by the rule of the field that is asked about: who wins there, wins the key."""
    tolerance = timedelta(seconds=policy.recency.tolerance_seconds)
    speaking = speaking[among(speaking["person"], asks["person"])]
    first = asks.drop_duplicates("person").set_index("person")["field"]
    found = [empty(["golden"], "person")["golden"]]
    for name, people in first.groupby(first).groups.items():
        cells = pd.DataFrame({"golden": keys.reindex(people)}, index=pd.Index(people, name="person"), dtype="str")
        cells["golden_from"] = cells[answered.ANSWER] = pd.Series(pd.NA, index=cells.index, dtype="str")
        for system in SYSTEMS:
            side = speaking[speaking["system"] == system].rename_axis("ref").reset_index()
            side = side.drop_duplicates("person").set_index("person")
            number = asks[asks["system"] == system].drop_duplicates("person").set_index("person")["number"]
            asking, says = number.reindex(cells.index), side[str(name)].reindex(cells.index)
            cells[system] = asking.fillna(says).astype("str")
            cells[f"{system}_base"] = says.mask(asking.notna(), cells["golden"]).astype("str")
            cells[f"{system}_speaks"] = cells[system].notna()
            cells[f"{system}_writable"], cells[f"{system}_paused"] = False, False
            cells[f"{system}_settled"] = pd.Series(pd.NA, index=cells.index, dtype="str")
            cells[f"{system}_at"] = edit_times(side, str(name), system, state.receipts, tolerance).reindex(cells.index)
        found.append(resolve.decide(cells, policy.fields[str(name)], tolerance=tolerance)["golden"])
    decided: pd.Series[str] = pd.concat(found).astype("str")
    return decided


def _answered(speaking: pd.DataFrame, state: State, policy: Policy) -> pd.DataFrame:
    """Index `person`; `number`, `field`: what people decided about numbers that are keys, as far as it stands."""
    found = [empty(("number", "field"), "person")]
    for name in policy.phone_fields(ALOWARE, "contacts"):
        answers = answered.of_field(name, state)
        if answers.empty:
            continue
        rows = speaking[among(speaking["person"], answers.index)]
        cells = pd.DataFrame(index=pd.Index(rows["person"].unique(), name="person"))
        for system in SYSTEMS:
            side = rows[rows["system"] == system].drop_duplicates("person").set_index("person")
            base = pd.Series(state.bases[name].reindex(side["base_ref"]).to_numpy(), index=side.index, dtype="str")
            cells[system] = side[name].reindex(cells.index).astype("str")
            cells[f"{system}_base"] = base.reindex(cells.index)
            cells[f"{system}_speaks"] = cells[system].notna()
            cells[f"{system}_settled"] = pd.Series(pd.NA, index=cells.index, dtype="str")
        answered.add(cells, name, policy.fields[name], state)
        stands = cells[answered.ANSWER].dropna()
        found.append(pd.DataFrame({"number": stands, "field": name}))
    return pd.concat(found)


def _asked_by_people(
    answers: pd.DataFrame, asks: pd.DataFrame, speaking: pd.DataFrame, keys: "pd.Series[str]"
) -> pd.DataFrame:
    """Those of `answers` that no record asks for, as `asked` has them."""
    known = answers["number"].eq(keys.reindex(answers.index))
    said = pd.MultiIndex.from_frame(answers[["number"]].reset_index()[["person", "number"]])
    open_ = answers[~known.to_numpy() & ~said.isin(pd.MultiIndex.from_frame(asks[["person", "number"]]))]
    voices = speaking.loc[among(speaking["person"], open_.index), ["person", "system"]].rename_axis("ref").reset_index()
    voices["rank"] = voices["system"].map({system: n for n, system in enumerate(SYSTEMS)}).astype("int64")
    voices = voices.sort_values(["person", "rank", "ref"]).drop_duplicates("person")
    rows = beside(voices, open_, "person", ["number", "field"])
    return rows.reindex(columns=[*ASKS, "rank"]).astype(dict.fromkeys(ASKS, "str"))
