"""Plans and runs as the JSON that scripts read."""

import json
from dataclasses import replace

from tasks.core.plan import QUARANTINE
from tasks.core.render import LONGEST, Since, calls_beside, names, plan_object, run_object
from tasks.core.run import STALE
from tests.unit.ledgers import NOON, table
from tests.unit.sample_plans import EMAIL, PERSON, PHONE, nothing, report, residual, sample

PLAN_KEYS = (
    "plan run checksum mode changes refused conflicts collisions quarantine settled verdict api_calls forecast held"
)


def test_a_plan_has_the_promised_keys_and_is_json() -> None:
    plan = sample()
    shown = plan_object(plan, {"salesforce": {"read": 3}})
    assert " ".join(shown) == PLAN_KEYS
    assert json.loads(json.dumps(shown, allow_nan=False)) == shown
    assert (shown["plan"], shown["run"], shown["checksum"]) == (plan.id, plan.run, plan.checksum)
    assert shown["api_calls"] == {"salesforce": {"read": 3, "write": 0}}
    assert shown["forecast"] == {"salesforce": {"read": 2, "write": 1}, "hubspot": {"read": 0, "write": 0}}


def test_a_change_carries_its_fields_by_the_vendors_names() -> None:
    create, update = plan_object(sample(), {})["changes"]
    assert update == {
        "id": "c2",
        "system": "salesforce",
        "object": "Contact",
        "record_id": "003A",
        "person": PERSON,
        "kind": "update",
        "fields": {"Email": {"before": "", "after": EMAIL}},
        "reason": "edited elsewhere",
        "rule": "edit",
        "phone": PHONE,
    }
    assert create["record_id"] is None
    assert create["fields"]["phone_number"] == {"before": None, "after": PHONE}


def test_what_the_gate_holds_is_not_among_the_changes() -> None:
    shown = plan_object(sample(held=True), {})
    assert [change["id"] for change in shown["changes"]] == ["c1"]
    assert shown["verdict"] == {
        "outcome": "hold",
        "breakers": [{"name": "salesforce.updates", "value": 0.5, "limit": 0.3}],
        "findings": [{"set": "aloware", "expectation": "unique", "severity": "critical", "rows": 2, "holds": False}],
    }


def test_what_is_reported_is_rendered_whole() -> None:
    shown = plan_object(sample(), {})
    assert shown["conflicts"][0] == {
        "id": f"{PERSON}/email",
        "person": PERSON,
        "field": "email",
        "sides": {"salesforce": EMAIL, "hubspot": ""},
        "winner": "salesforce",
        "rule": "rank",
        "since": NOON.isoformat(),
    }
    assert shown["conflicts"][1]["winner"] is None
    assert shown["collisions"] == [
        {
            "kind": "shared-number",
            "phone": PHONE,
            "records": [PERSON, "salesforce:Contact:003B"],
            "chosen": PERSON,
        }
    ]
    assert shown["quarantine"] == [
        {"system": "hubspot", "object": "contacts", "record_id": "9", "reason": "no valid phone number"}
    ]
    [refused] = shown["refused"]
    assert refused["fields"] == {"Company": {"before": "A", "after": "B"}}
    assert (refused["id"], refused["reason"], refused["since"]) == (None, "read-only", NOON.isoformat())


def test_since_is_the_ledgers_where_it_knows() -> None:
    shown = plan_object(sample(), {}, Since({f"{PERSON}/email": "then"}, ["before"]))
    assert [conflict["since"] for conflict in shown["conflicts"]] == ["then", NOON.isoformat()]
    assert shown["refused"][0]["since"] == "before"


def test_a_run_adds_what_came_of_the_plan() -> None:
    done = replace(report(sample(), converged=None, applied=1, refused=1, failed=0, stale=0), residuals=residual())
    shown = run_object(done)
    assert " ".join(shown) == f"{PLAN_KEYS} receipts stale residuals converged spent"
    assert shown["receipts"] == {"applied": 1, "refused": 1, "stale": 0}
    assert shown["residuals"][0]["found"] == "else@example.com"
    assert shown["converged"] is None
    json.dumps(shown, allow_nan=False)


def test_calls_stand_beside_what_the_plan_foresaw() -> None:
    """Systems that nothing is asked of aren't listed."""
    assert calls_beside(sample()) == [("salesforce", "2", "1")]
    spent = {"salesforce": {"read": 3}, "hubspot": {"read": 0, "write": 0}, "aloware": {"read": 1, "write": 1200}}
    done = replace(report(sample()), spent=spent)
    assert calls_beside(done.plan, done) == [("salesforce", "3 of 2", "0 of 1"), ("aloware", "1 of 0", "1,200 of 0")]


def test_a_systems_refusal_is_listed_as_a_change_in_its_own_words() -> None:
    shown = run_object(report(sample(), refusal="INVALID_EMAIL", applied=1, refused=1))
    assert [(refused["id"], refused["reason"]) for refused in shown["refused"]] == [
        (None, "read-only"),
        ("c2", "INVALID_EMAIL"),
    ]


def test_a_runs_long_lists_are_given_as_their_length_and_a_plans_are_not() -> None:
    rows: list[tuple[object, ...]] = [("hubspot", "contacts", str(n), "no number") for n in range(LONGEST + 1)]
    plan = replace(nothing(), quarantine=table(QUARANTINE, rows))
    assert run_object(report(plan))["quarantine"] == LONGEST + 1
    assert len(plan_object(plan, {})["quarantine"]) == LONGEST + 1
    shorter = replace(plan, quarantine=table(QUARANTINE, rows[:LONGEST]))
    assert len(run_object(report(shorter))["quarantine"]) == LONGEST


def test_names_come_from_the_last_frame_that_knows_them() -> None:
    columns = ("first_name", "last_name")
    old = table(columns, [("a", "Ana", "Diaz"), ("b", "Bo", None)], "person")
    new = table(columns, [("a", "Anna", None)], "person")
    assert names(["a", "b", "c"], old, new) == {"a": "Anna Diaz", "b": "Bo"}


def test_what_was_stale_is_listed_field_by_field_with_the_reason() -> None:
    """A change may be stale in part: only those fields are told."""
    cells = [("c1", "phone", "moved since the plan saw it"), ("c2", "email", None)]
    first, second = run_object(replace(report(sample(), stale=1), stale=table(STALE, cells)))["stale"]
    assert (first["id"], list(first["fields"]), first["reason"]) == (
        "c1",
        ["phone_number"],
        "moved since the plan saw it",
    )
    assert (second["id"], second["reason"]) == ("c2", "not reached")


def test_what_is_held_is_listed_with_the_ids_that_an_approval_may_except() -> None:
    """Apart from what apply will attempt."""
    shown = plan_object(sample(held=True), {})
    assert [[change["id"] for change in shown[key]] for key in ("changes", "held")] == [["c1"], ["c2"]]
