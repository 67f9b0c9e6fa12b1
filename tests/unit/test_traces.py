"""How somebody is found again, and nobody else: in texts, in documents, on pages, in files of other programs."""

import json
import sqlite3
import tomllib
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tasks.core.evidence import Evidence
from tasks.core.policy import parse
from tasks.core.run import Asked
from tasks.core.state import PEOPLE
from tasks.core.subjects import Subject
from tasks.core.traces import Traces
from tasks.ledger import Ledger
from tasks.ledger.erasing import sweep
from tests.unit.ledgers import NOON, ledger, plan, postgresql, table
from tests.unit.test_policy import SHIPPED

__all__ = ["ledger", "postgresql"]

CONTACT, PERSON = "salesforce:Contact:003AB00000CDEFGHIJ", "hubspot:contacts:10"
ANN = Traces(
    Subject(
        people=frozenset({PERSON}),
        refs=frozenset({CONTACT, PERSON}),
        numbers=frozenset({"+14152000001"}),
        emails=frozenset({"ann@x.io"}),
        spellings=frozenset({"1-415-200-000I"}),
    )
)


@pytest.mark.parametrize(
    "text",
    [
        "+14152000001", "14152000001", "4152000001", "(415) 200-0001", "415.200.0001", "+1 (415) 200-0001",
        "0014152000001", "1-415-200-0001", "1-415-200-000I", "tel:+1-415-200-0001", "Ann@X.io", "<ann@x.io>,",
        CONTACT, PERSON, f"{PERSON}/email", "003AB00000CDEFG", "003AB00000CDEFGHIJ",
    ],
)  # fmt: skip
def test_they_are_found_in_every_format(text: str) -> None:
    assert ANN.found.search(text)
    assert ANN.without(f"call {text} now").count("415") == 0
    frame = pd.Series([text])
    assert frame.str.contains(ANN.loose.removeprefix("(?i)"), case=False).all()


@pytest.mark.parametrize(
    "text",
    [
        "94152000001", "41520000012", "+14152000002", "415200001", "joann@x.io", "ann@x.io.uk", "ann@x.iot",
        "hubspot:contacts:101", "aloware:contacts:10", "10", "x003AB00000CDEFG", "003AB00000CDEFGHIK",
    ],
)  # fmt: skip
def test_nobody_else_is(text: str) -> None:
    assert not ANN.found.search(text)
    assert ANN.without(text) == text


def test_a_row_is_theirs_when_a_cell_says_nothing_but_who_they_are() -> None:
    assert [ANN.names(cell) for cell in (" (415) 200-0001", "ANN@x.io", PERSON)] == [True] * 3
    assert [ANN.names(cell) for cell in ("Ann has 4152000001", "", None, 10)] == [False] * 4


def test_what_a_document_says_beside_them_is_theirs_too() -> None:
    """A value in a journal line or a payload is as personal as the number beside it."""
    assert ANN.without('{"phone":"+14152000001","first_name":"Ann"}') == "{}"
    document = {"gone": {CONTACT: "", "hubspot:contacts:7": CONTACT, "hubspot:contacts:8": ""}, "only": ["4152000001"]}
    assert ANN.document_without(document) == {"gone": {"hubspot:contacts:8": ""}, "only": []}


def test_lines_of_a_page_go_by_masked_forms_and_ids_too() -> None:
    """Reports and artifacts are masked, and name people in the same line."""
    theirs = "| update | +1******0001 | first_name: (none) → Ann |\n| hubspot | contacts | 10 | Ann |"
    assert ANN.page_without(f"{theirs}\n| hubspot | contacts | 11 |") == "erased\nerased\n| hubspot | contacts | 11 |"


def test_files_of_every_kind_are_swept(ledger: Ledger) -> None:
    """Pages, JSON, other programs' databases; what is unfinished goes, and a made-up world is left alone."""
    home = ledger.connections.database.home
    for folder in ("logs", "prefect", "reports", "sandbox"):
        (home / folder).mkdir()
    with closing(sqlite3.connect(home / "prefect" / "prefect.db")) as database, database:
        database.execute("CREATE TABLE artifact (id TEXT, data TEXT)")
        database.execute("INSERT INTO artifact VALUES ('1', ?), ('2', 'Bob')", (f"# Plan\n{PERSON} Ann\nBob",))
    (home / "logs" / "run.log").write_text("a\nann@x.io did it\nb")
    (home / "reports" / "r1.json").write_text(json.dumps({"who": ["ann@x.io", "bob@x.io"]}))
    (home / "reports" / "r1.html.partial").write_text("ann@x.io")
    (home / "sandbox" / "world.txt").write_text("ann@x.io")
    swept = sweep(ledger.erasure, ANN, NOON, lambda: None)
    assert (dict(swept.rewritten), swept.unread) == ({"Prefect": 1, "report": 1, "other": 1}, [])
    assert (home / "logs" / "run.log").read_text() == "a\nerased\nb"
    assert json.loads((home / "reports" / "r1.json").read_text()) == {"who": ["bob@x.io"]}
    assert not (home / "reports" / "r1.html.partial").exists()
    assert b"ann" not in (home / "prefect" / "prefect.db").read_bytes().lower()
    with closing(sqlite3.connect(home / "prefect" / "prefect.db")) as database:
        assert database.execute("SELECT data FROM artifact").fetchall() == [("# Plan\nerased\nBob",), ("Bob",)]
    assert (home / "sandbox" / "world.txt").read_text() == "ann@x.io"


def test_rows_of_parquet_are_theirs_by_key_by_record_and_by_number(ledger: Ledger) -> None:
    """In others' rows only the mention goes; a frame keeps its shape, and its plan is ended or thinned first."""
    home = ledger.connections.database.home
    ledger.plans.store(plan("p1", "r1"), NOON)
    snapshot = home / "snapshots" / "r1" / "hubspot" / "contacts.parquet"
    snapshot.parent.mkdir(parents=True)
    rows = [("10", "Ann", None), ("11", "Bob", "Ann's friend, 4152000001"), ("12", "Annie", "(415) 200-0001")]
    pd.DataFrame(rows, columns=["record_id", "name", "note"], dtype="str").to_parquet(snapshot)
    golden = pd.DataFrame({"name": ["Ann", "Bob"]}, index=pd.Index([PERSON, "b"], name="person"), dtype="str")
    golden.to_parquet(home / "plans" / "p1" / "golden.parquet")
    assert sum(sweep(ledger.erasure, ANN, NOON, lambda: None).rewritten.values()) == 2
    assert pd.read_parquet(snapshot).to_numpy().tolist() == [["11", "Bob", "Ann's friend, "]]
    assert pd.read_parquet(home / "plans" / "p1" / "golden.parquet")["name"].to_dict() == {"b": "Bob"}
    assert ledger.erasure.lost() == {"erased": ["r1"], "thinned": ["r1"]}


def test_plans_that_stand_on_a_frame_are_thinned_with_it(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is erased from what one plan kept whole isn't in what another one differs from."""
    monkeypatch.setattr("tasks.ledger.evidence.LARGE", 2)
    monkeypatch.setattr("tasks.ledger.evidence.HARDLY", 0.5)
    state = ledger.memory.state(["phone"])
    for number, key in enumerate(("+14152000002", "+14152000003")):
        people = table(PEOPLE, [(PERSON, "+14152000001", "hubspot"), ("somebody", key, "hubspot")], "person")
        ledger.plans.store(plan(f"p{number}", f"r{number}"), NOON)
        known = Evidence(replace(state, people=people), parse(tomllib.loads(SHIPPED)), Asked("plan"), {}, {})
        ledger.evidence.store(f"p{number}", known)
    assert sweep(ledger.erasure, ANN, NOON, lambda: None).rewritten["evidence"] == 1
    assert ledger.erasure.lost()["thinned"] == ["r0", "r1"]


def test_a_file_that_cannot_be_read_is_named(ledger: Ledger) -> None:
    broken: Path = ledger.connections.database.home / "plans" / "p1" / "golden.parquet"
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"half a file")
    assert sweep(ledger.erasure, ANN, NOON, lambda: None).unread == ["plans/p1/golden.parquet"]


def test_every_text_of_every_table_is_searched(ledger: Ledger) -> None:
    """Tables that know nothing of people mention them, too: a row that is called like them goes, in others they are
    left out, and a journal line that mentions them says nothing any more."""
    journal = ledger.journal
    for subject, details in ((PERSON, {"value": "Ann"}), ("bob", {"value": "Bob"}), ("c", {"note": "of ANN@x.io"})):
        journal.append(NOON, "r1", "me", "decided", subject, details)
    with ledger.connections.database.writing() as transaction:
        for place in (f"x {PERSON}", f"y {PERSON}", "z"):
            values = {"place": place, "property": "(415) 200-0001 or so", "policy": "", "vendor": ""}
            transaction.run("upsert_terms", **values)
    counts = ledger.erasure.finish(ANN, NOON, "me")
    assert counts == {"journal": 2, "terms": 3}
    told = [(entry.what, entry.subject, entry.details) for entry in journal.entries()]
    assert told[:3] == [("decided", "", {}), ("decided", "bob", {"value": "Bob"}), ("decided", "", {})]
    assert told[3] == ("forgot", "", {})
    with ledger.connections.database.reading() as transaction:
        assert transaction.frame("select_terms")[["place", "property"]].to_numpy().tolist() == [["z", " or so"]]
