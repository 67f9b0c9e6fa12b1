"""What a whole run asks of HubSpot after a few edits."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.connections import connect
from flows.reconcile import reconcile
from tasks.core.model import HUBSPOT, SYSTEMS
from tests.flows.worlds import HUBSPOT_CONTACTS, Office, number, office, settle

DESCRIBES = "/crm/properties/"
Pair = tuple[str, str]


@pytest.fixture
def pairs(tmp_path: Path) -> Iterator[tuple[Office, list[Pair]]]:
    """Twenty people whom both CRMs know, HubSpot two-way: their ids in Salesforce and HubSpot."""
    with office(tmp_path) as made:
        for system in SYSTEMS:
            connect(system)
        phones = [number() for _ in range(20)]
        contacts = [
            made.person.create_in_salesforce("Contact", FirstName="Ann", LastName="Lee", Phone=p) for p in phones
        ]
        theirs = [made.person.create_in_hubspot(firstname="Ann", lastname="Lee", phone=p) for p in phones]
        made.open("hubspot.update")
        settle()
        yield made, list(zip(contacts, theirs, strict=True))


def test_ten_edits_in_each_crm_cost_six_reads_at_most(pairs: tuple[Office, list[Pair]]) -> None:
    """Beyond the page that holds the changes: the account, the archived list, what our own writes of the last minutes
    look like by now, a look at what is about to be written and one at what was. Nobody is listed."""
    work, people = pairs
    for contact, _ in people[:10]:
        work.person.edit_in_salesforce("Contact", contact, LastName="Edited here")
    for _, theirs in people[10:]:
        work.person.edit_in_hubspot(theirs, lastname="Edited there")
    work.person.forget_requests()
    report = reconcile()
    assert len(report.plan.changes) == 30
    reads = [c["path"] for c in work.person.requests(HUBSPOT) if not c["write"]]
    reads = [path for path in reads if not path.startswith(DESCRIBES)]
    assert reads.count(f"{HUBSPOT_CONTACTS}/search") == 1
    assert reads.count(HUBSPOT_CONTACTS) == 1, "the archived list"
    assert len(reads) - 1 <= 6
    assert len(work.person.writes(HUBSPOT)) == 1
