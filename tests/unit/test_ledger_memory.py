"""What the ledger knows of people and records, and how it learns more."""

from datetime import timedelta

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from sqlalchemy import text

from tasks.core.errors import PolicyError
from tasks.core.model import Change, Outcome, Receipt
from tasks.core.state import ABSORBED, LINKS, PEOPLE, SETTLED, TERMS, TURNS, base_columns, empty, golden_columns
from tasks.ledger import Ledger
from tests.unit.ledgers import FIELDS, LATER, NOON, advance, ledger, postgresql, table

__all__ = ["ledger", "postgresql"]

ANN, BOB = "+12025550101", "+12025550102"
AT = "2026-11-20T09:00:00.000000+00:00"


def select(ledger: Ledger, query: str) -> list[tuple[object, ...]]:
    with ledger.connections.database.reading() as transaction:
        return [tuple(row) for row in transaction.connection.execute(text(query))]


def people(*rows: tuple[object, ...]) -> pd.DataFrame:
    return table(PEOPLE, list(rows), "person")


def links(*rows: tuple[object, ...]) -> pd.DataFrame:
    frame = table(LINKS, list(rows))
    return frame.set_axis(frame["system"] + ":" + frame["object"] + ":" + frame["record_id"]).rename_axis("ref")


def test_an_empty_ledger_has_frames_of_the_right_shape(ledger: Ledger) -> None:
    state = ledger.memory.state(FIELDS)
    assert_frame_equal(state.links, empty(LINKS, "ref"))
    assert_frame_equal(state.people, empty(PEOPLE, "person"))
    assert_frame_equal(state.golden, empty(golden_columns(FIELDS), "person"))
    assert_frame_equal(state.bases, empty(base_columns(FIELDS), "ref"))
    assert_frame_equal(state.settled, empty(SETTLED))
    assert state.receipts["at"].dtype == "datetime64[ns, UTC]"


def test_what_is_learnt_comes_back_as_it_was(ledger: Ledger) -> None:
    """Blank and missing stay apart; ids that look like numbers, and the surname NA, stay text."""
    taught = advance(
        links=links(
            ("aloware", "contacts", "007", "a", "representative"), ("salesforce", "Lead", "00Q", "a", "shadow")
        ),
        people=people(("a", ANN, "salesforce"), ("b", None, "hubspot")),
        golden=table(
            golden_columns(FIELDS), [("a", "NA", "salesforce", None, None), ("b", "", "decision", "é", "x")], "person"
        ),
        bases=table(base_columns(FIELDS), [("salesforce:Lead:00Q", "NA", "NA ", "", "")], "ref"),
        settled=table(SETTLED, [("salesforce:Lead:00Q", "email", None, "b", "left blank")]),
    )
    ledger.memory.advance(taught, "r1", NOON)
    state = ledger.memory.state(FIELDS)
    for name in ("links", "people", "golden", "bases", "settled"):
        assert_frame_equal(getattr(state, name), getattr(taught, name))


def test_a_missing_cell_leaves_what_is_known_and_a_blank_replaces_it(ledger: Ledger) -> None:
    columns = golden_columns(FIELDS)
    ledger.memory.advance(
        advance(golden=table(columns, [("a", "Ann", "hubspot", "a@x.org", "hubspot")], "person")), "r1", NOON
    )
    ledger.memory.advance(advance(golden=table(columns, [("a", None, None, "", "decision")], "person")), "r2", LATER)
    assert ledger.memory.state(FIELDS).golden.loc["a"].tolist() == ["Ann", "hubspot", "", "decision"]


def test_a_field_new_to_the_policy_gets_its_columns_and_reads_missing_before(ledger: Ledger) -> None:
    ledger.memory.advance(
        advance(golden=table(golden_columns(FIELDS), [("a", "Ann", "x", "", "x")], "person")), "r1", NOON
    )
    fields = ("company", "first_name")
    assert ledger.memory.state(fields).golden["company"].isna().all()
    ledger.memory.advance(
        advance(golden=table(golden_columns(["company"]), [("a", "Acme", "x")], "person")), "r2", LATER
    )
    assert ledger.memory.state(fields).golden.loc["a"].tolist() == ["Acme", "x", "Ann", "x"]


@pytest.mark.parametrize("name", ["person", 'x" TEXT; DROP TABLE golden; --', "Company", "1st", ""])
def test_a_field_that_cannot_be_a_column_is_refused(ledger: Ledger, name: str) -> None:
    with pytest.raises(PolicyError, match="another name"):
        ledger.memory.state([name])


def test_an_advance_that_breaks_teaches_nothing(ledger: Ledger) -> None:
    broken = advance(people=people(("a", ANN, "salesforce")), golden=table(["First Name"], [("a", "Ann")], "person"))
    with pytest.raises(PolicyError):
        ledger.memory.advance(broken, "r1", NOON)
    assert ledger.memory.state(FIELDS).people.empty


def test_learning_the_same_twice_changes_nothing(ledger: Ledger) -> None:
    taught = advance(
        links=links(("salesforce", "Lead", "1", "a", "representative")),
        people=people(("a", ANN, "salesforce")),
        settled=table(SETTLED, [("salesforce:Lead:1", "email", "a", "b", "kept")]),
        numbers=numbers(("a", ANN, "key", "begins", None)),
    )
    ledger.memory.advance(taught, "r1", NOON)
    ledger.memory.advance(taught, "r2", LATER)
    for name in ("links", "links_history", "people", "numbers", "settled"):
        assert [row[0] for row in select(ledger, f"SELECT run FROM {name}")] == ["r1"], name


def test_a_links_history_keeps_every_change(ledger: Ledger) -> None:
    for run, person, role in (
        ("r1", "a", "shadow"),
        ("r2", "a", "shadow"),
        ("r3", "b", "representative"),
        ("r4", None, "tombstone"),
    ):
        ledger.memory.advance(advance(links=links(("hubspot", "contacts", "1", person, role))), run, NOON)
    history = select(ledger, "SELECT run, person, role FROM links_history ORDER BY run")
    assert history == [("r1", "a", "shadow"), ("r3", "b", "representative"), ("r4", None, "tombstone")]
    assert select(ledger, "SELECT run, person, role FROM links") == [("r4", None, "tombstone")]


def numbers(*rows: tuple[object, ...]) -> pd.DataFrame:
    return table(TURNS, list(rows))


def absorbed(*rows: tuple[object, ...]) -> pd.DataFrame:
    return table(ABSORBED, list(rows), "person")


def periods(ledger: Ledger) -> list[tuple[object, ...]]:
    return [tuple(row) for row in ledger.memory.state(FIELDS).numbers.fillna("-").itertuples(index=False)]


def test_numbers_are_owned_for_periods(ledger: Ledger) -> None:
    """Since ever, since a time that is known, or since the run that saw it; until another run ends it."""
    first = numbers(("a", ANN, "key", "begins", ""), ("b", BOB, "key", "begins", None))
    ledger.memory.advance(advance(numbers=first), "r1", NOON)
    then = numbers(("a", ANN, "key", "ends", None), ("b", BOB, "key", "ends", AT), ("b", ANN, "key", "begins", AT))
    ledger.memory.advance(advance(numbers=then), "r2", LATER)
    assert periods(ledger) == [
        ("a", ANN, "key", "", "2026-11-22T13:00:00.000000+00:00"),
        ("b", ANN, "key", AT, "-"),
        ("b", BOB, "key", "2026-11-22T12:00:00.000000+00:00", AT),
    ]


def test_a_number_may_be_somebody_s_in_two_ways(ledger: Ledger) -> None:
    """What ends is the one that was named; the other goes on."""
    both = numbers(("a", ANN, "other", "begins", ""), ("a", ANN, "key", "begins", ""))
    ledger.memory.advance(advance(numbers=both), "r1", NOON)
    ledger.memory.advance(advance(numbers=numbers(("a", ANN, "other", "ends", AT))), "r2", LATER)
    assert periods(ledger) == [("a", ANN, "key", "", "-"), ("a", ANN, "other", "", AT)]


def test_who_turned_out_to_be_somebody_else_leaves_them_their_numbers(ledger: Ledger) -> None:
    """Past periods included; the absorbed are no holders any more, and stay known to analysts with their survivor."""
    everybody = people(("a", ANN, "salesforce"), ("b", BOB, "hubspot"), ("c", None, "hubspot"))
    begun = numbers(("a", ANN, "key", "begins", ""), ("b", BOB, "key", "begins", ""))
    ledger.memory.advance(advance(people=everybody, numbers=begun), "r1", NOON)
    ledger.memory.advance(advance(absorbed=absorbed(("a", "b"))), "r2", LATER)
    assert [row[:2] for row in periods(ledger)] == [("b", ANN), ("b", BOB)]
    ledger.memory.advance(advance(absorbed=absorbed(("b", "c"))), "r3", LATER)
    assert ledger.memory.state(FIELDS).people["key"].isna().all()
    found = select(ledger, "SELECT person, key, survivor FROM people ORDER BY person")
    assert found == [("a", None, "c"), ("b", None, "c"), ("c", None, None)]


def test_a_shadow_forgets_what_it_said(ledger: Ledger) -> None:
    """When it speaks again it joins, and so does a CRM record that came to another person; a contact of Aloware keeps
    its bases, for what it says of somebody else is known by them.
    """
    refs = ("salesforce:Contact:1", "hubspot:contacts:1", "aloware:contacts:1", "salesforce:Contact:2")
    bases = table(base_columns(FIELDS), [(ref, "Ann", "Ann", None, None) for ref in refs], "ref")
    rows = [(*ref.split(":"), "a", "representative") for ref in refs]
    ledger.memory.advance(advance(links=links(*rows), bases=bases), "r1", NOON)
    now = [("a", "shadow"), ("b", "representative"), ("b", "representative"), ("a", "representative")]
    then = links(*((*ref.split(":"), *owner) for ref, owner in zip(refs, now, strict=True)))
    again = table(base_columns(FIELDS), [(refs[1], None, None, "b@x.org", "b@x.org")], "ref")
    ledger.memory.advance(advance(links=then, bases=again), "r2", LATER)
    assert ledger.memory.state(FIELDS).bases["first_name"].fillna("-").to_dict() == {
        "aloware:contacts:1": "Ann",
        "hubspot:contacts:1": "-",
        "salesforce:Contact:2": "Ann",
    }


def test_an_heir_takes_over_what_is_kept_back_of_its_own(ledger: Ledger) -> None:
    """Inherited bases stand wherever the plan has nothing to say yet."""
    ref = "salesforce:Contact:1"
    inherited = table(base_columns(FIELDS), [(ref, "Ann", "Ann", "a@x.org", "a@x.org")], "ref")
    own = table(base_columns(FIELDS), [(ref, None, None, "b@x.org", "B@x.org")], "ref")
    ledger.memory.advance(advance(inherited=inherited, bases=own), "r1", NOON)
    assert ledger.memory.state(FIELDS).bases.loc[ref].tolist() == ["Ann", "Ann", "b@x.org", "B@x.org"]


def test_a_settlement_that_moves_is_a_new_one(ledger: Ledger) -> None:
    for run, value, at in (("r1", "b", NOON), ("r2", "c", LATER)):
        ledger.memory.advance(advance(settled=table(SETTLED, [("x:y:1", "email", "a", value, "kept")])), run, at)
    assert select(ledger, "SELECT value, since, run FROM settled") == [("c", "2026-11-22T13:00:00.000000+00:00", "r2")]


def test_a_settlement_without_a_reason_ends_one(ledger: Ledger) -> None:
    ledger.memory.advance(advance(settled=table(SETTLED, [("x:y:1", "email", "a", "b", "kept")])), "r1", NOON)
    ledger.memory.advance(advance(settled=table(SETTLED, [("x:y:1", "email", None, None, None)])), "r2", LATER)
    assert ledger.memory.state(FIELDS).settled.empty


def test_bases_are_forgotten_with_their_property(ledger: Ledger) -> None:
    """Elsewhere, and of other fields, they stay."""
    refs = ("salesforce:Contact:1", "salesforce:Lead:1")
    columns = ["email", "email_raw", "first_name"]
    known = table(columns, [(ref, "a@x.y", "A@x.y", "Ann") for ref in refs], "ref")
    terms = table(TERMS, [(f"{ref[:-2]}:email", "Email", "email/ignore", "0") for ref in refs], "place")
    ledger.memory.advance(advance(bases=known, terms=terms), "r1", NOON)
    ledger.memory.advance(advance(terms=terms), "r2", LATER)
    assert_frame_equal(ledger.memory.state(FIELDS).terms, terms)
    assert ledger.memory.state(FIELDS).bases["email"].notna().all()
    ledger.memory.advance(advance(terms=terms.iloc[:1].assign(property="Other__c")), "r3", LATER)
    bases = ledger.memory.state(FIELDS).bases
    assert bases["email"].isna().tolist() == bases["email_raw"].isna().tolist() == [True, False]
    assert bases["first_name"].notna().all()


def test_receipts_say_when_each_record_was_last_written(ledger: Ledger) -> None:
    changes = [
        Change("c1", "salesforce", "Contact", "1", "update", {}),
        Change("c2", "aloware", "contacts", None, "create", {}),
        Change("c3", "hubspot", "contacts", "3", "update", {}),
    ]
    for run, at in (("r1", NOON), ("r2", LATER)):
        ledger.outbox.intend(run, run, changes, at)
    ledger.outbox.receive("r1", "r1", [Receipt("c1", Outcome.APPLIED), Receipt("c2", Outcome.APPLIED, "77")], NOON)
    ledger.outbox.receive("r2", "r2", [Receipt("c1", Outcome.APPLIED), Receipt("c3", Outcome.REFUSED)], LATER)
    at = ledger.memory.state(FIELDS).receipts["at"]
    assert at.to_dict() == {"salesforce:Contact:1": pd.Timestamp(LATER), "aloware:contacts:77": pd.Timestamp(NOON)}


def test_what_is_named_comes_in_the_order_of_its_names(ledger: Ledger) -> None:
    """Of their characters, whatever a database thinks of capitals, so that what differs from an earlier ledger is found
    row beside row."""
    ids = ["b", "B", "a"]
    changes = [Change(each, "salesforce", "Contact", each, "update", {}) for each in ids]
    ledger.outbox.intend("r1", "r1", changes, NOON)
    ledger.outbox.receive("r1", "r1", [Receipt(each, Outcome.APPLIED) for each in ids], NOON)
    people = table(PEOPLE, [(each, None, "hubspot") for each in (*ids, "z")], "person")
    ledger.memory.advance(advance(people=people, absorbed=absorbed(*((each, "z") for each in ids))), "r1", NOON)
    state = ledger.memory.state(FIELDS)
    assert [ref[-1] for ref in state.receipts.index] == list(state.absorbed.index) == ["B", "a", "b"]


def test_times_keep_their_microseconds_and_zone(ledger: Ledger) -> None:
    moment = LATER + timedelta(microseconds=1)
    ledger.outbox.intend("r", "p", [Change("c", "hubspot", "contacts", "3", "update", {})], NOON)
    ledger.outbox.receive("r", "p", [Receipt("c", Outcome.APPLIED)], moment)
    assert ledger.memory.state(FIELDS).receipts["at"].iloc[0].to_pydatetime() == moment


def test_more_rows_than_a_batch_all_arrive(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.ledger.db.BATCH", 3)
    ledger.memory.advance(advance(people=people(*((f"p{n:02}", None, "hubspot") for n in range(10)))), "r1", NOON)
    assert list(ledger.memory.state(FIELDS).people.index) == [f"p{n:02}" for n in range(10)]


def test_what_is_known_of_some_is_what_is_known_of_everybody_without_the_others(ledger: Ledger) -> None:
    """Somebody, their records and the records named; what is of nobody in particular is there as ever."""
    everybody = [f"p{n}" for n in range(40)]
    known = links(*((system, "contacts", who, who, "shadow") for who in everybody for system in ("hubspot", "aloware")))
    taught = advance(
        links=known,
        people=people(*((who, ANN, "hubspot") for who in everybody)),
        golden=pd.DataFrame("y", index=everybody, columns=list(golden_columns(FIELDS)), dtype="str"),
        bases=pd.DataFrame("x", index=known.index, columns=list(base_columns(FIELDS)), dtype="str"),
        settled=table(SETTLED, [(ref, "email", "a", "b", "kept") for ref in sorted(known.index)]),
        numbers=numbers(*((who, phone, "other", "begins", None) for who in everybody for phone in (BOB, ANN))),
    )
    ledger.memory.advance(taught, "r1", NOON)
    whole, theirs = ledger.memory.state(FIELDS), ["p3", "p5"]
    part = ledger.memory.state(FIELDS, [*theirs, "hubspot:contacts:p7", "nobody"])
    records = ["aloware:contacts:p3", "aloware:contacts:p5", "hubspot:contacts:p3", "hubspot:contacts:p5"]
    assert_frame_equal(part.links, whole.links.loc[records])
    assert_frame_equal(part.people, whole.people.loc[theirs])
    assert_frame_equal(part.golden, whole.golden.loc[theirs])
    assert_frame_equal(part.bases, whole.bases.loc[[*records, "hubspot:contacts:p7"]])
    assert list(part.numbers["person"] + part.numbers["number"]) == ["p3" + ANN, "p3" + BOB, "p5" + ANN, "p5" + BOB]
    assert_frame_equal(part.settled, whole.settled)
    assert_frame_equal(ledger.memory.state(FIELDS, []).people, whole.people.iloc[:0])
    assert_frame_equal(ledger.memory.state(FIELDS, everybody).links, whole.links)


def test_of_some_only_those_who_once_had_a_crm_record_are_known_to_have_had_one(ledger: Ledger) -> None:
    everybody = [f"p{n}" for n in range(10)]
    ledger.connections.connect("hubspot", "one", NOON)
    taught = advance(
        links=links(*(("hubspot", "contacts", who, who, "shadow") for who in everybody)),
        people=people(*((who, None, "hubspot") for who in everybody)),
    )
    ledger.memory.advance(taught, "r1", NOON)
    ledger.connections.connect("hubspot", "another", LATER, replace=True)
    assert ledger.memory.state(FIELDS).once_in_crm == frozenset(everybody)
    assert ledger.memory.state(FIELDS, ["p1", "px"]).once_in_crm == {"p1"}
