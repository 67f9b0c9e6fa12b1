"""Three systems and a ledger in memory: what people do to the systems, and what whole runs of the core do about it.

A perfect world by default: every write lands as it was sent. `outcomes` lets single changes end otherwise, `formats`
and `defaults` let a system have a mind of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pandas as pd

from tasks.core import diff, match, normalise, outcome, propose, resolve
from tasks.core.match import Matching
from tasks.core.model import ALOWARE, SCOPES, SYSTEMS, Outcome, Property, Schema, Snapshot, reference
from tasks.core.plan import Plan
from tasks.core.policy import PLACES, Policy
from tasks.core.state import LINKS, PEOPLE, SETTLED, Advance, State, base_columns, empty, golden_columns

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
STATUSES = {"1": "NEW", "3": "OPEN"}  # Aloware's disposition ids and what they mean in HubSpot
REQUIRED = {("Contact", "LastName"), ("Lead", "LastName"), ("Lead", "Company")}

Properties = dict[str, str | None]


def nothing_known(policy: Policy, open_scopes: tuple[str, ...] = ()) -> State:
    """A ledger before its first run, with all three systems connected."""
    fields = list(policy.fields)
    return State(
        links=empty(LINKS, "ref"),
        people=empty(PEOPLE, "person"),
        golden=empty(golden_columns(fields), "person"),
        bases=empty(base_columns(fields), "ref"),
        settled=empty(SETTLED),
        receipts=pd.DataFrame({"at": pd.Series([], dtype="datetime64[ns, UTC]")}),
        directions={scope: "two-way" if scope in open_scopes else "inbound" for scope in SCOPES},
        connected=frozenset(SYSTEMS),
    )


@dataclass
class Simulation:
    """The systems' records by reference, the policy, and what the ledger remembers."""

    policy: Policy
    state: State
    records: dict[str, Properties] = field(default_factory=dict)
    gone: dict[str, str] = field(default_factory=dict)
    formats: dict[tuple[str, str], Callable[[str], str]] = field(default_factory=dict)  # (system, property) → habit
    defaults: dict[str, Properties] = field(default_factory=dict)  # object → what a new record gets unasked
    born: int = 0  # how many records runs have created

    # What people do.

    def add(self, place: str, record_id: str, created: int = 0, **fields: str | None) -> str:
        """Somebody enters a record; `place` is the policy's word, `created` the day, `fields` the policy's names."""
        system, object_name = PLACES[place]
        ref = reference(system, object_name, record_id)
        self.records[ref] = {"converted_to": None, "created_at": str(NOON + timedelta(days=created))}
        self.records[ref] |= dict.fromkeys(self.policy.mapped(system, object_name).values())
        self.edit(ref, **fields)
        return ref

    def edit(self, ref: str, **fields: str | None) -> None:
        """Somebody types values into a record's screen."""
        names = self.policy.mapped(*PLACES[place_of(ref)])
        self.records[ref] |= {names[name]: value for name, value in fields.items()}

    def delete(self, ref: str, merged_into: str = "") -> None:
        """Somebody deletes a record, or merges it into another."""
        del self.records[ref]
        self.gone[ref] = merged_into

    def convert(self, lead: str, contact: str) -> None:
        """Somebody converts a Lead into a Contact that is there already."""
        self.records[lead]["converted_to"] = contact.split(":")[2]

    def ref(self, record: str) -> str:
        """The reference of a record named in two words: `contact 1`."""
        place, record_id = record.split()
        return reference(*PLACES[place], record_id)

    def value(self, ref: str, name: str) -> str | None:
        """What a record's screen shows for one of the policy's fields."""
        return self.records[ref][self.policy.mapped(*PLACES[place_of(ref)])[name]]

    # What a run does.

    def snapshots(self) -> list[Snapshot]:
        """All that the systems say now."""
        return [Snapshot(system, NOON, self._frames(system), schema(system, self.policy)) for system in SYSTEMS]

    def _frames(self, system: str) -> dict[str, pd.DataFrame]:
        return {name: self._frame(system, name) for name in self.policy.objects(system)}

    def _frame(self, system: str, object_name: str) -> pd.DataFrame:
        prefix = reference(system, object_name, "")
        rows = {ref: row for ref, row in self.records.items() if ref.startswith(prefix)}
        columns = [*self.policy.mapped(system, object_name).values(), "converted_to", "created_at"]
        frame = pd.DataFrame(list(rows.values()), columns=columns, dtype="str")
        times = pd.to_datetime(frame["created_at"], utc=True)
        ids = [ref.removeprefix(prefix) for ref in rows]
        return frame.assign(record_id=pd.Series(ids, dtype="str"), created_at=times, modified_at=times, as_of=NOON)

    def match(self, snapshots: Sequence[Snapshot] | None = None) -> Matching:
        """Who is who, as this run sees it."""
        known = normalise.normalise(snapshots or self.snapshots(), self.policy, STATUSES)
        return match.match(known, self.state, self.gone, self.policy)

    def draft(self, snapshots: Sequence[Snapshot] | None = None) -> Plan:
        """What a run would do now."""
        schemas = {system: schema(system, self.policy) for system in SYSTEMS}
        matching = self.match(snapshots)
        cells = diff.diff(matching, self.state, self.policy, schemas)
        drift = self.policy.aloware.drift
        decisions = {name: resolve.decide(side, self.policy.fields[name], drift) for name, side in cells.items()}
        return plan_of(propose.propose(matching, cells, decisions, self.state, self.policy, schemas, STATUSES))

    def apply(self, plan: Plan, outcomes: Mapping[str, Outcome] | None = None) -> outcome.Result:
        """Carry out a plan; `outcomes` (change → how it ends) names those that aren't simply applied."""
        ends = pd.Series(Outcome.APPLIED, index=plan.changes["id"]).astype("str")
        ends.update(pd.Series(outcomes or {}, dtype="str"))
        written = {row.id: self._write(row, plan) for row in plan.changes.itertuples() if ends[row.id] == "applied"}
        receipts = pd.DataFrame(
            {
                "outcome": plan.cells["change"].map(ends),
                "record_id": plan.cells["change"].map(written).str.split(":").str[2],
                "reason": pd.NA,
            },
            index=plan.cells.index,
            dtype="str",
        )
        seen = normalise.normalise(self.snapshots(), self.policy, STATUSES)
        result = outcome.conclude(plan, receipts, seen[seen.index.isin(list(written.values()))])
        self.state = remember(self.state, result.advance)
        return result

    def run(self) -> Plan:
        """One whole run without trouble."""
        plan = self.draft()
        self.apply(plan)
        return plan

    def _write(self, change: object, plan: Plan) -> str:
        """One write lands; its record's reference."""
        system, object_name = change.system, change.object
        if change.kind == "create":
            self.born += 1
            ref = reference(system, object_name, f"new-{self.born}")
            self.records[ref] = {"converted_to": None, "created_at": str(NOON)}
            self.records[ref] |= dict.fromkeys(self.policy.mapped(system, object_name).values())
            self.records[ref] |= self.defaults.get(object_name, {})
        else:
            ref = reference(system, object_name, change.record_id)
        for cell in plan.cells[plan.cells["change"] == change.id].itertuples():
            habit = self.formats.get((system, cell.property), str)
            self.records[ref][cell.property] = habit(cell.after)
        return ref


def place_of(ref: str) -> str:
    """The policy's word for where a record lives."""
    return next(place for place, home in PLACES.items() if home == tuple(ref.split(":")[:2]))


def schema(system: str, policy: Policy) -> Schema:
    """What a system says of its properties: an Aloware contact's number is its address and can't be changed."""
    return {
        name: {
            prop: Property(
                prop,
                updateable=(system, prop) != (ALOWARE, "phone_number"),
                options=(*STATUSES.values(), "LOST") if prop == "hs_lead_status" else None,
                required=(name, prop) in REQUIRED,
            )
            for prop in policy.mapped(system, name).values()
        }
        for name in policy.objects(system)
    }


def plan_of(proposal: propose.Proposal) -> Plan:
    """A proposal that no gate has looked at, as the plan of a run."""
    return Plan(
        id="plan",
        run="run",
        mode="full",
        created_at=NOON,
        changes=proposal.changes,
        cells=proposal.cells,
        refused=proposal.refused,
        conflicts=proposal.conflicts,
        collisions=proposal.collisions,
        quarantine=proposal.quarantine,
        advance=proposal.advance,
        settled=proposal.settled,
        linked=proposal.linked,
    )


def remember(state: State, advance: Advance) -> State:
    """The ledger after it learned what a plan taught: rows replaced whole, golden and bases cell by cell."""
    return replace(
        state,
        links=_replaced(state.links, advance.links),
        people=_replaced(state.people, advance.people),
        golden=_overlaid(state.golden, advance.golden),
        bases=_overlaid(state.bases, advance.bases),
        settled=pd.concat([state.settled, advance.settled]).drop_duplicates(["ref", "field"], keep="last"),
        rebasing=frozenset(),
    )


def _replaced(before: pd.DataFrame, news: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([before[~before.index.isin(news.index)], news]).rename_axis(before.index.name)


def _overlaid(before: pd.DataFrame, news: pd.DataFrame) -> pd.DataFrame:
    return news.combine_first(before)[list(before.columns)].astype("str").rename_axis(before.index.name)


def set_direction(state: State, *scopes: str) -> State:
    """Those scopes two-way from now on, as `tandem direction` leaves it for the next run."""
    directions = dict(state.directions) | dict.fromkeys(scopes, "two-way")
    return replace(state, directions=directions, rebasing=state.rebasing | frozenset(scopes))
