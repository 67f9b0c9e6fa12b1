"""Writing

What a run learns from how its writes ended. Golden and all bases of a field advance together, and only when every
write is done.
"""

from tasks.core.model import SCOPES, Outcome
from tests.property.simulation import Simulation, nothing_known
from tests.spec.tables import agreeing

ANN = "salesforce:Contact:1"


def ending(world: Simulation, system: str, outcome: Outcome) -> None:
    """A run in which that system's one write ends so."""
    plan = world.draft()
    world.apply(plan, {str(plan.changes.query("system == @system")["id"].item()): outcome})


def test_a_failed_write_is_not_an_edit() -> None:
    """HubSpot didn't answer: golden stays, and the same decision is taken again. HubSpot's old value isn't news."""
    world = agreeing(*SCOPES)
    world.edit(world.ref("contact 1"), first_name="Anne")
    ending(world, "hubspot", Outcome.FAILED)
    assert world.state.golden["first_name"][ANN] == "Ann"
    assert world.state.bases["first_name"].to_dict() == {
        "salesforce:Contact:1": "Ann",
        "hubspot:contacts:1": "Ann",
        "aloware:contacts:1": "Anne",
    }
    again = world.run()
    assert again.changes[["system", "rule"]].to_numpy().tolist() == [["hubspot", "edit"]]
    assert world.value(world.ref("hubspot 1"), "first_name") == "Anne"
    assert world.draft().changes.empty


def test_an_edit_that_follows_a_failed_write_counts() -> None:
    """What somebody types while a write is outstanding is an edit like any other."""
    world = agreeing(*SCOPES)
    world.edit(world.ref("contact 1"), first_name="Anne")
    ending(world, "hubspot", Outcome.FAILED)
    world.edit(world.ref("contact 1"), first_name="Annabel")
    world.run()
    assert world.value(world.ref("hubspot 1"), "first_name") == "Annabel"
    assert world.value(world.ref("aloware 1"), "first_name") == "Annabel"


def test_a_refused_write_is_parked() -> None:
    """A vendor's last word about a record is not argued with, until golden or the value moves."""
    world = agreeing(*SCOPES)
    world.edit(world.ref("contact 1"), first_name="Anne")
    ending(world, "hubspot", Outcome.REFUSED)
    assert world.state.golden["first_name"][ANN] == "Anne"
    later = world.draft()
    assert (len(later.changes), later.settled) == (0, 1)
    world.edit(world.ref("contact 1"), first_name="Annabel")
    world.run()
    assert world.value(world.ref("hubspot 1"), "first_name") == "Annabel"


def test_what_is_parked_may_be_tried_again() -> None:
    """`plan --retry-parked` plans once more what a vendor refused for good."""
    world = agreeing(*SCOPES)
    world.edit(world.ref("contact 1"), first_name="Anne")
    ending(world, "hubspot", Outcome.REFUSED)
    world.state = world.state.without_parked()
    assert world.draft().changes["system"].tolist() == ["hubspot"]


def test_a_reformatted_value_settles() -> None:
    """A system that writes names its own way is left its way, and its spelling doesn't come back as an edit."""
    world = agreeing(*SCOPES)
    world.formats["hubspot", "firstname"] = str.upper
    world.edit(world.ref("contact 1"), first_name="Anne")
    world.run()
    assert world.value(world.ref("hubspot 1"), "first_name") == "ANNE"
    assert world.state.settled["reason"].tolist() == ["reformatted by hubspot"]
    assert world.draft().changes.empty


def test_a_value_that_didn_t_stick_is_told() -> None:
    """The read-back finds something else: a residual now, and an edit of that system for the next run."""
    world = agreeing(*SCOPES)
    world.formats["hubspot", "firstname"] = lambda _: "Bob"
    world.edit(world.ref("contact 1"), first_name="Anne")
    result = world.apply(world.draft())
    assert result.residuals[["system", "wanted", "found"]].to_numpy().tolist() == [["hubspot", "Anne", "Bob"]]


def test_a_vendor_s_default_never_becomes_a_proposal() -> None:
    """A new HubSpot contact gets a status that nobody sent: it stays HubSpot's own and doesn't reach Aloware."""
    world = Simulation(agreeing().policy, nothing_known(agreeing().policy, SCOPES))
    world.defaults["contacts"] = {"hs_lead_status": "NEW"}
    world.add("aloware", "1", phone="+14155552671", first_name="Ann")
    world.run()
    assert world.value("hubspot:contacts:new-2", "lead_status") == "NEW"
    assert world.draft().changes.empty
    assert world.value("aloware:contacts:1", "lead_status") is None
    world.edit("hubspot:contacts:new-2", lead_status="OPEN")
    world.run()
    assert world.value("aloware:contacts:1", "lead_status") == "3"


def test_an_invented_value_never_flows() -> None:
    """A Contact needs a last name: what is sent where nobody has one is a blank to everybody else."""
    world = Simulation(agreeing().policy, nothing_known(agreeing().policy, SCOPES))
    world.add("aloware", "1", phone="+14155552671", first_name="Ann")
    world.run()
    assert world.value("salesforce:Contact:new-1", "last_name") == "[unknown]"
    assert world.draft().changes.empty
    assert world.value("hubspot:contacts:new-2", "last_name") is None
