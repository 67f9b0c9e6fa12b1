"""Every plan can be made again from what it kept, whatever had happened before: the very same checksum."""

from pathlib import Path

import pytest

from flows.plan import draft, intend, judge, look, see
from tasks.core.model import ALOWARE
from tasks.core.plan import ONE_TIME, Plan
from tasks.core.run import Asked
from tasks.replay import Replayed, compare, recall
from tests.property.test_fakes import Office

KINDS = [Asked("test", initial=True), Asked("test", retry_parked=True), Asked(ONE_TIME, True, (), ("Contact", "Lead"))]


def again(office: Office, plan: Plan) -> Replayed:
    """That plan beside the one that its evidence comes to now."""
    stored, evidence = recall(office.session, plan.run)
    seen = see(evidence)
    proposal, decisions = intend(evidence, seen)
    return compare(stored, evidence, seen.known, *judge(evidence, seen, proposal, decisions))


def planned(office: Office, asked: Asked) -> Plan:
    run = office.session.ledger.runs.begin(asked.mode, office.session.now())
    return draft(office.session, run, asked, look(office.session), {})


@pytest.mark.parametrize(("seed", "two_way"), [(1, False), (2, True)])
def test_a_plan_comes_out_the_same_when_it_is_made_again(tmp_path: Path, seed: int, two_way: bool) -> None:
    """Before and after a run, with an edit in between, of a one-time pull too: evidence is whole, and stays."""
    office = Office(tmp_path, seed, two_way)
    plans = [planned(office, KINDS[0])]
    office.run()
    somebody = office.somebody_in_aloware()
    office.fakes[ALOWARE].put(somebody[1], {"first_name": "Typed"}, somebody[2])
    plans += [planned(office, asked) for asked in KINDS]
    replayed = [again(office, plan) for plan in plans]
    assert [one.again.checksum for one in replayed] == [plan.checksum for plan in plans]
    assert all(one.same and one.differences.empty for one in replayed)
    assert len({one.again.checksum for one in replayed}) > 2, "they are plans of different things"
