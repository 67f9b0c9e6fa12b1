"""HubSpot's Lead Statuses and Aloware's dispositions: what must be mirrored, and which id stands for which status."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tasks.core.model import Disposition, Status


def mirror(statuses: Sequence[Status], dispositions: Sequence[Disposition]) -> list[Disposition]:
    """The dispositions to save (empty id: to create) so that the catalogue shows HubSpot's list, locked, in its order.

    A status takes over the disposition that mirrors it already, else the native one of its name whatever the case.
    A disposition without a match stays as it is.
    """
    by_value = {disposition.value: disposition for disposition in dispositions if disposition.value}
    natives = {d.name.casefold(): d for d in dispositions if not d.value}
    out = []
    for status in statuses:
        present = by_value.get(status.value) or natives.get(status.label.casefold()) or Disposition("", status.label)
        wanted = replace(
            present,
            name=status.label,
            value=status.value,
            locked=True,
            position=status.position,
            hidden=status.hidden,
        )
        if wanted != present:
            out.append(wanted)
    return out


def by_id(dispositions: Sequence[Disposition], policy_table: Mapping[str, str]) -> dict[str, str]:
    """Disposition id → HubSpot value: from the catalogue, else from the policy's table (status → id)."""
    if dispositions:
        return {d.id: d.value for d in dispositions if d.id and d.value}
    return {id_: status for status, id_ in policy_table.items()}
