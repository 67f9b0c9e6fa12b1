"""Decisions → the writes that carry them out, the ones that can't land, and what the ledger will learn."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tasks.core.canonical import NOBODY, SPELT, Users, raw_value
from tasks.core.deciding import consent
from tasks.core.identity import numbers
from tasks.core.matching import Matching
from tasks.core.model import ALOWARE, SYSTEMS, Schema
from tasks.core.plan import CELLS, CHANGES, CONFLICTS, REFUSED
from tasks.core.planning import births, claims, refusals, settle, terms
from tasks.core.planning.remember import learn
from tasks.core.policy import Policy
from tasks.core.state import Advance, State, empty

Decisions = Mapping[str, pd.DataFrame]  # field → how it is decided, as `resolve.decide` says it

WRITE = ("system", "object", "record_id", "person", "kind", "phone", "rule", "field", "property", "before", "after")


@dataclass(frozen=True)
class Proposal:
    """The frames of a plan before the gate has looked at it (columns as `plan` names them)."""

    changes: pd.DataFrame
    cells: pd.DataFrame
    refused: pd.DataFrame
    conflicts: pd.DataFrame
    collisions: pd.DataFrame
    quarantine: pd.DataFrame
    advance: Advance
    settled: int
    linked: dict[str, int]
    initial: frozenset[str]  # changes decided by a first sight or a join alone: `--initial` lifts their breaker


def propose(
    matching: Matching,
    cells: Mapping[str, pd.DataFrame],
    decisions: Mapping[str, pd.DataFrame],
    state: State,
    policy: Policy,
    schemas: Mapping[str, Schema],
    statuses: Mapping[str, str],
    users: Users = NOBODY,
) -> Proposal:
    """Everything this run intends. `cells` and `decisions` as `diff.diff` and `resolve.decide` give them, per field."""
    updates = _updates(matching, cells, decisions, policy)
    creates = births.creates(matching, _decided(decisions), state, policy, schemas)
    writes = _without_a_no(pd.concat([updates, creates], ignore_index=True), policy)
    writes["after"] = _render(writes, policy, statuses, users)
    writes, taken = claims.hold(writes, matching, decisions, state, policy)
    writes, refused = refusals.predict(writes, schemas)
    changes, change_cells, initial = numbered(writes)
    settled = settle.learned(matching, cells, decisions, state, policy.fields)
    return Proposal(
        changes=changes,
        cells=change_cells,
        refused=refused[list(REFUSED)].astype("str").reset_index(drop=True),
        conflicts=_conflicts(cells, decisions),
        collisions=pd.concat([matching.collisions, taken], ignore_index=True).astype("str"),
        quarantine=matching.quarantine,
        advance=replace(
            learn(matching, cells, decisions, state, settled, writes), terms=terms.news(state, policy, schemas)
        ),
        settled=_accepted(cells, decisions),
        linked=linked(state),
        initial=initial,
    )


def _decided(decisions: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """What may be told to new records: nothing of what waits for a person."""
    return {name: rows.assign(golden=rows["golden"].mask(rows["waits"])) for name, rows in decisions.items()}


def _without_a_no(writes: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Tandem never writes that somebody withdrew a consent, be it to a new record."""
    consents = [name for name, field in policy.fields.items() if field.type == "consent"]
    return writes[~writes["field"].isin(consents) | writes["value"].eq(consent.YES)].reset_index(drop=True)


def linked(state: State) -> dict[str, int]:
    """Records per system that the crosswalk has already: what a breaker's share is a share of."""
    found = Counter[str]()
    for (system, _), count in state.alive().items():
        found[system] += count
    return dict(found)


def _updates(
    matching: Matching,
    cells: Mapping[str, pd.DataFrame],
    decisions: Mapping[str, pd.DataFrame],
    policy: Policy,
) -> pd.DataFrame:
    """One row a (record, field) that must be brought to golden; columns WRITE, `value` (canonical) and `sources`."""
    found = []
    for name, decided in decisions.items():
        side = cells[name]
        sources = _sources(side)
        for system in SYSTEMS:
            aim = decided[decided[f"{system}_write"]]
            if aim.empty:
                continue
            here = side.loc[aim.index]
            rows = pd.DataFrame({"person": aim.index, "ref": here[f"{system}_ref"].to_numpy(), "field": name})
            rows["value"] = aim["golden"].to_numpy()
            rows["rule"] = rules(aim, here, system).to_numpy()
            rows["sources"] = sources[system].loc[aim.index].to_numpy()
            rows["initial"] = np.where(aim["fresh"] | here[f"{system}_base"].isna(), "yes", "no")
            found.append(rows)
    if not found:
        return pd.DataFrame(columns=[*WRITE, "value", "sources", "initial"], dtype="str")
    rows = pd.concat(found, ignore_index=True).astype("str")
    record = matching.records.reindex(rows["ref"])
    for column in ("system", "object", "record_id"):
        rows[column] = record[column].to_numpy()
    rows["kind"] = "update"
    rows["before"] = _each_field(record, rows["field"], "_raw")
    rows["phone"] = record["key"].to_numpy()
    rows["property"] = _properties(rows, policy)
    phones = [name for name, field in policy.fields.items() if field.type == "phone"]
    rows = rows[~numbers.repeats(rows, matching.records, phones)]
    return rows.drop(columns="ref").astype("str")


def _sources(side: pd.DataFrame) -> dict[str, "pd.Series[str]"]:
    """Per target system: the other records whose word decided the field, space-separated, in the order of systems."""
    spoken = {s: (side[f"{s}_ref"].fillna("") + " ").where(side[f"{s}_speaks"], "") for s in SYSTEMS}
    return {
        target: sum((spoken[s] for s in SYSTEMS if s != target), pd.Series("", index=side.index)).str.strip()
        for target in SYSTEMS
    }


def rules(aim: pd.DataFrame, here: pd.DataFrame, system: str) -> "pd.Series[str]":
    """Why this side is written: the decision's rule, or that it drifted, or that it just joined."""
    drifted = aim["rule"].eq("unchanged") & ~here[f"{system}_speaks"] & here[f"{system}_base"].notna()
    if system == ALOWARE:
        drifted |= aim["rule"].eq("unchanged") & here["rebased"]
    joined = aim["rule"].eq("unchanged") & here[f"{system}_base"].isna() & ~drifted
    return aim["rule"].mask(drifted, "drift").mask(joined, "join")


def _each_field(record: pd.DataFrame, names: "pd.Series[str]", suffix: str = "") -> "pd.Series[str]":
    """For row i of `record`, its value of the field that `names[i]` names."""
    values = pd.Series(pd.NA, index=names.index, dtype="str")
    for name in names.unique():
        here = (names == name).to_numpy()
        values[here] = record[f"{name}{suffix}"].to_numpy()[here]
    return values


def _properties(rows: pd.DataFrame, policy: Policy) -> "pd.Series[str]":
    maps = {
        (system, name): policy.mapped(system, name)
        for system, name in rows[["system", "object"]].drop_duplicates().itertuples(index=False)
    }
    wanted = {(s, o, field): prop for (s, o), fields in maps.items() for field, prop in fields.items()}
    return pd.Series(pd.MultiIndex.from_frame(rows[["system", "object", "field"]]).map(wanted), index=rows.index)


def _render(writes: pd.DataFrame, policy: Policy, statuses: Mapping[str, str], users: Users) -> "pd.Series[str]":
    """Canonical values in the words of the system that will be written; what a create invents stays as it is."""
    after = writes["after"].fillna(writes["value"])
    for name in (n for n, field in policy.fields.items() if field.type in SPELT):
        for system in SYSTEMS:
            here = (writes["field"] == name) & (writes["system"] == system)
            value, known = writes.loc[here, "value"], users.get(system, {})
            after[here] = raw_value(value, policy.fields[name].type, system, statuses, known)
    return after.astype("str")


def numbered(writes: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, frozenset[str]]:
    """Group writes by record into changes with ids that depend on nothing but their content; and the initial ones."""
    order = {system: n for n, system in enumerate(SYSTEMS)}
    field_order = writes["system"].map(order)
    writes = writes.assign(rank=field_order, target=writes["record_id"].fillna("+" + writes["person"]))
    writes = writes.sort_values(["rank", "object", "target", "person", "field"]).reset_index(drop=True)
    number = writes.groupby(["rank", "object", "target", "person"], sort=False).ngroup() + 1
    writes["id"] = "c" + number.astype("str")
    writes["change"] = writes["id"]
    heads = writes.drop_duplicates("id").assign(reason=_reasons(writes))
    changes = heads[list(CHANGES)].astype("str").reset_index(drop=True)
    initial = frozenset(writes["id"]) - frozenset(writes.loc[writes["initial"] != "yes", "id"])
    return changes, writes[list(CELLS)].astype("str").reset_index(drop=True), initial


def _reasons(writes: pd.DataFrame) -> "pd.Series[str]":
    """One sentence a change; the fields' names say the rest."""
    words = {
        "first-sight": "seen for the first time",
        "fill": "fills a blank",
        "edit": "edited elsewhere",
        "join": "newly linked, brought to what was decided",
        "rank": "the highest-ranked side says so",
        "conflict": "sides differ; the rule chose",
        "decision": "decided by a person",
        "link": "leads to the person's record",
        "drift": "changed without authority, restored",
        "unchanged": "differs from what was decided",
        "create": "known elsewhere, not here",
        "undone": "taken back",
    }
    return writes["rule"].map(words)


def _conflicts(cells: Mapping[str, pd.DataFrame], decisions: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Fields on which sides differed, with every side's value, the winner, and the rule that chose."""
    found = [empty(CONFLICTS)]
    for name, decided in decisions.items():
        rows = decided[decided["conflict"]]
        if rows.empty:
            continue
        sides = cells[name].loc[rows.index, list(SYSTEMS)]
        frame = pd.DataFrame({"person": rows.index, "field": name, "winner": rows["winner"].to_numpy()}, dtype="str")
        frame["id"] = frame["person"] + "/" + name
        frame["sides"] = [side.dropna().to_json() for _, side in sides.iterrows()]
        frame["rule"] = rows["survivor"].to_numpy()
        found.append(frame)
    return pd.concat(found, ignore_index=True)[list(CONFLICTS)].astype("str")


def _accepted(cells: Mapping[str, pd.DataFrame], decisions: Mapping[str, pd.DataFrame]) -> int:
    """How many differences stand on purpose: settled before or by this plan."""
    total = 0
    for name, decided in decisions.items():
        for system in SYSTEMS:
            side = cells[name]
            differs = side[system].notna() & decided["golden"].notna() & (side[system] != decided["golden"])
            known = side[f"{system}_settled"].eq(decided["golden"]).fillna(False) & ~decided[f"{system}_write"]
            total += int((differs & ~decided["waits"] & (known | decided[f"{system}_settle"].notna())).sum())
    return total
