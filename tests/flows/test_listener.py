"""The inbox over HTTP: who may post, what is refused, and that what was answered with 200 outlives a kill."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from tasks.inbox.guard import Guard, signature
from tasks.ledger import Ledger, open_ledger
from tests.flows.inbox_world import PASSWORD, listening

EVENT = {"event": "Contact-Updated", "body": {"phone_number": "+14155552671"}}
ALLOWED = {"Authorization": f"Bearer {PASSWORD}"}
SECRET = SecretStr("secret")


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    monkeypatch.setenv("TANDEM_HOME", str(tmp_path / "home"))
    with open_ledger(None, tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def inbox(ledger: Ledger) -> Iterator[httpx.Client]:
    guard = Guard(bearer=SecretStr(PASSWORD), basic=SecretStr("ann:pass"), hubspot=SECRET)
    with listening(ledger, guard) as url, httpx.Client(base_url=url, timeout=10) as client:
        yield client


def test_what_is_answered_is_stored(inbox: httpx.Client, ledger: Ledger) -> None:
    """By bearer or by basic password, at / and at /aloware."""
    assert inbox.post("/", json=EVENT, headers=ALLOWED).status_code == 200
    assert inbox.post("/aloware", json=EVENT, auth=("ann", "pass")).status_code == 200
    assert [json.loads(event.text) for event in ledger.inbox.unread()] == [EVENT, EVENT]


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"{}", {}, 401),
        (b"{}", {"Authorization": "Bearer wrong"}, 401),
        (b"{", ALLOWED, 400),
        (b"", ALLOWED, 400),
        (b"\xff\xfe", ALLOWED, 400),
        (b"[" * 50_000, ALLOWED, 400),
        (b"[]", ALLOWED, 400),
        (b'{"a":"' + b"x" * 1_000_001 + b'"}', ALLOWED, 413),
    ],
)
def test_what_no_sender_of_ours_would_send_is_refused(
    inbox: httpx.Client, ledger: Ledger, content: bytes, headers: dict[str, str], status: int
) -> None:
    """With a sentence that says why, and nothing is stored."""
    answer = inbox.post("/aloware", content=content, headers=headers)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert ledger.inbox.unread() == []


def test_hubspot_s_signature_is_the_documented_one() -> None:
    """The known answer of the fact sheet, section 5."""
    made = signature(SECRET, "POST", "https://x.io/hook?a=b", b'[{"eventId":1}]', "1700000000000")
    assert made == "th+tqPDt27xU/hyRZKXERN9mRuuLyrfKNSWn9eN59rU="


@pytest.mark.parametrize(("age", "spoilt", "status"), [(0, "", 200), (600, "", 401), (-600, "", 401), (0, "x", 401)])
def test_hubspot_s_events_are_stored_one_by_one(
    inbox: httpx.Client, ledger: Ledger, age: int, spoilt: str, status: int
) -> None:
    """Signed, and not older than five minutes: a replay is refused."""
    body = b'[{"eventId":1},{"eventId":2}]'
    stamp = str(int((datetime.now(UTC).timestamp() - age) * 1000))
    signed = signature(SECRET, "POST", str(inbox.base_url.join("/hubspot")), body, stamp) + spoilt
    headers = {"X-HubSpot-Signature-v3": signed, "X-HubSpot-Request-Timestamp": stamp}
    assert inbox.post("/hubspot", content=body, headers=headers).status_code == status
    assert len(ledger.inbox.unread()) == (2 if status == 200 else 0)


def test_without_its_secret_nothing_is_taken_for_hubspot_s(ledger: Ledger) -> None:
    """And it is said that the secret is missing: a look at HubSpot's own log of deliveries shows what was answered."""
    with listening(ledger, Guard()) as url:
        answer = httpx.post(f"{url}/hubspot", json=[{"eventId": 1}])
    assert answer.status_code == 401
    assert "HUBSPOT_CLIENT_SECRET" in answer.json()["error"]


@pytest.mark.parametrize("prefect", ["", "http://127.0.0.1:9/api"])
def test_what_was_answered_survives_a_kill(tmp_path: Path, prefect: str) -> None:
    """`tandem listen` is killed in the middle of a flood: every event that was answered with 200 is in the ledger. A
    Prefect that isn't there makes no difference."""
    port, home = _free_port(), tmp_path / "home"
    environment = {**os.environ, "TANDEM_HOME": str(home), "TANDEM_INBOX_BEARER": PASSWORD, "PREFECT_API_URL": prefect}
    environment |= {"HUBSPOT_URL": "http://127.0.0.1:9", "HUBSPOT_TOKEN": "known"}  # so that no block is asked for it
    tandem = Path(sys.executable).with_name("tandem")
    process = subprocess.Popen(
        [tandem, "listen", "--port", str(port)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    with (
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10, headers=ALLOWED) as client,
        ThreadPoolExecutor(4) as posters,
    ):
        _wait(client)
        answers = [posters.submit(_post, client, number) for number in range(400)]
        answers[20].result()
        process.send_signal(signal.SIGKILL)
        answered = {number for number, answer in enumerate(answers) if answer.result()}
        process.wait(10)
    with open_ledger(None, home) as ledger:
        kept = {json.loads(event.text)["number"] for event in ledger.inbox.unread()}
    assert answered <= kept
    assert 20 in answered
    assert len(answered) < len(answers)


def _post(client: httpx.Client, number: int) -> bool:
    """Whether that event was answered with 200."""
    try:
        return client.post("/", json=EVENT | {"number": number}).status_code == 200
    except httpx.TransportError:
        return False


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait(client: httpx.Client) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            client.get("/health")
            return
        except httpx.TransportError:
            continue
    raise AssertionError("it never listened")
