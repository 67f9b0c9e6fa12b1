"""What the ledger learns of an undo: golden goes back, every side is rebased, what still differs is settled.

It concerns every (person, field) of which a value goes back, and every one whose golden that run had replaced and that
is still as the run made it. A golden that the run was the first to decide is made blank: were it forgotten, the next
run would decide the same again.
"""

from collections.abc import Collection
from dataclasses import replace

import pandas as pd

from tasks.core.evidence import Evidence, believed
from tasks.core.model import Outcome
from tasks.core.plan import Plan, Verdict
from tasks.core.planning import versions
from tasks.core.planning.past import Past
from tasks.core.planning.propose import Proposal
from tasks.core.planning.staleness import look
from tasks.core.state import (
    LINKS,
    PEOPLE,
    REPRESENTATIVE,
    SETTLED,
    UNDONE,
    WAITING,
    Advance,
    State,
    base_columns,
    empty,
    golden_columns,
)

CELL = ["person", "field"]


def nothing(fields: Collection[str] = ()) -> Advance:
    """It teaches nothing."""
    return Advance(
        links=empty(LINKS, "ref"),
        people=empty(PEOPLE, "person"),
        golden=empty(golden_columns(list(fields)), "person"),
        bases=empty(("person", *base_columns(list(fields))), "ref"),
        settled=empty(SETTLED),
    )


def whole(verdict: Verdict, proposal: Proposal | Plan) -> Verdict:
    """A breaker holds all of an undo: half of it would be done again by the next run."""
    changes = frozenset(proposal.changes["id"])
    return replace(verdict, breakers=tuple(replace(breaker, holds=changes) for breaker in verdict.breakers))


def learn(proposal: Proposal, past: Past, evidence: Evidence, records: pd.DataFrame) -> Proposal:
    """The proposal, as the gate let it pass, with what it teaches. `records` as for `undo.propose`."""
    state, fields = believed(evidence), list(evidence.policy.fields)
    heads = proposal.changes.set_index("id")
    going = proposal.cells[proposal.cells["field"].isin(fields)]
    going = going.assign(
        person=going["change"].map(heads["person"]),
        ref=going["change"].map(heads["system"] + ":" + heads["object"] + ":" + heads["record_id"]),
    )
    concerned = _concerned(going, past, evidence, state)
    sides = _sides(concerned, going, state, records)
    settled = _settled(sides, state)
    moved = concerned[concerned["golden"].ne(concerned["now"]) | concerned["from"].ne(concerned["now_from"])]
    bases = _wide(sides, "ref", {"": "value", "_raw": "raw"})
    bases.insert(0, "person", sides.drop_duplicates("ref").set_index("ref")["person"].reindex(bases.index))
    return replace(
        proposal,
        settled=int(settled["reason"].eq(UNDONE).sum()),
        advance=replace(
            nothing(fields),
            golden=_wide(moved.assign(rule=UNDONE), "person", {"": "golden", "_from": "from", "_rule": "rule"}),
            replaced=_wide(moved, "person", {"": "now", "_from": "now_from"}),
            bases=bases,
            settled=settled,
        ),
    )


def _concerned(going: pd.DataFrame, past: Past, evidence: Evidence, state: State) -> pd.DataFrame:
    """A row a (person, field): `golden` and `from` as they will be, `now` and `now_from` as they are."""
    replaced, made = past.plan.advance.replaced, past.plan.advance.golden
    fields = evidence.policy.fields
    lasting = [n for n, field in fields.items() if field.type != "consent" and n in made]
    cells = pd.concat([going[CELL], *(pd.DataFrame({"person": made.index, "field": name}) for name in lasting)])
    cells = cells.drop_duplicates(ignore_index=True).astype("str")
    cells = cells[cells["person"].isin(state.people.index[state.people["key"].notna()])].reset_index(drop=True)
    keyed = [name for name, field in fields.items() if field.type == "phone"]
    cells = cells[~(cells["field"].isin(keyed) & cells["person"].isin(past.rekeyed))].reset_index(drop=True)
    place = cells.rename(columns={"person": "ref"})
    suffixed = place.assign(field=place["field"] + "_from")
    cells["now"], cells["now_from"] = look(place, state.golden), look(suffixed, state.golden)
    was, was_from, did = look(place, replaced), look(suffixed, replaced), look(place, made)
    back = did.notna() & (did.eq(cells["now"]) | was.eq(cells["now"]) | (was.isna() & cells["now"].isna()))
    written = pd.MultiIndex.from_frame(cells[CELL]).isin(pd.MultiIndex.from_frame(going[CELL]))
    cells["golden"] = cells["now"].mask(back, was.fillna(""))
    cells["from"] = cells["now_from"].mask(back, was_from.fillna(""))
    again = back & was.notna() & did.eq(cells["now"]) & did.ne(was)
    return cells[written | again]


def _sides(concerned: pd.DataFrame, going: pd.DataFrame, state: State, records: pd.DataFrame) -> pd.DataFrame:
    """A row a value that a record says of what is concerned: `value` and `raw` now, `then` when it went back."""
    links = state.links[(state.links["role"] == REPRESENTATIVE) & state.links.index.isin(records.index)]
    sides = concerned.merge(links["person"].rename_axis("ref").reset_index(), on="person")
    sides["value"] = look(sides, records)
    sides["raw"] = look(sides.assign(field=sides["field"] + "_raw"), records)
    back = going.drop_duplicates(["ref", "field"]).set_index(["ref", "field"])["value"]
    then = back.reindex(pd.MultiIndex.from_frame(sides[["ref", "field"]])).set_axis(sides.index)
    return sides.assign(then=then.fillna(sides["value"])).dropna(subset="value").reset_index(drop=True)


def _settled(sides: pd.DataFrame, state: State) -> pd.DataFrame:
    """What will differ from golden is accepted; what was settled by an earlier undo and differs no more, ends."""
    differs = sides["then"].ne(sides["golden"]) & sides["golden"].notna()
    known = state.settled.loc[state.settled["reason"] == UNDONE, ["ref", "field"]]
    over = ~differs & pd.MultiIndex.from_frame(sides[["ref", "field"]]).isin(pd.MultiIndex.from_frame(known))
    rows = sides.assign(value=sides["then"], reason=UNDONE)
    ended = sides.loc[over, ["ref", "field"]]
    found = pd.concat([empty(SETTLED), rows[differs], ended])[list(SETTLED)].astype("str")
    return found.sort_values(["ref", "field"], ignore_index=True)


def _wide(rows: pd.DataFrame, index: str, columns: dict[str, str]) -> pd.DataFrame:
    """One row a person or record, columns by field: `columns` maps a suffix to the column that it holds."""
    found = {
        f"{name}{suffix}": cells.set_index(index)[column]
        for name, cells in rows.groupby("field")
        for suffix, column in columns.items()
    }
    frame = pd.DataFrame(found, index=pd.Index(sorted(rows[index].unique()), dtype="str"), dtype="str")
    return frame.dropna(how="all").rename_axis(index)


def overtaken(plan: Plan, outcomes: pd.DataFrame, state: State) -> pd.DataFrame:
    """Columns WAITING: what of an undo mustn't be learned: it waits for a person, was left out, or was decided anew
    since it was planned. What couldn't be written is learned all the same: the next run will bring it to golden."""
    people = plan.cells["change"].map(plan.changes.set_index("id")["person"])
    cells = plan.cells[["field"]].assign(person=people)
    moved = cells[versions.moved(plan, state)]
    left_out = plan.cells["change"].isin(sorted(plan.left_out)) & outcomes["outcome"].eq(Outcome.REFUSED.value)
    stay = cells[left_out.groupby([cells["person"], cells["field"]]).transform("all")]
    golden = plan.advance.golden
    found = [empty(WAITING), moved, stay]
    for name in (str(column).removesuffix("_rule") for column in golden.columns if str(column).endswith("_rule")):
        here = golden.index[golden[name].notna()]
        now, seen = (
            frame[name].reindex(here) if name in frame else pd.Series(pd.NA, index=here, dtype="str")
            for frame in (state.golden, plan.advance.replaced)
        )
        elsewhere = ~(now.eq(seen).fillna(False) | (now.isna() & seen.isna()))
        found.append(pd.DataFrame({"person": here[elsewhere], "field": name}))
    if plan.waits:
        found += [_all_of(golden, golden.index.to_series()), _all_of(plan.advance.bases, plan.advance.bases["person"])]
    return pd.concat(found)[list(WAITING)].astype("str").drop_duplicates(ignore_index=True)


def _all_of(frame: pd.DataFrame, people: "pd.Series[str]") -> pd.DataFrame:
    """Every (person, field) of a wide frame; `people`: whose each row is."""
    names = [str(column) for column in frame.columns if not str(column).endswith(("_raw", "_from", "_rule"))]
    names = [name for name in names if name != "person"]
    return pd.DataFrame([(person, name) for name in names for person in people], columns=list(WAITING), dtype="str")
