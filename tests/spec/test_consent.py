"""Consent

Do not call, opted out: a field of type `consent` is true or false, and a blank is a false. Somebody who says no to
being called must be believed by everybody, so these fields know neither priority nor direction of speech.
"""

from collections.abc import Iterator
from itertools import product

from msgspec import structs

from tasks.core.deciding import consent
from tasks.core.model import SCOPES
from tasks.core.policy import Field
from tests.property.simulation import Simulation, nothing_known, set_direction
from tests.property.worlds import shipped_policy
from tests.spec.tables import Row, decided, tabled

NAMES = shipped_policy("first_name", "phone")
NO_CALLS = Field(type="consent", rule="hold", contact="DoNotCall", hubspot="no_calls", aloware="is_dnc")
POLICY = structs.replace(NAMES, fields=dict(NAMES.fields) | {"no_calls": NO_CALLS})
PLACES = ("contact 1", "hubspot 1", "aloware 1")


def fields(_: Row) -> Iterator[Field]:
    """Its rows are about every field of that type, whatever the policy's rule for conflicts and blanks."""
    for rule, blanks in product(("priority", "hold"), ("ignore", "clear")):
        yield Field(type="consent", rule=rule, blanks=blanks)


@tabled(consent, fields)
def test_consent_in_one_table() -> None:
    """What becomes of it."""


@decided(type="consent")
def test_a_yes_goes_wherever_tandem_may_write() -> None:
    """An agent ticks "do not call", though agents may not edit that field: everybody learns of it who can.

    | side       | may          | base  | now   | then  | why  |
    | ---------- | ------------ | ----- | ----- | ----- | ---- |
    | golden     |              | false |       | true  | edit |
    | salesforce | inbound      | false | false | false |      |
    | hubspot    |              | false | false | true  |      |
    | aloware    | no authority | false | true  | true  |      |
    """


@decided(type="consent")
def test_a_no_stays_where_it_was_typed() -> None:
    """Somebody withdraws it in one system: it isn't carried, and what the others still say doesn't overwrite it.

    | side       | base | now   | then  | why             |
    | ---------- | ---- | ----- | ----- | --------------- |
    | golden     | true |       | true  | unchanged       |
    | salesforce | true | true  | true  |                 |
    | hubspot    | true | false | false | consent differs |
    | aloware    | true | true  | true  |                 |
    """


@decided(type="consent")
def test_emptying_the_field_is_a_no() -> None:
    """A blank counts as false.

    | side       | base | now   | then  | why             |
    | ---------- | ---- | ----- | ----- | --------------- |
    | golden     | true |       | true  | unchanged       |
    | salesforce | true | blank | blank | consent differs |
    | aloware    | true | true  | true  |                 |
    """


@decided(type="consent")
def test_a_yes_said_anew_ends_what_was_settled() -> None:
    """HubSpot's no stood; now somebody says yes in Salesforce, which is newer.

    | side       | base  | now   | known   | then | why  |
    | ---------- | ----- | ----- | ------- | ---- | ---- |
    | golden     | true  |       |         | true | edit |
    | salesforce | false | true  |         | true |      |
    | hubspot    | false | false | settled | true |      |
    | aloware    | true  | true  |         | true |      |
    """


@decided(type="consent")
def test_a_yes_isn_t_taken_back_by_a_joiner() -> None:
    """A newly linked record that says no, or nothing, gets the yes.

    | side       | base | now   | then | why       |
    | ---------- | ---- | ----- | ---- | --------- |
    | golden     | true |       | true | unchanged |
    | salesforce | true | true  | true |           |
    | hubspot    | -    | false | true |           |
    """


@decided(type="consent")
def test_a_yes_and_a_no_at_once_are_a_conflict_that_the_yes_wins() -> None:
    """It is recorded, and doesn't wait, whatever the field's rule.

    | side       | base  | now   | then | why      |
    | ---------- | ----- | ----- | ---- | -------- |
    | golden     | true  |       | true | conflict |
    | salesforce | false | true  | true |          |
    | hubspot    | true  | false | true |          |
    """


@decided(type="consent")
def test_tandem_never_writes_a_no() -> None:
    """Whatever was decided: a side that says yes keeps it, and the difference is told.

    | side       | may      | base  | now   | then  | why             |
    | ---------- | -------- | ----- | ----- | ----- | --------------- |
    | golden     | decision | false |       | false | unchanged       |
    | salesforce |          | true  | true  | true  | consent differs |
    | aloware    |          | false | false | false |                 |
    """


def world(*open_scopes: str) -> Simulation:
    """Ann, whom everybody may call, in three systems that agree."""
    made = Simulation(POLICY, nothing_known(POLICY, open_scopes))
    for place in PLACES:
        made.add(*place.split(), phone="+14155552671", first_name="Ann", no_calls="false")
    made.run()
    return made


def says(made: Simulation) -> list[str | None]:
    return [made.value(made.ref(place), "no_calls") for place in PLACES]


def test_a_no_outlives_every_run_and_every_scope() -> None:
    """An agent says yes while Salesforce is closed; HubSpot's user takes it back there. Opening Salesforce carries the
    yes; HubSpot's no is left alone, run after run."""
    made = world("hubspot.update")
    made.edit(made.ref("aloware 1"), no_calls="true")
    made.run()
    assert says(made) == ["false", "true", "true"]
    made.edit(made.ref("hubspot 1"), no_calls="false")
    assert made.run().settled == 1
    assert made.state.settled["reason"].tolist() == ["consent differs"]
    made.state = set_direction(made.state, "salesforce.update")
    made.run()
    assert says(made) == ["true", "false", "true"]
    made.edit(made.ref("hubspot 1"), no_calls=None)  # a blank is the same no
    assert made.run().changes.empty


def test_a_no_is_agreed_when_everybody_says_so() -> None:
    """Each system's own people withdraw it; then a yes is news again."""
    made = world(*SCOPES)
    made.edit(made.ref("contact 1"), no_calls="true")
    made.run()
    assert says(made) == ["true"] * 3
    for place in PLACES:
        made.edit(made.ref(place), no_calls="false")
        assert made.run().changes.empty
    assert made.state.golden["no_calls"].tolist() == ["false"]
    assert made.state.settled.empty
    made.edit(made.ref("hubspot 1"), no_calls="true")
    made.run()
    assert says(made) == ["true"] * 3


def test_a_new_record_is_told_of_a_yes_and_never_of_a_no() -> None:
    """What nobody knows in Aloware is created there with the yes; a no isn't sent."""
    made = Simulation(POLICY, nothing_known(POLICY))
    made.add("contact", "1", phone="+14155552671", first_name="Ann", no_calls="true")
    made.add("contact", "2", phone="+14155552672", first_name="Bob", no_calls="false")
    plan = made.run()
    assert plan.cells.query("field == 'no_calls'")["after"].tolist() == ["true"]


def test_of_two_people_who_become_one_either_may_have_consented() -> None:
    """A Lead who didn't want to be called is converted into somebody else's Contact, who had said nothing of it."""
    made = Simulation(POLICY, nothing_known(POLICY, SCOPES))
    lead = made.add("lead", "1", phone="+14155552671", first_name="Ann")
    contact = made.add("contact", "2", phone="+14155552672", first_name="Ann", no_calls="false")
    made.add("aloware", "1", phone="+14155552671", first_name="Ann", no_calls="true")
    made.add("aloware", "2", phone="+14155552672", first_name="Ann", no_calls="false")
    made.run()
    made.convert(lead, contact)
    made.run()
    assert made.value(contact, "no_calls") == "true"
    assert made.value("aloware:contacts:2", "no_calls") == "true"
    assert made.draft().changes.empty
