"""What must always hold (design, section 10), over the emulators: small seeded worlds, whatever the directions."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

import pytest

from flows.plan import plan
from flows.reconcile import reconcile
from tasks.core.model import ALOWARE, HUBSPOT, SALESFORCE, SCOPES, SYSTEMS
from tasks.core.run import RunReport
from tasks.session import open_session
from tests.flows.members import Member, everywhere
from tests.flows.worlds import Office, connected

DIRECTIONS = {3: (), 11: ("salesforce.update", "hubspot.disposition"), 2026: SCOPES}  # by seed
NAME = {SALESFORCE: "LastName", HUBSPOT: "lastname", ALOWARE: "last_name"}
BLANKED = {SALESFORCE: "FirstName", HUBSPOT: "firstname", ALOWARE: "first_name"}


@dataclass
class Week:
    """A seeded office from its first run on: what each run did, and what people did before the last one."""

    office: Office
    scopes: tuple[str, ...]
    first_writes: dict[str, int]
    again: RunReport
    again_writes: int
    edited: dict[str, Member] = field(default_factory=dict)  # by the system in which somebody edited
    blanked: dict[str, Member] = field(default_factory=dict)
    planned: str = ""  # the checksum of a plan made of that, before the run that followed
    crm_writes: dict[str, int] = field(default_factory=dict)  # in that run
    report: RunReport | None = None
    last: RunReport | None = None


@pytest.fixture(scope="module", params=DIRECTIONS, ids=lambda seed: f"seed {seed}")
def week(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Week]:
    """Agree, agree again; open some scopes; people edit and blank; agree, agree again."""
    seed, scopes = request.param, DIRECTIONS[request.param]
    with connected(tmp_path_factory.mktemp("week"), people=60, seed=seed) as office:
        first_writes = {system: len(office.person.writes(system)) for system in SYSTEMS}
        office.person.forget_requests()
        again = reconcile()
        again_writes = len(office.person.writes())
        office.open(*scopes)
        if scopes:
            reconcile(initial=True)
        lived = Week(office, scopes, first_writes, again, again_writes)
        act(lived, Random(seed))
        yield lived


def act(week: Week, dice: Random) -> None:
    """Somebody in each system edits one member's name and blanks another's; then two runs."""
    person = week.office.person
    members = dice.sample(everywhere(), 6)
    for system, member in zip(SYSTEMS, members[:3], strict=True):
        member.before = {side: person.value(side, *member.records[side], NAME[side]) for side in SYSTEMS}
        person.edit(system, *member.records[system], NAME[system], f"Edited in {system}")
        week.edited[system] = member
    for system, member in zip(SYSTEMS, members[3:], strict=True):
        member.before = {side: person.value(side, *member.records[side], BLANKED[side]) for side in SYSTEMS}
        person.edit(system, *member.records[system], BLANKED[system], "")
        week.blanked[system] = member
    week.planned = plan().plan.checksum
    person.forget_requests()
    week.report = reconcile()
    week.crm_writes = {system: len(person.writes(system)) for system in (SALESFORCE, HUBSPOT)}
    week.last = reconcile()


def test_once_everybody_agrees_nothing_is_planned_and_nothing_is_written(week: Week) -> None:
    assert week.again.converged
    assert week.again.plan.changes.empty
    assert week.again_writes == 0


def test_a_first_run_writes_no_crm_because_every_scope_begins_inbound(week: Week) -> None:
    assert week.first_writes[SALESFORCE] == week.first_writes[HUBSPOT] == 0
    assert week.first_writes[ALOWARE] > 0


def test_aloware_has_one_contact_for_a_number(week: Week) -> None:
    numbers = week.office.person.aloware_numbers()
    assert len(numbers) == len(set(numbers)) > 30


def test_the_same_snapshots_give_the_same_plan(week: Week) -> None:
    assert week.report is not None
    assert week.planned == week.report.plan.checksum


def test_an_edit_reaches_every_side_that_may_be_written_and_no_other(week: Week) -> None:
    writable = {system for system in SYSTEMS if system == ALOWARE or f"{system}.update" in week.scopes}
    for system, member in week.edited.items():
        heard = system != ALOWARE or bool(writable - {ALOWARE})
        wanted = f"Edited in {system}" if heard else member.before[ALOWARE]
        for side in SYSTEMS:
            stays = f"Edited in {system}" if side == system else member.before[side]
            expected = wanted if side in writable else stays
            assert week.office.person.value(side, *member.records[side], NAME[side]) == expected, (system, side)


def test_an_inbound_crm_is_never_written(week: Week) -> None:
    for system in (SALESFORCE, HUBSPOT):
        if not {scope for scope in week.scopes if scope.startswith(system)}:
            assert week.crm_writes[system] == 0


def test_a_blank_erases_nothing_anywhere_else(week: Week) -> None:
    for system, member in week.blanked.items():
        for side in set(SYSTEMS) - {system}:
            assert week.office.person.value(side, *member.records[side], BLANKED[side]) == member.before[side]
    with open_session() as session:
        golden = session.state().golden
    assert not (golden == "").any(axis=None), "a blank is no decision"


def test_a_blank_in_a_crm_is_left_and_one_without_authority_is_refilled(week: Week) -> None:
    person = week.office.person
    for system in (SALESFORCE, HUBSPOT):
        member = week.blanked[system]
        assert person.value(system, *member.records[system], BLANKED[system]) == ""
    agents, heard = week.blanked[ALOWARE], any(scope.endswith(".update") for scope in week.scopes)
    expected = "" if heard else agents.before[ALOWARE]
    assert person.value(ALOWARE, *agents.records[ALOWARE], BLANKED[ALOWARE]) == expected


def test_what_was_written_was_read_back(week: Week) -> None:
    assert week.report is not None
    assert week.report.receipts["applied"] > 0
    assert week.report.converged
    assert week.report.residuals.empty


def test_after_peoples_edits_the_world_agrees_again(week: Week) -> None:
    assert week.last is not None
    assert week.last.plan.changes.empty
    assert week.last.converged
