"""Contradictions in a policy are refused when it is read, by the name of the key at fault; what it says is kept."""

import re
import tomllib
from typing import Any

import pytest

from tasks.core.contradictions import RESERVED
from tasks.core.errors import PolicyError
from tasks.core.model import HUBSPOT, SALESFORCE
from tasks.core.policy import Policy, parse
from tasks.settings import DEFAULT_POLICY

SHIPPED = DEFAULT_POLICY.read_text(encoding="utf-8")


def with_sections(**sections: dict[str, Any]) -> Policy:
    """The shipped policy with these keys set in its sections."""
    document = tomllib.loads(SHIPPED)
    for name, keys in sections.items():
        document[name] = document.get(name, {}) | keys
    return parse(document)


def with_field(**keys: Any) -> Policy:
    """The shipped policy with one field more, called `extra`."""
    return with_sections(fields={"extra": keys})


@pytest.mark.parametrize(
    ("sections", "words"),
    [
        ({"salesforce": {"modules": []}}, ("both Salesforce modules", "modules")),
        ({"salesforce": {"modules": ["leads"]}}, ('priority to "contact"', "a module that is off")),
        (
            {"salesforce": {"modules": ["contacts"], "where": {"lead": {"LeadSource": ["Web"]}}}},
            ("[salesforce.where.lead]", "off"),
        ),
        ({"salesforce": {"where": {"account": {"Type": ["x"]}}}}, ("salesforce.where", "use one of contact, lead")),
        (
            {"salesforce": {"where": {"lead": {"LeadSource": "Web"}}}},
            ("salesforce.where", "Expected a list, got a text"),
        ),
        ({"salesforce": {"synthetic": {"shoe_size": "9"}}}, ("[salesforce.synthetic]", "shoe_size")),
        ({"salesforce": {"account": "003000000000001AAA"}}, ("[salesforce] account", "001")),
        ({"salesforce": {"account": "by company"}}, ("[salesforce] account", "by-company")),
        ({"salesforce": {"priority": "account"}}, ("salesforce.priority", "use one of contact, lead")),
        ({"phones": {"region": "USA"}}, ("[phones] region", "USA")),
        ({"aloware": {"export_as_of": "yesterday"}}, ("[aloware] export_as_of", "yesterday")),
        ({"aloware": {"export_timezone": "America/Nowhere"}}, ("[aloware] export_timezone", "America/New_York")),
        ({"aloware": {"export_timezone": "America"}}, ("[aloware] export_timezone", "no time zone")),
        (
            {"aloware": {"communications_columns": {"talktime": "Talk Time"}}},
            ("[aloware.communications_columns] talktime", "talk_time"),
        ),
        ({"aloware": {"export_as_of": "2026-03-01T09:30:00"}}, ("[aloware] export_as_of", "zone")),
        ({"phones": {"pick": "newest"}}, ("phones.pick", "use one of most-recent, oldest")),
        ({"limits": {"creates": 30.0}}, ("[limits] creates", "from 0 to 1")),
        ({"limits": {"clears": float("nan")}}, ("[limits] clears", "from 0 to 1")),
        ({"limits": {"floor": -1}}, ("[limits] floor", "below 0")),
        ({"budgets": {"salesforce": 0}}, ("[budgets] salesforce = 0.0", "above 0")),
        ({"budgets": {"hubspot": -0.2}}, ("[budgets] hubspot", "above 0")),
        ({"budgets": {"hubspot": 20}}, ("[budgets] hubspot = 20.0", "1 for all")),
        ({"budgets": {"salesforce": float("nan")}}, ("[budgets] salesforce", "above 0")),
        ({"budgets": {"salesforce": "20 %"}}, ("[budgets.salesforce]", "Expected a number, got a text")),
        ({"budgets": {"salesforce": True}}, ("[budgets.salesforce]", "Expected a number, got true or false")),
        ({"retention": {"plans_days": -1}}, ("[retention] plans_days = -1", "below 0")),
        ({"retention": {"plans_days": 7}}, ("plans_days = 7 is shorter than snapshots_days = 30", "made from it")),
        (
            {"retention": {"plans_days": 0}},
            ("journal_days = 365 is shorter than plans_days = 0", "for ever", "approved"),
        ),
        ({"retention": {"snapshots_days": 1.5}}, ("[retention.snapshots_days]", "Expected a number")),
        ({"budgets": {"aloware": 0.2}}, ("[budgets]", "no key `aloware`")),
        ({"recency": {"tolerance_seconds": -1}}, ("[recency] tolerance_seconds", "below 0")),
        ({"recency": {"tolerance_seconds": "2 min"}}, ("[recency.tolerance_seconds]", "a number")),
        ({"aloware": {"calls_per_minute": 0}}, ("[aloware] calls_per_minute",)),
        ({"aloware": {"price_per_number": -0.1}}, ("[aloware] price_per_number", "no price")),
        ({"aloware": {"dispositions": {"NEW": "1", "OPEN": "1"}}}, ("[aloware.dispositions]", "several statuses")),
        ({"people": {"create_from": ["aloware"]}}, ("people.create_from", "use one of salesforce, hubspot")),
        ({"hubspot": {"wear": {}}}, ("wear", "[hubspot]")),
    ],
)
def test_a_contradiction_is_refused_by_its_key(sections: dict[str, dict[str, Any]], words: tuple[str, ...]) -> None:
    """One clear sentence that says what to write instead."""
    with pytest.raises(PolicyError) as refusal:
        with_sections(**sections)
    said = str(refusal.value)
    assert refusal.value.exit_code == 10
    assert said.endswith(".")
    for word in words:
        assert word in said


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"hubspot": "x", "rule": "newest"}, ("fields.extra.rule", "priority, recency, rank, hold")),
        ({"hubspot": "x", "type": "checkbox"}, ("fields.extra.type", "boolean")),
        ({"hubspot": "x", "blanks": "erase"}, ("fields.extra.blanks", "ignore, fill-only, clear")),
        ({"hubspot": "x", "order": ["hubspot", "hubspot"]}, ("[fields.extra] order", "hubspot twice")),
        ({"hubspot": "x", "order": ["pipedrive"]}, ("fields.extra.order", "salesforce, hubspot, aloware")),
        ({"hubspot": "x", "direction": "outbound"}, ("fields.extra.direction", "inbound, two-way")),
        ({"hubspot": "x", "colour": "red"}, ("colour", "[fields.extra]")),
        ({}, ("[fields.extra]", "mapped nowhere")),
        ({"hubspot": "EMAIL"}, ("EMAIL", "twice", "[fields.email]", "[fields.extra]")),
        ({"type": "status", "hubspot": "x"}, ("[fields.lead_status]", "[fields.extra]", "one Lead Status")),
        ({"type": "status", "lead": "Status"}, ("[fields.extra]", "maps lead", "picklist")),
        ({"type": "consent", "contact": "DoNotCall", "rule": "rank"}, ("[fields.extra]", "consent", "sets rule")),
        ({"type": "consent", "contact": "DoNotCall", "blanks": "clear"}, ("[fields.extra]", "sets blanks")),
    ],
)
def test_a_field_that_contradicts_itself_is_refused(keys: dict[str, Any], words: tuple[str, ...]) -> None:
    """By the name of its table; a word that means nothing is answered with those that do."""
    with pytest.raises(PolicyError) as refusal:
        with_field(**keys)
    for word in words:
        assert word in str(refusal.value)


@pytest.mark.parametrize("name", [*sorted(RESERVED), "job-title", "last_raw", "sent_from", "edited_at", ""])
def test_a_field_may_not_have_a_name_of_tandem_s_own(name: str) -> None:
    """Its columns would be mistaken for others."""
    with pytest.raises(PolicyError, match=re.escape(f"[fields.{name}]")):
        with_sections(fields={name: {"hubspot": "jobtitle"}})


def test_the_match_key_must_be_mapped_as_a_phone() -> None:
    """Without it Tandem knows nobody."""
    document = tomllib.loads(SHIPPED)
    del document["fields"]["phone"]
    with pytest.raises(PolicyError, match=r"match key: set \[fields.phone\]"):
        parse(document)
    document["fields"]["number"] = {"aloware": "phone_number"}
    with pytest.raises(PolicyError, match=r"\[fields.number\].*type = \"phone\""):
        parse(document)


def test_an_account_by_company_needs_the_company() -> None:
    """There would be no name to look for."""
    document = tomllib.loads(SHIPPED)
    del document["fields"]["company"], document["salesforce"]["synthetic"]["company"]
    document["salesforce"]["account"] = "by-company"
    with pytest.raises(PolicyError, match=r"\[fields.company\]"):
        parse(document)


def test_what_the_shipped_policy_shows_in_comments_works() -> None:
    """An operator takes a comment's mark away, and it means what it says."""
    commented = r"^# (\[(?:fields|salesforce|hubspot|recency)\b.*|\w+ = .*)$"
    uncommented = parse(tomllib.loads(re.sub(commented, r"\1", SHIPPED, flags=re.MULTILINE)))
    assert {"owner", "do_not_call", "street"} <= set(uncommented.fields) - set(parse(tomllib.loads(SHIPPED)).fields)
    assert uncommented.where(SALESFORCE, "Lead") == {"LeadSource": ("Web", "Partner Referral", "")}
    assert uncommented.salesforce.account == "by-company"


def test_what_a_scope_depends_on_is_read_and_so_is_the_time_of_an_edit_under_recency() -> None:
    """Only HubSpot keeps the history of a property."""
    policy = with_sections(
        fields={"extra": {"lead": "Title", "hubspot": "jobtitle", "rule": "recency"}},
        salesforce={"where": {"lead": {"LeadSource": ["Web"]}}},
        hubspot={"where": {"lifecyclestage": ["lead"]}},
    )
    assert {"Title", "LeadSource"} <= set(policy.wanted(SALESFORCE)["Lead"])
    assert "LeadSource" not in policy.wanted(SALESFORCE)["Contact"]
    assert {"jobtitle", "jobtitle__at", "lifecyclestage"} <= set(policy.wanted(HUBSPOT)["contacts"])
    assert not [name for name in policy.wanted(SALESFORCE)["Lead"] if name.endswith("__at")]
