"""The one-time pull: what Salesforce says, into Aloware, once. It moves no golden, no CRM base and no watermark."""

from collections.abc import Collection
from dataclasses import replace

import pandas as pd

from tasks.core.frames import beside
from tasks.core.matching import Matching
from tasks.core.model import ALOWARE, SALESFORCE, SYSTEMS, Outcome
from tasks.core.plan import Plan
from tasks.core.planning import exchanges
from tasks.core.planning.propose import Proposal
from tasks.core.policy import Field
from tasks.core.state import Advance


def decide(sides: pd.DataFrame, people: Collection[str], field: Field) -> pd.DataFrame:
    """Decisions (as `resolve.decide` shapes them) that bring Aloware to what Salesforce says of these people.

    A blank erases nothing. A cell with an authorised Aloware edit that no run has consumed yet is skipped, and so is a
    consent that somebody withdrew in Aloware.
    """
    says, there = sides[SALESFORCE], sides[ALOWARE]
    edited = sides[f"{ALOWARE}_speaks"] & sides[f"{ALOWARE}_base"].notna() & (there != sides[f"{ALOWARE}_base"])
    if field.type == "consent":
        edited |= sides[f"{ALOWARE}_settled"].eq(says).fillna(False)
    counts = says.notna() & (says != "") & sides.index.isin(list(people))
    out = pd.DataFrame(index=sides.index)
    out["golden"] = says.where(counts).astype("str")
    out["golden_from"] = pd.Series(SALESFORCE, index=sides.index, dtype="str").where(counts)
    out["rule"] = "one-time"
    out["winner"] = out["golden_from"]
    out["conflict"], out["waits"] = False, False
    out["survivor"] = "one-time"
    out["fresh"] = True
    for system in SYSTEMS:
        out[f"{system}_settle"] = pd.Series(pd.NA, index=sides.index, dtype="str")
        out[f"{system}_write"], out[f"{system}_late"] = False, False
    differs = counts & there.notna() & (there != says)
    out[f"{ALOWARE}_write"] = differs & sides[f"{ALOWARE}_writable"] & ~edited
    return out


def people_of(records: pd.DataFrame, objects: Collection[str]) -> set[str]:
    """People whose Salesforce representative is one of those objects."""
    speaking = records[(records["system"] == SALESFORCE) & (records["role"] == "representative")]
    return set(speaking.loc[speaking["object"].isin(list(objects)), "person"])


def only_aloware(proposal: Proposal, matching: Matching, links: pd.DataFrame, objects: Collection[str]) -> Proposal:
    """The proposal with Aloware's writes alone, teaching the ledger nothing but who is who and what Aloware holds.
    `links` is the crosswalk as it was.

    Of the people of those objects, without whoever takes a number from somebody else; or a contact, which still says of
    its former person what only bases and golden values can tell from words about the new one; and without that former
    person, who would get a second contact. Those are collisions.
    """
    records, bonds = matching.records, exchanges.bonds(matching, links)
    named = people_of(records, objects)
    people = exchanges.without_halves(named - set(records.loc[records["foreign"], "person"]), bonds)
    left = exchanges.left_out(named - people, bonds, matching)
    changes = proposal.changes[(proposal.changes["system"] == ALOWARE) & proposal.changes["person"].isin(list(people))]
    changes = changes.reset_index(drop=True)
    old = proposal.advance
    mine = old.links["person"].isin(list(people))
    return replace(
        proposal,
        changes=changes,
        cells=proposal.cells[proposal.cells["change"].isin(changes["id"])].reset_index(drop=True),
        refused=proposal.refused[proposal.refused["system"] == ALOWARE].reset_index(drop=True),
        conflicts=proposal.conflicts.iloc[:0],
        collisions=pd.concat([proposal.collisions, left], ignore_index=True),
        advance=Advance(
            links=old.links[mine],
            people=old.people[old.people.index.isin(list(people))],
            golden=old.golden.iloc[:0],
            bases=old.bases,
            settled=old.settled.iloc[:0],
            numbers=old.numbers[old.numbers["person"].isin(list(people))],
            absorbed=old.absorbed[old.absorbed["survivor"].isin(list(people))],
        ),
    )


def keep_written(advance: Advance, plan: Plan, outcomes: pd.DataFrame) -> Advance:
    """Only what was written has a new base; CRM bases, and edits that nobody consumed, stay as they were."""
    cells = plan.cells[outcomes["outcome"] == Outcome.APPLIED]
    cells = beside(cells, plan.changes.set_index("id"), "change", ["system", "object", "record_id"])
    cells["record_id"] = cells["record_id"].fillna(outcomes["record_id"])
    refs = cells["system"] + ":" + cells["object"] + ":" + cells["record_id"]
    bases = advance.bases[advance.bases.index.isin(refs)].copy()
    created = refs[plan.changes.set_index("id")["kind"].reindex(cells["change"]).eq("create").to_numpy()]
    for name in (column for column in bases.columns if f"{column}_raw" in bases.columns):
        keep = bases.index.isin(refs[cells["field"] == name]) | bases.index.isin(created)
        bases.loc[~keep, [name, f"{name}_raw"]] = pd.NA
    return replace(advance, bases=bases)
