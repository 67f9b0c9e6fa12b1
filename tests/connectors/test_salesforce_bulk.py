"""Long answers come in bulk: by the rule, whole, as REST would have given them; where that fails, REST gives them."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from math import ceil
from typing import Any

import httpx
import pandas as pd
import pytest
from subjects import logins

from tasks.connectors import salesforce_bulk
from tasks.connectors.http import Http
from tasks.connectors.logins import SalesforceLogin
from tasks.connectors.patience import Patience
from tasks.connectors.salesforce import Salesforce
from tasks.connectors.salesforce_bulk import RESULTS, cheaper
from tasks.core.errors import ConnectorError
from tasks.core.model import SALESFORCE
from tasks.sandbox import salesforce
from tasks.sandbox.salesforce.org import table
from tasks.sandbox.server import Ready, sandbox

LONG_AGO = datetime(2024, 3, 1, 12, 0, 0, 7000, tzinfo=UTC)
NOW = datetime(2026, 11, 1, tzinfo=UTC)
REST_PAGE, PAGE, PEOPLE = 200, 200, 450  # in this small world, three pages of either kind
CLIENT = httpx.Client(verify=False)  # certificates take longer to load than a test
QUICK = Patience(per_call=0.5, first_wait=0.001, longest_wait=0.01)
WANTED = ["LastName", "Description", "DoNotCall", "Birthdate", "LastViewedDate", "Account.Name"]
TEXTS = ['A "quoted", word', "two\nlines\r\nand three", "", "=1+1", "Łódź", "NA", "#N/A", "007", '"']
Bend = Callable[[httpx.Request, httpx.Response], httpx.Response]


@pytest.fixture(scope="module")
def running() -> Iterator[Ready]:
    with sandbox() as town, pytest.MonkeyPatch.context() as patch:
        patch.setattr("tasks.sandbox.salesforce.query.MOST", REST_PAGE)
        account = salesforce.seed(town.world, "Account", {"Name": "Acme, Inc."}, LONG_AGO)
        for n in range(PEOPLE):
            text = TEXTS[n % len(TEXTS)]
            values = {"LastName": f"{text}{n}", "Description": text or None, "DoNotCall": n % 2 == 0}
            dates = {"Birthdate": "1990-01-01" if n % 3 else None, "LastViewedDate": "2024-03-01T12:00:00.000+0000"}
            belongs = {"AccountId": account if n % 5 else None, "IsDeleted": n % 50 == 7}
            salesforce.seed(town.world, "Contact", values | dates | belongs, LONG_AGO)
        yield town


@pytest.fixture
def town(running: Ready) -> Iterator[Ready]:
    CLIENT.delete(f"{running.control}/requests").raise_for_status()
    yield running
    CLIENT.delete(f"{running.control}/faults").raise_for_status()
    running.world.switches.bulk_header_on_every_page = True


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bulk for whatever REST has no room for in a page: the world of these tests is small."""
    monkeypatch.setattr("tasks.connectors.salesforce.cheaper", lambda rows, pages=0: True)


class Bent(httpx.HTTPTransport):
    """The org as it is, but for what `bend` makes of its answers."""

    def __init__(self, bend: Bend) -> None:
        super().__init__(verify=False)
        self._bend = bend

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        response.read()
        return self._bend(request, response)


def opened(town: Ready, results: int = PAGE, bend: Bend | None = None, wanted: Any = WANTED) -> Salesforce:
    login = logins(town.ready)[SALESFORCE]
    assert isinstance(login, SalesforceLogin)
    client = Http(SALESFORCE, login.url, patience=QUICK, transport=Bent(bend) if bend else None)
    return Salesforce(client, login, {"Contact": wanted}, results)


def requests(town: Ready) -> list[dict[str, Any]]:
    """Every call since."""
    return list(CLIENT.get(f"{town.control}/requests", params={"system": SALESFORCE}).json()["requests"])


def asked(town: Ready) -> list[str]:
    """Every call of a job since, looks at it aside."""
    made = requests(town)
    ends = [f"{call['method']} {call['path'].rpartition('/')[2]}" for call in made if "/jobs/query" in call["path"]]
    return [end for end in ends if not end.startswith("GET 750")]


def fault(town: Ready, kind: str, times: int = 1) -> None:
    body = {"system": SALESFORCE, "kind": kind, "times": times, "match": "/results"}
    CLIENT.post(f"{town.control}/faults", json=body).raise_for_status()


def contacts(connector: Salesforce) -> pd.DataFrame:
    frame = connector.pull(NOW).frames["Contact"]
    return frame.sort_values("record_id").reset_index(drop=True)


def test_bulk_is_for_what_takes_fewer_calls_that_way() -> None:
    """REST has no rival up to 14,000 rows; from there on it is the other way round, more and more. A page that is here
    already is one less to come."""
    for pages in (0, 1):
        most = 14_000 + 2_000 * pages
        assert not any(cheaper(rows, pages) for rows in range(0, most + 1, 100))
        assert all(cheaper(rows, pages) for rows in range(most + 1, 3_000_000, 9_999))


def test_a_small_org_is_read_page_by_page(town: Ready) -> None:
    assert len(contacts(opened(town))) == PEOPLE - PEOPLE // 50
    assert asked(town) == []


def test_bulk_and_rest_say_the_same(town: Ready, monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts of any kind, blanks, flags, dates, times, related records; the dead, and how far it reached."""
    by_rest = opened(town).pull(NOW)
    monkeypatch.setattr("tasks.connectors.salesforce.cheaper", lambda rows, pages=0: True)
    in_bulk = opened(town).pull(NOW)
    assert asked(town) == ["POST query", *["GET results"] * ceil(PEOPLE / PAGE)]
    frames = [each.frames["Contact"].sort_values("record_id", ignore_index=True) for each in (by_rest, in_bulk)]
    pd.testing.assert_frame_equal(*frames)
    assert by_rest.gone == in_bulk.gone
    assert len(in_bulk.gone) == PEOPLE // 50
    assert by_rest.watermark == in_bulk.watermark


@pytest.mark.usefixtures("eager")
def test_what_changed_comes_in_bulk_too_when_it_is_much(town: Ready) -> None:
    snapshot = opened(town).pull(NOW, '{"Contact":"2024-01-01T00:00:00Z"}')
    assert len(snapshot.frames["Contact"]) == PEOPLE - PEOPLE // 50
    assert asked(town)[0] == "POST query"


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("every_page", [True, False])
def test_every_page_has_a_header_or_the_first_alone(town: Ready, every_page: bool) -> None:
    """Sources disagree (fact sheet, section 7.1)."""
    town.world.switches.bulk_header_on_every_page = every_page
    found = contacts(opened(town))
    assert len(found) == PEOPLE - PEOPLE // 50
    assert found["LastName"].is_unique


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("kind", ["truncated", "short", "503", "reset"])
def test_a_page_that_is_cut_short_is_fetched_again(town: Ready, kind: str) -> None:
    fault(town, kind, 2)
    found = contacts(opened(town))
    assert found["LastName"].nunique() == len(found) == PEOPLE - PEOPLE // 50
    assert asked(town).count("GET results") > ceil(PEOPLE / PAGE)


def _without_its_end(content: bytes) -> bytes:
    return content[:-3]


def _without_its_last_row(content: bytes) -> bytes:
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows[:-1])
    return text.getvalue().encode()


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("cut", [_without_its_end, _without_its_last_row])
def test_even_a_cut_that_leaves_good_csv_is_found_out(town: Ready, cut: Callable[[bytes], bytes]) -> None:
    """By the number of rows that a page is said to have; and where they are all there, by an open quote."""
    bent: list[str] = []

    def bend(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if not request.url.path.endswith("/results") or bent:
            return response
        bent.append(str(request.url))
        return httpx.Response(200, headers=response.headers, content=cut(response.content))

    assert len(contacts(opened(town, bend=bend))) == PEOPLE - PEOPLE // 50
    assert bent
    assert asked(town).count("GET results") == ceil(PEOPLE / PAGE) + 1


@pytest.mark.usefixtures("eager")
def test_pages_that_stay_cut_short_are_an_error(town: Ready) -> None:
    fault(town, "truncated", 10_000)
    with pytest.raises(ConnectorError, match="cut its answer to a bulk query short"):
        opened(town).pull(NOW)


@pytest.mark.usefixtures("eager")
def test_an_answer_that_does_not_say_where_it_goes_on_is_an_error(town: Ready) -> None:
    def bend(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        response.headers.pop("Sforce-Locator", None)
        return response

    with pytest.raises(ConnectorError, match="doesn't say where"):
        opened(town, bend=bend).pull(NOW)


def _state(word: str) -> Bend:
    """Every look at a job finds it in that state."""

    def bend(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        look = request.method == "GET" and request.url.path.rpartition("/")[2].startswith("750")
        return httpx.Response(200, json={"state": word}) if look else response

    return bend


def _refusal(request: httpx.Request, response: httpx.Response) -> httpx.Response:
    job = request.method == "POST" and request.url.path.endswith("/jobs/query")
    return httpx.Response(400, json=[{"errorCode": "LIMIT_EXCEEDED", "message": "no more jobs"}]) if job else response


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize(
    ("bend", "calls"),
    [
        (_refusal, ["POST query"]),
        (_state("Failed"), ["POST query"]),
        (_state("Aborted"), ["POST query"]),
        (_state("InProgress"), ["POST query", "PATCH job"]),
    ],
    ids=["refused", "failed", "aborted", "late"],
)
def test_where_a_job_comes_to_nothing_rest_goes_on(
    town: Ready, monkeypatch: pytest.MonkeyPatch, bend: Bend, calls: list[str]
) -> None:
    """A job that takes too long is called off."""
    monkeypatch.setattr(salesforce_bulk, "JOB_SECONDS", 0.05)
    assert len(contacts(opened(town, bend=bend))) == PEOPLE - PEOPLE // 50
    made = ["PATCH job" if call.startswith("PATCH 750") else call for call in asked(town)]
    assert made == calls


@pytest.mark.usefixtures("eager")
def test_an_address_in_parts_is_not_asked_for_in_bulk(town: Ready) -> None:
    """Bulk queries refuse compound fields (fact sheet, section 4)."""
    assert len(contacts(opened(town, wanted=["LastName", "MailingAddress"]))) == PEOPLE - PEOPLE // 50
    assert asked(town) == []


@pytest.mark.parametrize("people", [17_000, pytest.param(50_000, marks=pytest.mark.deep)])
def test_many_contacts_take_a_job_and_its_pages(people: int) -> None:
    """By the rule as it is, with pages as large as they are: nothing else is asked but who we are, what a Contact looks
    like, with how many there are, and whether the job is done."""
    with sandbox() as town:
        first = salesforce.seed(town.world, "Contact", {"LastName": "Doe"}, LONG_AGO)
        rows = table(town.world, "Contact")
        born = rows.get(first)
        assert born is not None
        for n in range(1, people):
            record_id = f"0035e0000{n:06d}AAA"
            rows.put(record_id, born | {"Id": record_id, "LastName": f"Doe {n}"})
        snapshot = opened(town, RESULTS, wanted=["LastName"]).pull(NOW)
        assert snapshot.frames["Contact"]["LastName"].nunique() == people
        assert asked(town)[0] == "POST query"
        made = [f"{call['method']} {call['path'].rpartition('/')[2]}" for call in requests(town)]
        assert [made.pop(0), made.pop(0)] == ["POST token", "POST composite"]
        calls = [call for call in made if not call.startswith("GET 750")]
        assert len(calls) <= 1.2 * (1 + ceil(people / RESULTS)), calls


def test_an_org_that_does_not_count_is_read_all_the_same(town: Ready) -> None:
    """Page by page, until it says how much there is."""

    def bend(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if not request.url.path.endswith("/composite"):
            return response
        parts = response.json()["compositeResponse"]
        slow = {"httpStatusCode": 400, "body": [{"errorCode": "OPERATION_TOO_LARGE", "message": "…"}]}
        return httpx.Response(200, json={"compositeResponse": [parts[0], parts[1] | slow]})

    assert len(contacts(opened(town, bend=bend))) == PEOPLE - PEOPLE // 50
