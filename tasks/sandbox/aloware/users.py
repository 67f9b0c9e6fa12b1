"""Aloware's users: the agents, read by `GET /users` and named as a contact's owner."""

from typing import Any

from tasks.sandbox.store import Row, Table
from tasks.sandbox.world import World

FIRST_ID = 2101


def table(world: World) -> Table:
    return world.store.table("aloware.user")


def seed(world: World, name: str, email: str) -> int:
    """Add an agent; gives the id."""
    number = world.store.next("aloware.user", FIRST_ID)
    table(world).put(str(number), {"id": number, "name": name, "email": email})
    return number


def view(row: Row) -> dict[str, Any]:
    """A user as the API shows one; every agent of the mirror world is available."""
    return {**row, "agent_status": 1, "human_readable_agent_status": "Available"}
