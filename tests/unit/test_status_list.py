"""HubSpot's statuses and Aloware's dispositions, what the book doesn't tell: ids, memory, findings and counts."""

import pandas as pd
import pytest

from tasks.connectors.fake import Fake
from tasks.core import statuses, survey
from tasks.core.errors import ConnectorError
from tasks.core.model import ALOWARE, Disposition, Property, Status
from tasks.core.state import LINKS, State, base_columns, empty, golden_columns
from tests.property.simulation import nothing_known
from tests.property.worlds import shipped_policy

POLICY = shipped_policy("first_name", "phone", "lead_status")
FIELDS = list(POLICY.fields)


def ledger(**bases: str) -> State:
    """A ledger that last saw these statuses: `aloware_1="NEW/4105"` is Aloware's contact 1 on 4105, which is NEW."""
    frame = empty(base_columns(FIELDS), "ref")
    links = empty(LINKS, "ref")
    for name, said in bases.items():
        system, record = name.split("_")
        ref = f"{system}:contacts:{record}"
        frame.loc[ref, ["lead_status", "lead_status_raw"]] = said.split("/")
        links.loc[ref] = [system, "contacts", record, f"person {record}", "representative"]
    golden = empty(golden_columns(FIELDS), "person")
    return State(**{**vars(nothing_known(POLICY)), "bases": frame.astype("str"), "links": links, "golden": golden})


def test_a_plan_foresees_the_dispositions_that_it_may_not_save() -> None:
    """Those taken over have an id already; a new one is called by its status until it has one."""
    native = Disposition("4105", "New")
    saves = statuses.mirror([Status("NEW", "New"), Status("LOST", "Lost", 1)], [native])
    made = statuses.foreseen([native], saves)
    assert made.ids == {"4105": "NEW", "new:LOST": "LOST"}
    assert [(f.set, f.severity, f.rows) for f in made.findings] == [("aloware", "info", 2)]
    assert statuses.foreseen([native], ()).findings == ()


def test_the_catalogue_never_has_one_name_twice_on_the_way() -> None:
    """Whatever goes round: the fake refuses a name that another mirrored disposition has at that moment."""
    names = ["a", "b", "c", "d", "e"]
    aloware = Fake(ALOWARE, {})
    for place, name in enumerate(names):
        aloware.save_disposition(Disposition("", name, name.upper(), locked=True, position=place))
    turned = [Status(name.upper(), names[(place + 2) % 5], place) for place, name in enumerate(names)]
    turned += [Status("NEW", "A!", 5), Status("B2", "B ", 6)]
    for wanted in statuses.mirror(turned[:-1], aloware.dispositions()):
        aloware.save_disposition(wanted)
    assert {d.value: d.name for d in aloware.dispositions()} == {s.value: s.label for s in turned[:-1]}
    with pytest.raises(ConnectorError):
        aloware.save_disposition(Disposition("", "E", "OTHER", locked=True))


def test_a_label_s_outer_spaces_are_no_reason_to_save_it_for_ever() -> None:
    """Aloware keeps names trimmed."""
    (saved,) = statuses.mirror([Status("NEW", " New ")], [])
    assert statuses.mirror([Status("NEW", " New ")], [Disposition("1", saved.name, "NEW", True)]) == []


def test_what_stood_for_no_status_is_read_anew_when_it_stands_for_one() -> None:
    """Golden, bases and settlements alike; what still stands for none stays."""
    state = ledger(aloware_1="?4101/4101", aloware_2="?4102/4102", hubspot_1="NEW/NEW")
    state.golden.loc["person 1", "lead_status"] = "?4101"
    state.settled.loc[0] = ["aloware:contacts:1", "lead_status", "?4101", "?4101", "kept drift"]
    state.settled.loc[1] = ["aloware:contacts:1", "first_name", "?4101", "?4101", "kept drift"]
    read = statuses.reread(state, POLICY, {"4101": "CALLED"})
    assert list(read.bases["lead_status"]) == ["CALLED", "?4102", "NEW"]
    assert list(read.golden["lead_status"]) == ["CALLED"]
    assert list(read.settled["golden"]) == list(read.settled["value"]) == ["CALLED", "?4101"]
    assert list(state.bases["lead_status"]) == ["?4101", "?4102", "NEW"]


def test_nothing_is_read_anew_in_a_new_ledger_or_without_statuses() -> None:
    """There is nothing to read."""
    for known in (ledger(), ledger(aloware_1="NEW/4105")):
        assert list(statuses.reread(known, POLICY, {}).bases["lead_status"]) == list(known.bases["lead_status"])
    assert statuses.reread(ledger(), POLICY, {"1": "NEW"}).bases.empty


def test_the_ledger_remembers_what_the_numbers_meant() -> None:
    """For a paused Aloware: its last snapshot must not look as if every contact had been edited."""
    state = ledger(aloware_1="NEW/4105", aloware_2="NEW/4105", aloware_3="?4101/4101", aloware_4="/", hubspot_1="A/A")
    assert statuses.remembered(state, POLICY).ids == {"4105": "NEW"}


def test_a_foreseen_disposition_is_named_by_its_id_once_it_has_one() -> None:
    """Only where the plan foresaw one; without an id nothing can be sent."""
    cells = pd.DataFrame(
        {
            "field": ["lead_status", "lead_status", "lead_status", "first_name"],
            "after": ["new:LOST", "new:WON", "4105", "new:Ann"],
            "value": ["LOST", "WON", "NEW", "Ann"],
        },
        dtype="str",
    )
    after = statuses.with_ids(cells, POLICY, {"4110": "LOST", "9999": "NEW"})["after"]
    assert after.fillna("-").tolist() == ["4110", "-", "4105", "new:Ann"]


def test_people_on_a_status_that_hubspot_has_removed_are_counted() -> None:
    """In HubSpot's records, against its options; where HubSpot wasn't asked there is nothing to say."""
    records = pd.DataFrame(
        {"system": ["hubspot", "hubspot", "hubspot", "aloware"], "lead_status": ["NEW", "GONE", "", "GONE"]},
        dtype="str",
    )
    schema = {"hubspot": {"contacts": {"hs_lead_status": Property("hs_lead_status", options=("NEW",))}}}
    assert statuses.astray(records, POLICY, schema).to_list() == [False, True, False, False]
    assert not statuses.astray(records, POLICY, {}).any()
    (finding,) = statuses.strays(1)
    assert (finding.set, finding.severity, finding.rows, finding.holds) == ("hubspot", "warning", 1, False)
    assert statuses.strays(0) == ()


def test_a_person_counts_once_whatever_systems_say_so() -> None:
    """Of representatives only."""
    state = ledger(aloware_1="NEW/1", hubspot_1="NEW/NEW", aloware_2="NEW/1", aloware_3="?7/7", hubspot_3="/")
    state.links.loc["aloware:contacts:2", "role"] = "retired"
    assert survey.people_on(state, POLICY) == {"NEW": 1, "?7": 1}
    assert survey.people_on(ledger(), POLICY) == {}
