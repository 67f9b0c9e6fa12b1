"""The Account of a Contact that Tandem creates: none, a given one, or the one that is called as the person's company is
(design, connections)."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from tasks.core.model import SALESFORCE
from tasks.core.plan import CELLS, REFUSED
from tasks.core.planning.propose import Proposal
from tasks.core.policy import Policy

COMPANY = "company"  # the policy's field that names an Account


def companies(proposal: Proposal, decisions: Mapping[str, pd.DataFrame], policy: Policy) -> list[str]:
    """The names to look up: those of the companies of people who will become Contacts."""
    if policy.salesforce.account != "by-company":
        return []
    return sorted(set(_company(_births(proposal), decisions)) - {""})


def attach(
    proposal: Proposal,
    decisions: Mapping[str, pd.DataFrame],
    policy: Policy,
    prop: str,
    accounts: Mapping[str, Sequence[str]],
) -> Proposal:
    """The proposal with an Account for every Contact that is created, in the property `prop`.

    `accounts` gives the ids of the Accounts that were found, by their name. A name that none or several have is
    reported as refused; the Contact is created without.
    """
    born = _births(proposal)
    if policy.salesforce.account == "none" or born.empty:
        return proposal
    if policy.salesforce.account != "by-company":
        return replace(proposal, cells=_with(proposal.cells, born.assign(id_=policy.salesforce.account), prop))
    known: dict[str, list[str]] = {}
    for name, ids in accounts.items():
        known.setdefault(_folded(name), []).extend(ids)
    born["name"] = _company(born, decisions)
    born = born[born["name"] != ""]
    found = [known.get(_folded(name), []) for name in born["name"]]
    born["n"] = [len(ids) for ids in found]
    born["id_"] = pd.array([ids[0] if len(ids) == 1 else None for ids in found], dtype="str")
    cells = _with(proposal.cells, born[born["n"] == 1], prop)
    return replace(proposal, cells=cells, refused=_reported(proposal.refused, born[born["n"] != 1], prop))


def _births(proposal: Proposal) -> pd.DataFrame:
    changes = proposal.changes
    new = (changes["system"] == SALESFORCE) & (changes["object"] == "Contact") & (changes["kind"] == "create")
    return changes[new].copy()


def _company(born: pd.DataFrame, decisions: Mapping[str, pd.DataFrame]) -> list[str]:
    return list(decisions[COMPANY]["golden"].reindex(born["person"]).fillna(""))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().casefold()


def _with(cells: pd.DataFrame, born: pd.DataFrame, prop: str) -> pd.DataFrame:
    """The Account is nobody's field: it is sent, and never compared."""
    sources = cells.drop_duplicates("change").set_index("change")["sources"].reindex(born["id"])
    added = pd.DataFrame(
        {
            "change": born["id"].to_numpy(),
            "field": prop,
            "property": prop,
            "before": pd.NA,
            "after": born["id_"].to_numpy(),
            "value": born["id_"].to_numpy(),
            "sources": sources.to_numpy(),
        },
        columns=list(CELLS),
        dtype="str",
    )
    return pd.concat([cells, added], ignore_index=True).astype("str")


def _reported(refused: pd.DataFrame, born: pd.DataFrame, prop: str) -> pd.DataFrame:
    reason = born["n"].map(lambda n: f"{n} Accounts have that name" if n else "no Account has that name")
    rows = born.assign(field=prop, property=prop, after=born["name"], reason=reason).reindex(columns=list(REFUSED))
    return pd.concat([refused, rows], ignore_index=True).astype("str")
