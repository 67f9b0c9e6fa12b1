"""Bulk API 2.0 query jobs against the fact sheet, section 7.1: made, waited for, read in pages, refused, ended."""

import csv
import io
from typing import Any

import httpx
import pytest

from tasks.sandbox import salesforce
from tasks.sandbox.faults import Fault
from tests.contract.salesforce_world import Org, error_of, org, stage

__all__ = ["org", "stage"]

CONTACTS = "SELECT Id, LastName FROM Contact ORDER BY LastName"


def made(org: Org, soql: str, **more: Any) -> dict[str, Any]:
    """A job that must be accepted."""
    response = org.http.post("jobs/query", json={"operation": "query", "query": soql, **more})
    assert response.status_code == 200, response.text
    job: dict[str, Any] = response.json()
    return job


def done(org: Org, soql: str, **more: Any) -> str:
    """The id of a job that has run."""
    job = made(org, soql, **more)
    states = [org.http.get(f"jobs/query/{job['id']}").json()["state"] for _ in range(2)]
    assert states == ["InProgress", "JobComplete"]
    return str(job["id"])


def page(org: Org, job: str, **params: Any) -> httpx.Response:
    response = org.http.get(f"jobs/query/{job}/results", params=params)
    assert response.status_code == 200, response.text
    return response


def cells(response: httpx.Response, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.text, newline=""), delimiter=delimiter, strict=True))


def walked(org: Org, job: str, size: int) -> list[httpx.Response]:
    """Every page of a job's answer, by its locators."""
    pages = [page(org, job, maxRecords=size)]
    while (locator := pages[-1].headers["sforce-locator"]) != "null":
        pages.append(page(org, job, maxRecords=size, locator=locator))
    return pages


def test_a_new_job_says_what_it_is(org: Org) -> None:
    """Without a jobType or a contentUrl; the version is a number (recorded)."""
    job = made(org, "select id from contact")
    assert (job["object"], job["state"], job["apiVersion"]) == ("Contact", "UploadComplete", 60.0)
    assert job["id"].startswith("750")
    assert list(job) == [
        "id", "operation", "object", "createdById", "createdDate", "systemModstamp", "state", "concurrencyMode",
        "contentType", "apiVersion", "lineEnding", "columnDelimiter",
    ]  # fmt: skip


def test_a_job_is_seen_at_work_once(org: Org) -> None:
    """Results are not there before it is done; then it says how many rows it has read."""
    org.seed("Contact", LastName="Kept")
    job = made(org, CONTACTS)
    assert org.http.get(f"jobs/query/{job['id']}/results").status_code == 204
    polled = [org.http.get(f"jobs/query/{job['id'][:15]}").json() for _ in range(3)]
    assert [each["state"] for each in polled] == ["InProgress", "JobComplete", "JobComplete"]
    assert org.http.get("jobs/query").headers["sforce-limit-info"] == "api-usage=6/15000"  # each poll is a call
    assert (polled[-1]["numberRecordsProcessed"], polled[-1]["jobType"]) == (1, "V2Query")


@pytest.mark.parametrize("header_on_every_page", [True, False])
def test_pages_follow_their_locators(org: Org, header_on_every_page: bool) -> None:
    """`null`, as text, ends them; the sources disagree on the header of later pages."""
    org.world.switches.bulk_header_on_every_page = header_on_every_page
    ids = [org.seed("Contact", LastName=f"P{n}") for n in range(5)]
    pages = walked(org, done(org, CONTACTS), 2)
    assert [each.headers["sforce-numberofrecords"] for each in pages] == ["2", "2", "1"]
    found = [cells(each) for each in pages]
    assert found[0][0] == ["Id", "LastName"]
    for later in found[1:]:
        assert (later[0] == ["Id", "LastName"]) is header_on_every_page
    rows = [row for each in found for row in each if row[0] != "Id"]
    assert rows == [[record_id, f"P{n}"] for n, record_id in enumerate(ids)]
    assert pages[0].headers["content-type"].startswith("text/csv")


def test_a_page_may_be_read_again(org: Org) -> None:
    """And shows the rows as they were when the job ran."""
    ids = [org.create("Contact", LastName=f"P{n}") for n in range(3)]
    job = done(org, CONTACTS)
    first = page(org, job, maxRecords=2)
    second = page(org, job, maxRecords=2, locator=first.headers["sforce-locator"])
    org.http.patch(f"sobjects/Contact/{ids[2]}", json={"LastName": "Changed"})
    assert page(org, job, maxRecords=2, locator=first.headers["sforce-locator"]).text == second.text


def test_an_empty_answer_is_a_header(org: Org) -> None:
    response = page(org, done(org, CONTACTS))
    assert response.text == '"Id","LastName"\n'
    assert (response.headers["sforce-numberofrecords"], response.headers["sforce-locator"]) == ("0", "null")


def test_values_survive_the_csv(org: Org) -> None:
    """Every value is quoted; a null is empty; times end in Z; a relationship's field has its path for a name."""
    nasty = 'a "b", c\r\nd\ne;'
    account = org.create("Account", Name='Smith, "Bros"')
    org.create("Contact", LastName="=x'", Description=nasty, AccountId=account, DoNotCall=True, Birthdate="1999-01-02")
    org.seed("Contact", LastName="z")
    soql = "SELECT LastName, Description, account.name, Phone, DoNotCall, Birthdate, CreatedDate FROM Contact"
    response = page(org, done(org, f"{soql} ORDER BY LastName"))
    header, full, bare = cells(response)
    assert header == ["LastName", "Description", "Account.Name", "Phone", "DoNotCall", "Birthdate", "CreatedDate"]
    assert full[:6] == ["=x'", nasty, 'Smith, "Bros"', "", "true", "1999-01-02"]
    assert bare == ["z", "", "", "", "false", "", "2024-03-01T12:00:00.000Z"]
    assert '"z","","","","false"' in response.text


def test_other_delimiters_and_line_ends(org: Org) -> None:
    org.seed("Contact", LastName="a;b")
    job = done(org, "SELECT LastName FROM Contact", columnDelimiter="SEMICOLON", lineEnding="CRLF")
    assert page(org, job).text == '"LastName"\r\n"a;b"\r\n'


def test_only_query_all_sees_what_is_gone(org: Org) -> None:
    """Deleted rows, and Tasks that are archived."""
    gone = org.create("Contact", LastName="Gone")
    org.http.delete(f"sobjects/Contact/{gone}")
    old = org.seed("Task", Subject="Old", Status="Completed", IsArchived=True)
    for soql, record_id in (("SELECT Id FROM Contact", gone), ("SELECT Id FROM Task", old)):
        assert cells(page(org, done(org, soql))) == [["Id"]]
        assert cells(page(org, done(org, soql, operation="queryAll"))) == [["Id"], [record_id]]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"query": "SELEC Id FROM Contact"}, "MALFORMED_QUERY"),
        ({"query": "SELECT Id, Id FROM Contact"}, "MALFORMED_QUERY"),
        ({"query": "SELECT Id FROM Contct"}, "INVALID_TYPE"),
        ({"query": "SELECT Nope FROM Contact"}, "INVALID_FIELD"),
        ({"query": "SELECT Id FROM Contact WHERE Description = 'x'"}, "INVALID_FIELD"),
        ({"query": "SELECT Id FROM Contact ORDER BY Nope"}, "INVALID_FIELD"),
        ({"query": "SELECT Id FROM Contact OFFSET 5"}, "API_ERROR"),
        ({"query": "SELECT COUNT() FROM Contact"}, "API_ERROR"),
        ({"query": "SELECT MAX(CreatedDate) FROM Contact"}, "API_ERROR"),
        ({"query": "SELECT LastName FROM Contact GROUP BY LastName"}, "API_ERROR"),
        ({"query": "SELECT TYPEOF Who WHEN Lead THEN Id END FROM Task"}, "API_ERROR"),
        ({"query": "SELECT Id, (SELECT Id FROM Contacts) FROM Account"}, "API_ERROR"),
        ({"query": "SELECT MailingAddress FROM Contact"}, "API_ERROR"),
        ({"query": ""}, "API_ERROR"),
        ({"query": CONTACTS, "operation": "insert"}, "API_ERROR"),
        ({"query": CONTACTS, "columnDelimiter": "DOT"}, "API_ERROR"),
        ({"query": CONTACTS, "contentType": "JSON"}, "API_ERROR"),
    ],
)
def test_refused_jobs(org: Org, body: dict[str, str], code: str) -> None:
    """What the vendor can't run it says at once, in a list of one error."""
    response = org.http.post("jobs/query", json={"operation": "query"} | body)
    assert error_of(response) == (400, code)
    assert org.http.get("jobs/query").json()["records"] == []


def test_words_inside_a_text_are_not_clauses(org: Org) -> None:
    soql = "SELECT Id FROM Contact WHERE LastName = 'it\\'s (SELECT group by OFFSET' ORDER BY Id LIMIT 5"
    assert cells(page(org, done(org, soql))) == [["Id"]]


def test_a_field_that_goes_away_fails_the_job(org: Org) -> None:
    """The job was in order when it was made, and has no results."""
    job = made(org, "SELECT Title FROM Contact")["id"]
    salesforce.hide(org.world, "Contact.Title")
    last = [org.http.get(f"jobs/query/{job}").json() for _ in range(2)][-1]
    assert last["state"] == "Failed"
    assert "INVALID_FIELD" in last["errorMessage"]
    assert org.http.get(f"jobs/query/{job}/results").status_code == 400


def test_a_job_is_aborted_listed_and_deleted(org: Org) -> None:
    """Not while it is at work, and not twice."""
    first, second = (made(org, CONTACTS)["id"] for _ in range(2))
    assert [each["id"] for each in org.http.get("jobs/query").json()["records"]] == [second, first]
    assert org.http.patch(f"jobs/query/{first}", json={"state": "Aborted"}).json()["state"] == "Aborted"
    assert error_of(org.http.patch(f"jobs/query/{first}", json={"state": "Aborted"})) == (400, "INVALIDJOBSTATE")
    org.http.get(f"jobs/query/{second}")
    assert error_of(org.http.delete(f"jobs/query/{second}")) == (400, "INVALIDJOBSTATE")
    assert org.http.delete(f"jobs/query/{first}").status_code == 204
    assert error_of(org.http.get(f"jobs/query/{first}")) == (404, "NOT_FOUND")
    assert error_of(org.http.get(f"jobs/query/{first}/results")) == (404, "NOT_FOUND")


def test_bad_pages(org: Org) -> None:
    """A locator of nothing, a size of nothing, and another version than the job's."""
    job = done(org, CONTACTS)
    path = f"jobs/query/{job}/results"
    assert error_of(org.http.get(path, params={"locator": "OTk5"})) == (400, "INVALID_QUERY_LOCATOR")
    assert error_of(org.http.get(path, params={"locator": "?"})) == (400, "INVALID_QUERY_LOCATOR")
    assert error_of(org.http.get(path, params={"maxRecords": "0"})) == (400, "API_ERROR")
    assert org.http.get(f"{org.url}/services/data/v59.0/{path}").status_code == 409


def test_the_daily_number_of_jobs_holds_where_real_limits_do(org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.sandbox.salesforce.bulk_query.DAILY_JOBS", 1)
    org.world.real_limits = True
    made(org, CONTACTS)
    assert error_of(org.http.post("jobs/query", json={"operation": "query", "query": CONTACTS})) == (
        400, "LIMIT_EXCEEDED",
    )  # fmt: skip
    assert org.http.get("limits").json()["DailyBulkV2QueryJobs"] == {"Max": 1, "Remaining": 0}


def test_a_short_page_leads_on_to_the_rest(org: Org) -> None:
    """The fault `short`: fewer rows than asked for and than there are, and nothing lost."""
    ids = [org.seed("Contact", LastName=f"P{n}") for n in range(5)]
    job = done(org, CONTACTS)
    org.world.faults.pending.append(Fault("salesforce", "short", match="/results"))
    pages = walked(org, job, 4)
    assert [each.headers["sforce-numberofrecords"] for each in pages] == ["2", "3"]
    assert [row[0] for each in pages for row in cells(each)[1:]] == ids


def test_a_truncated_page_has_fewer_rows_than_it_says(org: Org) -> None:
    """The fault `truncated`: the answer ends inside a row; asked for again, it is whole."""
    for n in range(6):
        org.seed("Contact", LastName=f"P{n}")
    job = done(org, CONTACTS)
    org.world.faults.pending.append(Fault("salesforce", "truncated"))
    broken, whole = (page(org, job) for _ in range(2))
    assert whole.text.startswith(broken.text)
    assert broken.text[-1] != "\n"
    assert broken.text.count("\n") - 1 < int(broken.headers["sforce-numberofrecords"]) == len(cells(whole)) - 1
