"""Problems as files: one a problem and one an owner, whole, and harmless to whoever opens them."""

import csv
import io

import pandas as pd

from tasks.core.assessing.problems import DUPLICATES, INVALID, KINDS, PROBLEMS
from tasks.core.assessing.sheets import files

ROWS = [
    {"problem": INVALID, "record_id": "003A", "owner": "ann@x.example", "phone": "=1+1", "field": "phone"},
    {"problem": DUPLICATES, "record_id": "003B", "owner": "ann@x.example", "phone": "+14155550100"},
    {"problem": DUPLICATES, "record_id": "003C", "owner": "Ann@x.example"},
    {"problem": DUPLICATES, "record_id": "003D", "owner": "../../etc/passwd"},
    {"problem": DUPLICATES, "record_id": "003E"},
]
FILES = dict(files(pd.DataFrame(ROWS, columns=list(PROBLEMS), dtype="str").fillna("")))


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(FILES[name].decode(), newline="")))


def test_each_problem_and_each_owner_has_a_file_whatever_an_owner_is_called() -> None:
    """Names that only differ in the size of letters are one file to some machines; none leads out of the folder."""
    owners = {"ann@x.example_", "Ann@x.example", "_.._etc_passwd", "nobody"}
    assert set(FILES) == {f"{kind}.csv" for kind in KINDS} | {f"owners/{owner}.csv" for owner in owners}
    assert rows("conflicts.csv") == []


def test_values_are_whole_and_no_formula_is_among_them() -> None:
    assert [row["record_id"] for row in rows("duplicates.csv")] == ["003B", "003C", "003D", "003E"]
    assert rows("duplicates.csv")[0]["phone"] == "+14155550100"
    assert rows("invalid-numbers.csv")[0]["phone"] == "'=1+1"
    assert "problem" not in rows("invalid-numbers.csv")[0]


def test_an_owner_sees_every_problem_of_theirs_by_name() -> None:
    assert [row["problem"] for row in rows("owners/ann@x.example_.csv")] == [INVALID, DUPLICATES]
