"""What Aloware is asked, number by number: each takes a second there, so none is asked for twice without need."""

from collections import Counter
from collections.abc import Iterator

import pytest

from flows.plan import plan
from flows.reconcile import reconcile
from tasks import pull
from tasks.core.model import ALOWARE
from tests.flows.worlds import Office, connected, number, policy_with

PEOPLE = 10


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("calls")
    with connected(folder, policy=policy_with(folder, floor="1000"), stock=PEOPLE) as office:
        yield office


def calls(office: Office) -> Counter[str]:
    """How often Aloware was asked what since the log was last forgotten, by how the path ends."""
    return Counter(request["path"].rpartition("/")[2] for request in office.person.requests(ALOWARE))


def test_an_update_costs_a_look_before_it_and_one_after_it(office: Office) -> None:
    """Beside the one in planning, for the export may not know what an agent has done since."""
    for lee in office.stock:
        office.person.edit_in_salesforce("Contact", lee.salesforce, LastName="Anew")
    office.person.forget_requests()
    assert len(plan().plan.changes) == PEOPLE
    planning = calls(office)
    assert planning["phone-number"] <= 1.2 * PEOPLE
    office.person.forget_requests()
    assert reconcile().receipts["applied"] == PEOPLE
    made = calls(office)
    assert made["forms"] == PEOPLE
    assert made["phone-number"] - planning["phone-number"] <= 1.2 * 2 * PEOPLE


def test_a_new_contact_costs_one_more_look_for_its_id(office: Office) -> None:
    """A form's answer names none (fact sheet, section 1.3)."""
    office.person.forget_requests()
    plan()
    others = calls(office)["phone-number"]  # contacts that were written in the export's very second
    for _ in range(PEOPLE):
        office.person.create_in_salesforce("Contact", FirstName="Ann", LastName="New", Phone=number())
    office.person.forget_requests()
    assert len(plan(initial=True).plan.changes) == PEOPLE
    planning = calls(office)
    assert planning["phone-number"] - others <= 1.2 * PEOPLE, "whether an agent has made one already"
    office.person.forget_requests()
    assert reconcile(initial=True).receipts["applied"] == PEOPLE
    made = calls(office)
    assert made["forms"] == PEOPLE
    assert made["phone-number"] - planning["phone-number"] <= 1.2 * 3 * PEOPLE


def test_look_ups_in_several_portions_are_one_look(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a contact has moved to a number that is asked for in another portion."""
    monkeypatch.delenv("ALOWARE_CONTACTS_EXPORT")
    monkeypatch.setattr(pull, "LOOK_UPS", 1)
    reconcile(initial=True)
    first, last = office.stock[0], office.stock[-1]
    moved = {first: number(), last: "+12015550123"}
    for lee, to in moved.items():
        office.person.edit_in_aloware(lee.aloware, phone_number=to)
        office.person.edit_in_salesforce("Contact", lee.salesforce, Phone=to)
    report = reconcile()
    assert report.plan.changes.empty
    assert [str(office.contact(to)["id"]) for to in moved.values()] == [first.aloware, last.aloware]
    assert plan().plan.changes.empty
