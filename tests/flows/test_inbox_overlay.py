"""Without an export the inbox tells of contacts that no CRM knows, and of edits; a look-up says what they are."""

from collections.abc import Iterator

import pytest

from flows.reconcile import reconcile
from tests.flows.inbox_world import Desk, desk, until
from tests.flows.worlds import Office, connected, number

__all__ = ["desk"]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    scopes = ("salesforce.create", "salesforce.update")
    with (
        connected(tmp_path_factory.mktemp("overlay"), stock=2, scopes=scopes) as made,
        pytest.MonkeyPatch.context() as patched,
    ):
        patched.delenv("ALOWARE_CONTACTS_EXPORT")
        yield made


def test_a_contact_that_only_aloware_has_is_seen_through_the_inbox(office: Office, desk: Desk) -> None:
    """An agent enters somebody: the webhook says so, and they are created in Salesforce, once."""
    phone = number()
    office.person.create_in_aloware(first_name="Nia", last_name="New", phone_number=phone)
    until(lambda: desk.ledger.inbox.unread())
    assert reconcile().converged
    assert [row["FirstName"] for row in office.person.in_salesforce("Contact", phone)] == ["Nia"]
    assert reconcile().plan.changes.empty
    assert len(office.person.in_salesforce("Contact", phone)) == 1


def test_what_was_heard_is_looked_at_once(office: Office, desk: Desk) -> None:
    """A run that ended took it into account."""
    office.person.edit_in_aloware(office.stock[0].aloware, first_name="Anna")
    until(lambda: desk.ledger.inbox.unread())
    reconcile()
    assert office.person.value("salesforce", "Contact", office.stock[0].salesforce, "FirstName") == "Anna"
    assert desk.ledger.inbox.contacts_heard() == []
