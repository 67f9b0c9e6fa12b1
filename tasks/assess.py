"""Verb: say what a first run will meet, do and cost. Nothing is written, and no plan is stored."""

from dataclasses import replace
from pathlib import Path

from tasks.connectors import aloware
from tasks.connectors.opening import OWNER_PROPERTY, vitals
from tasks.core.assessing.assessment import Assessment
from tasks.core.assessing.costs import Cost, Pace
from tasks.core.assessing.inventory import inventory
from tasks.core.assessing.problems import problems
from tasks.core.assessing.sheets import OWNERS, files
from tasks.core.assessing.written import Written
from tasks.core.errors import UsageError
from tasks.core.evidence import inputs
from tasks.core.model import ALOWARE
from tasks.core.plan import Plan
from tasks.core.planning.drawing import drawn
from tasks.core.planning.forecast import forecast
from tasks.core.planning.sight import Thought
from tasks.ledger.files import make_folder, save
from tasks.ledger.snapshots import digest
from tasks.orchestrate import task
from tasks.session import Session

UNTIMED = 1.0  # seconds an answer takes, where none has come yet


@task
def assess(session: Session, run: str, thought: Thought, opened: Thought | None) -> Assessment:
    """Count it all; the run is over. `opened` is what would be thought if every scope were two-way."""
    plan = _plan(session, run, thought)
    creates = plan.changes[(plan.changes["system"] == ALOWARE) & (plan.changes["kind"] == "create")]
    assessment = Assessment(
        plan=plan,
        inventory=inventory(thought),
        problems=problems(thought, OWNER_PROPERTY),
        now=Written.of(thought.proposal),
        opened=Written.of(opened.proposal) if opened else None,
        costs=tuple(_cost(session, system, plan) for system in session.active()),
        new_numbers=len(creates),
        price=len(creates) * session.policy.aloware.price_per_number,
    )
    session.ledger.runs.finish(run, "assessed", session.now())
    return assessment


@task
def write_out(assessment: Assessment, out: Path) -> dict[str, int]:
    """A private CSV file a problem and an owner, in that folder, in place of those of an earlier assessment; gives how
    many rows each has. Raises UsageError where that can't be done."""
    written = {}
    try:
        for name, content in files(assessment.problems):
            place = out / name
            make_folder(place.parent)
            save(place, content)
            written[name] = content.count(b"\r\n") - 1
        for old in (out / OWNERS).glob("*.csv"):
            if f"{OWNERS}/{old.name}" not in written:
                old.unlink()  # all of theirs is set right
    except OSError as error:
        raise UsageError(f"{out} can't be written: {error.strerror}; name another folder") from None
    return written


def _plan(session: Session, run: str, thought: Thought) -> Plan:
    """What a first run would plan, with the calls that it would take."""
    evidence = thought.evidence
    digests = {system: digest(snapshot) for system, snapshot in evidence.snapshots.items()}
    made_from = inputs(evidence.policy, digests, thought.seen.known)
    plan = drawn(thought.proposal, thought.verdict, run, evidence.asked.mode, session.now(), made_from)
    costs = {system: session.connector(system).forecast for system in session.active()}
    return replace(plan, forecast=forecast(plan, evidence.state, evidence.policy, costs))


def _cost(session: Session, system: str, plan: Plan) -> Cost:
    connector, foreseen = session.connector(system), plan.forecast[system]
    told = vitals(connector)
    seconds = UNTIMED if told.seconds is None else told.seconds
    pace = Pace(seconds)
    if system == ALOWARE:
        pace = Pace(seconds, aloware.LOOK_UPS, aloware.WRITES, session.policy.aloware.calls_per_minute)
    looked = connector.calls["read"]
    share = session.policy.budgets.of(system)
    return Cost(system, looked, foreseen["read"], foreseen["write"], pace, told.left, told.most, share)
