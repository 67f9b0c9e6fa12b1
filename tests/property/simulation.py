"""Three systems and a ledger in memory: what people do to the systems, and what whole runs of the core do about it.

A perfect world by default: every write lands as it was sent. `outcomes` lets single changes end otherwise, `formats`
and `defaults` let a system have a mind of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pandas as pd

from tasks.core import normalise, outcome
from tasks.core.deciding import diff, resolve
from tasks.core.deciding.lineup import line_up
from tasks.core.identity import match
from tasks.core.identity.union import replaced
from tasks.core.looking.stirred import stirred
from tasks.core.matching import Matching
from tasks.core.model import ALOWARE, SCOPES, SYSTEMS, Outcome, Property, Schema, Snapshot, reference
from tasks.core.plan import Plan
from tasks.core.planning import propose, terms
from tasks.core.policy import PLACES, Policy
from tasks.core.state import (
    LINKS,
    NUMBERS,
    PEOPLE,
    SETTLED,
    SHADOW,
    TOMBSTONE,
    Advance,
    State,
    base_columns,
    empty,
    golden_columns,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
STATUSES = {"1": "NEW", "3": "OPEN", "9": "GONE"}  # Aloware's disposition ids and what they mean in HubSpot
OPTIONS = ("NEW", "OPEN", "LOST")  # HubSpot's: it has removed GONE, and LOST has no disposition
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
    bin: dict[str, Properties] = field(default_factory=dict)  # what was deleted
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

    def edit(self, ref: str, at: str | None = None, **fields: str | None) -> None:
        """Somebody types values into a record's screen; `at` is when, if that is known."""
        names = self.policy.mapped(*PLACES[place_of(ref)])
        self.records[ref]["modified_at"] = at
        self.records[ref] |= {names[name]: value for name, value in fields.items()}

    def delete(self, ref: str, merged_into: str = "") -> None:
        """Somebody deletes a record, or merges it into another."""
        self.bin[ref] = self.records.pop(ref)
        self.gone[ref] = merged_into

    def restore(self, ref: str) -> None:
        """Somebody takes a record out of the bin."""
        self.records[ref] = self.bin.pop(ref)
        del self.gone[ref]

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
        wanted = [*self.policy.mapped(system, object_name).values(), *self.policy.where(system, object_name)]
        properties = dict.fromkeys(wanted)
        columns = [*properties, "converted_to", "created_at", "modified_at"]
        frame = pd.DataFrame(list(rows.values()), columns=columns, dtype="str")
        created = pd.to_datetime(frame["created_at"], utc=True)
        modified = pd.to_datetime(frame["modified_at"], utc=True, format="ISO8601").fillna(created)
        ids = [ref.removeprefix(prefix) for ref in rows]
        return frame.assign(record_id=pd.Series(ids, dtype="str"), created_at=created, modified_at=modified, as_of=NOON)

    def known(self) -> State:
        """What the ledger says that still is about these properties."""
        return terms.renewed(self.state, self.policy, {system: schema(system, self.policy) for system in SYSTEMS})

    def match(self, snapshots: Sequence[Snapshot] | None = None) -> Matching:
        """Who is who, as this run sees it."""
        return match.match(*self.seen(snapshots, everybody=True), self.gone, self.policy)

    def seen(self, snapshots: Sequence[Snapshot] | None, everybody: bool) -> tuple[pd.DataFrame, State]:
        """The records at which a run looks, and what is known of them."""
        records = normalise.normalise(snapshots or self.snapshots(), self.policy, STATUSES)
        return (records, self.known()) if everybody else stirred(records, self.known(), self.gone, self.policy)

    def draft(self, snapshots: Sequence[Snapshot] | None = None, everybody: bool = False) -> Plan:
        """What a run would do now; `everybody`: one that looks at people of whom nothing can come, too."""
        schemas = {system: schema(system, self.policy) for system in SYSTEMS}
        records, state = self.seen(snapshots, everybody)
        matching = match.match(records, state, self.gone, self.policy)
        cells = diff.diff(line_up(matching, state, self.policy, schemas))
        decisions = resolve.decide_all(cells, self.policy)
        return plan_of(propose.propose(matching, cells, decisions, state, self.policy, schemas, STATUSES))

    def apply(self, plan: Plan, outcomes: Mapping[str, Outcome] | None = None) -> outcome.Result:
        """Carry out a plan; `outcomes` (change → how it ends) names those that aren't simply applied."""
        ends = pd.Series(Outcome.APPLIED, index=plan.changes["id"]).astype("str")
        ends.update(pd.Series(outcomes or {}, dtype="str"))
        written = {row.id: self._write(row, plan) for row in plan.changes.itertuples() if ends[row.id] == "applied"}
        receipts = pd.DataFrame(
            {
                "outcome": plan.cells["change"].map(ends),
                "record_id": plan.cells["change"].map({change: ref.split(":")[2] for change, ref in written.items()}),
                "reason": pd.NA,
            },
            index=plan.cells.index,
            dtype="str",
        )
        seen = normalise.normalise(self.snapshots(), self.policy, STATUSES)
        result = outcome.conclude(plan, receipts, seen[seen.index.isin(list(written.values()))], self.state.settled)
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
                options=OPTIONS if prop == "hs_lead_status" else None,
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
    people = _replaced(state.people, advance.people)
    people["key"] = people["key"].mask(people.index.isin(advance.absorbed.index))
    before = state.terms["property"].reindex(advance.terms.index)
    mapped_anew = advance.terms.index[before.notna() & (before != advance.terms["property"])]
    bases = terms.without_bases(state.bases, mapped_anew)
    return replace(
        state,
        links=_replaced(state.links, advance.links),
        people=people,
        golden=_overlaid(state.golden, advance.golden),
        bases=_overlaid(_overlaid(bases.drop(_joining(state, advance.links)), advance.inherited), advance.bases),
        settled=pd.concat([state.settled, advance.settled])
        .drop_duplicates(["ref", "field"], keep="last")
        .dropna(subset=["reason"]),
        terms=_replaced(state.terms, advance.terms),
        rebasing=frozenset(),
        numbers=_turned(state.numbers, advance),
        absorbed=_absorbed(state.absorbed, advance.absorbed),
        decisions=_undecided(state.decisions, advance.decided),
    )


def _undecided(decisions: pd.DataFrame, decided: pd.DataFrame) -> pd.DataFrame:
    """What people decided and this plan didn't end."""
    same = ["person", "field", "value"]
    ended = pd.MultiIndex.from_frame(decisions[same]).isin(pd.MultiIndex.from_frame(decided[same]))
    return decisions[~ended]


def _joining(state: State, links: pd.DataFrame) -> pd.Index:
    """Records whose bases are forgotten: new shadows, and CRM records that came to another person."""
    before = state.links["person"].reindex(links.index)
    moved = (links["system"] != ALOWARE) & before.notna() & (before != links["person"]) & (links["role"] != TOMBSTONE)
    return links.index[(links["role"] == SHADOW) | moved].intersection(state.bases.index)


def _absorbed(before: pd.DataFrame, news: pd.DataFrame) -> pd.DataFrame:
    """Who turned out to be whom: who was absorbed by somebody who is absorbed now follows."""
    return _replaced(before.assign(survivor=replaced(before["survivor"], news["survivor"])), news)


def _turned(numbers: pd.DataFrame, advance: Advance) -> pd.DataFrame:
    """Periods of owning a number, after those that end and begin."""
    same = ["person", "number", "kind"]
    before = numbers.assign(person=replaced(numbers["person"], advance.absorbed["survivor"]))
    turns = advance.numbers.fillna({"at": NOON.isoformat(timespec="microseconds")})
    ends = turns[turns["turn"] == "ends"].set_index(same)["at"].to_dict()
    ended = pd.Series([ends.get(period, pd.NA) for period in before[same].itertuples(index=False)], dtype="str")
    begins = turns[turns["turn"] == "begins"].rename(columns={"at": "since"})
    after = pd.concat([before.assign(until=before["until"].fillna(ended)), begins], ignore_index=True)
    return after[list(NUMBERS)].astype("str")


def _replaced(before: pd.DataFrame, news: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([before[~before.index.isin(news.index)], news]).rename_axis(before.index.name)


def _overlaid(before: pd.DataFrame, news: pd.DataFrame) -> pd.DataFrame:
    return news.combine_first(before)[list(before.columns)].astype("str").rename_axis(before.index.name)


def set_direction(state: State, *scopes: str) -> State:
    """Those scopes two-way from now on, as `tandem direction` leaves it for the next run."""
    directions = dict(state.directions) | dict.fromkeys(scopes, "two-way")
    return replace(state, directions=directions, rebasing=state.rebasing | frozenset(scopes))
