"""People answer conflicts, one by one or through a spreadsheet, and the next run carries that out."""

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flows.cli import main
from flows.plan import plan
from flows.reconcile import reconcile
from tasks.core.model import SCOPES
from tasks.session import open_session
from tasks.settings import DEFAULT_POLICY
from tests.flows.worlds import Known, Office, connected

Typed = Callable[..., tuple[int, str]]
HELD = '[fields.first_name]\nrule = "hold"'


@pytest.fixture(scope="module")
def open_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """First names wait for a person when they differ; last names go by priority."""
    folder = tmp_path_factory.mktemp("decisions")
    policy = folder / "policy.toml"
    policy.write_text(DEFAULT_POLICY.read_text(encoding="utf-8").replace("[fields.first_name]", HELD), encoding="utf-8")
    with connected(folder, policy=policy, scopes=SCOPES, stock=7) as made:
        yield made


@pytest.fixture
def office(open_office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    return open_office.entered(monkeypatch)


@pytest.fixture
def tandem(capsys: pytest.CaptureFixture[str]) -> Typed:
    """Type a command: its exit code, and all that it said."""

    def typed(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    return typed


def disagree(office: Office, *people: Known) -> None:
    """Two people type different first names."""
    for known in people:
        office.person.edit_in_salesforce("Contact", known.salesforce, FirstName="Anne")
        office.person.edit_in_aloware(known.aloware, first_name="Anna")


def first_names(office: Office, known: Known) -> tuple[str, str]:
    """In Salesforce and in Aloware."""
    (row,) = office.person.in_salesforce("Contact", known.phone)
    return row["FirstName"], office.contact(known.phone)["first_name"]


def conflict(known: Known, field: str = "first_name") -> str:
    return f"salesforce:Contact:{known.salesforce}/{field}"


def test_answers_come_back_through_a_spreadsheet(office: Office, tandem: Typed, tmp_path: Path) -> None:
    """Good rows are recorded, bad ones listed with their line; what was decided is written everywhere and stays."""
    one, two, three, four, five, *_ = office.stock
    disagree(office, one, two, three, four, five)
    assert len(reconcile().plan.conflicts) == 5
    file = tmp_path / "conflicts.csv"
    assert tandem("conflicts", "--open", "--csv", str(file))[0] == 0
    answers = {conflict(one): "aloware", conflict(two): "keep", conflict(three): "Nan", conflict(four): "hubspot"}
    rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8"))))
    filled = [rows[0], *([*row[:-1], answers.get(row[0], "")] for row in rows[1:])]
    saved = "\r\n".join(";".join(row) for row in filled)
    file.write_bytes(saved.encode("utf-8-sig"))

    code, said = tandem("decide", str(file), "--reason", "asked them", "--by", "ann")
    line = next(n for n, row in enumerate(filled, start=1) if row[0] == conflict(four))
    assert code == 22
    assert "Decided by ann: 3 conflicts." in said
    assert f"{line}  " in said
    assert "hubspot says nothing there" in said
    assert conflict(five) in tandem("conflicts", "--open")[1]
    assert conflict(one) not in tandem("conflicts", "--open")[1]

    report = reconcile()
    assert [first_names(office, known) for known in (one, two, three)] == [("Anna",) * 2, ("Ann",) * 2, ("Nan",) * 2]
    assert set(report.plan.conflicts["id"]) == {conflict(four), conflict(five)}
    assert set(report.plan.changes["rule"]) == {"decision"}
    with open_session() as session:
        assert session.ledger.decisions.pending() == frozenset()
        told = [
            (entry.who, entry.subject, entry.details["reason"])
            for entry in session.ledger.journal.entries()
            if entry.what == "decided"
        ]
    assert sorted(told) == sorted(("ann", conflict(known), "asked them") for known in (one, two, three))
    assert plan().plan.changes.empty

    code, said = tandem("decide", str(file))
    assert (code, said.count("it was decided since the file was written")) == (2, 3)
    code, said = tandem("decide", conflict(one), "salesforce")
    assert code == 0, "an older plan's conflict may be decided otherwise"
    for known in (four, five):
        assert tandem("decide", conflict(known), "aloware")[0] == 0
    assert reconcile().converged
    assert [first_names(office, known)[0] for known in (one, four, five)] == ["Anne", "Anna", "Anna"]


def test_a_file_of_another_day_is_refused_row_by_row(office: Office, tandem: Typed, tmp_path: Path) -> None:
    """Somebody typed something else since it was written; and a value that nobody had seen overtakes a decision."""
    known = office.stock[5]
    disagree(office, known)
    reconcile()
    file = tmp_path / "old.csv"
    tandem("conflicts", "--csv", str(file))
    text = file.read_text(encoding="utf-8").rstrip("\r\n") + "salesforce\r\n"
    office.person.edit_in_aloware(known.aloware, first_name="Nan")
    reconcile()
    file.write_text(text, encoding="utf-8")
    code, said = tandem("decide", str(file))
    assert (code, "aloware says something else by now" in said) == (2, True)

    assert tandem("decide", conflict(known), "salesforce")[0] == 0
    office.person.edit_in_aloware(known.aloware, first_name="Anni")
    report = reconcile()
    assert ("decisions", 1) in [(finding.set, finding.rows) for finding in report.plan.verdict.findings]
    assert list(report.plan.conflicts["id"]) == [conflict(known)]
    assert first_names(office, known) == ("Anne", "Anni")
    assert tandem("decide", conflict(known), "aloware")[0] == 0
    assert reconcile().converged


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ("nowhere.csv",),
            "can't be read (No such file or directory); one conflict is answered by `tandem decide CONFLICT",
        ),
        (("nobody/first_name", "keep"), "there is no such conflict: `tandem conflicts` lists them"),
    ],
)
def test_what_isn_t_there_is_said_in_a_sentence(
    office: Office, tandem: Typed, words: tuple[str, ...], sentence: str
) -> None:
    """Exit code 2, and the next command."""
    code, said = tandem("decide", *words)
    assert (code, sentence in said) == (2, True), said


def test_a_pilot_for_one_person_hides_no_open_conflict(office: Office, tandem: Typed) -> None:
    """The open conflicts are those of the latest plan, so a plan of some people lists everybody's."""
    *_, six, seven = office.stock
    disagree(office, seven)
    assert plan(only=[six.phone]).plan.changes.empty
    assert conflict(seven) in tandem("conflicts", "--open")[1]
