"""One plan with something of everything, for tests of what people and scripts are shown."""

from dataclasses import replace

import pandas as pd

from tasks.core.outcome import RESIDUALS
from tasks.core.plan import (
    CELLS,
    CHANGES,
    COLLISIONS,
    CONFLICTS,
    QUARANTINE,
    REFUSED,
    Breaker,
    Finding,
    Plan,
    Verdict,
)
from tasks.core.run import RunReport
from tasks.core.state import golden_columns
from tests.unit.ledgers import FIELDS, advance, plan, table

PERSON = "salesforce:Contact:003A"
PHONE, EMAIL = "+14155552671", "ana.diaz@example.com"
LIMIT = Breaker("salesforce.updates", 0.5, 0.3, holds=frozenset({"c2"}))
HOLD = Verdict("hold", (LIMIT,), (Finding("aloware", "unique", "critical", 2),))


def sample(held: bool = False) -> Plan:
    """Two changes for one person; with `held`, the second waits behind a breaker."""
    made = plan(
        verdict=HOLD if held else None,
        changes=table(
            CHANGES,
            [
                ("c1", "aloware", "contacts", None, PERSON, "create", PHONE, "known elsewhere, not here", "create"),
                ("c2", "salesforce", "Contact", "003A", PERSON, "update", PHONE, "edited elsewhere", "edit"),
            ],
        ),
        cells=table(
            CELLS,
            [
                ("c1", "first_name", "first_name", None, "Ana", "Ana", PERSON),
                ("c1", "phone", "phone_number", None, PHONE, PHONE, PERSON),
                ("c2", "email", "Email", "", EMAIL, EMAIL, "hubspot:contacts:7"),
            ],
        ),
        refused=table(
            REFUSED,
            [("salesforce", "Lead", "00QA", PERSON, "update", PHONE, "company", "Company", "A", "B", "read-only")],
        ),
        conflicts=table(
            CONFLICTS,
            [
                (f"{PERSON}/email", PERSON, "email", f'{{"salesforce":"{EMAIL}","hubspot":""}}', "salesforce", "rank"),
                (f"{PERSON}/phone", PERSON, "phone", '{"hubspot":"+14155550000"}', None, "hold"),
            ],
        ),
        collisions=table(COLLISIONS, [("shared-number", PHONE, f'["{PERSON}","salesforce:Contact:003B"]', PERSON)]),
        quarantine=table(QUARANTINE, [("hubspot", "contacts", "9", "no valid phone number")]),
    )
    known = table(golden_columns(FIELDS), [(PERSON, "Ana", "salesforce", None, None)], "person")
    forecast = {"salesforce": {"read": 2, "write": 1}, "hubspot": {"read": 0, "write": 0}}
    return replace(made, advance=advance(golden=known), forecast=forecast)


def report(plan: Plan, converged: bool | None = True, refusal: str | None = None, **receipts: int) -> RunReport:
    """That plan, carried out with those receipts; `refusal` is what the vendor said of its second change."""
    refused: list[tuple[object, ...]] = [("c2", refusal)] if refusal else []
    return RunReport(
        plan=plan,
        api_calls={"salesforce": {"read": 3}},
        receipts=receipts,
        converged=converged,
        refusals=table(("change", "reason"), refused),
    )


def residual() -> pd.DataFrame:
    row = ("c2", "salesforce", "Contact", "003A", "email", EMAIL, "else@example.com", "the system holds something else")
    return table(RESIDUALS, [row])


def nothing() -> Plan:
    """A plan of nothing."""
    return plan()
