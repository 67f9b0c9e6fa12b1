"""What `why`, `history` and `verify` say of one person, sentence by sentence."""

import json
from dataclasses import replace
from typing import Any

import pytest

from flows.cli.screen import Screen
from flows.cli.verify_view import show_verified, verified_object
from tasks.core.explaining import portrait
from tasks.core.explaining.answer import answer
from tasks.core.explaining.dossier import Dossier, Past, Record
from tasks.core.explaining.drift import DEVIATIONS, SETTLED, Alarm
from tasks.core.explaining.timeline import timeline
from tasks.core.state import empty
from tasks.verify import Verified
from tests.property.worlds import shipped_policy
from tests.unit.sample_plans import nothing, sample

POLICY = shipped_policy("first_name", "email", "phone", "lead_status")
PERSON = "salesforce:Contact:003A"
CONTACT = "aloware:contacts:7"
AT = [f"2026-11-22T{hour:02}:00:00.000000+00:00" for hour in range(24)]
RUNS = {"r1": AT[1], "r2": AT[2]}


def record(ref: str = PERSON, role: str = "representative", now: str = "Ann", base: str | None = "Ann") -> Record:
    """A record that says something of the first name."""
    return Record(ref, role, AT[1], {"first_name": now}, {} if base is None else {"first_name": base})


def dossier(stands: str = "salesforce", rule: str = "edit", *records: Record, **past: Any) -> Dossier:
    """Ann, whose first name run r2 decided by that rule."""
    known = Past(rules={"first_name": (rule, "r2")}, runs=RUNS, look="p2", **past)
    found = records or (record(),)
    return Dossier(PERSON, "+14155552671", (), found, (), {"first_name": ("Ann", stands)}, known)


def told(found: Dossier, name: str = "first_name") -> str:
    made = answer(name, found, POLICY)
    return "\n".join([*made.origin, *made.sides, *made.waits])


def cell(**changed: Any) -> dict[str, Any]:
    """A planned cell, as the ledger gives it."""
    return {
        "plan": "p2",
        "run": "r2",
        "mode": "incremental",
        "plan_status": "applied",
        "planned_at": AT[2],
        "id": "c1",
        "system": "aloware",
        "object": "contacts",
        "record_id": "7",
        "kind": "update",
        "reason": "edited elsewhere",
        "rule": "edit",
        "status": "applied",
        "note": "",
        "field": "first_name",
        "property": "first_name",
        "before": "An",
        "after": "Ann",
        "value": "Ann",
        "outcome": "applied",
        "received_at": AT[3],
    } | changed


def conflict(winner: str | None, rule: str = "priority", **sides: str) -> dict[str, Any]:
    said = {"plan": "p2", "run": "r2", "planned_at": AT[2], "field": "first_name", "since": AT[1]}
    return said | {"sides": json.dumps(sides), "winner": winner, "rule": rule}


def decision(ending: str | None) -> dict[str, Any]:
    made = {"field": "first_name", "value": "Ann", "who": "ines", "reason": "she told me", "at": AT[1], "run": "r2"}
    return made | {"sides": '{"salesforce":"Ann","hubspot":"Anne"}', "plan": "p1", "ending": ending}


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("edit", "Edited in Salesforce, taken over by run r2 on 2026-11-22 02:00 UTC (rule edit)."),
        (
            "first-sight",
            "From Salesforce, seen for the first time by run r2 on 2026-11-22 02:00 UTC (rule first-sight).",
        ),
        ("fill", "It was blank, and Salesforce filled it; taken over by run r2 on 2026-11-22 02:00 UTC (rule fill)."),
        ("rank", "Salesforce ranks highest of those that have a value; taken over by run r2"),
        ("undone", "Put back when a run was undone, by run r2 on 2026-11-22 02:00 UTC (rule undone)."),
        ("some-day", "It stands with Salesforce since run r2 on 2026-11-22 02:00 UTC (rule some-day)."),
    ],
)
def test_each_rule_has_its_sentence(rule: str, sentence: str) -> None:
    """With the word of the rule, whatever it is."""
    assert told(dossier("salesforce", rule)).startswith(sentence)


def test_a_decision_is_told_with_its_author_and_reason() -> None:
    text = told(dossier("decision", "decision", decisions=[decision("taken")]))
    assert text.startswith(
        'The sides differed: Salesforce said "Ann" and HubSpot said "Anne".\n'
        "ines decided it on 2026-11-22 01:00 UTC: she told me.\nTaken over by run r2"
    )


def test_a_decision_that_no_run_has_taken_over_waits() -> None:
    assert 'The next run makes it "Ann".' in told(dossier(decisions=[decision(None)]))
    assert "The next run" not in told(dossier(decisions=[decision("taken")]))
    asked = conflict(None, "hold", salesforce="Ann", hubspot="Anne")
    assert "Waits for a decision" not in told(dossier(conflicts=[asked], decisions=[decision(None)]))


def test_a_conflict_names_the_losers_the_rule_and_golden_where_it_stood() -> None:
    sides = {"salesforce": "Ann", "hubspot": "Anne", "aloware": ""}
    text = told(dossier("salesforce", "conflict", conflicts=[conflict("salesforce", **sides)]))
    assert 'Salesforce said "Ann", HubSpot said "Anne" and Aloware said a blank.' in text
    assert "Salesforce won, over HubSpot and Aloware, by the rule priority" in text
    stood = told(dossier("salesforce", "conflict", conflicts=[conflict("golden", hubspot="Anne")]))
    assert "What was decided before stood, over HubSpot, by the rule priority" in stood


def test_an_open_conflict_waits_only_as_long_as_the_latest_plan_has_it() -> None:
    open_ = conflict(None, "hold", salesforce="Ann", hubspot="Anne")
    assert "Waits for a decision since 2026-11-22 01:00 UTC (rule hold)" in told(dossier(conflicts=[open_]))
    assert "Waits for a decision" not in told(dossier(conflicts=[open_ | {"plan": "p1"}]))


def test_where_a_value_was_written_and_who_let_it_go() -> None:
    approval = {
        "at": AT[2],
        "who": "ines",
        "what": "approved",
        "reason": "it is right",
        "overrides": ["aloware.updates"],
    }
    writes = [cell(), cell(id="c2", system="hubspot", record_id="9", property="firstname")]
    text = told(dossier(writes=writes, said={"r2": [approval]}))
    assert "Written to HubSpot and Aloware on 2026-11-22 03:00 UTC by run r2." in text
    assert "ines approved it on 2026-11-22 02:00 UTC (aloware.updates): it is right." in text
    assert "Restored in Aloware" in told(dossier(writes=[cell(rule="drift")]))
    assert "Created with it in Aloware" in told(dossier(writes=[cell(kind="create")]))


def test_an_older_value_that_was_written_is_no_reason_for_this_one() -> None:
    assert "Written" not in told(dossier(writes=[cell(value="An", after="An")]))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (record(CONTACT), f'{CONTACT} says "Ann", as decided.'),
        (record(CONTACT, now="Anne"), f'{CONTACT} says "Anne"; the last decision saw "Ann", so it was changed since.'),
        (record(CONTACT, base=None), f'{CONTACT} says "Ann"; no decision has taken that into account yet.'),
        (record(CONTACT, now="", base=""), f"{CONTACT} says a blank, as the last decision saw; that is not what"),
        (record(CONTACT, "retired"), f'{CONTACT} says "Ann"; it is retired, and not asked.'),
        (record(CONTACT, "shadow"), f'{CONTACT} says "Ann"; it is a shadow, and not asked.'),
    ],
)
def test_every_side_says_what_it_holds_against_its_base(said: Record, sentence: str) -> None:
    assert sentence in told(dossier("salesforce", "edit", record(), said))


def test_a_side_that_is_not_there_or_has_no_such_field_says_so() -> None:
    assert "HubSpot has no record of them." in told(dossier())
    assert "Salesforce has no such field." in told(dossier(), "lead_status")


def test_what_is_settled_says_why_and_what_is_parked_how_to_ask_again() -> None:
    settled = {"ref": CONTACT, "field": "first_name", "golden": "Ann", "value": "", "since": AT[4], "run": "r2"}
    blank, parked = settled | {"reason": "left blank"}, settled | {"reason": "parked: too long"}
    known = record(CONTACT, now="", base="")
    text = told(dossier("salesforce", "edit", known, settled=[blank]))
    assert f"{CONTACT} says a blank, which is settled since 2026-11-22 04:00 UTC: left blank." in text
    assert "`tandem plan --retry-parked` asks again" in told(dossier("salesforce", "edit", known, settled=[parked]))
    assert "settled" not in told(dossier("salesforce", "edit", record(CONTACT, now="Else"), settled=[blank]))
    unborn = parked | {"ref": f"hubspot:contacts:+{PERSON}"}
    assert "A new record in HubSpot is not tried again: parked: too long." in told(dossier(settled=[unborn]))


def test_what_failed_or_would_fail_is_told() -> None:
    failed = told(dossier(writes=[cell(outcome="failed", note="no answer")]))
    assert f'"Ann" didn\'t reach {CONTACT}: failed (no answer); the next run tries again.' in failed
    assert "didn't reach" not in told(dossier(writes=[cell(outcome="failed"), cell()])), "a later run brought it"
    refused = {"system": "aloware", "object": "contacts", "record_id": "7", "field": "first_name", "after": "Ann"}
    would_fail = told(dossier(refused=[refused | {"reason": "read-only"}]))
    assert f'"Ann" is not written to {CONTACT}, which would fail: read-only.' in would_fail


def test_a_change_of_a_plan_that_was_dropped_waits_no_more() -> None:
    held = cell(status="held", outcome=None, plan_status="held")
    assert "Held by the gate" in told(dossier(writes=[held]))
    assert "Held by the gate" not in told(dossier(writes=[held | {"plan_status": "superseded"}]))


def test_the_portrait_names_collisions_and_what_is_reported_of_their_records() -> None:
    claimed = {"kind": "shared-number", "phone": "+14155552671", "records": f'["{PERSON}","salesforce:Contact:003B"]'}
    others = claimed | {"records": '["salesforce:Contact:003C"]', "chosen": None}
    left = {"system": "salesforce", "object": "Contact", "record_id": "003A", "reason": "no valid phone number"}
    found = dossier(collisions=[claimed | {"chosen": PERSON}, others], quarantine=[left])
    assert list(portrait.remarks(replace(found, others=("hubspot:contacts:1",)))) == [
        "Also known as hubspot:contacts:1, who turned out to be the same person.",
        f"Collision (shared-number) over +14155552671: {PERSON} and salesforce:Contact:003B; {PERSON} speaks.",
        f"Reported of {PERSON}: no valid phone number.",
    ]
    assert [row[:2] for row in portrait.records(found)] == [
        (PERSON, "speaks for them"),
        ("hubspot", "no record"),
        ("aloware", "no record"),
    ]


def test_the_timeline_is_in_order_and_tells_a_standing_conflict_once() -> None:
    links = [
        {"ref": PERSON, "person": "hubspot:contacts:1", "role": "representative", "since": AT[1], "run": "r1"},
        {"ref": PERSON, "person": PERSON, "role": "tombstone", "since": AT[9], "run": "r2"},
    ]
    standing = [conflict(None, "hold", salesforce="Ann", hubspot="Anne") | {"planned_at": AT[n]} for n in (2, 4, 5)]
    approval = {"at": AT[6], "who": "ines", "what": "approved", "reason": "right", "overrides": ["aloware.updates"]}
    found = dossier(
        links=links,
        conflicts=standing,
        decisions=[decision(None)],
        writes=[cell(mode="undo"), cell(id="c2", status="planned"), cell(id="c3", status="refused", note="too long")],
        said={"r2": [approval]},
    )
    period = {"number": "+14155552671", "kind": "key", "since": "", "until": AT[8]}
    events = timeline(replace(found, numbers=(period,)))
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert [event.what for event in events] == [
        "has the number",
        "linked: it speaks for them",
        "ines decided",
        "conflict over first_name",
        "undo: update applied",
        "update refused",
        "ines approved the plan",
        "has it no more",
        "gone: deleted, merged or converted",
    ]
    assert "who turned out to be them" in events[1].details
    assert events[5].details == f'{CONTACT} first_name: "An" → "Ann" (too long)'


def test_a_quiet_look_is_converged(capsys: pytest.CaptureFixture[str]) -> None:
    """What is settled is told, and is no deviation."""
    alarm = Alarm(empty(DEVIATIONS), empty(SETTLED).astype({"count": "int64"}))
    show_verified(Screen(), Verified(nothing(), alarm))
    assert "converged: nothing to do" in capsys.readouterr().out
    assert verified_object(Verified(nothing(), alarm))["converged"] is True
    assert verified_object(Verified(sample(), alarm))["converged"] is False
