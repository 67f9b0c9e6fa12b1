"""Taking a run back: which of its writes still stand, and what goes back where (design, write-back).

A value that the run wrote and that is still there goes back to what it replaced; a record that it created, and that
nobody has touched since, is archived (see `archive`). What can't be taken back is listed with the reason. What the
ledger learns of it, `undone` says.
"""

import pandas as pd

from tasks.core.evidence import Evidence, believed
from tasks.core.model import ALOWARE
from tasks.core.normalise import readable
from tasks.core.plan import COLLISIONS, CONFLICTS, ONE_TIME, QUARANTINE, REFUSED, UNDO
from tasks.core.planning import archive, refusals
from tasks.core.planning.doubts import Doubts, first, of_record, of_scope
from tasks.core.planning.past import Past
from tasks.core.planning.propose import WRITE, Proposal, linked, numbered
from tasks.core.planning.staleness import look
from tasks.core.planning.undone import nothing
from tasks.core.policy import Policy
from tasks.core.state import REFORMATTED, State, empty

COLUMNS = (*WRITE, "value", "sources", "initial")
NEVER = "\x00"  # no value
ORDER = ["system", "object", "record_id", "person", "field"]


def propose(past: Past, evidence: Evidence, records: pd.DataFrame) -> Proposal:
    """The inverse of what that run wrote, as far as it can be had; nothing is learned of it yet. `records` are those of
    `past.records` as they are now, normalised."""
    state = believed(evidence)
    values, stay = _values(past, evidence, state, records)
    values, impossible = refusals.predict(values, evidence.schemas)
    births, lost = archive.propose(past, evidence.policy, state, records)
    changes, cells, _ = numbered(pd.concat([values, births], ignore_index=True)[list(COLUMNS)].astype("str"))
    listed = pd.concat([stay, impossible, lost, archive.identity(past)], ignore_index=True)
    return Proposal(
        changes=changes,
        cells=cells,
        refused=listed.sort_values(ORDER, ignore_index=True)[list(REFUSED)].astype("str"),
        conflicts=empty(CONFLICTS),
        collisions=empty(COLLISIONS),
        quarantine=empty(QUARANTINE),
        advance=nothing(),
        settled=0,
        linked=linked(state),
        initial=frozenset(),
    )


def _values(past: Past, evidence: Evidence, state: State, records: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Values to put back, as writes, and those that stay, with the reason."""
    cells = past.updates.reset_index(drop=True)
    raw = look(cells.assign(field=cells["field"] + "_raw"), records)
    cells = cells.assign(now=look(cells, records), back=_read(cells, evidence))
    why = first(cells, _doubts(cells, past, evidence.policy, state, records))
    writes = cells.assign(
        rule="undone",
        before=raw,
        after=cells["before"].fillna(""),
        value=cells["back"],
        phone=_numbers(cells, state, records),
        sources="",
        initial="no",
    )
    return writes[why.isna()], writes[why.notna()].assign(reason=why.dropna())


def _read(cells: pd.DataFrame, evidence: Evidence) -> "pd.Series[str]":
    """What the values that were replaced read as."""
    found = pd.Series(pd.NA, index=cells.index, dtype="str")
    for (name, system), rows in cells.groupby(["field", "system"]):
        if name in evidence.policy.fields:
            users = evidence.users.get(str(system), {})
            found[rows.index] = readable(
                rows["before"], str(name), str(system), evidence.policy, evidence.statuses, users
            )
    return found


def _doubts(cells: pd.DataFrame, past: Past, policy: Policy, state: State, records: pd.DataFrame) -> Doubts:
    """Why a value can't be put back; the first that applies is said."""
    types = cells["field"].map({name: str(field.type) for name, field in policy.fields.items()})
    mapped = [
        policy.mapped(system, name).get(field) == prop if name in policy.objects(system) else False
        for system, name, field, prop in zip(
            *(cells[c] for c in ("system", "object", "field", "property")), strict=True
        )
    ]
    return [
        ("consent is never undone", types.eq("consent")),
        ("a number that moved is not moved back", types.eq("phone") & cells["person"].isin(past.rekeyed)),
        ("the policy doesn't map it any more", ~pd.Series(mapped, index=cells.index, dtype="bool")),
        *of_record(cells, state, records),
        *of_scope(cells, state, policy),
        ("it doesn't hold that run's value any more", ~_ours(cells, state)),
        ("decided anew since", ~_stands(cells, past, state)),
        ("Aloware's API can't blank a field", cells["system"].eq(ALOWARE) & cells["before"].fillna("").eq("")),
        ("what it held can't be read any more", cells["back"].isna()),
        ("somebody else has it by now", _taken(cells, types, state)),
    ]


def _ours(cells: pd.DataFrame, state: State) -> "pd.Series[bool]":
    """Whether the record still says what we wrote, or what its system made of that."""
    reformatted = state.settled[state.settled["reason"].str.startswith(REFORMATTED).fillna(False)]
    known = pd.MultiIndex.from_frame(reformatted[["ref", "field", "golden", "value"]])
    made = pd.MultiIndex.from_frame(cells[["ref", "field", "value", "now"]]).isin(known)
    return cells["now"].eq(cells["value"]).fillna(False) | made


def _stands(cells: pd.DataFrame, past: Past, state: State) -> "pd.Series[bool]":
    """Whether what was decided is still what that run decided, or, where its decision was kept back, found."""
    of_people = cells.assign(ref=cells["person"])
    now, made, was = (
        look(of_people, frame).fillna(NEVER)
        for frame in (state.golden, past.plan.advance.golden, past.plan.advance.replaced)
    )
    silent = past.plan.mode in (ONE_TIME, UNDO)  # what those write needn't be what was decided
    return now.eq(made) | (made.ne(NEVER) & now.eq(was)) | (made.eq(NEVER) & (now.eq(cells["value"]) | silent))


def _taken(cells: pd.DataFrame, types: "pd.Series[str]", state: State) -> "pd.Series[bool]":
    """Addresses that another person has, and numbers that are another person's key."""
    found = pd.Series(False, index=cells.index)
    for name in cells.loc[types.eq("email"), "field"].unique():
        living = state.links["person"].reindex(state.bases.index)
        held = pd.concat([state.golden[name], pd.Series(state.bases[name].to_numpy(), index=living)])
        found |= cells["field"].eq(name) & _of_another(cells, held)
    keys = state.people["key"]
    return found | (types.eq("phone") & _of_another(cells, keys))


def _of_another(cells: pd.DataFrame, held: "pd.Series[str]") -> "pd.Series[bool]":
    """`held`: person → value."""
    pairs = pd.DataFrame({"person": held.index, "value": held.to_numpy()}).dropna().drop_duplicates()
    pairs = pairs[pairs["value"].ne("") & pairs["value"].isin(cells["back"])]
    owners = pairs.groupby("value")["person"].agg(set)
    return pd.Series(
        [bool(owners.get(back, set()) - {person}) for back, person in zip(cells["back"], cells["person"], strict=True)],
        index=cells.index,
        dtype="bool",
    )


def _numbers(cells: pd.DataFrame, state: State, records: pd.DataFrame) -> "pd.Series[str]":
    """The number that each record goes by."""
    own = pd.Series(records["key"].reindex(cells["ref"]).to_numpy(), index=cells.index, dtype="str")
    return own.fillna(cells["person"].map(state.people["key"]))
