"""What admins do now and then: one-time pulls, and what becomes of drift."""

from collections.abc import Iterator

import pytest

from flows.one_time_pull import What, one_time_pull
from flows.reconcile import reconcile
from tasks.core.errors import UsageError
from tasks.core.model import SCOPES
from tests.flows.worlds import Office, connected, number, policy_with

TempFolders = pytest.TempPathFactory


@pytest.fixture(scope="module")
def closed_office(tmp_path_factory: TempFolders) -> Iterator[Office]:
    with connected(tmp_path_factory.mktemp("inbound"), stock=3) as office:
        yield office


@pytest.fixture(scope="module")
def open_office(tmp_path_factory: TempFolders) -> Iterator[Office]:
    with connected(tmp_path_factory.mktemp("two-way"), scopes=SCOPES, stock=1) as office:
        yield office


@pytest.fixture
def inbound(closed_office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Every scope inbound."""
    return closed_office.entered(monkeypatch)


@pytest.fixture
def two_way(open_office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Every scope two-way."""
    return open_office.entered(monkeypatch)


class TestAOneTimePull:
    @pytest.mark.parametrize(
        ("what", "brings"), [("contacts", (True, False)), ("leads", (False, True)), ("all", (True, True))]
    )
    def test_brings_what_it_is_asked_for_and_writes_no_crm(
        self, what: What, brings: tuple[bool, bool], two_way: Office
    ) -> None:
        """“Within the 'One-time operations: Contacts / Leads' section, admins can initiate a manual pull of records
        directly from Salesforce.”"""
        contact, lead = number(), number()
        two_way.person.create_in_salesforce("Contact", FirstName="Cy", LastName="Contact", Phone=contact)
        two_way.person.create_in_salesforce("Lead", FirstName="Li", LastName="Lead", Company="Li Ltd", Phone=lead)
        two_way.person.forget_requests()
        one_time_pull(what)
        assert tuple(two_way.person.find_in_aloware(phone) is not None for phone in (contact, lead)) == brings
        assert two_way.person.writes("salesforce") == two_way.person.writes("hubspot") == []

    def test_brings_back_what_an_agent_changed_without_authority(self, inbound: Office) -> None:
        """“… where an immediate, on-demand data refresh is required, rather than … continuous synchronization.”"""
        ann = inbound.stock.pop()
        inbound.person.edit_in_aloware(ann.aloware, last_name="Drifted")
        one_time_pull("contacts")
        assert inbound.contact(ann.phone)["last_name"] == "Lee"

    def test_leaves_an_agents_edit_to_flow_and_the_next_runs_to_agree(self, two_way: Office) -> None:
        ann = two_way.stock.pop()
        two_way.person.edit_in_aloware(ann.aloware, last_name="Edited")
        one_time_pull("all")
        assert two_way.contact(ann.phone)["last_name"] == "Edited"
        reconcile()
        assert two_way.person.in_salesforce("Contact", ann.phone)[0]["LastName"] == "Edited"
        assert reconcile().plan.changes.empty

    def test_of_a_module_that_is_off_is_refused(
        self, inbound: Office, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: TempFolders
    ) -> None:
        folder = tmp_path_factory.mktemp("contacts")
        monkeypatch.setenv("TANDEM_POLICY", str(policy_with(folder, modules='["contacts"]')))
        with pytest.raises(UsageError, match="module"):
            one_time_pull("leads")


class TestDrift:
    def test_may_be_kept_by_policy(self, inbound: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        ann = inbound.stock.pop()
        inbound.person.edit_in_aloware(ann.aloware, last_name="Mine")
        monkeypatch.setenv("TANDEM_POLICY", str(policy_with(inbound.home, drift='"keep"')))
        assert reconcile().converged
        second = reconcile().plan
        assert (len(second.changes), second.settled) == (0, 1)
        assert inbound.contact(ann.phone)["last_name"] == "Mine"
