"""The policies under which plans are held to their word: the shipped one with fields of every type, and some of what
operators may change about it."""

from pathlib import Path
from random import Random

from tasks.settings import DEFAULT_POLICY
from tests.flows.test_types import FIELDS

MORE_FIELDS = """
[fields.title]
contact = "Title"
lead = "Title"
hubspot = "jobtitle"
aloware = "csf2"

[fields.interests]
type = "picklist"
contact = "Department"
hubspot = "interests"

[fields.no_calls]
type = "consent"
contact = "DoNotCall"
lead = "DoNotCall"
aloware = "is_dnc"

[fields.no_mails]
type = "consent"
lead = "HasOptedOutOfEmail"
hubspot = "hs_email_optout"
aloware = "is_opted_out"
"""
PROPERTIES = (
    {"name": "interests", "type": "enumeration", "fieldType": "checkbox", "options": ["Solar", "Wind", "Heat pumps"]},
)
WHERE = '\n[salesforce.where.lead]\nLeadSource = ["Web", "Fair", ""]\n\n[hubspot.where]\nlifecyclestage = ["lead"]\n'


def _key(name: str, value: str) -> tuple[str, str]:
    """Another value for a key that the file has once, or in a comment."""
    return f"{name} = ", f"{name} = {value} # "


def _first_name(key: str) -> tuple[str, str]:
    return "[fields.first_name]\n", f"[fields.first_name]\n{key}\n"


# What an operator writes instead of what the file says; "": behind its end. First about everybody, then about names.
UNLIMITED = _key("floor", "1000")
HOUSES: dict[str, tuple[tuple[str, str], ...]] = {
    "shipped": (),
    "oldest": (_key("pick", '"oldest"'),),
    "next number": (("# shared_number = ", "shared_number = "),),
    "leads first": (_key("priority", '"lead"'),),
    "contacts alone": (_key("modules", '["contacts"]'),),
    "by company": (
        ("# account = ", "account = "),
        ("[fields.company]\n", '[fields.company]\ncontact = "Account.Name"\n'),
    ),
    "nothing invented": (('last_name = "[unknown]"\n', ""), ('company = "[not provided]"\n', "")),
    "where": (("", WHERE),),
    "kept drift": (_key("drift", '"keep"'),),
    "created from CRMs": (_key("create_from", '["salesforce", "hubspot"]'),),
}
NAMES: dict[str, tuple[tuple[str, str], ...]] = {
    "shipped": (),
    "hold": (_first_name('rule = "hold"'),),
    "recency": (_first_name('rule = "recency"'),),
    "rank": (_first_name('rule = "rank"\norder = ["hubspot", "aloware", "salesforce"]'),),
    "clear": (_first_name('blanks = "clear"'), ("[fields.title]\n", '[fields.title]\nblanks = "clear"\n')),
    "fill only": (_first_name('blanks = "fill-only"'),),
    "narrowed": (_first_name('direction = "inbound"'),),
}


def policy_of(dice: Random, folder: Path) -> Path:
    """A policy with a variant of each kind; most have no breaker that could fire."""
    text = DEFAULT_POLICY.read_text(encoding="utf-8") + FIELDS + MORE_FIELDS
    house, names = dice.choice(sorted(HOUSES)), dice.choice(sorted(NAMES))
    for old, new in (*HOUSES[house], *NAMES[names], *([UNLIMITED] if dice.random() < 0.8 else [])):
        text = text.replace(old, new, 1) if old else text + new
    path = folder / "policy.toml"
    path.write_text(f"# {house}, {names}\n{text}", encoding="utf-8")
    return path
