"""`mapping` and `statuses`: what the policy maps to what, and whether the connected systems can carry it."""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from flows.cli.changes import as_json

if TYPE_CHECKING:
    from tasks.core.model import Property, Schema
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
    `mapped`, `free`, `disabled` (with the reason) or `unknown` (its system isn't connected)."""
    from tasks.core.policy import PLACES

    rows = []
    for system, object_name in PLACES.values():
        if object_name not in policy.objects(system):
            continue
        mapped = policy.mapped(system, object_name)
        known = schemas.get(system, {}).get(object_name)
        found = [(name, prop, *_state_of_mapped(known, prop)) for name, prop in mapped.items()]
        for name, prop, state, reason in found:
            direction = _direction(policy, name, system, directions) if not reason else "inbound"
            rows.append(_row(system, object_name, prop, name, direction if state == "mapped" else None, state, reason))
        for prop in sorted(set(known or ()) - set(mapped.values())):
            reason = _why_not(known[prop]) if known else ""
            rows.append(_row(system, object_name, prop, None, None, "disabled" if reason else "free", reason))
    return sorted(rows, key=lambda row: row["field"] is None)


def _row(
    system: str, object_name: str, prop: str, field: str | None, direction: str | None, state: str, reason: str
) -> dict[str, Any]:
    return {
        "system": system,
        "object": object_name,
        "property": prop,
        "field": field,
        "direction": direction,
        "state": state,
        "reason": reason or None,
    }


def _state_of_mapped(known: Mapping[str, "Property"] | None, prop: str) -> tuple[str, str]:
    if known is None:
        return "unknown", "not connected"
    if prop not in known:
        return "disabled", "it doesn't exist, or this login may not see it"
    read_only = not known[prop].createable and not known[prop].updateable
    return "mapped", "read-only, so it is read and never written" if read_only else ""


def _why_not(known: "Property") -> str:
    return "" if known.createable or known.updateable else "read-only"


def _direction(policy: "Policy", name: str, system: str, directions: Mapping[str, str]) -> str:
    """Which way a field flows: a CRM's by its scope, narrowed by the policy; Aloware's by whether any CRM is open."""
    from tasks.core.model import CRMS

    if policy.fields[name].direction == "inbound":
        return "inbound"
    crms = [system] if system in CRMS else [crm for crm in CRMS if _maps(policy, crm, name)]
    scopes = [policy.scope(name, crm) for crm in crms]
    return "two-way" if any(directions[scope] == "two-way" for scope in scopes) else "inbound"


def _maps(policy: "Policy", system: str, name: str) -> bool:
    return any(name in policy.mapped(system, object_name) for object_name in policy.objects(system))


def _schemas(session: "Session") -> dict[str, "Schema"]:
    """What each active system says of its properties, now."""
    known = session.ledger.connections.all()
    ready = [name for name, connection in known.items() if connection.connected and not connection.paused]
    return {name: session.connector(name).peek([], session.now()).schema for name in ready}


@click.command()
@as_json
def statuses(as_json: bool) -> None:
    """HubSpot's statuses and Aloware's dispositions."""
    from flows.cli.screen import Screen, emit, plain
    from tasks.session import open_session

    with open_session(read_only=True) as session:
        rows = _statuses(session)
    if as_json:
        emit({"statuses": rows})
        return
    Screen().table(
        "Lead Status in HubSpot, disposition in Aloware",
        ("status", "label", "disposition", "name", "state"),
        [
            (
                plain(r["status"] or ""),
                plain(r["label"] or ""),
                r["disposition"] or "",
                plain(r["name"] or ""),
                r["state"],
            )
            for r in rows
        ],
    )


def _statuses(session: "Session") -> Rows:
    from tasks.connectors.opening import catalogue
    from tasks.connectors.opening import statuses as lead_statuses
    from tasks.core.errors import UsageError
    from tasks.core.model import ALOWARE, HUBSPOT
    from tasks.core.statuses import by_id

    active = session.active()
    for system in (HUBSPOT, ALOWARE):
        if system not in active:
            raise UsageError(f"{system} isn't connected, or is paused: `tandem connect {system}` first")
    book = catalogue(session.connector(ALOWARE))
    dispositions = book.dispositions() if book else []
    ids = {value: id_ for id_, value in by_id(dispositions, session.policy.aloware.dispositions).items()}
    names = {disposition.id: disposition.name for disposition in dispositions}
    options = lead_statuses(session.connector(HUBSPOT))
    rows = [
        {
            "status": option.value,
            "label": option.label,
            "disposition": ids.get(option.value),
            "name": names.get(ids.get(option.value, "")),
            "state": "mirrored" if option.value in ids else "missing in Aloware",
        }
        for option in options
    ]
    known = {option.value for option in options}
    gone = [(status, id_) for status, id_ in ids.items() if status not in known]
    return rows + [
        {"status": status, "label": None, "disposition": id_, "name": names.get(id_), "state": "gone from HubSpot"}
        for status, id_ in gone
    ]


COMMANDS = (mapping, statuses)
