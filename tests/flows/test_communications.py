"""Calls and messages appear on the right Salesforce record, once: over HTTP, from Aloware's own webhooks."""

import asyncio
import json
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flows.forget import forget
from flows.log_communications import log_communications
from flows.reconcile import reconcile
from tasks import stopping
from tasks.core.errors import Interrupted
from tasks.log import UNDER_WAY
from tasks.sandbox.traffic import Traffic
from tests.flows.inbox_world import Desk, desk, until
from tests.flows.worlds import Office, connected, number, settle

__all__ = ["desk"]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with connected(tmp_path_factory.mktemp("communications"), stock=4) as made:
        yield made


def test_initiate_communication(office: Office, desk: Desk) -> None:
    """The seeds' own check: make a call, and it appears as a Task on the corresponding Salesforce record, once."""
    ann = office.stock[0]
    call = desk.happens(ann.aloware, notes="wants a quote")
    told = log_communications()
    assert (told.created, told.updated, told.waiting, told.refused) == (1, 0, [], [])
    (task,) = desk.tasks(call)
    assert task["WhoId"] == ann.salesforce
    assert (task["TaskSubtype"], task["CallType"], task["CallDurationInSeconds"]) == ("Call", "Outbound", 63)
    assert "wants a quote" in task["Description"]
    assert "/static/recording/" in task["Description"]
    assert (log_communications().created, len(desk.tasks(call))) == (0, 1)


def test_a_message_is_logged_too(office: Office, desk: Desk) -> None:
    """Its text is the Task's."""
    ann = office.stock[1]
    message = desk.happens(ann.aloware, posts=1, type="sms", direction="inbound", body="see you at nine 🙂")
    log_communications()
    (task,) = desk.tasks(message)
    assert task["WhoId"] == ann.salesforce
    assert task["Description"] == "see you at nine 🙂"


def test_what_is_heard_later_goes_into_the_same_task(office: Office, desk: Desk) -> None:
    """A recording that is saved after the call was logged updates its Task; the same news again writes nothing."""
    call = desk.happens(office.stock[2].aloware)
    log_communications()
    late = {"event": "Call-Disposed", "body": {"id": call, "disposition_status": "completed", "notes": "call back"}}
    for _ in range(2):
        desk.ledger.inbox.keep([("aloware", datetime.now(UTC), json.dumps(late))])
    told = log_communications()
    assert (told.created, told.updated) == (0, 1)
    (task,) = desk.tasks(call)
    assert "call back" in task["Description"]


def test_somebody_unknown_in_salesforce_waits(office: Office, desk: Desk) -> None:
    """Until they appear there; then it is delivered, once."""
    phone = number()
    contact = str(office.person.create_in_aloware(first_name="Zed", phone_number=phone)["id"])
    reconcile()
    call = desk.happens(contact)
    assert [reason for _, reason in log_communications().waiting] == ["its person is not in Salesforce"]
    zed = office.person.create_in_salesforce("Lead", FirstName="Zed", LastName="Ott", Company="Ott", Phone=phone)
    reconcile()
    assert log_communications().created == 1
    (task,) = desk.tasks(call)
    assert task["WhoId"] == zed


def test_lead_conversion(office: Office, desk: Desk) -> None:
    """The seeds' own check: earlier Tasks stay with the Contact, as Salesforce re-points them; later ones go to the
    Contact; none is there twice."""
    phone = number()
    lead = office.person.create_in_salesforce("Lead", FirstName="Lea", LastName="Lead", Company="Lee", Phone=phone)
    settle()
    contact = str(office.contact(phone)["id"])
    before = desk.happens(contact)
    log_communications()
    became = office.person.convert(lead)
    between = desk.happens(contact)
    assert log_communications().refused == []
    reconcile()
    after = desk.happens(contact)
    log_communications()
    for call in (before, between, after):
        (task,) = desk.tasks(call)
        assert task["WhoId"] == became


def test_a_call_whose_answer_was_lost_is_not_logged_twice(
    office: Office, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Salesforce created the Task and nobody heard of it: the next run finds it by its key."""
    call = desk.happens(office.stock[3].aloware)
    monkeypatch.setenv("TANDEM_HTTP_TIMEOUT", "0.5")
    office.person.break_next("salesforce", "timeout", "composite/sobjects")
    assert log_communications().failed == 1
    office.person.repair()
    log_communications()
    assert len(desk.tasks(call)) == 1


def test_a_create_that_salesforce_is_still_at_work_on_is_waited_for(
    office: Office, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look finds nothing yet, and that is no reason to create a second one."""
    call = desk.happens(office.stock[0].aloware)
    monkeypatch.setenv("TANDEM_HTTP_TIMEOUT", "0.5")
    with creates_held_up() as held_up:
        assert log_communications().failed == 1
        assert log_communications().waiting == [(call, UNDER_WAY)]
        held_up.set()
        until(lambda: desk.tasks(call))
    assert (log_communications().created, len(desk.tasks(call))) == (0, 1)


def test_a_create_that_never_arrived_is_asked_for_again(
    office: Office, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not before nothing can come of the first one."""
    call = desk.happens(office.stock[0].aloware)
    office.person.break_next("salesforce", "reset", "composite/sobjects")
    assert log_communications().failed == 1
    told = log_communications()
    assert (told.created, told.waiting, desk.tasks(call)) == (0, [(call, UNDER_WAY)], [])
    minutes_later(monkeypatch, 11)
    assert (log_communications().created, len(desk.tasks(call))) == (1, 1)


def test_of_half_a_batch_without_an_answer_the_other_half_is_created_later(
    office: Office, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Salesforce did one half and locked the other, and nobody heard of it."""
    calls = [desk.happens(ann.aloware) for ann in office.stock]
    monkeypatch.setenv("TANDEM_HTTP_TIMEOUT", "0.5")
    for kind in ("partial", "timeout"):
        office.person.break_next("salesforce", kind, "composite/sobjects")
    assert log_communications().failed == 4
    office.person.repair()
    told = log_communications()
    assert (told.created, told.updated, len(told.waiting)) == (0, 2, 2)
    minutes_later(monkeypatch, 11)
    told = log_communications()
    assert (told.created, told.updated, told.waiting) == (2, 0, [])
    assert [len(desk.tasks(call)) for call in calls] == [1, 1, 1, 1]


def test_whoever_stops_a_run_gets_whole_batches(office: Office, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the middle of a create: its answer is waited for and recorded, the next run does the rest at once."""
    calls = [desk.happens(ann.aloware) for ann in office.stock[:2]]
    monkeypatch.setattr("tasks.log.BATCH", 1)
    with stopped_at_creates(), stopping.heeded(), pytest.raises(Interrupted, match="goes on"):
        log_communications()
    assert sorted(len(desk.tasks(call)) for call in calls) == [0, 1]
    with stopping.heeded():
        told = log_communications()
    assert (told.created, told.updated, told.waiting) == (1, 0, [])
    assert [len(desk.tasks(call)) for call in calls] == [1, 1]


def test_nonsense_in_the_inbox_stops_nobody(office: Office, desk: Desk) -> None:
    """Too deep, empty, without an id, of next year, huge and about nobody: each has its reason, the next call its
    Task."""
    known = {"disposition_status": "completed", "lead_number": number()}
    ahead = f"{datetime.now(UTC) + timedelta(days=400):%Y-%m-%d %H:%M:%S}"
    bodies = [
        {},
        known,
        {"id": 9700001, **known, "created_at": ahead},
        {"id": 9700002, "notes": "🙂" * 300_000, **known},
    ]
    texts = ["[" * 5_000 + "]" * 5_000, *(json.dumps({"event": "Call-Disposed", "body": body}) for body in bodies)]
    desk.ledger.inbox.keep([("aloware", datetime.now(UTC), text) for text in texts])
    kept = {event.seq for event in desk.ledger.inbox.unread()}
    call = desk.happens(office.stock[1].aloware)
    log_communications()
    assert len(desk.tasks(call)) == 1
    assert [outcome for seq, outcome in rows(desk, "SELECT seq, outcome FROM inbox ORDER BY seq") if seq in kept] == [
        "no readable JSON",
        "no communication, and no contact with a number",
        "a communication without an id",
        "a time that is still to come",
        "taken",
    ]


def test_of_somebody_forgotten_nothing_is_heard(office: Office, desk: Desk) -> None:
    """What was known of their calls is erased, and a later one is dropped before it is read."""
    phone = number()
    lead = office.person.create_in_salesforce("Lead", FirstName="Flo", LastName="Gone", Company="Gone", Phone=phone)
    settle()
    contact = str(office.contact(phone)["id"])
    desk.happens(contact, notes="first")
    log_communications()
    forget(phone, "a test")
    desk.happens(contact, notes="second")
    assert (log_communications().created, lead in held(desk), phone in held(desk)) == (0, False, False)


def creating(scope: Any) -> bool:
    """Whether a call to Salesforce creates records."""
    return bool(scope["method"] == "POST" and scope["path"].endswith("composite/sobjects"))


@contextmanager
def creates_held_up() -> Iterator[threading.Event]:
    """Salesforce creates nothing before the event; what it was asked for meanwhile it does then, whoever waits."""
    go, work = threading.Event(), Traffic._work

    async def slow(self: Traffic, scope: Any, body: bytes, receive: Any) -> Any:
        while creating(scope) and not go.is_set():
            await asyncio.sleep(0.01)
        return await work(self, scope, body, receive)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Traffic, "_work", slow)
        try:
            yield go
        finally:
            go.set()


@contextmanager
def stopped_at_creates() -> Iterator[None]:
    """Somebody presses ctrl-C whenever Salesforce creates something."""
    work = Traffic._work

    async def pressed(self: Traffic, scope: Any, body: bytes, receive: Any) -> Any:
        if creating(scope):
            os.kill(os.getpid(), signal.SIGINT)
        return await work(self, scope, body, receive)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Traffic, "_work", pressed)
        yield


def minutes_later(monkeypatch: pytest.MonkeyPatch, minutes: int) -> None:
    monkeypatch.setattr("tasks.session.Session.now", lambda _: datetime.now(UTC) + timedelta(minutes=minutes))


def held(desk: Desk) -> str:
    """All that the ledger has of communications and events, as one text."""
    return repr([rows(desk, f"SELECT * FROM {name}") for name in ("inbox", "communications", "contacts_heard")])


def rows(desk: Desk, question: str) -> Sequence[Any]:
    with desk.ledger.inbox.database.reading() as transaction:
        return transaction.connection.exec_driver_sql(question).fetchall()
