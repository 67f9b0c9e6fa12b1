"""The Account of a Contact that Tandem creates: none, a given one, or the only one of the company's name."""

import tomllib
from collections.abc import Mapping, Sequence

import pandas as pd
import pytest

from tasks.core.plan import CELLS, CHANGES, COLLISIONS, CONFLICTS, QUARANTINE, REFUSED
from tasks.core.planning.accounts import attach, companies
from tasks.core.planning.propose import Proposal
from tasks.core.policy import Policy, parse
from tasks.core.state import LINKS, PEOPLE, SETTLED, Advance, base_columns, empty, golden_columns
from tasks.settings import DEFAULT_POLICY

ACCOUNT = "001000000000001AAA"
COMPANIES = {"ann": "Café Öl", "bob": "", "cy": "Twin", "di": "Nowhere"}
DECISIONS = {"company": pd.DataFrame({"golden": COMPANIES}, dtype="str").rename_axis("person")}


def policy(account: str) -> Policy:
    document = tomllib.loads(DEFAULT_POLICY.read_text(encoding="utf-8"))
    document["salesforce"]["account"] = account
    return parse(document)


def proposal(object_name: str = "Contact", kind: str = "create") -> Proposal:
    """One change of that kind for each of the four."""
    heads = [(f"c{n}", "salesforce", object_name, None, who, kind, None, "", "") for n, who in enumerate(COMPANIES)]
    cells = [(f"c{n}", "last_name", "LastName", None, "Lee", "Lee", f"aloware:contacts:{n}") for n in range(4)]
    learned = Advance(
        empty(LINKS, "ref"), empty(PEOPLE, "person"), empty(golden_columns([]), "person"),
        empty(base_columns([]), "ref"), empty(SETTLED),
    )  # fmt: skip
    return Proposal(
        changes=pd.DataFrame(heads, columns=list(CHANGES), dtype="str"),
        cells=pd.DataFrame(cells, columns=list(CELLS), dtype="str"),
        refused=empty(REFUSED),
        conflicts=empty(CONFLICTS),
        collisions=empty(COLLISIONS),
        quarantine=empty(QUARANTINE),
        advance=learned,
        settled=0,
        linked={},
        initial=frozenset(),
    )


def given(made: Proposal) -> dict[str, str]:
    """Change → the Account it got."""
    rows = made.cells[made.cells["property"] == "AccountId"]
    return dict(zip(rows["change"], rows["after"], strict=True))


def attached(account: str, found: Mapping[str, Sequence[str]], to: Proposal | None = None) -> Proposal:
    return attach(to or proposal(), DECISIONS, policy(account), "AccountId", found)


def test_a_given_account_is_everybody_s() -> None:
    """Nothing has to be looked up for it."""
    assert companies(proposal(), DECISIONS, policy(ACCOUNT)) == []
    made = attached(ACCOUNT, {})
    assert given(made) == dict.fromkeys(("c0", "c1", "c2", "c3"), ACCOUNT)
    assert made.refused.empty


def test_by_company_it_is_the_only_one_of_that_name() -> None:
    """Case and composition of letters don't count; no company, no Account and no complaint."""
    assert companies(proposal(), DECISIONS, policy("by-company")) == ["Café Öl", "Nowhere", "Twin"]
    made = attached("by-company", {"CAFE\u0301 ÖL": [ACCOUNT], "Twin": ["1"], "TWIN": ["2"]})
    assert given(made) == {"c0": ACCOUNT}
    assert made.cells["sources"].iloc[-1] == "aloware:contacts:0"
    told = dict(zip(made.refused["person"], made.refused["reason"], strict=True))
    assert told == {"cy": "2 Accounts have that name", "di": "no Account has that name"}
    assert made.refused["after"].tolist() == ["Twin", "Nowhere"]


@pytest.mark.parametrize(("object_name", "kind"), [("Lead", "create"), ("Contact", "update")])
def test_only_new_contacts_get_one(object_name: str, kind: str) -> None:
    """A Lead has a Company of its own, and what there is already was filed by a person."""
    there = proposal(object_name, kind)
    assert companies(there, DECISIONS, policy("by-company")) == []
    assert attached(ACCOUNT, {}, there) is there


def test_none_is_none() -> None:
    """As shipped."""
    before = proposal()
    assert attached("none", {}, before) is before
