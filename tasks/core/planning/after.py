"""The world as the plan would leave it, in the shape that the quality checks read."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from tasks.core.frames import among, beside
from tasks.core.model import ALOWARE, CHOICES, OWNER, Property, Schema
from tasks.core.planning.propose import Proposal
from tasks.core.policy import Policy


def planned_cells(proposal: Proposal, policy: Policy, schemas: Mapping[str, Schema]) -> pd.DataFrame:
    """One row a planned cell: `change system object field type value length allowed required`."""
    cells = beside(proposal.cells, proposal.changes.set_index("id"), "change", ["system", "object"])
    known = [
        schemas.get(system, {}).get(object_name, {}).get(prop, Property(prop))
        for system, object_name, prop in zip(cells["system"], cells["object"], cells["property"], strict=True)
    ]
    cells["value"] = cells["value"].mask(cells["value"] == "", cells["after"])  # invented for a required property
    cells["type"] = cells["field"].map({name: field.type for name, field in policy.fields.items()})
    # An owner is written as an id: the length of the e-mail behind it says nothing.
    cells["length"] = pd.array([None if p.type == OWNER else p.length for p in known], dtype="Int64")
    cells["allowed"] = [after == "" or allows(p, after) for p, after in zip(known, cells["after"], strict=True)]
    cells["required"] = [p.required for p in known]
    return cells[["change", "system", "object", "field", "type", "value", "length", "allowed", "required"]]


def allows(known: Property, after: str) -> bool:
    """Whether what will be written is among the property's options, or there are none."""
    chosen = after.split(";") if known.type == CHOICES else [after]
    return known.options is None or set(chosen) <= set(known.options)


def aloware_numbers(records: pd.DataFrame, proposal: Proposal) -> pd.DataFrame:
    """One row an Aloware contact, present or to be created: `ref_or_change phone was_duplicate`."""
    present = records.loc[(records["system"] == ALOWARE) & records["key"].notna(), "key"]
    now = pd.DataFrame({"ref_or_change": present.index, "phone": present.to_numpy()})
    creates = proposal.changes[(proposal.changes["system"] == ALOWARE) & (proposal.changes["kind"] == "create")]
    new = pd.DataFrame({"ref_or_change": creates["id"].to_numpy(), "phone": creates["phone"].to_numpy()})
    both = pd.concat([now.assign(was_duplicate=now["phone"].duplicated(keep=False)), new.assign(was_duplicate=False)])
    return both.astype({"ref_or_change": "str", "phone": "str", "was_duplicate": "bool"}).reset_index(drop=True)


def without(proposal: Proposal, failing: pd.DataFrame, planned: pd.DataFrame) -> Proposal:
    """The proposal without the cells that failed a check (`failing`: change, field, reason): those are quarantined.

    A create falls whole with a cell that its object requires (as `planned`, the cells that were checked, say).
    """
    if failing.empty:
        return proposal
    bad = pd.MultiIndex.from_frame(failing[["change", "field"]].astype("str"))
    fails = pd.MultiIndex.from_frame(planned[["change", "field"]]).isin(bad)
    births = proposal.changes.loc[proposal.changes["kind"] == "create", "id"]
    stillborn = planned.loc[fails & planned["required"] & among(planned["change"], births), "change"]
    cells = proposal.cells[~fails & ~among(proposal.cells["change"], stillborn)]
    heads = proposal.changes.set_index("id")
    reasons = beside(failing, heads, "change", ["system", "object", "record_id"])
    quarantined = pd.concat([proposal.quarantine, reasons[["system", "object", "record_id", "reason"]]])
    return replace(
        proposal,
        cells=cells.reset_index(drop=True),
        changes=proposal.changes[among(proposal.changes["id"], cells["change"])].reset_index(drop=True),
        quarantine=quarantined.astype("str").drop_duplicates().reset_index(drop=True),
    )
