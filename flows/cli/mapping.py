"""`mapping`: what the policy maps to what, and whether the connected systems can carry it."""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from flows.cli.changes import as_json

if TYPE_CHECKING:
    from tasks.core.mapping import Row
    from tasks.core.model import Schema
    from tasks.core.policy import Policy
    from tasks.session import Session

Rows = list[dict[str, Any]]


@click.command()
@as_json
def mapping(as_json: bool) -> None:
    """Which property is which field, and which way it flows."""
    from flows.cli.screen import Screen, count, emit, plain
    from tasks.session import open_session

    with open_session(read_only=True) as session:
        rows = rows_of(session.policy, _schemas(session), session.ledger.connections.directions())
    if as_json:
        emit({"properties": rows})
        return
    page = Screen()
    mapped = [row for row in rows if row["field"] is not None]
    page.table(
        "Mapping",
        ("property", "field", "direction", "state"),
        [
            (
                f"{row['system']} {row['object']}.{plain(row['property'])}",
                row["field"],
                row["direction"] or "",
                row["state"] + (f": {row['reason']}" if row["reason"] else ""),
            )
            for row in mapped
        ],
    )
    others = Counter(row["state"] for row in rows if row["field"] is None)
    if others:
        page.say()
        page.say(
            f"{count(others['free'], 'other property').replace('propertys', 'properties')} could be mapped and "
            f"{others['disabled']:,} can't be: `tandem mapping --json` lists them."
        )


def rows_of(policy: "Policy", schemas: Mapping[str, "Schema"], directions: Mapping[str, str]) -> Rows:
    """Every property that is mapped, then every other one of the systems that were asked, with its state:
    `mapped`, `free`, `disabled` (with the reason) or `unknown` (its system isn't connected); `type` is the vendor's
    word, `fits` the types of field that the property can be mapped to."""
    from tasks.core.mapping import survey

    return [_shown(row, policy, directions) for row in survey(policy, schemas)]


def _shown(row: "Row", policy: "Policy", directions: Mapping[str, str]) -> dict[str, Any]:
    return {
        "system": row.system,
        "object": row.object,
        "property": row.property,
        "field": row.field,
        "direction": _direction(row, policy, directions),
        "state": row.state,
        "reason": row.reason or None,
        "type": row.type or None,
        "fits": list(row.fits),
    }


def _direction(row: "Row", policy: "Policy", directions: Mapping[str, str]) -> str | None:
    """Which way a field flows: a CRM's by its scope, narrowed by the policy; Aloware's by whether any CRM is open."""
    from tasks.core.mapping import MAPPED
    from tasks.core.model import CRMS

    if row.field is None or row.state != MAPPED:
        return None
    if row.reason or policy.fields[row.field].direction == "inbound":
        return "inbound"
    crms = [row.system] if row.system in CRMS else [crm for crm in CRMS if policy.maps(row.field, crm)]
    scopes = [policy.scope(row.field, crm) for crm in crms]
    return "two-way" if any(directions[scope] == "two-way" for scope in scopes) else "inbound"


def _schemas(session: "Session") -> dict[str, "Schema"]:
    """What each active system says of its properties, now."""
    known = session.ledger.connections.all()
    ready = [name for name, connection in known.items() if connection.connected and not connection.paused]
    return {name: session.connector(name).peek([], session.now()).schema for name in ready}


COMMANDS = (mapping,)
