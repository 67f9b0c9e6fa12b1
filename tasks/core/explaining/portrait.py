"""Who somebody is: their records and who of them speaks, their numbers, and what keeps them apart or together."""

import json
from collections.abc import Iterator

from tasks.core.explaining.dossier import Dossier, Record
from tasks.core.explaining.words import listed, moment
from tasks.core.model import SYSTEMS
from tasks.core.state import OUT_OF_SCOPE, REPRESENTATIVE, RETIRED, SHADOW, TOMBSTONE

ROLES = {
    REPRESENTATIVE: "speaks for them",
    SHADOW: "a shadow: it neither speaks nor is written",
    RETIRED: "retired: a contact left behind by a number change",
    TOMBSTONE: "gone: deleted, merged or converted",
    OUT_OF_SCOPE: "out of the policy's scope: neither read nor written",
}
KINDS = {"key": "match key", "other": "another phone field", "absorbed": "from somebody who turned out to be them"}


def records(dossier: Dossier) -> list[tuple[str, str, str]]:
    """Reference, role and since when, of each record; a system without one is named."""
    rows = [_record(record) for record in dossier.records]
    known = {record.system for record in dossier.records}
    return [*rows, *((system, "no record", "") for system in SYSTEMS if system not in known)]


def _record(record: Record) -> tuple[str, str, str]:
    return record.ref, ROLES.get(record.role, record.role), moment(record.since) if record.since else ""


def numbers(dossier: Dossier) -> list[tuple[str, ...]]:
    """Number, how it is theirs, since and until when."""
    return [
        (
            str(row["number"]),
            KINDS.get(row["kind"], str(row["kind"])),
            moment(row["since"]) if row["since"] else "ever",
            moment(row["until"]) if isinstance(row["until"], str) else "",
        )
        for row in dossier.numbers
    ]


def remarks(dossier: Dossier) -> Iterator[str]:
    """What else is to be said of the person: who turned out to be them, collisions, records that are reported."""
    if dossier.others:
        yield f"Also known as {listed(list(dossier.others))}, who turned out to be the same person."
    mine = {record.ref for record in dossier.records}
    for collision in dossier.past.collisions:
        claimants = json.loads(collision["records"])
        if mine & set(claimants):
            chosen = f"; {collision['chosen']} speaks" if collision["chosen"] else ""
            over = f" over {collision['phone']}" if collision["phone"] else ""
            yield f"Collision ({collision['kind']}){over}: {listed(claimants)}{chosen}."
    for row in dossier.past.quarantine:
        ref = f"{row['system']}:{row['object']}:{row['record_id']}"
        if ref in mine:
            yield f"Reported of {ref}: {row['reason']}."
