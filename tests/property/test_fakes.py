"""Promises of design, chapter 10, over the fake connectors: the very verbs, ledger and gate of a run, without HTTP."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from flows.apply import carry_out
from flows.plan import draft, look
from tasks.connectors.fake import Fake
from tasks.core.model import ALOWARE, CRMS, HUBSPOT, SALESFORCE, SCOPES, SYSTEMS, Property
from tasks.core.run import Asked, RunReport
from tasks.session import Session
from tasks.settings import Settings
from tests.property.worlds import shipped_policy
from tests.unit.ledgers import create_ledger

POLICY = shipped_policy("first_name", "last_name", "email", "phone")
SEEDS = (1, *(pytest.param(seed, marks=pytest.mark.deep) for seed in range(2, 8)))
PEOPLE = 12
OBJECTS = {SALESFORCE: ("Contact", "Lead"), HUBSPOT: ("contacts",), ALOWARE: ("contacts",)}


class Office:
    """Three fakes with random people in them, and a session on a ledger of their own."""

    def __init__(self, home: Path, seed: int, two_way: bool) -> None:
        self.dice = Random(seed)
        self.fakes = {system: _fake(system) for system in SYSTEMS}
        settings = Settings(home, create_ledger(), home / "none.toml", 1.0, None)
        self.session = Session(settings, POLICY, connectors=self.fakes)
        for system, object_name, record_id, values in self._records():
            self.fakes[system].put(object_name, values, record_id)
        now = self.session.now()
        for system in SYSTEMS:
            self.session.ledger.connections.connect(system, "fake", now)
        for scope in SCOPES if two_way else ():
            self.session.ledger.connections.set_direction(scope, "two-way", now)

    def _records(self) -> Iterator[tuple[str, str, str, dict[str, str]]]:
        """Each person in some of the systems, spelt differently, some blank, some sharing a number."""
        for n in range(PEOPLE):
            for system, objects in OBJECTS.items():
                if self.dice.random() < 0.7:
                    place = self.dice.choice(objects)
                    yield system, place, f"{n:02}", _values(system, place, n % 10, self.dice, unique=n)

    def run(self) -> RunReport:
        run = self.session.ledger.runs.begin("test", self.session.now())
        with self.session.ledger.lease.held(run, self.session.now()):
            plan = draft(self.session, run, Asked("test", initial=True), look(self.session), {})
            return carry_out(self.session, plan, {})

    def list_backwards(self) -> None:
        """The systems list their records in another order from now on."""
        for fake in self.fakes.values():
            for name, records in fake.store.objects.items():
                fake.store.objects[name] = dict(reversed(records.items()))

    def plan_checksum(self) -> str:
        run = self.session.ledger.runs.begin("test", self.session.now())
        return draft(self.session, run, Asked("test", initial=True), look(self.session), {}).checksum

    def writes(self) -> dict[str, int]:
        return {system: fake.calls["write"] for system, fake in self.fakes.items()}

    def everything(self) -> dict[tuple[str, str, str], dict[str, str]]:
        return {
            (system, name, record_id): dict(record.values)
            for system, fake in self.fakes.items()
            for name in OBJECTS[system]
            for record_id, record in fake.store.objects.get(name, {}).items()
        }

    def somebody_in_aloware(self) -> tuple[str, str, str]:
        """A contact who is known to a CRM too."""
        links = self.session.state().links
        in_crm = set(links.loc[links["system"].isin(CRMS), "person"])
        ours = links[(links["system"] == ALOWARE) & (links["role"] == "representative") & links["person"].isin(in_crm)]
        first = ours.iloc[0]
        return first["system"], first["object"], first["record_id"]


def _fake(system: str) -> Fake:
    wanted = POLICY.wanted(system)
    schema = {
        name: {p: Property(p, updateable=p != "phone_number", required=p == "LastName") for p in properties}
        for name, properties in wanted.items()
    }
    return Fake(system, wanted, schema=schema, unique=("email",) if system == HUBSPOT else ())


def _values(system: str, place: str, number: int, dice: Random, unique: int) -> dict[str, str]:
    """What that system says of the person with that number; Aloware and HubSpot keep what is unique there unique."""
    digits = f"415555{2000 + (unique if system == ALOWARE else number)}"
    said = {
        "first_name": dice.choice(["Ann", "Bob", "", "Zoë "]),
        "last_name": dice.choice(["Lee", "Łoś"]),
        "email": dice.choice(["", f"p{unique}@example.com", f"P{unique}@Example.com"]),
        "phone": "+1" + digits if system == ALOWARE else dice.choice(["+1" + digits, f"({digits[:3]}) {digits[3:]}"]),
    }
    return {prop: said[name] for name, prop in POLICY.mapped(system, place).items()}


@pytest.fixture(params=SEEDS, ids="seed {}".format)
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path, request.param, two_way=True)
    yield made
    made.session.close()


def test_a_second_run_has_nothing_to_do_and_writes_nothing(office: Office) -> None:
    """§10.1: after a complete run without edits and faults, the next plan has no changes."""
    assert office.run().converged
    before = office.writes()
    again = office.run()
    assert again.plan.changes.empty
    assert office.writes() == before


def test_a_run_takes_the_calls_that_its_plan_foresaw(office: Office) -> None:
    """§10.6, for calls: a first run, and one after somebody's edits in each system."""
    reports = [office.run()]
    for (system, name, record_id), _ in office.everything().items():
        if system != ALOWARE or record_id > "06":
            office.fakes[system].put(name, {POLICY.mapped(system, name)["last_name"]: f"New {system}"}, record_id)
    reports.append(office.run())
    assert all(report.spent == report.plan.forecast for report in reports)
    assert sum(counts["write"] for report in reports for counts in report.spent.values()) > PEOPLE


def test_an_edit_reaches_every_side_and_no_other_value_moves(office: Office) -> None:
    """§10.2: one person edits one value in Aloware; it arrives wherever that person is, and nowhere else."""
    office.run()
    _, name, record_id = office.somebody_in_aloware()
    before = office.everything()
    office.fakes[ALOWARE].put(name, {"first_name": "Edited"}, record_id)
    report = office.run()
    assert report.converged
    after = office.everything()
    touched = {key for key, now in after.items() if now != before[key] and key[0] != ALOWARE}
    assert touched
    assert all({**after[key], _name(key): ""} == {**before[key], _name(key): ""} for key in touched)
    people = office.session.state().links["person"]
    mine = people[f"{ALOWARE}:{name}:{record_id}"]
    assert {people[f"{s}:{o}:{r}"] for s, o, r in touched} == {mine}


def _name(key: tuple[str, str, str]) -> str:
    return POLICY.mapped(key[0], key[1])["first_name"]


@pytest.mark.parametrize("seed", SEEDS)
def test_an_inbound_crm_is_never_written(seed: int, tmp_path: Path) -> None:
    """§10.3: whatever people edit, as long as its scopes are inbound."""
    office = Office(tmp_path, seed, two_way=False)
    office.run()
    for (system, name, record_id), _ in office.everything().items():
        prop = POLICY.mapped(system, name)["last_name"]
        office.fakes[system].put(name, {prop: f"New {system}"}, record_id)
    office.run()
    assert [office.writes()[crm] for crm in CRMS] == [0, 0]
    office.session.close()


def test_a_number_has_one_aloware_contact(office: Office) -> None:
    """§10.4: however many records of the CRMs claim it."""
    office.run()
    office.run()
    numbers = [v["phone_number"] for (system, _, _), v in office.everything().items() if system == ALOWARE]
    assert len(numbers) == len(set(numbers))


def test_the_same_world_gives_the_same_plan(office: Office) -> None:
    """§10.8: the order in which systems list their records doesn't change the checksum."""
    first = office.plan_checksum()
    office.list_backwards()
    assert office.plan_checksum() == first


def test_blanks_erase_nothing(office: Office) -> None:
    """§10.9: somebody blanks every first name in one system; nobody else's goes."""
    office.run()
    for (system, name, record_id), _ in office.everything().items():
        if system == SALESFORCE:
            office.fakes[system].put(name, {"FirstName": ""}, record_id)
    before = office.everything()
    office.run()
    after = office.everything()
    lost = [key for key, values in before.items() for prop, value in values.items() if value and not after[key][prop]]
    assert lost == []


def test_a_failed_write_is_taken_up_again(office: Office) -> None:
    """A failure is no edit and loses none: the next run carries the same decision out."""
    office.run()
    _, name, record_id = office.somebody_in_aloware()
    office.fakes[ALOWARE].put(name, {"first_name": "Edited"}, record_id)
    for crm in CRMS:
        office.fakes[crm].fail(100)
    assert not office.run().converged
    for crm in CRMS:
        office.fakes[crm].fail(0)
    assert office.run().converged
    assert office.run().plan.changes.empty
    assert "Edited" in [
        v.get("FirstName") or v.get("firstname") for k, v in office.everything().items() if k[0] in CRMS
    ]
