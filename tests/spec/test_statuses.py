"""Statuses

HubSpot's Lead Status and Aloware's contact disposition are one field. The list is HubSpot's; Aloware knows its entries
by number: here 1 is NEW and 3 is OPEN.

In tables of the list, a row is a status by its internal value: the label that HubSpot gives it (`-`: it has no such
option), the disposition that Aloware `had`, the one it `has` after a run, and what `tandem statuses` says before that
run. `1 New` is number 1, called New; agents can pick it unless it is `hidden`, and edit it unless it is `locked`.
"""

import re
from collections.abc import Callable

from tasks.connectors.fake import Fake
from tasks.core import statuses as core
from tasks.core import survey
from tasks.core.model import ALOWARE, Disposition, Status
from tests.property.simulation import Simulation
from tests.spec.tables import Row, agreeing, decided, drawn, paragraph


def mirrored(test: Callable[[], None]) -> Callable[[], None]:
    """The test is its table: HubSpot's list, Aloware's before a run, and Aloware's after it."""

    def body() -> None:
        (rows,) = drawn(test.__doc__)
        aloware, options = Fake(ALOWARE, {}), offered(rows)
        aloware.catalogue = {entry.id: entry for place, row in enumerate(rows) for entry in read(row, place)}
        told = survey.of_catalogue(options, aloware.dispositions(), {})
        for wanted in core.mirror(options, aloware.dispositions()):
            aloware.save_disposition(wanted)
        assert not core.mirror(options, aloware.dispositions()), "once is enough"
        by_status = {entry.value: entry for entry in aloware.dispositions()} | aloware.catalogue
        for row in rows:
            native = re.match(r"\d+", row["had"])
            known = by_status.get(row["status"]) or by_status[native.group() if native else ""]
            said = next(
                r.state for r in told if r.status == known.value or (r.disposition == known.id and not r.status)
            )
            assert (row["status"], shown(known), said) == (row["status"], row["has"], row["said"])
        seen = sorted((entry for entry in aloware.dispositions() if entry.value), key=lambda entry: entry.position)
        asked = [option.value for option in options]
        assert [entry.value for entry in seen if entry.value in asked] == asked

    return paragraph(test, body)


def offered(rows: list[Row]) -> list[Status]:
    """HubSpot's options, in the order of the table."""
    labels = [(row["status"], row["HubSpot"]) for row in rows if row["HubSpot"] != "-"]
    return [
        Status(value, label.removesuffix(" (hidden)"), place, label.endswith("(hidden)"))
        for place, (value, label) in enumerate(labels)
    ]


def read(row: Row, place: int) -> list[Disposition]:
    """A drawn disposition; one that isn't locked mirrors nothing. `was` says where it stood."""
    words = re.fullmatch(r"(\d+) (.+?)( locked)?( hidden)?", row["had"])
    if words is None:
        return []
    number, name, locked, hidden = words.groups()
    return [
        Disposition(
            number, name, row["status"] if locked else "", bool(locked), int(row.get("was", place)), bool(hidden)
        )
    ]


def shown(entry: Disposition) -> str:
    return f"{entry.id} {entry.name}" + " locked" * entry.locked + " hidden" * entry.hidden


@mirrored
def test_the_list_is_hubspots() -> None:
    """A status takes over the native disposition of its name, whatever the case, and gets a new one where there is
    none. What else Aloware has stays as it is: agents can pick it, and HubSpot doesn't know it.

    | status | HubSpot   | had           | has                  | said                 |
    | ------ | --------- | ------------- | -------------------- | -------------------- |
    | NEW    | NEW       | 4101 New      | 4101 NEW locked      | to be taken over     |
    | DEMO   | Demo      | -             | 4103 Demo locked     | to be created        |
    |        | -         | 4102 Bad idea | 4102 Bad idea        | not one of HubSpot's |
    """


@mirrored
def test_a_new_label_is_a_new_name_and_nothing_else() -> None:
    """Neither HubSpot's internal value nor Aloware's number changes, so nobody's status does.

    | status | HubSpot | had              | has             | said          |
    | ------ | ------- | ---------------- | --------------- | ------------- |
    | OPEN   | Working | 3 Open locked    | 3 Working locked | to be renamed |
    | NEW    | New     | 1 New locked     | 1 New locked    | mirrored      |
    """


@mirrored
def test_labels_may_change_places() -> None:
    """No two names are ever the same, not even for a moment: one steps aside until the other has moved.

    | status | HubSpot | had           | has           | said          |
    | ------ | ------- | ------------- | ------------- | ------------- |
    | A      | Two     | 1 One locked  | 1 Two locked  | to be renamed |
    | B      | Three   | 2 Two locked  | 2 Three locked | to be renamed |
    | C      | One     | 3 Three locked | 3 One locked | to be renamed |
    | D      | Four    | -             | 4105 Four locked | to be created |
    | E      | Five    | 5 four locked | 5 Five locked | to be renamed |
    """


@mirrored
def test_the_order_is_hubspots() -> None:
    """`was`: where it stood in Aloware's list.

    | status | HubSpot | was | had           | has           | said          |
    | ------ | ------- | --- | ------------- | ------------- | ------------- |
    | OPEN   | Open    | 1   | 3 Open locked | 3 Open locked | to be updated |
    | NEW    | New     | 0   | 1 New locked  | 1 New locked  | to be updated |
    | LOST   | Lost    | 2   | 5 Lost locked | 5 Lost locked | mirrored      |
    """


@mirrored
def test_what_hubspot_hides_is_hidden() -> None:
    """Whoever is on it stays on it.

    | status | HubSpot       | had                 | has                  | said          |
    | ------ | ------------- | ------------------- | -------------------- | ------------- |
    | OPEN   | Open (hidden) | 3 Open locked       | 3 Open locked hidden | to be updated |
    | LOST   | Lost (hidden) | 5 Lost locked hidden | 5 Lost locked hidden | hidden       |
    | NEW    | New           | 1 New locked hidden | 1 New locked         | to be updated |
    """


@mirrored
def test_what_hubspot_removes_is_hidden_and_keeps_its_meaning() -> None:
    """People may still be on it: it is locked, nobody picks it anew, and a new option may have its name.

    | status | HubSpot | had           | has                      | said               |
    | ------ | ------- | ------------- | ------------------------ | ------------------ |
    | WON    | Won     | 1 Won locked  | 1 Won locked             | mirrored           |
    | LOST_2 | Lost    | -             | 4104 Lost locked         | to be created      |
    | LOST   | -       | 5 Lost locked | 5 Lost (LOST) locked hidden | removed in HubSpot |
    | OPEN   | -       | 3 Open locked | 3 Open locked hidden     | removed in HubSpot |
    """


@mirrored
def test_what_comes_back_is_what_it_was() -> None:
    """The same number, so everybody who was left on it is on it again.

    | status | HubSpot | had                         | has           | said          |
    | ------ | ------- | --------------------------- | ------------- | ------------- |
    | LOST   | Lost    | 5 Lost (LOST) locked hidden | 5 Lost locked | to be renamed |
    | OPEN   | Open    | 3 Open locked hidden        | 3 Open locked | to be updated |
    """


@mirrored
def test_labels_that_differ_by_case_at_most_are_told_apart() -> None:
    """Aloware's names don't differ by case, so the internal value tells which is which.

    | status | HubSpot | had      | has                    | said             |
    | ------ | ------- | -------- | ---------------------- | ---------------- |
    | HOT_1  | Hot     | 7 hot    | 7 Hot (HOT_1) locked   | to be taken over |
    | HOT_2  | HOT     | -        | 4102 HOT (HOT_2) locked | to be created   |
    """


def test_hubspot_without_any_option_mirrors_nothing() -> None:
    """An empty list is more likely a mishap than a wish: Aloware's stays as it is, and the plan says so."""
    assert core.mirror([], [Disposition("1", "New", "NEW", locked=True)]) == []
    assert [finding.severity for finding in core.unlisted([])] == ["warning"]


def test_without_a_catalogue_the_policy_says_which_number_is_which_status() -> None:
    """`[aloware.dispositions]` is checked against HubSpot's options: what is missing, renamed or gone is reported. A
    status that HubSpot removed keeps its number, for people may be on it.

    | status      | HubSpot     | number | said                            |
    | ----------- | ----------- | ------ | ------------------------------- |
    | NEW         | New         | 1      | in the table                    |
    | OPEN        | Open        |        | missing in the table            |
    | IN_PROGRESS | In Progress |        | renamed: the table has its label |
    | LOST        | -           | 5      | removed in HubSpot              |
    """
    (rows,) = drawn(test_without_a_catalogue_the_policy_says_which_number_is_which_status.__doc__)
    table = {row["status"]: row["number"] for row in rows if row["number"]} | {"In progress": "4"}
    options = offered(rows)
    states = {row.status: row.state for row in survey.of_table(options, table, {})}
    assert states == {row["status"]: row["said"] for row in rows}
    made = core.from_table(table, options)
    assert made.ids.items() >= {"1": "NEW", "5": "LOST"}.items()
    missing, gone = made.findings
    assert (missing.rows, gone.rows) == (2, 2)
    assert "OPEN, IN_PROGRESS" in missing.expectation
    assert "LOST, In progress" in gone.expectation


def statuses(world: Simulation) -> tuple[str | None, str | None]:
    """What HubSpot and Aloware show."""
    return world.value(world.ref("hubspot 1"), "lead_status"), world.value(world.ref("aloware 1"), "lead_status")


@decided()
def test_one_way_an_agent_s_pick_is_drift() -> None:
    """Until `hubspot.disposition` is two-way HubSpot's status is restored.

    | side       | may          | base | now  | then | why       |
    | ---------- | ------------ | ---- | ---- | ---- | --------- |
    | golden     | hubspot      | NEW  |      | NEW  | unchanged |
    | hubspot    | inbound      | NEW  | NEW  | NEW  |           |
    | aloware    | no authority | NEW  | OPEN | NEW  |           |
    """


def test_a_status_reaches_aloware_as_its_disposition() -> None:
    """What is OPEN in HubSpot is number 3 in Aloware."""
    world = agreeing()
    world.edit(world.ref("hubspot 1"), lead_status="OPEN")
    world.run()
    assert statuses(world) == ("OPEN", "3")


def test_two_way_an_agent_s_pick_flows_back() -> None:
    """With the scope open, number 3 becomes OPEN."""
    world = agreeing("hubspot.disposition")
    world.edit(world.ref("aloware 1"), lead_status="3")
    world.run()
    assert statuses(world) == ("OPEN", "3")


def test_other_scopes_don_t_open_the_status() -> None:
    """Neither updates of HubSpot contacts nor those of Salesforce give a pick authority."""
    world = agreeing("hubspot.update", "salesforce.update")
    world.edit(world.ref("aloware 1"), lead_status="3")
    world.run()
    assert statuses(world) == ("NEW", "1")


def test_a_disposition_that_hubspot_doesn_t_know_is_refused_loudly() -> None:
    """It is listed as a write that would fail, and never attempted."""
    world = agreeing("hubspot.disposition")
    world.edit(world.ref("aloware 1"), lead_status="7")
    plan = world.run()
    assert plan.changes.empty
    assert plan.refused[["system", "field", "reason"]].to_numpy().tolist() == [
        ["hubspot", "lead_status", "the system has no value for this status"]
    ]
    assert statuses(world) == ("NEW", "7")


def test_a_status_that_aloware_has_no_disposition_for_is_refused_loudly() -> None:
    """Aloware keeps what it has, and the plan says why."""
    world = agreeing()
    world.edit(world.ref("hubspot 1"), lead_status="LOST")
    plan = world.run()
    assert plan.refused[["system", "field", "reason"]].to_numpy().tolist() == [
        ["aloware", "lead_status", "the system has no value for this status"]
    ]
    assert statuses(world) == ("LOST", "1")


def test_what_was_refused_is_said_again_by_every_run_and_ends_with_hubspot_s_next_word() -> None:
    """It is reported and not planned; nothing is blanked."""
    world = agreeing("hubspot.disposition")
    world.edit(world.ref("aloware 1"), lead_status="7")
    for _ in range(2):
        plan = world.run()
        assert (len(plan.changes), len(plan.refused), statuses(world)) == (0, 1, ("NEW", "7"))
    world.edit(world.ref("hubspot 1"), lead_status="OPEN")
    assert world.run().refused.empty
    assert statuses(world) == ("OPEN", "3")


def test_a_removed_status_stays_where_it_is() -> None:
    """Number 9 is GONE, which HubSpot has removed: whoever is on it stays on it, in both, and nothing is planned."""
    world = agreeing("hubspot.disposition")
    world.edit(world.ref("hubspot 1"), lead_status="GONE")
    world.run()
    assert statuses(world) == ("GONE", "9")
    plan = world.run()
    assert (len(plan.changes), len(plan.refused)) == (0, 0)


def test_a_removed_status_that_an_agent_picks_is_refused_loudly() -> None:
    """HubSpot wouldn't take it, and isn't asked to; nor is its status blanked."""
    world = agreeing("hubspot.disposition")
    world.edit(world.ref("aloware 1"), lead_status="9")
    plan = world.run()
    assert plan.changes.empty
    assert list(plan.refused["reason"]) == ["not one of the property's options"]
    assert statuses(world) == ("NEW", "9")


def test_agents_may_move_people_off_a_removed_status() -> None:
    """Two-way, what they pick flows back as ever."""
    world = agreeing("hubspot.disposition")
    world.edit(world.ref("hubspot 1"), lead_status="GONE")
    world.run()
    world.edit(world.ref("aloware 1"), lead_status="3")
    world.run()
    assert statuses(world) == ("OPEN", "3")


@decided(drift="keep")
def test_one_way_with_drift_kept_a_pick_stays_in_aloware() -> None:
    """The policy's `drift = "keep"`: it is settled and listed, and HubSpot's next word ends it.

    | side       | may          | base | now  | then | why        |
    | ---------- | ------------ | ---- | ---- | ---- | ---------- |
    | golden     | hubspot      | NEW  |      | NEW  | unchanged  |
    | hubspot    | inbound      | NEW  | NEW  | NEW  |            |
    | aloware    | no authority | NEW  | OPEN | OPEN | kept drift |
    """


@decided()
def test_a_disposition_that_is_taken_away_takes_no_status_away() -> None:
    """Two-way, blanks ignored: the disposition stays as the agent left it.

    | side       | may          | base | now   | then  | why        |
    | ---------- | ------------ | ---- | ----- | ----- | ---------- |
    | golden     | hubspot      | NEW  |       | NEW   | unchanged  |
    | hubspot    |              | NEW  | NEW   | NEW   |            |
    | aloware    |              | NEW  | blank | blank | left blank |
    """
