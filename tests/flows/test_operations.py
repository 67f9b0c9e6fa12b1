"""What admins do now and then: one-time pulls, statuses renamed, directions, connecting again."""

from collections.abc import Iterator

import pytest

from flows.connections import connect, disconnect, set_direction
from flows.one_time_pull import What, one_time_pull
from flows.reconcile import reconcile
from tasks.core.errors import UsageError
from tasks.core.model import SCOPES
from tasks.session import open_session
from tests.flows.worlds import Office, connected, number, planned, policy_with

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
        contact, lead = number(), number()
        two_way.person.create_in_salesforce("Contact", FirstName="Cy", LastName="Contact", Phone=contact)
        two_way.person.create_in_salesforce("Lead", FirstName="Li", LastName="Lead", Company="Li Ltd", Phone=lead)
        two_way.person.forget_requests()
        one_time_pull(what)
        assert tuple(two_way.person.find_in_aloware(phone) is not None for phone in (contact, lead)) == brings
        assert two_way.person.writes("salesforce") == two_way.person.writes("hubspot") == []

    def test_brings_back_what_an_agent_changed_without_authority(self, inbound: Office) -> None:
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


class TestStatuses:
    @pytest.fixture
    def lena(self, inbound: Office) -> tuple[str, str]:
        """A HubSpot contact whose status is New: her number, and her record."""
        phone = number()
        values = {"firstname": "Lena", "lastname": "Ortiz", "phone": phone}
        return phone, inbound.person.create_in_hubspot(hs_lead_status="NEW", **values)

    def test_one_renamed_in_hubspot_is_renamed_for_agents_and_no_contact_changes(
        self, inbound: Office, lena: tuple[str, str]
    ) -> None:
        phone, _ = lena
        reconcile()
        options = inbound.person.statuses()
        inbound.person.set_statuses([o | {"label": "Brand new"} if o["value"] == "NEW" else o for o in options])
        assert planned(reconcile(), phone) == []
        assert inbound.contact(phone)["disposition"] == "Brand new"
        inbound.person.set_statuses(options)

    def test_one_added_in_hubspot_can_be_used_at_once(self, inbound: Office, lena: tuple[str, str]) -> None:
        phone, record = lena
        added = {"label": "Callback", "value": "CALLBACK", "displayOrder": 40, "hidden": False}
        inbound.person.set_statuses([*inbound.person.statuses(), added])
        inbound.person.edit_in_hubspot(record, hs_lead_status="CALLBACK")
        reconcile()
        assert inbound.contact(phone)["disposition"] == "Callback"


class TestDirections:
    def test_everything_is_inbound_after_connecting_again(self, tmp_path_factory: TempFolders) -> None:
        with connected(tmp_path_factory.mktemp("again"), scopes=SCOPES) as office:
            phone = number()
            office.person.create_in_hubspot(firstname="Lena", lastname="Ortiz", phone=phone, hs_lead_status="NEW")
            reconcile()
            disconnect("hubspot")
            connect("hubspot")
            with open_session() as session:
                directions = session.ledger.connections.directions()
            inbound = {scope for scope in SCOPES if directions[scope] == "inbound"}
            assert inbound == {"hubspot.create", "hubspot.update", "hubspot.disposition"}
            picked = office.person.dispositions()["Connected"]["id"]
            office.person.edit_in_aloware(str(office.contact(phone)["id"]), disposition_status_id=picked)
            reconcile()
            assert office.person.in_hubspot(phone)[0]["hs_lead_status"] == "NEW"
            assert office.contact(phone)["disposition"] == "New"

    @pytest.mark.parametrize("direction", ["outbound", "aloware-to-hubspot", ""])
    def test_aloware_to_crm_alone_is_refused(self, direction: str, inbound: Office) -> None:
        with pytest.raises(UsageError, match="two-way"):
            set_direction("hubspot.disposition", direction)
        with open_session() as session:
            assert session.ledger.connections.directions()["hubspot.disposition"] == "inbound"

    def test_what_an_agent_did_before_a_scope_was_opened_does_not_flow_and_what_comes_after_does(
        self, tmp_path_factory: TempFolders
    ) -> None:
        with connected(tmp_path_factory.mktemp("opened"), stock=1) as office:
            ann = office.stock.pop()
            office.person.edit_in_aloware(ann.aloware, last_name="Before")
            office.open("salesforce.update")
            reconcile()
            assert office.person.in_salesforce("Contact", ann.phone)[0]["LastName"] == "Lee"
            office.person.edit_in_aloware(ann.aloware, last_name="After")
            reconcile()
            assert office.person.in_salesforce("Contact", ann.phone)[0]["LastName"] == "After"

    def test_drift_may_be_kept_by_policy(self, inbound: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        ann = inbound.stock.pop()
        inbound.person.edit_in_aloware(ann.aloware, last_name="Mine")
        monkeypatch.setenv("TANDEM_POLICY", str(policy_with(inbound.home, drift='"keep"')))
        assert reconcile().converged
        second = reconcile().plan
        assert (len(second.changes), second.settled) == (0, 1)
        assert inbound.contact(ann.phone)["last_name"] == "Mine"
