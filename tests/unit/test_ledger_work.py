"""What is done for each change of a plan costs the ledger as much in a large plan as in a small one.

SQLite counts the steps of its own virtual machine, so that nothing here depends on how fast a machine is.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tasks.core.model import Change, Outcome, Receipt
from tasks.core.plan import CELLS, CHANGES, CONFLICTS, REFUSED, Breaker, Plan, Verdict
from tasks.core.state import LINKS, PEOPLE, TURNS, base_columns, golden_columns
from tasks.ledger import Ledger, open_ledger
from tests.unit.ledgers import FIELDS, LATER, NOON, advance, plan, table

FEW, TIMES = 100, 10
EVERY = 100  # steps that the virtual machine takes between two calls

Doing = Callable[[Ledger, Plan], object]


def large(count: int, plan_id: str) -> Plan:
    """A plan of so many creates in HubSpot of two cells each, as many conflicts and as many refusals."""
    people = [f"salesforce:Contact:{n:05}" for n in range(count)]
    changes = [(f"c{n}", "hubspot", "contacts", None, who, "create", f"+1{n}") for n, who in enumerate(people)]
    cells = [(f"c{n}", field, field, "", "Ann", "Ann", "") for n in range(count) for field in FIELDS]
    refused = [("salesforce", "Lead", who, who, "update", "", "email", "Email", "", "x", "no") for who in people]
    return plan(
        plan_id,
        changes=table(CHANGES, [(*change, "new", "create") for change in changes]),
        cells=table(CELLS, list(cells)),
        conflicts=table(CONFLICTS, [(f"{who}/email", who, "email", "{}", "", "hold") for who in people]),
        refused=table(REFUSED, list(refused)),
    )


def ended(made: Plan) -> pd.DataFrame:
    return made.cells[["change", "field"]].assign(outcome="applied", version="v")


def intended(made: Plan) -> list[Change]:
    return [
        Change(id=name, system="hubspot", object="contacts", record_id=None, kind="create", fields={}, phone="")
        for name in made.changes["id"]
    ]


def receipts(made: Plan) -> list[Receipt]:
    return [Receipt(name, Outcome.APPLIED, record_id=name) for name in made.changes["id"]]


def absorb(ledger: Ledger, made: Plan) -> None:
    people = made.changes["person"].to_list()
    founded = table(PEOPLE, [(who, None, None) for who in people], "person")
    ledger.memory.advance(advance(people=founded), "r0", NOON)
    pairs = zip(people[::2], people[1::2], strict=True)
    ledger.memory.advance(replace(advance(), absorbed=table(("survivor",), list(pairs), "person")), "r1", NOON)


def owe(ledger: Ledger, made: Plan) -> None:
    """Those of a plan that was never begun are beside those of one that was."""
    ledger.plans.store(replace(made, id="p0"), NOON)
    ledger.outbox.intend("r1", "p1", intended(made), NOON)
    ledger.memory.state(FIELDS)


DOINGS: dict[str, Doing] = {
    "store it again": lambda ledger, made: ledger.plans.store(replace(made, id="p2"), LATER),
    "mark changes": lambda ledger, made: ledger.plans.mark_changes(made.id, receipts(made)),
    "conclude": lambda ledger, made: ledger.plans.conclude(made.id, ended(made), NOON),
    "stand on": lambda ledger, made: ledger.plans.stand_on(made.id, ended(made)),
    "intend": lambda ledger, made: ledger.outbox.intend("r1", made.id, intended(made), NOON),
    "receive": lambda ledger, made: ledger.outbox.receive("r1", made.id, receipts(made), NOON),
    "absorb": absorb,
    "owe": owe,
}


def know_everybody(ledger: Ledger, made: Plan) -> None:
    """Everybody has a record, a number and values, and we wrote all of them."""
    who, refs = made.changes["person"].to_list(), [f"hubspot:contacts:{name}" for name in made.changes["id"]]
    pairs = zip(made.changes["id"], who, strict=True)
    owned = zip(who, made.changes["phone"], strict=True)
    taught = advance(
        people=table(PEOPLE, [(name, None, None) for name in who], "person"),
        links=table(LINKS, [("hubspot", "contacts", record, name, "representative") for record, name in pairs]),
        golden=pd.DataFrame("y", index=who, columns=list(golden_columns(FIELDS)), dtype="str"),
        bases=pd.DataFrame("x", index=refs, columns=list(base_columns(FIELDS)), dtype="str"),
        numbers=table(TURNS, [(name, number, "key", "begins", None) for name, number in owned]),
    )
    ledger.memory.advance(taught, "r0", NOON)
    ledger.outbox.intend("r1", "p1", intended(made), NOON)
    ledger.outbox.receive("r1", "p1", receipts(made), NOON)
    ledger.plans.mark_changes("p1", receipts(made))


def know_of_one(ledger: Ledger, made: Plan) -> None:
    (known,) = ledger.memory.state(FIELDS, made.changes["person"][:1]).receipts.index
    assert known == "hubspot:contacts:c0"


def steps(home: Path, doing: Doing, count: int, before: Doing = lambda _ledger, _made: None) -> int:
    """How many hundred steps it takes for a plan of so many changes, when `before` was done."""
    taken = [0]

    def tick() -> None:
        taken[0] += 1

    made = large(count, "p1")
    with open_ledger(None, home) as ledger:
        ledger.plans.store(made, NOON)
        ledger.outbox.intend("r0", "p1", intended(made), NOON)
        before(ledger, made)
        with ledger.connections.database.reading() as transaction:
            driver = transaction.connection.connection.driver_connection
            assert driver is not None
            driver.set_progress_handler(tick, EVERY)
        doing(ledger, made)
    return taken[0]


def test_what_is_held_is_asked_once_and_not_for_every_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A breaker may hold as many changes as there are."""
    asked: list[Verdict] = []
    held = Verdict.held.fget
    assert held is not None
    monkeypatch.setattr(Plan, "held", property(lambda self: asked.append(self.verdict) or held(self.verdict)))
    made = large(FEW, "p1")
    waits = replace(made, verdict=Verdict("hold", (Breaker("creates", 1, 0, frozenset(made.changes["id"])),)))
    with open_ledger(None, tmp_path) as ledger:
        ledger.plans.store(waits, NOON)
        assert set(ledger.plans.outcomes("p1")["status"]) == {"held"}
    assert len(asked) < 10


@pytest.mark.parametrize("name", DOINGS)
def test_ten_times_as_many_changes_are_ten_times_the_work(name: str, tmp_path: Path) -> None:
    few = steps(tmp_path / "few", DOINGS[name], FEW)
    many = steps(tmp_path / "many", DOINGS[name], FEW * TIMES)
    assert few > 0
    assert many < few * TIMES * 1.5


def test_what_is_known_of_one_takes_as_much_work_among_ten_times_as_many(tmp_path: Path) -> None:
    few = steps(tmp_path / "few", know_of_one, FEW, know_everybody)
    many = steps(tmp_path / "many", know_of_one, FEW * TIMES, know_everybody)
    assert few > 0
    assert many < few * 1.5
