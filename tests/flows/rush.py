"""A rush of calls and messages in one office, told as Aloware's webhooks tell: several posts each, in any order, some
twice, some late, some never. What really happened is kept beside, so that Tasks can be counted against it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from flows.reconcile import reconcile
from tasks.sandbox.aloware import communications, contacts, events, webhooks
from tasks.sandbox.aloware.answers import stamp, utc_text
from tests.flows.worlds import Office, number, settle

OLDEST, NEWEST = timedelta(days=18), timedelta(days=2)  # when those of the first days were
EXPORTED = timedelta(days=9)  # how long ago somebody made an export that is old by now
LOST, TWICE, LATE = 0.05, 0.2, 0.2  # shares of the posts
EDITED = 0.4  # share of the communications that an agent adds notes to afterwards


@dataclass
class Customer:
    """Somebody with a number: their contact in Aloware, and the Salesforce record on which their Tasks belong."""

    number: str
    contact: str
    record: str


@dataclass
class Talk:
    """One call or message as it really was, on which day in the org's zone; `missed`: a post of it got lost, so the
    export must make up for it."""

    id: str
    customer: Customer
    at: datetime
    day: str
    direction: str
    outcome: str
    seconds: int
    recording: str
    body: str
    notes: str = ""
    edited_at: datetime | None = None
    missed: bool = False

    def differs(self, task: dict[str, Any]) -> str:
        """What of its Task isn't as it should be, or ""."""
        told = str(task["Description"] or "")
        if task["WhoId"] != self.customer.record:
            return "on the wrong record"
        if any(part not in told for part in (self.recording, self.body, self.notes)):
            return "without the latest details"
        if (task["Status"], task["ActivityDate"]) != ("Completed", self.day):
            return "of another day, or not over"
        ended = (self.direction.capitalize(), self.outcome, self.seconds)
        called = tuple(task[name] for name in ("CallType", "CallDisposition", "CallDurationInSeconds"))
        return "" if called == (ended if task["TaskSubtype"] == "Call" else (None, None, None)) else "ended otherwise"


@dataclass(frozen=True)
class Post:
    talk: Talk
    event: dict[str, Any]


@dataclass
class Rush:
    """An office full of customers, and what they talked. `late` are posts that come with the next ones."""

    office: Office
    dice: Random
    customers: list[Customer]
    talks: dict[str, Talk] = field(default_factory=dict)
    late: list[Post] = field(default_factory=list)
    told: dict[str, int] = field(default_factory=lambda: {"posts": 0, "twice": 0, "late": 0, "lost": 0})

    def happens(self, customer: Customer, at: datetime, kind: str = "") -> Iterator[Post]:
        """A call or message, and what an agent notes of it later on; gives all that webhooks would ever post."""
        kind = kind or self.dice.choice(["call", "call", "sms"])
        talk_time = self.dice.choice([0, 7, 63, 1_800]) if kind == "call" else 0
        sent = {
            "contact_id": customer.contact,
            "type": kind,
            "direction": self.dice.choice(["inbound", "outbound"]),
            "talk_time": talk_time,
            "body": f"see you at {self.dice.randrange(10_000)} 🙂" if kind == "sms" else "",
            "at": at.isoformat(),
        }
        row, contact = communications.happen(self.office.running.world, sent)
        talk = Talk(
            id=str(row["id"]),
            customer=customer,
            at=at,
            day=at.astimezone(ZoneInfo(self.office.running.world.timezone)).date().isoformat(),
            direction=row["direction"],
            outcome=row["disposition_status"],
            seconds=talk_time,
            recording=row["recording"] or "",
            body=row["body"],
        )
        self.talks[talk.id] = talk
        yield from (Post(talk, event) for event in self._told(row, contact))

    def edited(self, talk: Talk, before: datetime) -> Iterator[Post]:
        """An agent adds notes once or twice, hours or days later."""
        world, last = self.office.running.world, talk.at + timedelta(hours=1)
        table = communications.table(world)
        for turn in range(self.dice.randint(1, 2)):
            last += (before - last) * self.dice.uniform(0.05, 0.6)
            talk.notes, talk.edited_at = f"note {turn} of {talk.id}", talk.edited_at or last
            table.put(talk.id, {**(table.get(talk.id) or {}), "notes": talk.notes})
            contact = contacts.known(world, talk.customer.contact)
            body = communications.view(table.get(talk.id) or {}, contact) | {"updated_at": utc_text(stamp(last))}
            yield Post(talk, {"event": "Call-Disposed", "body": body})

    def _told(self, row: dict[str, Any], contact: dict[str, Any]) -> list[dict[str, Any]]:
        """The emulator's own posts, caught instead of sent."""
        caught: list[tuple[str, str, dict[str, Any]]] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(webhooks, "post", lambda _world, posts: caught.extend(posts))
            events.communicated(self.office.running.world, row, contact)
        return [{"event": name, "body": body} for _, name, body in caught]

    def arriving(self, posts: Sequence[Post]) -> list[Post]:
        """What of those posts, and of the late ones, comes now: never, once or more than once, shuffled."""
        now, self.late = self.late, []
        for post in posts:
            self.told["posts"] += 1
            if self.dice.random() < LOST:
                self.lose(post)
                continue
            copies = 1 + (self.dice.random() < TWICE) * self.dice.randint(1, 2)
            self.told["twice"] += copies > 1
            for _ in range(copies):
                is_late = self.dice.random() < LATE
                self.told["late"] += is_late
                (self.late if is_late else now).append(post)
        self.dice.shuffle(now)
        return now

    def lose(self, post: Post) -> None:
        self.told["lost"] += 1
        post.talk.missed = True


def first_days(rush: Rush, count: int) -> list[Post]:
    """Communications of the last weeks, none noted yet."""
    ends, posts = datetime.now(UTC) - NEWEST, list[Post]()
    for _ in range(count):
        at = ends - rush.dice.uniform(0, 1) * (OLDEST - NEWEST)
        posts += rush.happens(rush.dice.choice(rush.customers), at)
    return posts


def noted(rush: Rush) -> list[Post]:
    """Notes that agents added since to some of those that are known."""
    now = datetime.now(UTC)
    some = [talk for talk in rush.talks.values() if rush.dice.random() < EDITED]
    return [post for talk in some for post in rush.edited(talk, now - timedelta(hours=2))]


def entered(office: Office, people: int) -> list[Customer]:
    """So many customers whom Salesforce knows, two thirds as Contacts, and Aloware too."""
    phones = [number() for _ in range(people)]
    records = [
        office.person.create_in_salesforce("Lead", FirstName="Lea", LastName=f"Lead{n}", Company="Co", Phone=phone)
        if n % 3 == 2
        else office.person.create_in_salesforce("Contact", FirstName="Con", LastName=f"Tact{n}", Phone=phone)
        for n, phone in enumerate(phones)
    ]
    settle()
    known = {contact["phone_number"]: str(contact["id"]) for contact in office.person.in_aloware()}
    return [Customer(phone, known[phone], record) for phone, record in zip(phones, records, strict=True)]


def stranger(office: Office) -> Customer:
    """Somebody whom only Aloware knows yet."""
    phone = number()
    contact = office.person.create_in_aloware(phone_number=phone, first_name="Stran", last_name="Ger")
    return Customer(phone, str(contact["id"]), "")


def upheaval(rush: Rush, turns: int) -> None:
    """So many times: a Lead is converted, two Contacts are merged, and a number passes from one customer to another."""
    person, before = rush.office.person, list(rush.customers)
    leads, known = before[2::3], [customer for n, customer in enumerate(before) if n % 3 != 2]
    newcomers: list[Customer] = []
    for turn in range(turns):
        leads[turn].record = person.convert(leads[turn].record)
        master, loser, mover = known[3 * turn : 3 * turn + 3]
        person.merge_in_salesforce("Contact", master.record, loser.record)
        loser.record = master.record
        person.edit_in_salesforce("Contact", mover.record, Phone=number())
        newcomers.append(Customer(mover.number, mover.contact, ""))
    assert reconcile().plan.verdict.outcome == "pass"
    for newcomer in newcomers:
        newcomer.record = person.create_in_salesforce(
            "Contact", FirstName="New", LastName="Comer", Phone=newcomer.number
        )
    assert reconcile().plan.verdict.outcome == "pass"
    moved = {newcomer.number for newcomer in newcomers}
    rush.customers[:] = [customer for customer in before if customer.number not in moved] + newcomers


def last_days(rush: Rush, count: int) -> list[Post]:
    """Messages of this moment: a number that passed on is its new holder's from now on."""
    posts = list[Post]()
    for _ in range(count):
        posts += rush.happens(rush.dice.choice(rush.customers), datetime.now(UTC), "sms")
    return posts
