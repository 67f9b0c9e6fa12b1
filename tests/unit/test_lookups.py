"""What Aloware's export can't say, and what it means when a number doesn't answer."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from tasks.core import lookups
from tasks.core.model import ALOWARE, SALESFORCE
from tasks.core.state import LINKS, PEOPLE, State
from tests.property.simulation import nothing_known
from tests.property.worlds import shipped_policy
from tests.unit.ledgers import table

POLICY = shipped_policy("last_name", "phone")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
EXPORTED = NOON - timedelta(hours=3)
LEE, RAY = "+14152000001", "+14152000002"


def seen(*rows: tuple[str, str, str], as_of: datetime = EXPORTED) -> pd.DataFrame:
    """Records by system, id and number."""
    made = [(f"{system}:contacts:{id_}", system, key) for system, id_, key in rows]
    frame = table(("system", "key"), made, "ref")
    return frame.assign(as_of=pd.Series(as_of, index=frame.index, dtype="datetime64[ns, UTC]"))


def known(*contacts: tuple[str, str, str], written: datetime | None = None) -> State:
    """A ledger with those Aloware contacts: id, role, their person's number."""
    state = nothing_known(POLICY)
    links = [(f"aloware:contacts:{id_}", ALOWARE, "contacts", id_, f"p{id_}", role) for id_, role, _ in contacts]
    people = [(f"p{id_}", phone, SALESFORCE) for id_, _, phone in contacts]
    receipts = pd.DataFrame({"at": pd.Series([], dtype="datetime64[ns, UTC]")})
    if written is not None:
        receipts.loc["aloware:contacts:1", "at"] = pd.Timestamp(written)
        receipts["at"] = receipts["at"].astype("datetime64[ns, UTC]")
    fields = vars(state) | {
        "links": table(LINKS, links, "ref"),
        "people": table(PEOPLE, people, "person"),
        "receipts": receipts,
    }
    return State(**fields)


def unlisted(records: pd.DataFrame, state: State) -> set[str]:
    return lookups.unlisted(records, state, POLICY, NOON)


def test_a_number_that_only_a_crm_knows_is_looked_up() -> None:
    """Somebody may have made its contact after the export."""
    records = seen((ALOWARE, "1", LEE), (SALESFORCE, "a", LEE), (SALESFORCE, "b", RAY))
    assert unlisted(records, known()) == {RAY}


def test_without_an_export_every_number_is_looked_up() -> None:
    assert unlisted(seen((SALESFORCE, "b", RAY)), known(("1", "representative", LEE))) == {LEE, RAY}


@pytest.mark.parametrize(("role", "expected"), [("representative", set()), ("tombstone", {LEE})])
def test_a_contact_that_is_dead_to_us_and_yet_listed_is_looked_up(role: str, expected: set[str]) -> None:
    assert unlisted(seen((ALOWARE, "1", LEE)), known(("1", role, LEE))) == expected


def test_what_a_look_up_of_this_run_found_is_not_doubted() -> None:
    found = seen((ALOWARE, "1", LEE), as_of=NOON + timedelta(seconds=1))
    assert unlisted(found, known(("1", "tombstone", LEE))) == set()


@pytest.mark.parametrize(("after", "expected"), [(-2, set()), (0, {LEE}), (2, {LEE})])
def test_a_contact_written_since_the_export_is_looked_up(after: int, expected: set[str]) -> None:
    """Compared at a second's grain; a tie is decided by a look-up."""
    written = EXPORTED + timedelta(seconds=after, milliseconds=300)
    assert unlisted(seen((ALOWARE, "1", LEE)), known(("1", "representative", LEE), written=written)) == expected


def test_a_listed_contact_whose_number_does_not_answer_is_silent() -> None:
    """So is one that an export lists and somebody else answers for."""
    records = seen((ALOWARE, "1", LEE), (ALOWARE, "2", RAY), (SALESFORCE, "a", LEE))
    assert lookups.silent({LEE}, records, known(), POLICY) == ["aloware:contacts:1"]


def test_a_linked_contact_that_is_listed_nowhere_is_silent_when_its_number_was_asked() -> None:
    state = known(("1", "representative", LEE), ("2", "retired", RAY), ("3", "tombstone", RAY))
    assert lookups.silent({LEE, RAY}, seen(), state, POLICY) == ["aloware:contacts:1"]
    assert lookups.silent({RAY}, seen(), state, POLICY) == []


def test_a_contact_that_is_listed_under_another_number_is_not_silent() -> None:
    """An agent renumbered it: nothing is gone."""
    state = known(("1", "representative", LEE))
    assert lookups.silent({LEE}, seen((ALOWARE, "1", RAY)), state, POLICY) == []
