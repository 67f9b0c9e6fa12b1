"""The rush drill: webhooks reach a real listener and runs log what it heard, while both are killed again and again.

What the listener missed comes by the export. In the end every communication must have one Task, on the right record,
with the latest details, as a Salesforce client that knows nothing of ours counts them.
"""

import csv
import io
import os
import socket
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from flows.reconcile import reconcile
from tasks.session import Session
from tests.contract.salesforce_world import Org, plain
from tests.contract.test_simple_salesforce import login
from tests.flows.inbox_world import PASSWORD, until
from tests.flows.killing import Blow, Range, nothing, shooting
from tests.flows.rush import EXPORTED, Customer, Post, Rush, entered, first_days, last_days, noted, stranger, upheaval
from tests.flows.worlds import Office, connected, policy_with

POSTERS = 8
COUNTED = "WhoId, Status, ActivityDate, Description, TaskSubtype, "
COUNTED += "CallObject, CallType, CallDisposition, CallDurationInSeconds"


@dataclass
class Tally:
    """How a drill went: what was sent and heard, who was killed, and what was found wanting."""

    talks: int = 0
    told: dict[str, int] = field(default_factory=dict)
    listed: int = 0
    killed: Counter[str] = field(default_factory=Counter)
    tasks: int = 0
    wanting: list[str] = field(default_factory=list)


class Listener:
    """`tandem listen` in a process of its own, which can be killed and started anew."""

    def __init__(self, office: Office) -> None:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self._port = found.getsockname()[1]
        self._environment = {**os.environ, **office.environment, "TANDEM_INBOX_BEARER": PASSWORD}
        headers = {"Authorization": f"Bearer {PASSWORD}"}
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{self._port}", headers=headers, timeout=30)
        self.start()

    def start(self) -> None:
        tandem = Path(sys.executable).with_name("tandem")
        self._process = subprocess.Popen(
            [tandem, "listen", "--port", str(self._port)],
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(self._hears, seconds=120)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        self.kill()
        self._client.close()

    def post(self, event: dict[str, Any]) -> bool:
        """Whether it was answered with 200. As Aloware does, nobody tries again."""
        try:
            return self._client.post("/aloware", json=event).status_code == 200
        except httpx.TransportError:
            return False

    def _hears(self) -> bool:
        try:
            return self._client.get("/health").status_code == 200
        except httpx.TransportError:
            return False


@dataclass
class Drill:
    """One office in a rush. `export` is the communications export, as old as its file says."""

    rush: Rush
    range: Range
    listener: Listener
    export: Path
    tally: Tally

    def deliver(self, posts: Sequence[Post], kill: bool) -> None:
        """Post them, several at a time; in the middle of it the listener may be killed: it misses the rest."""
        with ThreadPoolExecutor(POSTERS) as pool:
            answers = [pool.submit(self.listener.post, post.event) for post in posts]
            if kill and answers:
                answers[len(answers) // 2].result()
                self.listener.kill()
                self.tally.killed["listener"] += 1
            for post, answer in zip(posts, answers, strict=True):
                if not answer.result():
                    self.rush.lose(post)
        if kill:
            self.listener.start()

    def log(self, blow: Blow | None = None, handicap: Callable[[], None] = nothing) -> None:
        """Log what is known by now; the run may be killed at it."""
        ended = self.range.run(self.rush.office, "log-communications", "--json", blow=blow, handicap=handicap)
        if ended.killed:
            self.tally.killed["logging"] += 1
        elif ended.code != 0:
            self.tally.wanting.append(f"log-communications ended with {ended.code}: {ended.err or ended.out}")

    def put_export(self, sheet: str, wanted: Callable[[str], bool], made: datetime) -> None:
        """The export as somebody made it at that time, with the communications that they wanted."""
        rows = list(csv.reader(io.StringIO(sheet)))
        with self.export.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([rows[0], *(row for row in rows[1:] if wanted(row[0]))])
        os.utime(self.export, (made.timestamp(),) * 2)

    def count(self) -> None:
        """Through simple-salesforce: what is missing, there twice, or isn't as it should be."""
        world = self.rush.office.running.world
        with plain() as http:
            client = login(Org(world, world.urls["salesforce"], http), world.credential("salesforce.client_secret"))
            rows = client.query_all(f"SELECT {COUNTED} FROM Task", include_deleted=True)
        found = defaultdict(list)
        for row in rows["records"]:
            found[row["CallObject"]].append(row)
        self.tally.tasks = len(rows["records"])
        for talk in self.rush.talks.values():
            tasks = found.pop(f"aloware:{talk.id}", [])
            wrong = f"{len(tasks)} Tasks" if len(tasks) != 1 else talk.differs(tasks[0])
            if wrong:
                self.tally.wanting.append(f"{talk.id}: {wrong}")
        self.tally.wanting += [f"{key}: of no communication" for key in found]


@contextmanager
def opened(folder: Path, people: int, seed: int) -> Iterator[tuple[Drill, Customer]]:
    """An office whose customers are known everywhere, but for one whom only Aloware knows."""
    export = folder / "communications.csv"
    since = (datetime.now(UTC) - timedelta(days=30)).isoformat(timespec="seconds")
    policy = policy_with(folder, since=f'"{since}"', floor="1000")
    with connected(folder, policy=policy) as office, shooting(folder) as range:
        office.environment["ALOWARE_COMMUNICATIONS_EXPORT"] = str(export)
        unknown, customers = stranger(office), entered(office, people)
        rush, listener = Rush(office, Random(seed), [*customers, unknown]), Listener(office)
        try:
            yield Drill(rush, range, listener, export, Tally(told=rush.told)), unknown
        finally:
            listener.close()


def blows(dice: Random, count: int) -> list[Blow]:
    """Where runs are killed: most of them in the middle of creating Tasks."""
    places = {"write": 3, "request": 6, "rows": 8, "take lease": 1, "finish run": 1}
    struck = [dice.choice(["write", "write", *places]) for _ in range(count)]
    return [Blow(what, dice.randint(1, places[what]), dice.choice(["before", "after"])) for what in struck]


def drilled(folder: Path, talks: int, people: int, kills: Sequence[Blow], listener_kills: int, seed: int = 6) -> Tally:
    """So many communications in one office. The runs are killed at those blows, as far as they come to them."""
    with opened(folder, people, seed) as (drill, unknown):
        rush = drill.rush
        first = first_days(rush, talks * 4 // 5)
        old_sheet, old = exported(rush.office), datetime.now(UTC) - EXPORTED
        first += noted(rush)
        drill.put_export(old_sheet, lambda talk: _was_so(rush, talk, old), old)
        rounds = max(len(kills), listener_kills, 1)
        for turn, share in enumerate(_shares(rush.arriving(first), rounds)):
            drill.deliver(share, kill=turn < listener_kills)
            if turn < len(kills):
                drill.log(kills[turn])
        drill.log()
        upheaval(rush, max(1, people // 20))
        drill.deliver(rush.arriving(last_days(rush, talks - len(rush.talks))), kill=False)
        drill.log()
        drill.deliver(rush.late, kill=False)
        unknown.record = rush.office.person.create_in_salesforce(
            "Lead", FirstName="Stran", LastName="Ger", Company="Co", Phone=unknown.number
        )
        reconcile()
        missed = {talk.id for talk in rush.talks.values() if talk.missed}
        drill.put_export(exported(rush.office), missed.__contains__, datetime.now(UTC))
        for _ in range(2):
            drill.log(handicap=an_hour_later)
        drill.tally.talks, drill.tally.listed = len(rush.talks), len(missed)
        drill.count()
        return drill.tally


def an_hour_later() -> None:
    """From now on it is later for this process: nothing can come any more of Tasks that killed runs asked for."""
    pytest.MonkeyPatch().setattr(Session, "now", lambda _: datetime.now(UTC) + timedelta(hours=1))


def exported(office: Office) -> str:
    """What Aloware exports at this moment."""
    return httpx.get(office.running.ready["aloware"]["export_communications"], timeout=60).raise_for_status().text


def _was_so(rush: Rush, talk_id: str, at: datetime) -> bool:
    """Whether a communication was over by then, and nobody had noted anything of it yet."""
    talk = rush.talks[talk_id]
    return talk.at < at - timedelta(hours=1) and (talk.edited_at is None or talk.edited_at > at)


def _shares(posts: Sequence[Post], count: int) -> Iterator[Sequence[Post]]:
    size = -(-len(posts) // count)
    return (posts[start : start + size] for start in range(0, len(posts), size))
