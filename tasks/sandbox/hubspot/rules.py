"""Validation rules of a portal's admin, which the API enforces since version 2026-09 (fact sheet, section 0.2).

`must` stands for the admin's screen: no API of ours makes a rule.
"""

import re
from collections.abc import Mapping

from tasks.sandbox.world import World

ENFORCED_SINCE = "2026-09"
_DATED = re.compile(r"/(20\d\d-\d\d)/")


def must(world: World, name: str, given: tuple[str, str] | None = None) -> None:
    """From now on contacts must have that property: where another one has that value, or else when they are made."""
    world.store.remember("hubspot.rules", [*world.store.fact("hubspot.rules", []), [name, given]])


def missing(world: World, path: str, properties: Mapping[str, str], born: bool) -> list[str]:
    """What a contact lacks by the rules, if the version that is spoken at this path enforces them."""
    version = _DATED.search(path)
    if version is None or version[1] < ENFORCED_SINCE:
        return []
    return [
        name
        for name, given in world.store.fact("hubspot.rules", [])
        if name not in properties and (born if given is None else properties.get(given[0]) == given[1])
    ]
