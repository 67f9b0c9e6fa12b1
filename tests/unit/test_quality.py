"""Quality: what the checks of snapshots and plans let pass, name, and hold."""

import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from tasks.core.model import ALOWARE, HUBSPOT, SALESFORCE, Snapshot
from tasks.core.plan import Breaker, Finding
from tasks.core.policy import parse
from tasks.core.tally import Tally, tallied
from tasks.quality.after_state import check_after_state
from tasks.quality.checked import FAILING, Checked
from tasks.quality.expectations import failures
from tasks.quality.snapshots import check_snapshot

POLICY = parse(
    {
        "fields": {
            "phone": {"type": "phone", "contact": "Phone", "aloware": "phone_number"},
            "email": {"type": "email", "contact": "Email"},
        }
    }
)
GOOD, OTHER, BAD = "+12125550101", "+12125550102", "call me"


def records(*phones: str | None, ids: list[str | None] | None = None) -> pd.DataFrame:
    """Records as `core.normalise` gives them: None has no phone at all, BAD is text that is no number."""
    ids = ids or [f"003{n}" for n in range(len(phones))]
    canonical = [{None: "", BAD: None}.get(phone, phone) for phone in phones]
    frame = pd.DataFrame(
        {
            "record_id": ids,
            "key": [phone or None for phone in canonical],
            "phone": canonical,
            "phone_raw": list(phones),
            "email": ["" for _ in phones],
            "email_raw": [None for _ in phones],
        },
        dtype="str",
    )
    return frame.set_index(pd.Index([f"salesforce:Contact:{each or ''}" for each in ids], name="ref"))


def cell(change: str = "c1", field: str = "company", type: str = "text", value: str | None = "Acme", **more: object):
    return {
        "change": change,
        "system": HUBSPOT,
        "object": "contacts",
        "field": field,
        "type": type,
        "value": value,
        "length": more.get("length", pd.NA),
        "allowed": more.get("allowed", True),
        "required": more.get("required", False),
    }


def cells(*rows: dict) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows) or [cell()])
    texts = ["change", "system", "object", "field", "type", "value"]
    frame = frame.astype({**dict.fromkeys(texts, "str"), "length": "Int64", "allowed": "bool", "required": "bool"})
    return frame if rows else frame[:0]


def numbers(*rows: tuple[str, str | None, bool]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=["ref_or_change", "phone", "was_duplicate"])
    return frame.astype({"ref_or_change": "str", "phone": "str", "was_duplicate": "bool"})


def reasons(*rows: dict) -> list[tuple[str, str, str]]:
    failing = check_after_state(cells(*rows), numbers()).failing
    assert list(failing.columns) == list(FAILING)
    return list(failing.itertuples(index=False, name=None))


def pulled(frame: pd.DataFrame, system: str, accepted_rows: int | None, **more: Any) -> Checked:
    tally = tallied(frame.assign(system=system), POLICY, {}).get(system, Tally())
    snapshot = Snapshot(system, datetime(2026, 11, 20, tzinfo=UTC), {"Contact": frame})
    return check_snapshot(snapshot, tally, accepted_rows, **more)


def names(breakers: tuple[Breaker, ...]) -> list[str]:
    return [breaker.name for breaker in breakers]


# Snapshots


def test_a_healthy_snapshot_has_nothing_to_say():
    checked = pulled(records(GOOD, OTHER, None), SALESFORCE, accepted_rows=3)
    assert (checked.findings, checked.breakers, len(checked.failing)) == ((), (), 0)


def test_the_first_snapshot_may_have_any_size():
    assert pulled(records(), SALESFORCE, accepted_rows=None).breakers == ()
    assert pulled(records(), SALESFORCE, accepted_rows=0).breakers == ()


@pytest.mark.parametrize(("rows", "fired"), [(0, True), (4, True), (5, False), (30, False)])
def test_a_snapshot_of_less_than_half_the_accepted_rows_holds(rows: int, fired: bool):
    checked = pulled(records(*[GOOD] * rows), SALESFORCE, accepted_rows=10)
    assert checked.breakers == ((Breaker("salesforce.shrunk-snapshot", 1 - rows / 10, 0.5),) if fired else ())


def test_a_set_that_fails_has_a_critical_finding_that_holds():
    (finding,) = pulled(records(GOOD), HUBSPOT, accepted_rows=8).findings
    expected = "at least half of the last accepted run's records are there"
    assert finding == Finding(HUBSPOT, expected, "critical", rows=7, holds=True)
    assert type(finding.severity) is str


def test_more_unreadable_phones_than_the_limit_hold():
    assert pulled(records(BAD, GOOD), ALOWARE, None).breakers == ()
    (breaker,) = pulled(records(BAD, BAD, GOOD), ALOWARE, None).breakers
    assert (breaker.name, breaker.value, breaker.limit) == ("aloware.unparseable-phones", pytest.approx(2 / 3), 0.5)
    assert names(pulled(records(BAD, GOOD), ALOWARE, None, unparseable_limit=0.4).breakers) == [breaker.name]


def test_what_is_unreadable_but_no_phone_does_not_count():
    frame = records(GOOD, GOOD).assign(email=pd.NA, email_raw="ann at x.example")
    assert pulled(frame, ALOWARE, None).breakers == ()


def test_records_without_a_phone_do_not_hide_unreadable_ones():
    (breaker,) = pulled(records(BAD, BAD, *[None] * 20), HUBSPOT, None).breakers
    assert breaker == Breaker("hubspot.unparseable-phones", 1.0, 0.5)


@pytest.mark.parametrize(
    ("ids", "breaker"),
    [
        (["a", "a", "b"], "salesforce.repeated-ids"),
        (["a", "", "b"], "salesforce.blank-ids"),
        (["a", None, None], "salesforce.blank-ids"),
    ],
)
def test_every_record_is_one_record(ids: list[str | None], breaker: str):
    checked = pulled(records(GOOD, GOOD, GOOD, ids=ids), SALESFORCE, None)
    assert names(checked.breakers) == [breaker]
    assert checked.findings[0].holds


# The after-state of a plan


def test_a_sound_plan_has_nothing_to_say():
    checked = check_after_state(
        cells(
            cell(field="phone", type="phone", value=GOOD),
            cell(field="email", type="email", value="ada@example.com", length=15, required=True),
            cell(field="company", value="", allowed=False),
            cell(field="lead_status", type="status", value="NEW"),
        ),
        numbers(("aloware:contacts:1", GOOD, False), ("c2", OTHER, False)),
    )
    assert (checked.findings, checked.breakers, len(checked.failing)) == ((), (), 0)


def test_an_empty_plan_has_nothing_to_say():
    checked = check_after_state(cells(), numbers())
    assert (checked.findings, checked.breakers, list(checked.failing.columns)) == ((), (), list(FAILING))


@pytest.mark.parametrize("value", ["2125550101", "+02125550101", "+1 212 555 0101", "+123456", "+1234567890123456"])
def test_phones_are_e164(value: str):
    assert reasons(cell(field="mobile", type="phone", value=value)) == [
        ("c1", "mobile", "mobile is no number in E.164")
    ]


@pytest.mark.parametrize("value", ["ada", "ada@example", "@example.com", "ada@@example.com", "ada b@example.com"])
def test_emails_have_an_emails_shape(value: str):
    assert reasons(cell(field="email", type="email", value=value)) == [("c1", "email", "email has no e-mail's shape")]


def test_text_may_look_like_anything():
    assert reasons(cell(value="not@all"), cell(value="2125550101")) == []


def test_values_fit_their_property():
    assert reasons(cell(value="Acme", length=4), cell("c2", value="Acmes", length=4)) == [
        ("c2", "company", "company is longer than the property allows")
    ]


def test_values_are_among_the_options():
    assert reasons(cell(), cell("c2", "lead_status", "status", "GONE", allowed=False)) == [
        ("c2", "lead_status", "lead_status is not among the property's options")
    ]


@pytest.mark.parametrize("value", ["", " ", None])
def test_required_properties_are_not_blank(value: str | None):
    assert reasons(cell(value=value, required=True)) == [("c1", "company", "company is required and would be blank")]


@pytest.mark.parametrize("type", ["phone", "email", "text", "status"])
def test_a_blank_is_no_malformed_value(type: str):
    assert reasons(cell(type=type, value=""), cell(type=type, value=None)) == []


def test_a_failing_row_holds_nothing_else_up():
    checked = check_after_state(cells(cell(type="email", value="ada"), cell("c2")), numbers())
    assert checked.findings == (Finding("plan", "e-mails have an e-mail's shape", "warning", rows=1),)
    assert checked.breakers == ()


def test_a_cell_is_told_every_reason():
    bad = cell(field="email", type="email", value="ada", length=2)
    assert {reason for _, _, reason in reasons(bad)} == {
        "email has no e-mail's shape",
        "email is longer than the property allows",
    }


def test_every_failing_cell_is_named_however_many():
    many = [cell(f"c{n}", type="email", value="ada") for n in range(500)]
    assert [change for change, _, _ in reasons(*many)] == [f"c{n}" for n in range(500)]


def test_a_second_contact_for_a_number_holds():
    checked = check_after_state(
        cells(cell()), numbers(("aloware:contacts:1", GOOD, False), ("c2", GOOD, False), ("c3", OTHER, False))
    )
    assert checked.breakers == (Breaker("plan.duplicate-numbers", 1, 0),)
    expected = "no phone number gets a second Aloware contact"
    assert checked.findings == (Finding("plan", expected, "critical", rows=2, holds=True),)


def test_numbers_shared_before_the_plan_are_not_blamed_on_it():
    before = [("aloware:contacts:1", GOOD, True), ("aloware:contacts:2", GOOD, True)]
    assert check_after_state(cells(), numbers(*before)).breakers == ()
    assert names(check_after_state(cells(), numbers(*before, ("c3", GOOD, False))).breakers) == [
        "plan.duplicate-numbers"
    ]


def test_contacts_without_a_number_share_none():
    assert check_after_state(cells(), numbers(("a", "", False), ("b", "", False), ("c", None, False))).findings == ()


# Great Expectations


def test_a_check_that_could_not_run_has_not_passed():
    def impossible():
        from great_expectations.expectations import ExpectColumnValuesToNotBeNull

        return [ExpectColumnValuesToNotBeNull(column="nowhere", description="ids are there")]

    with pytest.raises(RuntimeError, match="ids are there"):
        failures(pd.DataFrame({"somewhere": [1]}), impossible)


def test_nothing_is_drawn_on_the_terminal(capfd: pytest.CaptureFixture[str]):
    check_after_state(cells(cell(type="email", value="ada")), numbers())
    assert capfd.readouterr() == ("", "")


def test_great_expectations_is_imported_only_to_validate():
    rooms = "tasks.quality.after_state, tasks.quality.snapshots"
    code = f"import sys, {rooms}; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
