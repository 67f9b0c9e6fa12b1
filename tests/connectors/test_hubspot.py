"""HubSpot's quirks: partial success, refused batches, merges, search windows, and the payloads of real portals."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import msgspec
import pytest
from scripted import by_change, create, http, recorded, update

from tasks.connectors import hubspot_reading
from tasks.connectors import hubspot_wire as wire
from tasks.connectors.hubspot import HubSpot
from tasks.connectors.hubspot_answers import answered
from tasks.connectors.hubspot_api import transient
from tasks.core.errors import ConnectorError, PolicyError
from tasks.core.model import Address, Outcome

NOW = datetime(2026, 11, 1, tzinfo=UTC)
DEFINED = ["email", "firstname", "hs_lead_status", "lastmodifieddate", "hs_merged_object_ids"]
WANTED = {"contacts": ["email", "firstname", "nope"]}
Handler = Callable[[httpx.Request], httpx.Response]


def connector(answer: Handler) -> tuple[HubSpot, list[httpx.Request]]:
    """A portal that knows the properties above and leaves the rest to `answer`; and what it was asked."""
    asked: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/crm/properties/2026-09/contacts":
            return httpx.Response(200, json={"results": [{"name": n, "type": "string"} for n in DEFINED]})
        asked.append(request)
        return answer(request)

    return HubSpot(http(handle, transient=transient), WANTED), asked


def record(record_id: str, moment: datetime = NOW, **properties: str | None) -> dict[str, Any]:
    stamp = moment.isoformat().replace("+00:00", "Z")
    held = {"lastmodifieddate": stamp, "email": None, **properties}
    return {"id": record_id, "properties": held, "createdAt": stamp, "updatedAt": stamp, "archived": False}


def page(*records: dict[str, Any], after: str | None = None) -> httpx.Response:
    return httpx.Response(200, json={"results": records} | ({"paging": {"next": {"after": after}}} if after else {}))


def archived(request: httpx.Request) -> bool:
    return request.url.params.get("archived") == "true"


def batch(status: int, *results: dict[str, Any], errors: Any = ()) -> httpx.Response:
    return httpx.Response(status, json={"status": "COMPLETE", "results": results, "errors": list(errors)})


def test_pull_follows_pages_and_reads_only_what_exists() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if archived(request):
            return page(record("9"))
        more = request.url.params.get("after") == "2"
        return page(record("2", firstname="Bo")) if more else page(record("1", email="a@x.example"), after="2")

    portal, asked = connector(answer)
    snapshot = portal.pull(NOW)
    frame = snapshot.frames["contacts"]
    assert frame["record_id"].tolist() == ["1", "2"]
    assert frame["email"].isna().tolist() == [False, True]
    assert list(frame.columns) == ["record_id", "email", "firstname", "nope", "created_at", "modified_at", "as_of"]
    assert frame["nope"].isna().all()
    assert "nope" not in asked[0].url.params["properties"]
    assert snapshot.gone == {"hubspot:contacts:9": ""}


def test_a_merge_is_told_by_the_record_that_lives_on() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return page(record("1"), record("2")) if archived(request) else page(record("3", hs_merged_object_ids="1;2"))

    portal, _ = connector(answer)
    assert portal.pull(NOW).gone == {f"hubspot:contacts:{old}": "hubspot:contacts:3" for old in "12"}


def test_an_increment_searches_from_the_watermark() -> None:
    portal, asked = connector(lambda request: page() if archived(request) else page(record("1")))
    watermark = portal.pull(NOW).watermark
    portal.pull(NOW + timedelta(minutes=15), watermark)
    searched = next(json.loads(r.content) for r in asked if r.url.path.endswith("/search"))
    (condition,) = searched["filterGroups"][0]["filters"]
    assert condition == {
        "propertyName": "lastmodifieddate",
        "operator": "GTE",
        "value": str(int((NOW - timedelta(minutes=5)).timestamp() * 1000)),
    }
    assert searched["limit"] == 200


@pytest.mark.parametrize("theirs", [NOW - timedelta(hours=3), NOW + timedelta(hours=3), None])
def test_the_watermark_goes_by_hubspot_s_clock_when_the_pull_began(theirs: datetime | None) -> None:
    """Ours may be wrong by hours. A list takes long: what changes while it is read comes with the next pull."""
    time = theirs

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal time
        found = page() if archived(request) else page(record("1", NOW + timedelta(hours=9)))
        if time:
            found.headers["Date"] = format_datetime(time, usegmt=True)
            time += timedelta(minutes=30)
        return found

    portal, _ = connector(answer)
    if theirs:
        portal._api.call("GET", "/any")
    mark = msgspec.json.decode(portal.pull(NOW).watermark or "", type=dict[str, hubspot_reading.Mark])["contacts"]
    assert mark.modified == (theirs or NOW) - hubspot_reading.OVERLAP


def test_a_watermark_never_goes_back() -> None:
    portal, _ = connector(lambda _: page())
    first = portal.pull(NOW).watermark
    marks = [first, portal.pull(NOW - timedelta(hours=1), first).watermark]
    assert len({msgspec.json.decode(mark or "")["contacts"]["modified"] for mark in marks}) == 1


@pytest.mark.parametrize(
    ("pages", "minutes", "due"),
    [(1, 0, True), (4, 59, False), (4, 60, True), (500, 23 * 60, False), (500, 24 * 60, True)],
)
def test_the_longer_the_archived_list_the_rarer_it_is_read(pages: int, minutes: int, due: bool) -> None:
    mark = hubspot_reading.Mark(NOW, NOW, pages)
    assert mark.archive_due(NOW + timedelta(minutes=minutes)) is due


def test_peek_takes_only_answers_to_what_was_asked() -> None:
    missing = {"category": "OBJECT_NOT_FOUND", "context": {"ids": ["8"]}}
    portal, asked = connector(lambda _: batch(207, record("7"), record("99"), errors=[missing]))
    snapshot = portal.peek([Address("contacts", i) for i in ("7", "8", "x1")], NOW)
    assert snapshot.frames["contacts"]["record_id"].tolist() == ["7"]
    assert [i["id"] for i in json.loads(asked[0].content)["inputs"]] == ["7", "8"]


def test_update_answers_are_matched_by_id_and_silence_is_not_success() -> None:
    errors = [{"category": "OBJECT_NOT_FOUND", "message": "…", "context": {"ids": ["2", "3"]}}]
    portal, _ = connector(lambda _: batch(207, record("1"), errors=errors))
    found = by_change(portal.write([update(str(i), "firstname", "x") for i in (1, 2, 3, 4)]))
    assert [found[f"update-{i}"].outcome for i in (1, 2, 3, 4)] == [
        Outcome.APPLIED,
        Outcome.REFUSED,
        Outcome.REFUSED,
        Outcome.FAILED,
    ]


def test_create_answers_are_matched_by_trace_id() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        traces = [i["objectWriteTraceId"] for i in json.loads(request.content)["inputs"]]
        taken = {
            "category": "CONFLICT",
            "message": "Contact already exists. Existing ID: 5",
            "context": {"objectWriteTraceId": [traces[0]], "existingId": ["5"]},
        }
        return batch(207, record("8") | {"objectWriteTraceId": traces[1]}, errors=[taken])

    portal, _ = connector(answer)
    changes = [create(name, {"email": f"{name}@x.example"}) for name in ("a", "b")]
    found = by_change(portal.write(changes))
    assert (found["a"].outcome, found["a"].reason) == (Outcome.REFUSED, "CONFLICT: the value belongs to 5")
    assert (found["b"].outcome, found["b"].record_id) == (Outcome.APPLIED, "8")


def test_create_answers_without_trace_ids_are_matched_by_their_values() -> None:
    portal, _ = connector(lambda _: batch(201, record("8", email="b@x.example"), record("9", email="a@x.example")))
    found = by_change(portal.write([create(name, {"email": f"{name}@x.example"}) for name in ("A", "b")]))
    assert {name: receipt.record_id for name, receipt in found.items()} == {"A": "9", "b": "8"}


@pytest.mark.parametrize("status", [400, 409])
def test_a_batch_that_is_refused_whole_is_taken_apart(status: int) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        inputs = json.loads(request.content)["inputs"]
        if any(i["id"] == "13" for i in inputs):
            return httpx.Response(status, json={"category": "VALIDATION_ERROR", "message": "no"})
        return batch(200, *(record(i["id"]) for i in inputs))

    portal, _ = connector(answer)
    found = by_change(portal.write([update(str(i), "firstname", "x") for i in range(20)]))
    assert [name for name, r in found.items() if r.outcome is not Outcome.APPLIED] == ["update-13"]
    assert found["update-13"].reason == "VALIDATION_ERROR"


def test_batches_are_of_a_hundred_and_hold_no_id_twice() -> None:
    portal, asked = connector(lambda request: batch(200))
    changes = [update(str(i), "firstname", "x") for i in range(150)]
    assert len(list(portal.write([*changes, changes[-1]]))) == 151
    assert [len(json.loads(r.content)["inputs"]) for r in asked] == [100, 50, 1]


def test_a_blank_is_sent_as_a_blank() -> None:
    portal, asked = connector(lambda _: batch(200, record("1")))
    list(portal.write([update("1", "firstname", "")]))
    assert json.loads(asked[0].content)["inputs"][0]["properties"] == {"firstname": ""}


def test_a_spent_day_is_not_waited_for() -> None:
    portal, asked = connector(lambda _: httpx.Response(429, json={"policyName": "DAILY", "errorType": "RATE_LIMIT"}))
    with pytest.raises(ConnectorError, match="DAILY"):
        portal.identify()
    assert len(asked) == 1


def test_a_missing_scope_names_what_to_check() -> None:
    body = recorded("hubspot/amp-labs__missing_scope.json")
    portal, _ = connector(lambda _: httpx.Response(403, content=body, headers={"Content-Type": "application/json"}))
    with pytest.raises(ConnectorError, match=r"403 MISSING_SCOPES.*HUBSPOT_TOKEN"):
        portal.identify()


def defining(answer: httpx.Response) -> HubSpot:
    """A portal that answers so when it is asked for its contacts' properties."""
    return HubSpot(http(lambda _: answer, transient=transient), WANTED)


def test_statuses_keep_hubspot_s_order_though_positions_repeat() -> None:
    orders = {"NEW": 0, "OPEN_DEAL": 2, "IN_PROGRESS": 2, "OPEN": 1}
    options = [{"label": v.title(), "value": v, "displayOrder": o, "hidden": v == "OPEN"} for v, o in orders.items()]
    definition = {"name": "hs_lead_status", "options": options}
    found = defining(httpx.Response(200, json={"results": [definition]})).statuses()
    assert [(s.value, s.position) for s in found] == [("NEW", 0), ("OPEN", 1), ("OPEN_DEAL", 2), ("IN_PROGRESS", 3)]
    assert [s.value for s in found if s.hidden] == ["OPEN"]


def test_a_status_property_that_is_gone_is_the_policy_s_mistake_and_a_hiccup_is_not() -> None:
    """Archived, hidden from the login, or misspelt: the sentence names it; anything else may be tried again."""
    with pytest.raises(PolicyError, match="no property hs_lead_status"):
        defining(httpx.Response(200, json={"results": []})).statuses()
    with pytest.raises(ConnectorError, match="HTTP 400 VALIDATION_ERROR"):
        defining(httpx.Response(400, json={"category": "VALIDATION_ERROR"})).statuses()


def test_an_enumeration_without_options_takes_no_value() -> None:
    """None at all is not the same as any."""
    definition = {"name": "hs_lead_status", "type": "enumeration", "options": []}
    assert wire.defined(definition).options == ()
    assert wire.defined(definition | {"externalOptions": True}).options is None


def test_recorded_account() -> None:
    body = recorded("hubspot/amp-labs__account_info.json")
    portal, _ = connector(lambda _: httpx.Response(200, content=body, headers={"Content-Type": "application/json"}))
    assert portal.identify() == "12345678"


def test_recorded_properties() -> None:
    definitions = json.loads(recorded("hubspot/amp-labs__properties_contacts_sampled.json"))["results"]
    known = {d["name"]: wire.defined(d) for d in definitions}
    assert known["mobilephone"].updateable
    assert known["mobilephone"].options is None
    for definition in definitions:
        if definition["modificationMetadata"]["readOnlyValue"] or definition["calculated"]:
            assert not known[definition["name"]].updateable
        if definition["externalOptions"]:
            assert known[definition["name"]].options is None


def test_recorded_partial_create() -> None:
    answer = json.loads(recorded("hubspot/amp-labs__batch_create_contacts_partial.json"))
    changes = [create("0", {"email": "x@y.example"}), create("1", {"email": "siena.dyer@hubspot.com"})]
    receipts = answered(changes, answer)
    assert isinstance(receipts, list)
    found = by_change(receipts)
    assert (found["0"].outcome, found["0"].reason) == (Outcome.REFUSED, "CONFLICT: the value belongs to 171591000198")
    assert (found["1"].outcome, found["1"].record_id) == (Outcome.APPLIED, "171596044870")


def test_recorded_partial_update() -> None:
    answer = json.loads(recorded("hubspot/amp-labs__batch_update_contacts_partial.json"))
    changes = [update(i, "firstname", "x") for i in ("171591000199", "unknownIdentifier888", "555")]
    receipts = answered(changes, answer)
    assert isinstance(receipts, list)
    assert [receipt.outcome for receipt in receipts] == [Outcome.APPLIED, Outcome.REFUSED, Outcome.FAILED]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("batch_create_contacts_conflict", "CONFLICT"),
        ("batch_update_contacts_duplicate_ids", "VALIDATION_ERROR"),
        (
            "batch_create_contacts_invalid_properties",
            "VALIDATION_ERROR PROPERTY_DOESNT_EXIST (first000name, last000name)",
        ),
    ],
)
def test_recorded_refusals(name: str, reason: str) -> None:
    assert wire.reason(json.loads(recorded(f"hubspot/amp-labs__{name}.json"))) == reason


def test_a_holder_elsewhere_is_named_by_its_id_only() -> None:
    """Fact sheet, section 3: the second id of the message is the holder; the address stays unsaid."""
    message = (
        "Cannot set PropertyValueCoordinates{portalId=1, propertyName=email, value=a@x.example} on 552148386511. "
        "552239500007 already has that value."
    )
    told = wire.reason({"category": "VALIDATION_ERROR", "message": message})
    assert told == "VALIDATION_ERROR: the value belongs to 552239500007"
