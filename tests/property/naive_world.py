"""What the naive rules reason about: rows and a ledger as plain dictionaries, taken from a simulation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

from tasks.core.model import SALESFORCE, reference
from tasks.core.policy import Policy
from tests.property.naive_words import canonical
from tests.property.simulation import STATUSES, Simulation

SPEAKS, SHADOW, RETIRED, DEAD, OUTSIDE = "representative", "shadow", "retired", "tombstone", "out-of-scope"


@dataclass(frozen=True)
class Row:
    """One record as its system shows it now; `values` by the policy's field: None where it can't be read."""

    ref: str
    system: str
    object: str
    created: float
    heir: str | None  # the Contact that a Lead became
    values: Mapping[str, str | None]
    in_scope: bool
    key: str | None  # its first valid number


@dataclass(frozen=True)
class Link:
    person: str
    role: str


@dataclass(frozen=True)
class Ledger:
    """What was known before this run."""

    links: Mapping[str, Link]
    keys: Mapping[str, str]  # person → number
    golden: Mapping[tuple[str, str], tuple[str, str]]  # (person, field) → what was decided, and whom it stands with
    bases: Mapping[tuple[str, str], str]  # (ref, field) → what a decision last saw
    settled: Mapping[tuple[str, str], tuple[str, str, str]]  # (ref, field) → golden, value, reason
    directions: Mapping[str, str]
    rebasing: frozenset[str]
    paused: frozenset[str]
    connected: frozenset[str]
    once_in_crm: frozenset[str] = field(default_factory=frozenset)

    def was_two_way(self, scope: str) -> bool:
        """Open, and open already when people last edited."""
        return self.is_two_way(scope) and scope not in self.rebasing

    def is_two_way(self, scope: str) -> bool:
        return self.directions.get(scope) == "two-way" and scope.partition(".")[0] in self.connected


def rows_of(world: Simulation) -> dict[str, Row]:
    """Every record of a simulation."""
    return {ref: _row(ref, values, world.policy) for ref, values in world.records.items()}


def _row(ref: str, raw: Mapping[str, str | None], policy: Policy) -> Row:
    system, object_name, _ = ref.split(":", 2)
    mapped = policy.mapped(system, object_name)
    values = {name: canonical(raw.get(prop), name, system, policy, STATUSES) for name, prop in mapped.items()}
    numbers = [values[name] for name in policy.phone_fields(system, object_name)]
    heir = raw.get("converted_to")
    where = policy.where(system, object_name)
    return Row(
        ref=ref,
        system=system,
        object=object_name,
        created=pd.Timestamp(str(raw["created_at"])).timestamp(),
        heir=reference(SALESFORCE, "Contact", heir) if heir else None,
        values=values,
        in_scope=all((raw.get(prop) or "") in allowed for prop, allowed in where.items()),
        key=next((number for number in numbers if number), None),
    )


def ledger_of(world: Simulation) -> Ledger:
    """What a simulation's ledger remembers."""
    state = world.state
    links = state.links[["person", "role"]].itertuples()
    fields = list(world.policy.fields)
    golden = {
        (person, name): (value, standing.get(person, ""))
        for name in fields
        for standing in [dict(_known(state.golden, f"{name}_from"))]
        for person, value in _known(state.golden, name)
    }
    settled = state.settled[["ref", "field", "golden", "value", "reason"]].itertuples(index=False)
    return Ledger(
        links={ref: Link(person, role) for ref, person, role in links},
        keys=dict(_known(state.people, "key")),
        golden=golden,
        bases={(ref, name): value for name in fields for ref, value in _known(state.bases, name)},
        settled={(ref, name): (_text(g), _text(value), reason) for ref, name, g, value, reason in settled},
        directions=state.directions,
        rebasing=state.rebasing,
        paused=state.paused,
        connected=state.connected,
        once_in_crm=frozenset(getattr(state, "once_in_crm", ())),
    )


def _known(frame: pd.DataFrame, column: str) -> Iterator[tuple[str, str]]:
    if column in frame:
        yield from frame[column].dropna().items()


def _text(value: object) -> str | None:
    return None if pd.isna(value) else str(value)
