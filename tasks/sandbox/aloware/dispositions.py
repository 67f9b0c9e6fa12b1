"""The catalogue of contact dispositions: eight native ones, and those mirrored from a CRM.

A mirrored disposition carries the CRM's `value` and may be locked. Reading and writing the catalogue by API is our
extension of the vendor (it has none: fact sheet, section 6.5); what a person sees and picks is the vendor's.
"""

from collections.abc import Mapping
from typing import Any

from tasks.sandbox.aloware.answers import Refused, invalid
from tasks.sandbox.store import Row, Table
from tasks.sandbox.world import World

# Fact sheet, section 3: the defaults.
NATIVE = (
    "Attempted to call",
    "Bad timing",
    "Connected",
    "In progress",
    "New",
    "Open",
    "Open Deal",
    "Unqualified",
)
FIRST_ID = 4101


def table(world: World) -> Table:
    """All dispositions; a new world is given the native ones."""
    rows = world.store.table("aloware.disposition")
    if not rows and not world.store.fact("aloware.disposition"):
        for position, name in enumerate(NATIVE):
            _add(world, rows, {"name": name, "value": None, "locked": False, "position": position, "hidden": False})
    return rows


def listing(world: World) -> list[Row]:
    """All dispositions in the order in which an agent sees them."""
    return sorted(table(world).rows(), key=lambda row: (row["position"], row["id"]))


def create(world: World, sent: Mapping[str, Any]) -> tuple[Row, bool]:
    """Add a disposition, or give a native one of that name its value and lock. Says whether it is new."""
    rows = table(world)
    row = {"value": None, "locked": False, "position": len(rows), "hidden": False, **_clean(sent)}
    if not row.get("name"):
        raise invalid("name", "The name field is required.")
    _refuse_twin(world, row)
    native = next((r for r in rows.rows() if r["value"] is None and _same_name(r, row)), None)
    if native is None:
        return _add(world, rows, row), True
    if row["value"] is None:
        raise Refused(409, {"error": f"A disposition named {row['name']} already exists."})
    taken = {**row, "id": native["id"]}
    rows.put(str(native["id"]), taken)
    return taken, False


def change(world: World, disposition: str, sent: Mapping[str, Any]) -> Row:
    """Rename, reorder, hide, lock or unlock; a null `value` makes it a native one again."""
    row = {**_known(world, disposition), **_clean(sent)}
    if not row["name"]:
        raise invalid("name", "The name field is required.")
    _refuse_twin(world, row)
    table(world).put(disposition, row)
    return row


def remove(world: World, disposition: str, held: bool) -> None:
    """Delete a disposition that no contact holds."""
    row = _known(world, disposition)
    if held:
        raise Refused(409, {"error": f"The disposition {row['name']} is held by contacts."})
    table(world).remove(disposition)


def _known(world: World, disposition: str) -> Row:
    row = table(world).get(disposition)
    if row is None:
        raise Refused(404, {"error": "Disposition not found."})
    return row


def _refuse_twin(world: World, row: Row) -> None:
    """Two mirrored dispositions share neither value nor name; a native one may have the name of a mirrored one."""
    for other in table(world).rows():
        mirrored = row["value"] is not None and other["value"] is not None and other["id"] != row.get("id")
        if mirrored and (other["value"] == row["value"] or _same_name(other, row)):
            raise Refused(409, {"error": f"The disposition {other['name']} ({other['value']}) already exists."})


def _same_name(one: Row, other: Row) -> bool:
    return bool(one["name"].casefold() == other["name"].casefold())


def _add(world: World, rows: Table, row: Row) -> Row:
    number = world.store.next("aloware.disposition", FIRST_ID)
    made = {**row, "id": number}
    rows.put(str(number), made)
    return made


def _clean(sent: Mapping[str, Any]) -> Row:
    kept: Row = {}
    for text in ("name", "value"):
        if text in sent:
            kept[text] = str(sent[text] or "").strip() or None
    for flag in ("locked", "hidden"):
        if flag in sent:
            kept[flag] = sent[flag] in (True, 1, "1", "true")
    if sent.get("position") is not None:
        if not str(sent["position"]).isdigit():
            raise invalid("position", "The position must be a number.")
        kept["position"] = int(sent["position"])
    return kept
