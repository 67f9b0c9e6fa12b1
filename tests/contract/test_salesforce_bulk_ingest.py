"""Bulk API 2.0 ingest jobs against the fact sheet, section 7.2: every row's fate, nulls, upserts, bad uploads."""

import csv
import io
from typing import Any

import pytest

from tasks.sandbox.faults import Fault
from tests.contract.salesforce_world import Org, error_of, org, stage

__all__ = ["org", "stage"]

ABSENT = "003000000000000AAA"


def opened(org: Org, operation: str, **more: str) -> str:
    """The id of a job that waits for its data."""
    response = org.http.post("jobs/ingest", json={"object": "Contact", "operation": operation, **more})
    assert response.status_code == 200, response.text
    return str(response.json()["id"])


def loaded(org: Org, operation: str, sheet: str, **more: str) -> str:
    """The id of a job whose rows are written."""
    job = opened(org, operation, **more)
    sent = org.http.put(f"jobs/ingest/{job}/batches", content=sheet, headers={"Content-Type": "text/csv"})
    assert (sent.status_code, sent.text) == (201, "")
    assert org.http.patch(f"jobs/ingest/{job}", json={"state": "UploadComplete"}).status_code == 200
    return job


def ended(org: Org, job: str) -> dict[str, Any]:
    """What a job says when it is over."""
    first, last = (org.http.get(f"jobs/ingest/{job}").json() for _ in range(2))
    assert first["state"] == "InProgress"
    return dict(last)


def told(org: Org, job: str, kind: str) -> list[dict[str, str]]:
    """The rows of one of a job's results, sorted: their order is nobody's promise."""
    response = org.http.get(f"jobs/ingest/{job}/{kind}")
    assert response.status_code == 200, response.text
    rows = csv.DictReader(io.StringIO(response.text, newline=""), strict=True)
    return sorted(rows, key=lambda row: list(row.values())[2:])


def test_a_new_job_says_where_its_data_goes(org: Org) -> None:
    body = {"object": "contact", "operation": "upsert", "externalIdFieldName": "email", "contentType": "CSV"}
    job = org.http.post("jobs/ingest", json=body).json()
    assert (job["object"], job["state"], job["externalIdFieldName"]) == ("Contact", "Open", "Email")
    assert job["contentUrl"] == f"services/data/v60.0/jobs/ingest/{job['id']}/batches"


def test_every_row_has_its_own_fate(org: Org) -> None:
    """New rows get ids; a refused one is told with CODE:message:fields."""
    job = loaded(org, "insert", 'LastName,Email,Birthdate\nAnn,a@x.example,1999-01-02\nBo,bad,\n"",c@x.example,\n')
    last = ended(org, job)
    assert (last["state"], last["numberRecordsProcessed"], last["numberRecordsFailed"]) == ("JobComplete", 3, 2)
    (made,) = told(org, job, "successfulResults/")
    assert made["sf__Created"] == "true"
    assert org.row("Contact", made["sf__Id"])["Birthdate"] == "1999-01-02"
    nameless, bad = told(org, job, "failedResults")
    assert (nameless["sf__Id"], bad["sf__Id"], bad["LastName"]) == ("", "", "Bo")
    assert bad["sf__Error"] == "INVALID_EMAIL_ADDRESS:Email: invalid email address: bad:Email --"
    assert nameless["sf__Error"].startswith("REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName")
    assert told(org, job, "unprocessedrecords") == told(org, job, "UnprocessedRecords") == []


def test_an_empty_cell_leaves_alone_and_na_clears(org: Org) -> None:
    record_id = org.create("Contact", LastName="Kept", Title="CTO", Phone="1", Email="a@x.example")
    job = loaded(org, "update", f"Id,LastName,Title,Phone\n{record_id[:15]},,#N/A,2\n{ABSENT},x,y,z\n,x,y,z\n")
    assert ended(org, job)["numberRecordsFailed"] == 2
    row = org.row("Contact", record_id)
    assert [row[name] for name in ("LastName", "Title", "Phone", "Email")] == ["Kept", None, "2", "a@x.example"]
    (changed,) = told(org, job, "successfulResults")
    assert (changed["sf__Id"], changed["sf__Created"], changed["Title"]) == (record_id, "false", "#N/A")
    assert {each["sf__Id"]: each["sf__Error"].partition(":")[0] for each in told(org, job, "failedResults")} == {
        ABSENT: "INVALID_CROSS_REFERENCE_KEY",
        "": "MISSING_ARGUMENT",
    }


def test_an_upsert_changes_or_makes(org: Org) -> None:
    known = org.create("Contact", LastName="Old", Email="a@x.example")
    sheet = "Email,LastName\nA@x.example,New\nb@x.example,Born\n,Nobody\n"
    job = loaded(org, "upsert", sheet, externalIdFieldName="Email")
    ended(org, job)
    born, new = told(org, job, "successfulResults")[::-1]
    if born["LastName"] != "Born":
        born, new = new, born
    assert (new["sf__Id"], new["sf__Created"], born["sf__Created"]) == (known, "false", "true")
    assert org.row("Contact", known)["LastName"] == "New"
    assert [each["LastName"] for each in told(org, job, "failedResults")] == ["Nobody"]


def test_a_delete_fills_the_recycle_bin(org: Org) -> None:
    ids = [org.create("Contact", LastName=name) for name in "AB"]
    job = loaded(org, "delete", f"Id\n{ids[0]}\n")
    ended(org, job)
    assert org.ids("SELECT Id FROM Contact") == ids[1:]
    assert len(org.ids("SELECT Id FROM Contact", "queryAll")) == 2


def test_quoted_cells_arrive_whole(org: Org) -> None:
    text = 'a "b", c\nd'
    quoted = text.replace('"', '""')
    job = loaded(org, "insert", f'LastName;Description\nX;"{quoted}"\n', columnDelimiter="SEMICOLON")
    ended(org, job)
    ((record_id, found),) = [tuple(row.values()) for row in org.records("SELECT Id, Description FROM Contact")]
    assert found == text
    answered = org.http.get(f"jobs/ingest/{job}/successfulResults").text
    assert answered == f'"sf__Id";"sf__Created";LastName;Description\n"{record_id}";"true";"X";"{quoted}"\n'


@pytest.mark.parametrize(
    ("sheet", "error"),
    [
        ("LastName,Nope\nX,y\n", "InvalidBatch : Field name not found : Nope"),
        ("LastName\r\nX\r\n", "ClientInputError : LineEnding is invalid on user data"),
        ('LastName\n"X\n', "InvalidBatch"),
        ("LastName,Title\nX\n", "InvalidBatch"),
        ("", "InvalidBatch"),
    ],
)
def test_an_upload_that_cant_be_read_fails_whole(org: Org, sheet: str, error: str) -> None:
    last = ended(org, loaded(org, "insert", sheet))
    assert (last["state"], last["numberRecordsProcessed"]) == ("Failed", 0)
    assert last["errorMessage"].startswith(error)
    assert org.ids("SELECT Id FROM Contact") == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"object": "Contct", "operation": "insert"}, "INVALIDJOB"),
        ({"object": "Contact", "operation": "upsert"}, "INVALIDJOB"),
        ({"object": "Contact", "operation": "upsert", "externalIdFieldName": "Title"}, "INVALIDJOB"),
        ({"object": "Contact", "operation": "query"}, "API_ERROR"),
        ({"object": "Contact", "operation": "insert", "lineEnding": "CR"}, "API_ERROR"),
        ({"object": "Contact", "operation": "hardDelete"}, "FEATURENOTENABLED"),
    ],
)
def test_refused_jobs(org: Org, body: dict[str, str], code: str) -> None:
    assert error_of(org.http.post("jobs/ingest", json=body)) == (400, code)


def test_a_job_takes_its_data_once_and_in_order(org: Org) -> None:
    """Open, then data, then closed; nothing may be done twice or too early."""
    job = opened(org, "insert")
    path = f"jobs/ingest/{job}"
    assert error_of(org.http.patch(path, json={"state": "UploadComplete"})) == (400, "INVALIDJOBSTATE")
    assert error_of(org.http.delete(path)) == (400, "INVALIDJOBSTATE")
    assert org.http.get(f"{path}/successfulResults").status_code == 204
    org.http.put(f"{path}/batches", content="LastName\nX\n")
    assert error_of(org.http.put(f"{path}/batches", content="LastName\nY\n")) == (400, "INVALIDJOBSTATE")
    org.http.patch(path, json={"state": "UploadComplete"})
    assert error_of(org.http.patch(path, json={"state": "UploadComplete"})) == (400, "INVALIDJOBSTATE")
    assert org.http.delete(path).status_code == 204
    assert org.http.get("jobs/ingest").json()["records"] == []
    assert len(org.ids("SELECT Id FROM Contact")) == 1


def test_an_aborted_job_leaves_its_rows_unprocessed(org: Org) -> None:
    job = opened(org, "insert")
    org.http.put(f"jobs/ingest/{job}/batches", content="LastName,Title\nX,y\n")
    assert org.http.patch(f"jobs/ingest/{job}", json={"state": "Aborted"}).json()["state"] == "Aborted"
    assert org.http.get(f"jobs/ingest/{job}/unprocessedrecords").text == 'LastName,Title\n"X","y"\n'
    assert org.ids("SELECT Id FROM Contact") == []


def test_a_locked_row_fails_alone(org: Org) -> None:
    org.world.faults.pending.append(Fault("salesforce", "lock", match="/jobs/ingest/"))
    job = loaded(org, "insert", "LastName\nA\nB\n")
    ended(org, job)
    (refused,) = told(org, job, "failedResults")
    assert refused["sf__Error"].startswith("UNABLE_TO_LOCK_ROW:")
    assert [row["LastName"] for row in told(org, job, "successfulResults")] == ["B"]


def test_a_job_may_stop_half_way(org: Org) -> None:
    """The fault `partial`: the first half is written, the rest is told as unprocessed."""
    org.world.faults.pending.append(Fault("salesforce", "partial", match="/jobs/ingest/"))
    job = loaded(org, "insert", "LastName\nA\nB\nC\nD\n")
    assert ended(org, job)["state"] == "Failed"
    assert sorted(row["LastName"] for row in told(org, job, "successfulResults")) == ["A", "B"]
    assert sorted(row["LastName"] for row in told(org, job, "unprocessedrecords")) == ["C", "D"]
