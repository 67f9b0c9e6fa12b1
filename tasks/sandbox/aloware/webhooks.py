"""Webhook subscriptions and deliveries: unsigned, without an id, at most once (fact sheet, section 2.1: recorded)."""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import httpx

from tasks.sandbox.aloware.answers import invalid
from tasks.sandbox.store import Row, Table
from tasks.sandbox.world import World

# Fact sheet, section 2.1: the twelve boxes of the subscription screen.
BOXES = (
    "Contact created",
    "Contact updated",
    "Contact disposed",
    "Contact DNC updated",
    "Communication initiated",
    "Communication disposed",
    "Appointment saved",
    "Call disposed",
    "Voicemail saved",
    "Recording saved",
    "Transcription saved",
    "Call summarized",
)
PATIENCE_SECONDS = 110  # recorded: Aloware waits at least that long for the answer
_under_way: set[asyncio.Task[None]] = set()


def table(world: World) -> Table:
    return world.store.table("aloware.webhook")


def subscribe(world: World, sent: Mapping[str, Any]) -> Row:
    """Add a webhook for some of the boxes, by their names or as the events spell them (`Contact-Updated`); one with the
    same address makes way, as a person would edit it."""
    url, events = str(sent.get("url") or ""), sent.get("events")
    if not url.startswith(("http://", "https://")):
        raise invalid("url", "The url must be an http address.")
    if not isinstance(events, list) or not events:
        raise invalid("events", "The events must be a list of event names.")
    known = {_plain(box) for box in BOXES}
    stray = [str(event) for event in events if _plain(str(event)) not in known]
    if stray:
        raise invalid("events", f"Unknown event {stray[0]!r}; the events are: {', '.join(BOXES)}.")
    for hook in [hook for hook in table(world).rows() if hook["url"] == url]:
        table(world).remove(str(hook["id"]))
    number = world.store.next("aloware.webhook")
    bearer = sent.get("bearer")
    row = {"id": number, "url": url, "events": [_plain(str(event)) for event in events], "bearer": bearer}
    table(world).put(str(number), row)
    return row


def post(world: World, posts: Sequence[tuple[str, str, dict[str, Any]]]) -> None:
    """Start delivering (box, event name, body) to whoever asked for the box; never waits, never tries again."""
    for hook in table(world).rows():
        wanted = [{"event": name, "body": body} for box, name, body in posts if _plain(box) in hook["events"]]
        if wanted:
            delivery = asyncio.get_running_loop().create_task(_deliver(hook, wanted))
            _under_way.add(delivery)
            delivery.add_done_callback(_under_way.discard)


async def _deliver(hook: Row, envelopes: Sequence[dict[str, Any]]) -> None:
    headers = {"User-Agent": "GuzzleHttp/7"}
    if hook["bearer"]:
        headers["Authorization"] = f"Bearer {hook['bearer']}"
    async with httpx.AsyncClient(timeout=PATIENCE_SECONDS, headers=headers, verify=_tls()) as client:
        for envelope in envelopes:
            try:
                await client.post(hook["url"], json=envelope)
            except httpx.HTTPError:
                continue  # lost: Aloware doesn't resend


@cache
def _tls() -> ssl.SSLContext:
    """Made once: reading the certificates takes longer than a delivery."""
    return ssl.create_default_context()


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
