"""What Aloware tells its webhooks: which posts each happening gives rise to.

Names of contact events aren't known (fact sheet, section 2.2); those here are ours. Those of communications, and how
many posts each gives, were recorded.
"""

from typing import Any

from tasks.sandbox.aloware import communications, contacts, webhooks
from tasks.sandbox.store import Row
from tasks.sandbox.world import World

Post = tuple[str, str, dict[str, Any]]  # the checkbox of the subscription, the event's name, the body


def contact_created(world: World, row: Row) -> None:
    webhooks.post(world, [("Contact created", "Contact-Created", contacts.view(row))])


def contact_changed(world: World, before: Row, after: Row) -> None:
    """Tell of an edit; of nothing when nothing changed."""
    told = [
        ("Contact updated", "Contact-Updated", before != after),
        ("Contact disposed", "Contact-Disposed", before["disposition_status_id"] != after["disposition_status_id"]),
        ("Contact DNC updated", "Contact-DNC-Updated", before["is_dnc"] != after["is_dnc"]),
    ]
    webhooks.post(world, [(box, name, contacts.view(after)) for box, name, happened in told if happened])


def communicated(world: World, row: Row, contact: Row) -> None:
    """A completed outbound call gives 6 posts, a failed one 2, an inbound one 3, a message 1 (section 2.2)."""
    body = communications.view(row, contact)
    channel = row["direction"].title() + ("PhoneCall" if row["type"] == "call" else "SMS")
    disposed: Post = ("Communication disposed", f"{channel}-Disposition{row['disposition_status'].title()}", body)
    if row["type"] == "sms":
        webhooks.post(world, [disposed])
        return
    posts: list[Post] = [("Communication initiated", channel, communications.initiated(body)), disposed]
    if row["disposition_status"] == "completed" or row["direction"] == "inbound":
        posts.append(("Call disposed", "Call-Disposed", body))
    if row["disposition_status"] == "completed" and row["direction"] == "outbound":
        posts += _aftermath(body)
    webhooks.post(world, posts)


def _aftermath(body: dict[str, Any]) -> list[Post]:
    """Recording and transcription; a transcription has its id under `communication` only (section 2.3: recorded)."""
    transcript = {"communication": {"id": body["id"]}, "contact": body["contact"]}
    return [
        ("Recording saved", "Recording-Saved", body),
        ("Transcription saved", "transcription.open_search.saved", transcript),
        ("Call summarized", "transcription.call.summarized", transcript),
    ]
