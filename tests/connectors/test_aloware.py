"""Aloware's quirks: one contact at a time, message-only answers, nothing blanked."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from scripted import by_change, http

from tasks.connectors.aloware import Aloware
from tasks.connectors.logins import AlowareLogin
from tasks.core.errors import ConnectorError, SettingsError
from tasks.core.model import Address, Capability, Change, Disposition, Outcome

NOW = datetime(2026, 11, 1, tzinfo=UTC)
PHONE = "+12125550100"
WANTED = {"contacts": ["phone_number", "first_name", "city", "nope"]}
NOT_FOUND = httpx.Response(404, json={"error": "Contact not found."})
Handler = Callable[[httpx.Request], httpx.Response]


def connector(answer: Handler, **options: Any) -> Aloware:
    login = AlowareLogin("https://vendor.example", SecretStr("s3cr3t"), **options)
    return Aloware(http(answer, "aloware"), login, WANTED)


def contact(**values: Any) -> httpx.Response:
    return httpx.Response(200, json={"id": 7, "phone_number": PHONE, "first_name": "Al", "cnam_city": "Rome"} | values)


def change(phone: str = PHONE, record_id: str | None = "7", **fields: str) -> Change:
    return Change(f"c{phone}", "aloware", "contacts", record_id, "update" if record_id else "create", fields, phone)


def forms(answer: httpx.Response, found: httpx.Response | None = None) -> tuple[Handler, list[httpx.Request]]:
    """A handler that gives `answer` to forms and `found` to look-ups; and the forms that came."""
    posted: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            posted.append(request)
            return answer
        return found or contact()

    return handle, posted


def test_the_account_is_the_origin_once_it_answers_to_the_token() -> None:
    users = httpx.Response(200, json=[{"id": 1, "name": "Ann", "email": "ann@x.io"}])
    assert connector(lambda request: users).identify() == "https://vendor.example"
    with pytest.raises(ConnectorError, match="ALOWARE_TOKEN"):
        connector(lambda request: httpx.Response(401, json={"error": "Unauthenticated."})).identify()


def test_peek_looks_up_each_number_once_and_leaves_out_the_absent() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params["phone_number"])
        return contact() if asked[-1] == PHONE else NOT_FOUND

    phones = [PHONE, "+12125550101", PHONE, ""]
    snapshot = connector(answer).peek([Address("contacts", "", phone) for phone in phones], NOW)
    frame = snapshot.frames["contacts"]
    assert frame.loc[0, ["record_id", "phone_number", "city"]].tolist() == ["7", PHONE, "Rome"]
    assert len(frame) == 1
    assert sorted(asked) == [PHONE, "+12125550101"]
    assert frame["as_of"].tolist() == [NOW]
    assert frame["modified_at"].isna().all()


@pytest.mark.parametrize("wrapper", ["contact", "data"])
def test_a_wrapped_contact_is_unwrapped(wrapper: str) -> None:
    subject = connector(lambda _: httpx.Response(200, json={wrapper: {"id": 7, "phone_number": PHONE}}))
    assert subject.peek([Address("contacts", "7", PHONE)], NOW).frames["contacts"]["record_id"].tolist() == ["7"]


def test_a_look_up_that_answers_nonsense_is_an_error_and_not_an_absence() -> None:
    with pytest.raises(ConnectorError, match="no contact"):
        connector(lambda _: httpx.Response(200, json={})).peek([Address("contacts", "7", PHONE)], NOW)


def test_the_catch_all_page_is_an_error() -> None:
    """Fact sheet, section 1.1: unknown routes answer 200 with HTML."""
    with pytest.raises(ConnectorError, match="HTML where JSON was due"):
        connector(lambda _: httpx.Response(200, html="<html>")).peek([Address("contacts", "7", PHONE)], NOW)


def test_a_refused_token_is_named_without_being_told() -> None:
    subject = connector(lambda _: httpx.Response(401, json={"message": "Unauthenticated."}))
    with pytest.raises(ConnectorError, match="check ALOWARE_TOKEN") as raised:
        subject.peek([Address("contacts", "7", PHONE)], NOW)
    assert "s3cr3t" not in str(raised.value)


@pytest.mark.parametrize("status", [200, 201])
def test_a_write_is_explicit_and_read_back(status: int) -> None:
    handle, posted = forms(httpx.Response(status, json={"message": "Contact created."}), contact(id=12))
    (receipt,) = connector(handle).write([change(record_id=None, first_name="Al", city="Rome")])
    assert (receipt.outcome, receipt.record_id) == (Outcome.APPLIED, "12")
    assert json.loads(posted[0].content) == {
        "api_token": "s3cr3t",
        "phone_number": PHONE,
        "force_update": True,
        "first_name": "Al",
        "city": "Rome",
    }


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (400, {"error": "Phone number is empty or invalid."}, "HTTP_400: Phone number is empty or invalid."),
        (409, {"message": "Contact already exists +12125550100"}, "HTTP_409: Contact already exists …"),
        (422, {"message": "x", "errors": {"email": ["joe@x.example is invalid"]}}, "HTTP_422 (email)"),
    ],
)
def test_a_refused_row_says_why_without_values(status: int, body: Any, reason: str) -> None:
    handle, _ = forms(httpx.Response(status, json=body))
    (receipt,) = connector(handle).write([change(first_name="Al")])
    assert (receipt.outcome, receipt.reason) == (Outcome.REFUSED, reason)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"sequence_id": "3"}, "NOT_A_CONTACT_FIELD (sequence_id)"),
        ({"add_to_powerdialer": "1"}, "NOT_A_CONTACT_FIELD (add_to_powerdialer)"),
        ({"first_name": ""}, "CANNOT_CLEAR (first_name)"),
        ({"is_dnc": "false"}, "CONSENT (is_dnc): do-not-call is never lifted"),
    ],
)
def test_what_must_not_be_sent_is_not_sent(fields: dict[str, str], reason: str) -> None:
    handle, posted = forms(httpx.Response(200, json={}))
    (receipt,) = connector(handle).write([change(**fields)])
    assert (receipt.outcome, receipt.reason, posted) == (Outcome.REFUSED, reason, [])


def test_an_update_of_a_contact_costs_one_call() -> None:
    """Whoever asked for it reads back what was written; the id is known."""
    handle, _ = forms(httpx.Response(200, json={"message": "Contact updated."}))
    subject = connector(handle)
    (receipt,) = subject.write([change(first_name="Al")])
    assert (receipt.outcome, receipt.record_id) == (Outcome.APPLIED, "7")
    assert subject.calls == {"read": 0, "write": 1}


def test_an_update_that_made_a_contact_names_the_new_one() -> None:
    """The one that it was meant for was deleted, or had got another number."""
    handle, _ = forms(httpx.Response(201, json={"message": "Contact created."}), contact(id=12))
    (receipt,) = connector(handle).write([change(record_id="7", first_name="Al")])
    assert (receipt.outcome, receipt.record_id) == (Outcome.APPLIED, "12")


def test_a_write_that_cannot_be_read_back_is_not_claimed() -> None:
    handle, _ = forms(httpx.Response(201, json={"message": "Contact created."}), NOT_FOUND)
    (receipt,) = connector(handle).write([change(first_name="Al")])
    assert receipt.outcome is Outcome.FAILED


def test_every_change_is_answered_in_order() -> None:
    handle, posted = forms(httpx.Response(200, json={}))
    changes = [change(f"+1212555{n:04d}", first_name="x") for n in range(100)]
    assert [receipt.change for receipt in connector(handle).write(changes)] == [c.id for c in changes]
    assert len(posted) == 100


def test_one_number_s_changes_never_overlap() -> None:
    seen = Event()
    overlaps: list[bool] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return contact()
        if json.loads(request.content)["first_name"] == "first":
            overlaps.append(seen.wait(0.05))
        else:
            seen.set()
        return httpx.Response(200, json={})

    list(connector(answer).write([change(first_name="first"), change(first_name="second")]))
    assert overlaps == [False]
    assert seen.is_set()


def test_when_aloware_is_away_what_was_tried_is_answered_and_the_error_raised() -> None:
    written = connector(lambda _: httpx.Response(503)).write([change(first_name="Al")])
    assert next(written).outcome is Outcome.FAILED
    with pytest.raises(ConnectorError):
        next(written)


def test_without_an_export_there_is_nothing_to_list() -> None:
    subject = connector(lambda _: NOT_FOUND)
    assert Capability.LIST not in subject.capabilities
    assert subject.pull(NOW).frames["contacts"].empty
    assert "first_name" in subject.pull(NOW).schema["contacts"]


def test_the_catalogue_is_read_and_written() -> None:
    entry = {"id": 4101, "name": "New", "value": None, "locked": False}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json=[entry])
        return httpx.Response(200, json=entry | json.loads(request.content))

    subject = connector(answer, catalogue_url="https://vendor.example/catalogue")
    assert Capability.CATALOGUE in subject.capabilities
    assert subject.dispositions() == [Disposition("4101", "New")]
    saved = subject.save_disposition(Disposition("4101", "New", "NEW", True, 2, False))
    assert saved == Disposition("4101", "New", "NEW", True, 2, False)
    assert subject.calls == {"read": 1, "write": 1}


def test_a_disposition_whose_creation_was_never_answered_is_found_again() -> None:
    """The second attempt is refused because the first one took effect; another's name is another matter."""
    made = {"id": 4109, "name": "Hot", "value": "HOT", "locked": True, "position": 1}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json=[made])
        return httpx.Response(409, json={"error": "The disposition Hot (HOT) already exists."})

    subject = connector(answer, catalogue_url="https://vendor.example/catalogue")
    wanted = Disposition("", "Hot", "HOT", True, 1)
    assert subject.save_disposition(wanted) == Disposition("4109", "Hot", "HOT", True, 1)
    with pytest.raises(ConnectorError, match="HTTP_409"):
        subject.save_disposition(Disposition("", "Hot", "WARM", True, 1))


def test_without_a_catalogue_its_use_is_explained() -> None:
    subject = connector(lambda _: NOT_FOUND)
    assert Capability.CATALOGUE not in subject.capabilities
    with pytest.raises(SettingsError, match="ALOWARE_CATALOGUE_URL"):
        subject.dispositions()


def test_receipts_of_a_mixed_batch() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return contact()
        bad = json.loads(request.content)["first_name"] == "bad"
        return httpx.Response(422, json={"errors": {"first_name": ["no"]}}) if bad else httpx.Response(200, json={})

    changes = [change(f"+1212555010{n}", first_name="bad" if n == 2 else "fine") for n in range(5)]
    found = by_change(connector(answer).write(changes))
    assert [c.id for c in changes if found[c.id].outcome is Outcome.REFUSED] == [changes[2].id]
