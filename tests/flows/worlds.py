"""Connected worlds to test flows in: three emulators over real HTTP, a fresh home, and people who work in them.

A run costs a second, so people's stories are told side by side: see `Play`.
"""

import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, count, repeat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine

from flows.connections import connect, set_direction
from flows.reconcile import reconcile
from tasks.connectors.patience import Patience
from tasks.core.model import SYSTEMS
from tasks.core.run import RunReport
from tasks.sandbox.acting import SALESFORCE_DATA, Person
from tasks.sandbox.hubspot.account import seed_owner
from tasks.sandbox.salesforce.org import person_user
from tasks.sandbox.salesforce.rows import change
from tasks.sandbox.server import Ready, sandbox
from tasks.settings import DEFAULT_POLICY, VARIABLES
from tests.unit.ledgers import create_ledger

HUBSPOT_CONTACTS = "/crm/objects/2026-09/contacts"
LEAD_STATUS = "/crm/v3/properties/contacts/hs_lead_status"
NUMBERS = count(1)

Scene = Generator[None, RunReport, None]


class Visitor(Person):
    """Somebody who also looks around, converts Leads, changes HubSpot's list of statuses and breaks things."""

    def in_salesforce(self, object_name: str, phone: str, *fields: str) -> list[dict[str, Any]]:
        """Living records with exactly that text as their phone."""
        names = ", ".join(["Id", "FirstName", "LastName", "Email", *fields])
        converted = " AND IsConverted = false" if object_name == "Lead" else ""
        return self.ask_salesforce(f"SELECT {names} FROM {object_name} WHERE Phone = '{phone}'{converted}")

    def in_hubspot(self, phone: str, *names: str) -> list[dict[str, Any]]:
        """Properties of the contacts with exactly that text as their phone, and their id."""
        wanted = ["firstname", "lastname", "email", "phone", "hs_lead_status", *names]
        answer = self._hubspot.get(HUBSPOT_CONTACTS, params={"limit": "100", "properties": ",".join(wanted)})
        found = answer.raise_for_status().json()["results"]
        return [{"id": c["id"], **c["properties"]} for c in found if c["properties"].get("phone") == phone]

    def in_aloware(self) -> list[dict[str, Any]]:
        """All contacts, as agents see them."""
        return list(self._control.get("/aloware/contacts").raise_for_status().json())

    def aloware_numbers(self) -> list[str]:
        return [contact["phone_number"] for contact in self.in_aloware()]

    def dispositions(self) -> dict[str, dict[str, Any]]:
        """Agents' list: name → id, value, locked."""
        return {each["name"]: each for each in self._control.get("/aloware/dispositions").json()}

    def statuses(self) -> list[dict[str, Any]]:
        """HubSpot's Lead Status options."""
        return list(self._hubspot.get(LEAD_STATUS).raise_for_status().json()["options"])

    def define_in_hubspot(self, name: str, options: Sequence[str] = (), **definition: str) -> None:
        """Add a contact property of one's own."""
        made = [{"label": option, "value": option, "hidden": False} for option in options]
        sent = {"name": name, "label": name, "groupName": "contactinformation", "options": made, **definition}
        self._hubspot.post("/crm/v3/properties/contacts", json=sent).raise_for_status()

    def set_statuses(self, options: Sequence[Mapping[str, Any]]) -> None:
        self._hubspot.patch(LEAD_STATUS, json={"options": list(options)}).raise_for_status()

    def value(self, system: str, object_name: str, record_id: str, name: str) -> str:
        """What a record's screen shows for one property; nothing is an empty text."""
        if system == "salesforce":
            row = self.ask_salesforce(f"SELECT {name} FROM {object_name} WHERE Id = '{record_id}'")[0]
        elif system == "hubspot":
            answer = self._hubspot.get(f"{HUBSPOT_CONTACTS}/{record_id}", params={"properties": name})
            row = answer.raise_for_status().json()["properties"]
        else:
            row = self._control.get(f"/aloware/contacts/{record_id}").raise_for_status().json()
        return str(row.get(name) or "")

    def edit(self, system: str, object_name: str, record_id: str, name: str, value: str) -> None:
        """Type a value into one record's screen."""
        if system == "salesforce":
            self.edit_in_salesforce(object_name, record_id, **{name: value})
        elif system == "hubspot":
            self.edit_in_hubspot(record_id, **{name: value})
        else:
            self.edit_in_aloware(record_id, **{name: value})

    def convert(self, lead: str, contact: str | None = None) -> str:
        """Convert a Lead on Salesforce's screen; gives the Contact's id."""
        sent = {"contact_id": contact} if contact else {}
        answer = self._control.post(f"/salesforce/leads/{lead}/convert", json=sent)
        return str(answer.raise_for_status().json()["contact_id"])

    def merge_in_salesforce(self, object_name: str, master: str, *losers: str) -> None:
        sent = {"master": master, "losers": losers}
        self._control.post(f"/salesforce/{object_name}/merge", json=sent).raise_for_status()

    def merge_in_hubspot(self, primary: str, other: str) -> str:
        """Merge two contacts; gives the id of what they became."""
        sent = {"primaryObjectId": primary, "objectIdToMerge": other}
        return str(self._hubspot.post(f"{HUBSPOT_CONTACTS}/merge", json=sent).raise_for_status().json()["id"])

    def delete(self, system: str, object_name: str, record_id: str) -> None:
        """Delete one record on its system's screen."""
        if system == "salesforce":
            answer = self._salesforce.delete(f"{SALESFORCE_DATA}/sobjects/{object_name}/{record_id}")
        elif system == "hubspot":
            answer = self._hubspot.delete(f"{HUBSPOT_CONTACTS}/{record_id}")
        else:
            answer = self._control.delete(f"/aloware/contacts/{record_id}")
        answer.raise_for_status()

    def erase_in_hubspot(self, record_id: str) -> None:
        """Delete a contact for good: not even the archive remembers it."""
        sent = {"objectId": record_id}
        self._hubspot.post(f"{HUBSPOT_CONTACTS}/gdpr-delete", json=sent).raise_for_status()

    def freeze_exports(self, frozen: bool) -> None:
        """Let Aloware's exports stand still, as files made by hand do, or follow again."""
        self._control.post("/aloware/exports", json={"frozen": frozen}).raise_for_status()

    def writes(self, system: str | None = None) -> list[dict[str, Any]]:
        """Requests that could change a row, since the log was last forgotten."""
        return [request for request in self.requests(system) if request["write"]]

    def requests(self, system: str | None = None) -> list[dict[str, Any]]:
        """All requests to the vendors since the log was last forgotten."""
        params = {"system": system} if system else {}
        return list(self._control.get("/requests", params=params).raise_for_status().json()["requests"])

    def delete_all_in_salesforce(self, object_name: str) -> None:
        ids = ",".join(row["Id"] for row in self.ask_salesforce(f"SELECT Id FROM {object_name}"))
        self._salesforce.delete(f"{SALESFORCE_DATA}/composite/sobjects", params={"ids": ids}).raise_for_status()

    def forget_requests(self) -> None:
        self._control.delete("/requests").raise_for_status()

    def break_next(self, system: str, kind: str, match: str = "", times: int = 1) -> None:
        sent = {"system": system, "kind": kind, "match": match, "times": times}
        self._control.post("/faults", json=sent).raise_for_status()

    def repair(self) -> None:
        self._control.delete("/faults").raise_for_status()


@dataclass(frozen=True)
class Known:
    """Ann Lee, a Contact that Salesforce and Aloware agree about: her number and ids."""

    phone: str
    salesforce: str
    aloware: str


@dataclass
class Office:
    """A sandbox, the environment that points Tandem at it, somebody who works there, and people for tests to take."""

    running: Ready
    home: Path
    person: Visitor
    environment: dict[str, str] = field(default_factory=dict)
    stock: list["Known"] = field(default_factory=list)

    def entered(self, monkeypatch: pytest.MonkeyPatch) -> "Office":
        """This office with its environment in place."""
        for name in ("PREFECT_API_URL", "TANDEM_DATABASE_URL", "TANDEM_POLICY", "TANDEM_HTTP_TIMEOUT", *VARIABLES):
            monkeypatch.delenv(name, raising=False)
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)
        return self

    def restore_in_salesforce(self, object_name: str, record_id: str) -> None:
        """Take a record out of the recycle bin, which only the vendor's own screen does."""
        world = self.running.world
        change(world, object_name, record_id, {"IsDeleted": False}, person_user(world))

    def user_ids(self, email: str) -> dict[str, str]:
        """System → the id under which it knows the user with that e-mail."""
        world = self.running.world
        found = {}
        for system, table, key in (
            ("salesforce", "salesforce.User", "Id"),
            ("hubspot", "hubspot.owners", "id"),
            ("aloware", "aloware.user", "id"),
        ):
            rows = world.store.table(table).rows()
            found[system] = next(str(row[key]) for row in rows if (row.get("Email") or row.get("email")) == email)
        return found

    def seed_hubspot_owner(self, email: str) -> str:
        """A user whom only HubSpot has; gives the id."""
        world = self.running.world
        return seed_owner(world, email, "Some", "Visitor", world.clock.now())

    def open(self, *scopes: str) -> None:
        for scope in scopes:
            set_direction(scope, "two-way")

    @contextmanager
    def database(self) -> Iterator[Connection]:
        """The ledger's database, for whoever looks into it or spoils it; what is done is done when the block ends."""
        address = self.environment.get("TANDEM_DATABASE_URL", f"sqlite:///{self.home}/tandem.db")
        engine = create_engine(address)
        with engine.begin() as connection:
            yield connection
        engine.dispose()

    def contact(self, phone: str) -> dict[str, Any]:
        """The Aloware contact with that number, with its `disposition` by name. There must be one."""
        found = self.person.find_in_aloware(phone)
        assert found is not None, f"no Aloware contact has {phone}"
        return found


def number() -> str:
    """A phone number that nobody has yet."""
    return f"+1415200{next(NUMBERS):04d}"


def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up on a system that doesn't answer after a moment instead of 45 seconds."""
    monkeypatch.setattr("tasks.session.Patience", lambda timeout: Patience(timeout, per_call=0.3, first_wait=0.05))


def policy_with(folder: Path, **changed: str) -> Path:
    """The default policy with other values for these keys, which are unique in it (`priority='"lead"'`)."""
    text = DEFAULT_POLICY.read_text(encoding="utf-8")
    for key, value in changed.items():
        text, found = re.subn(rf"^{key} = [^#\n]*", f"{key} = {value} ", text, flags=re.MULTILINE)
        assert found == 1, key
    path = folder / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return path


@contextmanager
def office(
    folder: Path, people: int = 0, seed: int = 7, policy: Path | None = None, backend: str | None = None
) -> Iterator[Office]:
    """An office that isn't connected yet; its environment is in place until the block ends. Its ledger is kept in that
    `backend`: "sqlite" or "postgresql", else in the one that this run of the tests is about."""
    with sandbox(people, seed) as running, pytest.MonkeyPatch.context() as patched:
        person = Visitor(running.control, running.ready)
        made = Office(running, folder / "home", person)
        made.environment = {name: running.ready[system][key] for name, (system, key) in VARIABLES.items()}
        made.environment["TANDEM_HOME"] = str(made.home)
        if address := create_ledger(backend):
            made.environment["TANDEM_DATABASE_URL"] = address
        if policy is not None:
            made.environment["TANDEM_POLICY"] = str(policy)
        yield made.entered(patched)
        person.close()


@contextmanager
def connected(
    folder: Path,
    people: int = 0,
    seed: int = 7,
    policy: Path | None = None,
    scopes: Sequence[str] = (),
    stock: int = 0,
    backend: str | None = None,
) -> Iterator[Office]:
    """A connected office in which everybody agrees already; `scopes` are two-way, `stock` people are there to take."""
    with office(folder, people, seed, policy, backend) as made:
        for system in SYSTEMS:
            connect(system)
        lees = [{"FirstName": "Ann", "LastName": "Lee", "Phone": number()} for _ in range(stock)]
        ids = [made.person.create_in_salesforce("Contact", **lee) for lee in lees]
        settle()
        phones = [lee["Phone"] for lee in lees]
        made.stock = [Known(p, i, str(made.contact(p)["id"])) for p, i in zip(phones, ids, strict=True)]
        if scopes:
            made.open(*scopes)
            settle()
        yield made


def settle() -> RunReport:
    """A first run, which must leave nothing to do."""
    report = reconcile(initial=True)
    assert report.converged, report
    return report


@dataclass
class Day:
    """How a play went: why each scene failed (None: it didn't), and what Tandem wrote where in all its runs."""

    outcomes: dict[str, BaseException | None] = field(default_factory=dict)
    written: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {system: [] for system in SYSTEMS})


class Play:
    """Scenes that people act side by side in one office: a `yield` in a scene is the next run, shared by all.

    Decorating a scene makes it a test; `fixture` is the name of the fixture that gives the `Day` of `act`.
    """

    def __init__(self, fixture: str) -> None:
        self._fixture = fixture
        self._scenes: dict[str, Callable[[Office], Scene]] = {}

    def __call__(self, scene: Callable[[Office], Scene]) -> Callable[[pytest.FixtureRequest], None]:
        name = scene.__name__
        assert name not in self._scenes, f"two scenes are called {name}"
        self._scenes[name] = scene

        def test(request: pytest.FixtureRequest) -> None:
            if error := request.getfixturevalue(self._fixture).outcomes[name]:
                raise error

        test.__name__, test.__doc__ = name, scene.__doc__
        return test

    def act(self, office: Office, runs: Iterable[Callable[[], Any]] = repeat(reconcile)) -> Day:
        """Play all scenes to their end, with the next of those runs between two acts."""
        day = Day()
        acting = {name: scene(office) for name, scene in self._scenes.items()}
        report: Any = None
        for run in chain([lambda: None], runs):
            office.person.forget_requests()
            report = run()
            for request in office.person.writes():
                day.written[request["system"]].append(request)
            for name, scene in list(acting.items()):
                try:
                    scene.send(report)
                    continue
                except StopIteration:
                    day.outcomes[name] = None
                except Exception as error:
                    day.outcomes[name] = error
                del acting[name]
            if not acting:
                break
        assert not acting, f"{len(acting)} scenes wait for another run"
        return day


def planned(report: RunReport, phone: str) -> list[tuple[str, str, str]]:
    """What a run planned for the person with that number: system, kind, property."""
    changes = report.plan.changes
    mine = changes[changes["phone"] == phone].merge(report.plan.cells, left_on="id", right_on="change")
    return sorted(mine[["system", "kind", "property"]].itertuples(index=False, name=None))
