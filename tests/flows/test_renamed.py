"""A mapped property that a system renames or takes away between two steps: the run says which, and writes nothing."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from flows.cli.command import run
from flows.connections import connect
from flows.plan import plan
from tasks.core.model import HUBSPOT, SYSTEMS
from tasks.sandbox.salesforce.describe import hide
from tasks.settings import DEFAULT_POLICY
from tests.flows.worlds import Office, number, office, settle

Event = Callable[[Office], None]
EXTRA = '\n[fields.nickname]\nhubspot = "nickname"\naloware = "csf1"\n'


def hidden_in_salesforce(made: Office) -> None:
    hide(made.running.world, "Contact.MobilePhone")


def archived_in_hubspot(made: Office) -> None:
    hubspot = made.running.ready[HUBSPOT]
    headers = {"Authorization": f"Bearer {hubspot['token']}"}
    httpx.delete(f"{hubspot['url']}/crm/v3/properties/contacts/nickname", headers=headers).raise_for_status()


def shown_in_salesforce(made: Office) -> None:
    hide(made.running.world)


def define_in_hubspot(made: Office) -> None:
    made.person.define_in_hubspot("nickname", type="string", fieldType="text")


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A connected office whose policy maps a property of HubSpot's that somebody made."""
    folder = tmp_path_factory.mktemp("renamed")
    policy = folder / "policy.toml"
    policy.write_text(DEFAULT_POLICY.read_text(encoding="utf-8") + EXTRA, encoding="utf-8")
    with office(folder, policy=policy) as made:
        define_in_hubspot(made)
        for system in SYSTEMS:
            connect(system)
        settle()
        yield made


@pytest.mark.parametrize(
    ("happens", "ends", "words"),
    [
        (hidden_in_salesforce, shown_in_salesforce, ("[fields.mobile_phone]", "MobilePhone", "salesforce's Contact")),
        (archived_in_hubspot, define_in_hubspot, ("[fields.nickname]", "nickname", "hubspot's contacts")),
    ],
)
def test_neither_a_run_nor_a_plan_made_before_writes_anything(
    mapped: Office, happens: Event, ends: Event, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    mapped.person.create_in_salesforce("Contact", LastName="Waits", Phone=number())
    waiting = plan().plan.id
    happens(mapped)
    mapped.person.forget_requests()
    try:
        for command in (["apply", waiting], ["reconcile"]):
            assert run(command) == 10
            said = capsys.readouterr().err
            assert len(said.strip().splitlines()) == 1
            assert all(word in said for word in (*words, "tandem mapping"))
        assert mapped.person.writes() == []
    finally:
        ends(mapped)
    assert run(["reconcile"]) == 0
