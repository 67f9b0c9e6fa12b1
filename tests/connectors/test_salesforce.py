"""Salesforce's quirks: sessions, describes, paging, rows that fail alone, and the payloads that real orgs have sent."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from scripted import by_change, create, http, recorded, update

from tasks.connectors import salesforce_wire as wire
from tasks.connectors.logins import SalesforceLogin
from tasks.connectors.salesforce import Salesforce
from tasks.connectors.salesforce_asking import Asking
from tasks.connectors.salesforce_session import Session, transient
from tasks.connectors.salesforce_soql import Query, quoted
from tasks.core.errors import ConnectorError
from tasks.core.model import Address, Change, Outcome

NOW = datetime(2026, 11, 1, tzinfo=UTC)
LOGIN = SalesforceLogin("https://vendor.example", "id", SecretStr("s3cr3t"))
WANTED = {"Contact": ["FirstName", "Email", "Nope__c"]}
UNKNOWN = "003RO0000035WQzYAM"
ORG = "00D000000000001AAA"
ONE, TWO, LOST, ERASED = (f"003RO0000035WQ{letter}YAM" for letter in "ghij")
EXPIRED = httpx.Response(401, json=[{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}])
LOCKED = {"success": False, "errors": [{"statusCode": "UNABLE_TO_LOCK_ROW", "message": "unable…", "fields": []}]}
Handler = Callable[[httpx.Request], httpx.Response]


def _field(name: str, kind: str = "string", **flags: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "createable": True, "updateable": True, "nillable": True, **flags}


FIELDS = [
    _field("FirstName", length=40),
    _field("Email", "email"),
    _field("DoNotCall", "boolean"),
    _field("Score__c", "double"),
    _field("AccountId", "reference", relationshipName="Account", referenceTo=["Account"]),
    _field("OwnerId", "reference", relationshipName="Owner", referenceTo=["Group", "User"]),
]


class Org:
    """An org of one handler: it signs everybody in, describes Contact, says how many there are, takes composite calls
    apart, and leaves the rest to `answer`."""

    def __init__(self, answer: Handler) -> None:
        self._answer = answer
        self.logins = 0
        self.asked: list[httpx.Request] = []  # parts of composite calls, not the calls

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/token"):
            self.logins += 1
            opened = {"instance_url": "https://i.example", "id": f"https://i.example/id/{ORG}/005000000000001AAA"}
            return httpx.Response(200, json=opened | {"access_token": f"t{self.logins}"})
        if request.url.path.endswith("/describe"):
            fields = FIELDS if "Contact" in request.url.path else [_field("Name"), _field("Email")]
            return httpx.Response(200, json={"fields": fields})
        if "COUNT()" in request.url.params.get("q", ""):
            return httpx.Response(200, json={"totalSize": 9, "done": True, "records": []})
        if request.url.path.endswith("/composite"):
            return httpx.Response(
                200, json={"compositeResponse": [*map(self._part, json.loads(request.content)["compositeRequest"])]}
            )
        self.asked.append(request)
        return self._answer(request)

    def _part(self, part: dict[str, Any]) -> dict[str, Any]:
        answer = self(httpx.Request(part["method"], f"https://i.example{part['url']}", json=part.get("body")))
        return {"body": answer.json(), "httpStatusCode": answer.status_code, "referenceId": part["referenceId"]}


def connector(org: Org, wanted: dict[str, list[str]] | None = None) -> Salesforce:
    return Salesforce(http(org, "salesforce", transient=transient), LOGIN, wanted or WANTED)


def page(rows: list[dict[str, Any]], following: str | None = None) -> httpx.Response:
    body = {"totalSize": 9, "done": following is None, "records": rows}
    return httpx.Response(200, json=body | ({"nextRecordsUrl": following} if following else {}))


def row(record_id: str, **values: Any) -> dict[str, Any]:
    times = dict.fromkeys(("CreatedDate", "LastModifiedDate"), "2026-10-01T00:00:00.000+0000")
    return {"attributes": {}, "Id": record_id, "SystemModstamp": "2026-10-02T10:00:00.000+0000", **times, **values}


def dead(record_id: str, master: str | None) -> dict[str, Any]:
    return row(record_id, IsDeleted=True, MasterRecordId=master)


def results(*rows: dict[str, Any]) -> httpx.Response:
    return httpx.Response(200, json=list(rows))


def contact(record_id: str, **values: str) -> Change:
    name, value = next(iter(values.items()))
    return update(record_id, name, value, "Contact", "salesforce")


def test_the_org_is_the_one_that_the_login_opens() -> None:
    """It costs no call."""
    org = Org(lambda _: EXPIRED)
    assert connector(org).identify() == ORG
    assert (org.logins, org.asked) == (1, [])


def test_an_expired_session_is_renewed_once_and_the_call_replayed() -> None:
    org = Org(lambda request: page([]) if request.headers["Authorization"] == "Bearer t2" else EXPIRED)
    connector(org).pull(NOW)
    assert (org.logins, len(org.asked)) == (2, 2)


def test_threads_that_find_the_session_expired_renew_it_once() -> None:
    """Both calls are made with the old token before either is answered."""
    both = Barrier(2)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers["Authorization"] == "Bearer t2":
            return page([])
        both.wait(10)
        return EXPIRED

    org = Org(answer)
    session = Session(http(org, "salesforce"), LOGIN)
    session.organization()
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(session.send, ["GET", "GET"], ["/one", "/two"]))
    assert [response.status_code for response in found] == [200, 200]
    assert org.logins == 2


def test_a_session_that_stays_refused_ends_in_one_clear_sentence() -> None:
    org = Org(lambda _: EXPIRED)
    with pytest.raises(ConnectorError, match=r"refused us .* check SALESFORCE_CLIENT_ID"):
        connector(org).pull(NOW)
    assert org.logins == 2


def test_a_session_that_is_not_for_rest_is_not_renewed() -> None:
    """Fact sheet, section 9: an object, not an array, and no INVALID_SESSION_ID."""
    org = Org(lambda _: httpx.Response(401, json={"message": "This session is not valid for use with the REST API"}))
    with pytest.raises(ConnectorError):
        connector(org).pull(NOW)
    assert org.logins == 1


def test_a_refused_login_names_the_variables_and_no_secret() -> None:
    body = recorded("salesforce/restforce__login_failed.json")
    org = http(lambda _: httpx.Response(400, content=body, headers={"Content-Type": "application/json"}), "salesforce")
    with pytest.raises(ConnectorError, match=r"invalid_grant.*SALESFORCE_CLIENT_SECRET") as raised:
        Salesforce(org, LOGIN, WANTED).identify()
    assert "s3cr3t" not in str(raised.value)


def test_too_many_calls_at_once_passes_but_a_spent_day_does_not() -> None:
    def over(text: str) -> httpx.Response:
        return httpx.Response(403, json=[{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": text}])

    assert transient(over("ConcurrentRequests (Concurrent API Requests) Limit exceeded."))
    assert not transient(over("TotalRequests Limit exceeded."))


def test_pull_reads_only_what_exists_and_follows_pages() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/query/next-2000"):
            return page([row(ONE, FirstName="One"), dead(LOST, TWO)], "/services/data/v63.0/query/next-2000")
        return page([row(TWO, FirstName=None, Email="two@x.example"), dead(ERASED, None)])

    org = Org(answer)
    snapshot = connector(org).pull(NOW)
    frame = snapshot.frames["Contact"]
    assert frame["record_id"].tolist() == [ONE, TWO]
    assert frame["FirstName"].isna().tolist() == [False, True]
    assert frame["Nope__c"].isna().all()
    assert "Nope__c" not in snapshot.schema["Contact"]
    assert "Nope__c" not in org.asked[0].url.params["q"]
    assert str(frame["modified_at"].dtype) == "datetime64[us, UTC]"
    assert not {"IsDeleted", "MasterRecordId"} & set(frame)
    assert snapshot.gone == {
        f"salesforce:Contact:{LOST}": f"salesforce:Contact:{TWO}",
        f"salesforce:Contact:{ERASED}": "",
    }


def test_a_row_that_moves_between_pages_is_taken_once_as_it_came_last() -> None:
    """Edited while the pages were read, it comes again at the end; deleted meanwhile, it is gone."""
    lost = [{"message": "invalid query locator", "errorCode": "INVALID_QUERY_LOCATOR"}]
    late = "2026-10-03T10:00:00.000+0000"

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/next"):
            return httpx.Response(400, json=lost)
        if " AND Id > " not in request.url.params["q"]:
            return page([row(LOST), row(ONE, FirstName="Old"), row(TWO)], "/services/data/v63.0/query/next")
        return page([row(ONE, FirstName="New", SystemModstamp=late), dead(LOST, None) | {"SystemModstamp": late}])

    org = Org(answer)
    snapshot = connector(org).pull(NOW, '{"Contact":"2026-01-01T00:00:00Z"}')
    names = snapshot.frames["Contact"].set_index("record_id")["FirstName"]
    assert names[ONE] == "New"
    assert set(names.index) == {ONE, TWO}
    assert set(snapshot.gone) == {f"salesforce:Contact:{LOST}"}
    assert snapshot.watermark == '{"Contact":"2026-10-03T09:55:00Z"}'
    last = f"(SystemModstamp = 2026-10-02T10:00:00.000Z AND Id > '{TWO}')"
    asked = org.asked[-1].url.params["q"]
    assert f"SystemModstamp >= 2026-01-01T00:00:00Z AND (SystemModstamp > 2026-10-02T10:00:00.000Z OR {last})" in asked


def test_an_org_that_has_lost_the_thread_for_good_is_an_error() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/next"):
            return httpx.Response(400, json=[{"message": "expired", "errorCode": "QUERY_LOCATOR_EXPIRED"}])
        return page([row(ONE)] if " AND Id > " not in request.url.params["q"] else [], "/services/data/v63.0/next")

    with pytest.raises(ConnectorError, match="QUERY_LOCATOR_EXPIRED"):
        connector(Org(answer)).pull(NOW)


def test_a_part_of_a_call_that_stumbles_is_tried_again_and_one_that_is_refused_is_told() -> None:
    """Parts fail inside an answer that says 200."""
    answers = [httpx.Response(503, json=[{"errorCode": "SERVER_UNAVAILABLE"}])]
    wanted = {"Contact": ["FirstName"], "Account": ["Name"]}
    org = Org(lambda _: answers.pop() if answers else page([row(ONE)]))
    assert len(connector(org, wanted).pull(NOW).frames["Account"]) == 1
    refused = httpx.Response(400, json=[{"errorCode": "INVALID_FIELD", "message": "No such column"}])
    with pytest.raises(ConnectorError, match="HTTP 400 INVALID_FIELD"):
        connector(Org(lambda _: refused), wanted).pull(NOW)


def test_ids_of_15_and_18_characters_are_one() -> None:
    """Fact sheet, section 10."""
    org = Org(lambda _: page([row(ONE[:15]), row(TWO), dead(LOST[:15], ERASED[:15])]))
    snapshot = connector(org).pull(NOW)
    assert snapshot.frames["Contact"]["record_id"].tolist() == [ONE, TWO]
    assert snapshot.gone == {f"salesforce:Contact:{LOST}": f"salesforce:Contact:{ERASED}"}


def test_duplicates_are_saved_where_the_login_allows_it() -> None:
    sent = []
    for login in (LOGIN, replace(LOGIN, allow_duplicates=True)):
        org = Org(lambda _: results({"id": ONE, "success": True, "errors": []}))
        subject = Salesforce(http(org, "salesforce"), login, WANTED)
        list(subject.write([contact(ONE, FirstName="a")]))
        sent.append(org.asked[0].headers.get("Sforce-Duplicate-Rule-Header"))
    assert sent == [None, "allowSave=true"]


def test_the_watermark_looks_back_and_is_used() -> None:
    org = Org(lambda _: page([row(ONE)]))
    subject = connector(org)
    watermark = subject.pull(NOW).watermark
    assert watermark == '{"Contact":"2026-10-02T09:55:00Z"}'
    assert subject.pull(NOW, watermark).watermark == watermark
    assert "SystemModstamp >= 2026-10-02T09:55:00Z ORDER BY SystemModstamp, Id" in org.asked[1].url.params["q"]


def test_an_empty_increment_keeps_the_watermark() -> None:
    assert connector(Org(lambda _: page([]))).pull(NOW, '{"Contact":"2026-01-01T00:00:00Z"}').watermark == (
        '{"Contact":"2026-01-01T00:00:00Z"}'
    )


def test_a_related_record_s_property_is_flattened_and_read_only() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        rows = [row(ONE, Account={"attributes": {}, "Name": "Acme"}), row(TWO, Account=None)]
        return page(rows)

    snapshot = connector(Org(answer), {"Contact": ["Account.Name"]}).pull(NOW)
    assert snapshot.frames["Contact"]["Account.Name"].tolist()[0] == "Acme"
    assert snapshot.frames["Contact"]["Account.Name"].isna().tolist() == [False, True]
    assert snapshot.schema["Contact"]["Account.Name"].updateable is False


def test_a_related_record_s_change_is_a_change() -> None:
    """An Account's new name leaves no trace on its Contacts. Of an owner, who may be a user or a group, nothing tells
    when it was changed."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params.get("q", ""))
        return page([])

    connector(Org(answer), {"Contact": ["Account.Name", "Owner.Name"]}).pull(NOW, '{"Contact":"2026-01-01T00:00:00Z"}')
    since = "SystemModstamp >= 2026-01-01T00:00:00Z"
    assert any(f"WHERE ({since} OR Account.{since}) ORDER BY" in query for query in asked)
    assert any("Owner.Name" in query for query in asked)
    assert not any("Owner.SystemModstamp" in query for query in asked)


def test_peek_leaves_out_what_is_deleted_unknown_or_no_id() -> None:
    rows = [row(ONE, IsDeleted=False), None, row(TWO, IsDeleted=True)]
    org = Org(lambda _: httpx.Response(200, json=rows))
    others = ("nonsense'", "00QRO0000035WQgYAM", f"{TWO[:15]}AAA")  # a Lead's, and one with a slip in it
    asked = [Address("Contact", i) for i in (ONE, UNKNOWN, TWO, ONE[:15], *others)]
    snapshot = connector(org).peek(asked, NOW)
    assert snapshot.frames["Contact"]["record_id"].tolist() == [ONE]
    assert json.loads(org.asked[0].content)["ids"] == [ONE, TWO, UNKNOWN]


def test_what_is_sent() -> None:
    org = Org(lambda _: results({"id": ONE, "success": True, "errors": []}))
    fields = {"Email": "", "DoNotCall": "true", "Score__c": "1.5", "FirstName": "42"}
    list(connector(org).write([Change("c", "salesforce", "Contact", ONE, "update", fields)]))
    sent = org.asked[0]
    assert (sent.method, sent.headers["Sforce-Auto-Assign"]) == ("PATCH", "FALSE")
    body = json.loads(sent.content)
    assert body["allOrNone"] is False
    assert body["records"] == [
        {
            "attributes": {"type": "Contact"},
            "id": ONE,
            "Email": None,
            "DoNotCall": True,
            "Score__c": 1.5,
            "FirstName": "42",
        }
    ]
    assert next(iter(body["records"][0])) == "attributes"


@pytest.mark.parametrize("status", [200, 400])
def test_one_bad_row_is_refused_alone(status: int) -> None:
    """Fact sheet, section 6: sources disagree on the status; the body is the same."""
    bad = {
        "success": False,
        "errors": [
            {"statusCode": "STRING_TOO_LONG", "message": "First Name: too large: J@x.y", "fields": ["FirstName"]}
        ],
    }
    org = Org(lambda _: httpx.Response(status, json=[{"id": ONE, "success": True, "errors": []}, bad]))
    found = by_change(connector(org).write([contact(ONE, FirstName="a"), contact(TWO, FirstName="b")]))
    assert found[f"update-{ONE}"].outcome is Outcome.APPLIED
    assert (found[f"update-{TWO}"].outcome, found[f"update-{TWO}"].reason) == (
        Outcome.REFUSED,
        "STRING_TOO_LONG (FirstName)",
    )


def test_a_locked_row_is_tried_again_alone() -> None:
    answers = [results({"id": ONE, "success": True, "errors": []}, LOCKED), results({"id": TWO, "success": True})]
    org = Org(lambda _: answers.pop(0))
    found = by_change(connector(org).write([contact(ONE, FirstName="a"), contact(TWO, FirstName="b")]))
    assert {receipt.outcome for receipt in found.values()} == {Outcome.APPLIED}
    assert [r["id"] for r in json.loads(org.asked[1].content)["records"]] == [TWO]


def test_a_lock_that_stays_fails_and_is_not_final() -> None:
    (receipt,) = connector(Org(lambda _: results(LOCKED))).write([contact(ONE, FirstName="a")])
    assert (receipt.outcome, receipt.reason) == (Outcome.FAILED, "UNABLE_TO_LOCK_ROW")


def test_a_batch_that_is_refused_whole_is_taken_apart() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        rows = json.loads(request.content)["records"]
        if any(r["FirstName"] == "bad" for r in rows):
            return httpx.Response(400, json=[{"errorCode": "JSON_PARSER_ERROR", "message": "bad"}])
        return results(*({"id": r["id"], "success": True, "errors": []} for r in rows))

    ids = [f"003RO0000035WQ{letter}YAM" for letter in "abcdefg"]
    changes = [contact(i, FirstName="bad" if i == ids[4] else "fine") for i in ids]
    found = by_change(connector(Org(answer)).write(changes))
    assert [i for i in ids if found[f"update-{i}"].outcome is not Outcome.APPLIED] == [ids[4]]
    assert found[f"update-{ids[4]}"].reason == "JSON_PARSER_ERROR"


def test_a_create_without_an_answer_is_failed_as_unknown_and_not_repeated() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("slow")

    org = Org(answer)
    (receipt,) = connector(org).write([create("new", {"FirstName": "a"}, "Contact", "salesforce")])
    assert receipt.outcome is Outcome.FAILED
    assert "outcome unknown" in receipt.reason
    assert len(org.asked) == 1


def test_an_unreachable_org_answers_for_what_was_sent_and_raises() -> None:
    written = connector(Org(lambda _: httpx.Response(503))).write([contact(ONE, FirstName="a")])
    assert next(written).outcome is Outcome.FAILED
    with pytest.raises(ConnectorError):
        next(written)


def test_one_record_twice_goes_out_in_two_calls() -> None:
    org = Org(lambda _: results({"id": ONE, "success": True, "errors": []}))
    list(connector(org).write([contact(ONE, FirstName="a"), contact(ONE, FirstName="b")]))
    assert [json.loads(r.content)["records"][0]["FirstName"] for r in org.asked] == ["a", "b"]


@pytest.mark.parametrize("value", ["O'Brien", "\\", "\\'", "' OR Id != '"])
def test_a_value_cannot_end_its_literal(value: str) -> None:
    literal = quoted(value)
    inside = literal[1:-1].replace("\\\\", "").replace("\\'", "")
    assert "'" not in inside
    assert "\\" not in inside


@pytest.mark.parametrize("object_name", ["Contact", "Lead"])
def test_recorded_describes(object_name: str) -> None:
    fields = json.loads(recorded(f"salesforce/cumulusci__describe_{object_name}.json"))["fields"]
    known = {f["name"]: wire.described(f) for f in fields}
    required = {name for name, field in known.items() if field.required}
    assert required == ({"LastName"} if object_name == "Contact" else {"LastName", "Company"})
    assert known["FirstName"].length == 40
    assert not known["SystemModstamp"].updateable
    assert known["LeadSource"].options is None
    assert known["CleanStatus"].options is not None


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("collections_create_contacts_all_or_none", "REQUIRED_FIELD_MISSING (LastName)"),
        ("collections_update_contacts_no_ids", "MISSING_ARGUMENT"),
    ],
)
def test_recorded_row_results(name: str, reason: str) -> None:
    rows = json.loads(recorded(f"salesforce/amp-labs__{name}.json"))
    assert wire.is_results(rows)
    assert wire.reason(rows[0]["errors"]) == reason


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("amp-labs__collections_create_empty_list", ["REQUIRED_FIELD_MISSING"]),
        ("amp-labs__query_unknown_object", ["INVALID_TYPE"]),
        ("amp-labs__delete_already_deleted", ["ENTITY_IS_DELETED"]),
        ("restforce__expired_session", ["INVALID_SESSION_ID"]),
        ("restforce__login_failed", ["invalid_grant"]),
    ],
)
def test_recorded_errors(name: str, codes: list[str]) -> None:
    body = json.loads(recorded(f"salesforce/{name}.json"))
    assert wire.error_codes(body) == codes
    assert not wire.is_results(body)


def test_a_recorded_page_says_done_and_is_believed() -> None:
    """The recorded Leads' page has `done` and a next address at once: `done` decides."""
    body = recorded("salesforce/amp-labs__query_leads_page.json")
    org = Org(lambda _: httpx.Response(200, content=body, headers={"Content-Type": "application/json;charset=UTF-8"}))
    client = http(org, "salesforce")
    asking = Asking(client, Session(client, LOGIN), "/services/data/v63.0")
    (found,) = asking.all(Query("Lead", ("FirstName",)))
    assert found["FirstName"][0] == "Bertha"
    assert len(org.asked) == 1
