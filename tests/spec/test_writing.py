"""Writing

What a run learns from how its writes ended. Golden and all bases of a field advance together, and only when every
write is done.
"""

from dataclasses import replace

from msgspec import structs

from tasks.core import lookups
from tasks.core.deciding.diff import diff
from tasks.core.deciding.lineup import line_up
from tasks.core.matching import Matching
from tasks.core.model import SCOPES, Outcome
from tasks.core.normalise import normalise
from tasks.core.plan import Plan
from tasks.core.planning import staleness
from tests.property.simulation import NOON, STATUSES, Simulation, nothing_known
from tests.property.worlds import shipped_policy
from tests.spec.tables import agreeing

ANN = "salesforce:Contact:1"
NAMES = shipped_policy("first_name", "last_name", "phone")
LEADS = structs.replace(NAMES, salesforce=structs.replace(NAMES.salesforce, priority="lead"))


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


def test_an_edit_taken_back_while_a_write_failed_is_taken_back() -> None:
    """Salesforce's edit reached Aloware and not HubSpot; then it is undone. Aloware's new name was Tandem's own doing,
    nobody's word, and goes back with it."""
    world = agreeing(*SCOPES)
    world.edit(world.ref("contact 1"), first_name="Anne")
    ending(world, "hubspot", Outcome.FAILED)
    assert world.value(world.ref("aloware 1"), "first_name") == "Anne"
    world.edit(world.ref("contact 1"), first_name="Ann")
    assert world.run().changes["system"].tolist() == ["aloware"]
    assert world.value(world.ref("aloware 1"), "first_name") == "Ann"


def test_a_failed_write_ends_no_settlement() -> None:
    """HubSpot spells names its own way, which was accepted. A new name doesn't get there, and is taken back: the old
    spelling is accepted as before."""
    world = agreeing(*SCOPES)
    world.formats["hubspot", "firstname"] = str.upper
    world.edit(world.ref("contact 1"), first_name="Anne")
    world.run()
    world.edit(world.ref("contact 1"), first_name="Bob")
    ending(world, "hubspot", Outcome.FAILED)
    world.edit(world.ref("contact 1"), first_name="Anne")
    assert world.run().changes["system"].tolist() == ["aloware"]
    assert world.value(world.ref("hubspot 1"), "first_name") == "ANNE"


def stale(world: Simulation, plan: Plan) -> set[tuple[str, str]]:
    """Cells of a plan that a look at the systems, right before the write, finds moved."""
    present = normalise(world.snapshots(), world.policy, STATUSES)
    cells = plan.cells.loc[staleness.stale_cells(plan, staleness.references(plan), present)]
    systems = plan.changes.set_index("id")["system"].reindex(cells["change"])
    return set(zip(systems, cells["field"], strict=True))


def test_a_stale_plan_reaches_nobody() -> None:
    """Between plan and write somebody types, into a record that was to be written or into one whose word decided: that
    field is left for the next plan. Other fields go on."""
    world = agreeing(*SCOPES)
    world.edit(world.ref("contact 1"), first_name="Anne", last_name="Lee")
    plan = world.draft()
    assert stale(world, plan) == set()
    world.edit(world.ref("hubspot 1"), first_name="Annie")
    assert stale(world, plan) == {("hubspot", "first_name"), ("aloware", "first_name")}
    world.edit(world.ref("hubspot 1"), first_name="Ann")
    world.edit(world.ref("contact 1"), first_name="Ann")
    assert stale(world, plan) == {("hubspot", "first_name"), ("aloware", "first_name")}


def test_an_old_export_s_edit_is_looked_up_before_it_counts() -> None:
    """Aloware's list is hours old. What differs there from what was last agreed may have been changed back since, and
    what a CRM is about to write may meet an edit that the list doesn't know: both numbers are looked up first."""
    world = agreeing(*SCOPES)
    matching = world.match()
    assert in_doubt(world, matching) == set()
    world.edit(world.ref("aloware 1"), first_name="Annie")
    assert in_doubt(world, world.match()) == {"+14155552671"}


def in_doubt(world: Simulation, matching: Matching) -> set[str]:
    schemas = {snapshot.system: snapshot.schema for snapshot in world.snapshots()}
    cells = diff(line_up(matching, world.state, world.policy, schemas))
    return lookups.unconfirmed(cells, matching, NOON)


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


def test_what_is_parked_is_tried_again_when_the_policy_or_the_property_changes() -> None:
    """HubSpot's administrator makes the property longer, say: the refusal was about the old one. What people wanted so,
    a blank that was left, stays."""
    world = agreeing(*SCOPES)
    world.edit(world.ref("contact 1"), first_name="Anne")
    ending(world, "hubspot", Outcome.REFUSED)
    world.edit(world.ref("aloware 1"), first_name=None)
    assert (len(world.run().changes), world.draft().settled) == (0, 2)
    world.state = replace(world.state, terms=world.state.terms.assign(vendor="as it was before"))
    assert world.draft().changes["system"].tolist() == ["hubspot"]
    ending(world, "hubspot", Outcome.FAILED)  # it ended, whatever becomes of that
    assert world.draft().changes["system"].tolist() == ["hubspot"]
    world.state = replace(world.state, terms=world.state.terms.assign(policy="as it was before"))
    assert world.draft().changes["system"].tolist() == ["hubspot", "aloware"]
    world.run()
    assert world.state.settled.empty


def test_what_is_parked_may_be_tried_again() -> None:
    """`plan --retry-parked` plans once more what a vendor refused for good."""
    world = agreeing(*SCOPES)
    world.edit(world.ref("contact 1"), first_name="Anne")
    ending(world, "hubspot", Outcome.REFUSED)
    world.state = world.state.without_parked()
    assert world.draft().changes["system"].tolist() == ["hubspot"]


def test_a_new_record_refused_here_and_taken_there_is_still_owed() -> None:
    """A contact of Aloware's gets into HubSpot; Salesforce refuses it for good. It isn't tried every day, but as soon
    as somebody edits it, or asks for it: that HubSpot has it doesn't make it HubSpot's."""
    world = Simulation(NAMES, nothing_known(NAMES, SCOPES))
    contact = world.add("aloware", "1", phone="+14155552671", first_name="Ann")
    ending(world, "salesforce", Outcome.REFUSED)
    assert world.run().changes.empty
    known, world.state = world.state, world.state.without_parked()
    assert [(c.system, c.kind) for c in world.draft().changes.itertuples()] == [("salesforce", "create")]
    world.state = known
    world.edit(contact, first_name="Anne")
    world.run()
    assert world.value("salesforce:Contact:new-2", "first_name") == "Anne"
    assert world.draft().changes.empty


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


def test_a_write_that_was_acknowledged_and_not_carried_out_is_planned_again() -> None:
    """The old value is nobody's edit: it doesn't come back to where the new one was typed."""
    world = agreeing(*SCOPES)
    world.formats["aloware", "first_name"] = lambda _: "Ann"
    contact = world.ref("contact 1")
    world.edit(contact, first_name="Anne")
    result = world.apply(world.draft())
    assert result.residuals[["system", "wanted", "found"]].to_numpy().tolist() == [["aloware", "Anne", "Ann"]]
    del world.formats["aloware", "first_name"]
    assert world.draft().changes["system"].tolist() == ["aloware"]
    world.run()
    assert {world.value(world.ref(f"{place} 1"), "first_name") for place in ("contact", "aloware")} == {"Anne"}
    assert world.draft().changes.empty


def test_a_system_that_says_yes_twice_and_does_nothing_is_left_in_peace() -> None:
    """Until somebody edits the value anew, on either side."""
    world = agreeing(*SCOPES)
    world.formats["aloware", "first_name"] = lambda _: "Ann"
    world.edit(world.ref("contact 1"), first_name="Anne")
    plans = [world.run() for _ in range(3)]
    assert [len(plan.changes) for plan in plans] == [2, 1, 0]
    assert world.value(world.ref("contact 1"), "first_name") == "Anne"
    del world.formats["aloware", "first_name"]
    world.edit(world.ref("contact 1"), first_name="Annie")
    world.run()
    assert world.value(world.ref("aloware 1"), "first_name") == "Annie"
    assert world.draft().changes.empty


def test_what_a_new_record_did_not_take_is_planned_again() -> None:
    """That it is blank there is nobody's wish."""
    world = Simulation(NAMES, nothing_known(NAMES, SCOPES))
    world.formats["aloware", "first_name"] = lambda _: ""
    world.add("contact", "1", phone="+14155552671", first_name="Ann")
    world.run()
    assert world.value("aloware:contacts:new-1", "first_name") == ""
    del world.formats["aloware", "first_name"]
    world.run()
    assert world.value("aloware:contacts:new-1", "first_name") == "Ann"
    assert world.draft().changes.empty


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


def test_an_invented_value_stays_invented_when_the_policy_changes() -> None:
    """What was made up last year is remembered as made up, record by record, and through a conversion."""
    world = Simulation(LEADS, nothing_known(LEADS, SCOPES))
    world.add("aloware", "1", phone="+14155552671", first_name="Ann")
    world.run()
    lead = "salesforce:Lead:new-1"
    assert world.value(lead, "last_name") == "[unknown]"
    world.policy = structs.replace(LEADS, salesforce=structs.replace(LEADS.salesforce, synthetic={"last_name": "?"}))
    assert world.draft().changes.empty
    contact = world.add("contact", "9", phone="+14155552671", first_name="Ann", last_name="[unknown]")
    world.convert(lead, contact)
    world.run()
    world.run()
    assert world.value("hubspot:contacts:new-2", "last_name") is None
    assert "[unknown]" not in set(world.state.golden["last_name"])
    world.edit(contact, last_name="Lee")
    world.run()
    assert world.value("hubspot:contacts:new-2", "last_name") == "Lee"


def test_an_invented_value_never_flows() -> None:
    """A Contact needs a last name: what is sent where nobody has one is a blank to everybody else."""
    world = Simulation(agreeing().policy, nothing_known(agreeing().policy, SCOPES))
    world.add("aloware", "1", phone="+14155552671", first_name="Ann")
    world.run()
    assert world.value("salesforce:Contact:new-1", "last_name") == "[unknown]"
    assert world.draft().changes.empty
    assert world.value("hubspot:contacts:new-2", "last_name") is None
