"""Verb: find whom a run has to look at, so that of the ledger only what is known of them is read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cached_property

from tasks.core import normalise
from tasks.core.evidence import Evidence, judged_under
from tasks.core.looking.neighbours import said
from tasks.core.looking.part import Looked, Part, left_open, moved, unsettled
from tasks.core.looking.view import View
from tasks.core.model import Snapshot
from tasks.core.planning.drawing import plan_of
from tasks.core.planning.sight import Thought
from tasks.core.run import Asked
from tasks.core.tally import Tally, added, tallied, without
from tasks.engine import versions
from tasks.ledger.files import FileLost
from tasks.orchestrate import task
from tasks.session import Session

SKEW = timedelta(minutes=10)  # by so much may the clocks of machines differ that write to one ledger


class Focus:
    """Whom one run looks at: a part of the world where it follows a run whose snapshots were accepted, and nothing
    moved that is about everybody; otherwise everybody."""

    def __init__(self, session: Session, asked: Asked) -> None:
        self._session = session
        self._before: Mapping[str, Snapshot] = {}
        self._names: set[str] = set()
        self._moved: dict[str, tuple[Snapshot, set[str] | None]] = {}
        self._seen: Mapping[str, Snapshot] = {}
        whole = asked.full or asked.objects or asked.retry_parked or session.ledger.people.few()
        self._looked = None if whole else self._followed()

    @property
    def about(self) -> Sequence[str] | None:
        """Of whom the ledger is read at first: of nobody in particular where more will be known, else of everybody."""
        return None if self._looked is None else ()

    def on(self, evidence: Evidence, heard: Collection[str]) -> Evidence:
        """The evidence with the ledger of those whom the run has to look at, as far as its snapshots tell; `heard` are
        numbers that something happened to."""
        if self._looked is None or all(self._seen.get(name) is each for name, each in evidence.snapshots.items()):
            return evidence
        self._seen = evidence.snapshots
        part = self._part(evidence, self._looked, heard)
        if part is None:
            self._looked = None
        return part or replace(evidence, state=self._session.state(), part=None)

    def leave(self, made: Thought) -> Looked | None:
        """What the next run can go on from; None where that would be nearly everybody."""
        evidence, seen, people = made.evidence, made.seen, self._session.ledger.people
        if people.few() or people.many(seen.known.people.index):
            return None
        names = left_open(seen.records, seen.state, seen.known, seen.doubtful)
        if people.many(names):
            return None
        tallies = added(tallied(seen.records, evidence.policy, evidence.schemas), evidence.others)
        return Looked(judged_under(evidence, self._more), frozenset(names), tallies)

    def _followed(self) -> Looked | None:
        """What the run left whose snapshots are the last that were accepted."""
        ledger, connected = self._session.ledger, self._session.connected()
        runs = ledger.snapshots.accepted_runs()
        run = runs.get(connected[0], "")
        looked = ledger.evidence.looked(plan_of(run))
        if looked is None or any(runs.get(system) != run for system in connected):
            return None
        touched = ledger.people.touched(ledger.runs.get(run).started_at - SKEW)
        if touched is None:
            return None
        try:
            self._before = ledger.snapshots.load(run)
        except FileLost:
            return None
        self._names = {*looked.names, *touched}
        return looked

    @cached_property
    def _more(self) -> Mapping[str, object]:
        """What else decides about everybody: which accounts these are, and how values are read."""
        connections = self._session.ledger.connections.all()
        accounts = {name: [known.account, known.generation] for name, known in connections.items()}
        return {"versions": versions(), "accounts": accounts}

    @cached_property
    def _alive(self) -> Mapping[tuple[str, str], int]:
        return self._session.ledger.memory.alive()

    def _part(self, evidence: Evidence, looked: Looked, heard: Collection[str]) -> Evidence | None:
        """The evidence of those people and of all whom they have to do with; None: it takes everybody."""
        names, people, policy = self._named(evidence, looked), self._session.ledger.people, evidence.policy
        if names is None:
            return None
        fields = [name for name, field in policy.fields.items() if field.type in ("phone", "email")]
        asked = {*heard, *(number for _, number in evidence.state.owed)}
        found = people.of(names) | people.sharing(asked, fields)
        while not people.many(found | names):
            known = replace(evidence, state=self._session.state(found | names), part=Part(frozenset(names), {}))
            view = View(normalise.normalise(known.counting, policy, evidence.statuses), known.state, policy)
            words = {*said(view, view.everybody)} - asked
            namesakes = people.of({f"{name}'" for name in found})  # as `match` calls who would be called the same
            met = people.sharing(words, fields) | namesakes
            if met <= found:
                part = Part(frozenset(view.strangers), self._others(known, looked))
                return replace(known, state=known.state.part_of(self._alive), part=part)
            found, asked = found | met, asked | words
        return None

    def _named(self, evidence: Evidence, looked: Looked) -> set[str] | None:
        """People and records of which anything may have moved."""
        state, names = evidence.state, {*self._names, *unsettled(evidence.state)}
        if evidence.snapshots.keys() != self._before.keys() or state.rebasing:
            return None
        if looked.under != judged_under(evidence, self._more):
            return None
        for system, snapshot in evidence.snapshots.items():
            if system not in self._moved or self._moved[system][0] is not snapshot:
                self._moved[system] = snapshot, moved(self._before[system], snapshot)
            found = self._moved[system][1]
            if found is None:
                return None
            names |= found
        return names

    def _others(self, evidence: Evidence, looked: Looked) -> dict[str, Tally]:
        """The tally of all records but those that count: they are as the last run saw them."""
        before = replace(evidence, snapshots=self._before)
        theirs = normalise.normalise(before.counting, evidence.policy, evidence.statuses)
        return without(looked.tallies, tallied(theirs, evidence.policy, evidence.schemas))


@task
def focus_on(focus: Focus | None, evidence: Evidence, heard: Collection[str]) -> Evidence:
    """As `Focus.on`; without a focus it is on everybody."""
    return focus.on(evidence, heard) if focus else evidence
