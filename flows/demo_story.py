"""What the demo tells, step by step: what a person did in a vendor's own screen, and what Tandem made of it."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from flows.apply import apply
from flows.cli import plan_view, recall
from flows.cli.screen import Screen, count
from flows.connections import connect, set_direction
from flows.plan import plan
from flows.reconcile import reconcile
from tasks.core.model import SCOPES, SYSTEMS
from tasks.core.run import RunReport
from tasks.sandbox.acting import Person

Check = tuple[str, str]  # where somebody looks, and what they see there
FEW = 6  # changes shown of many


@dataclass
class Story:
    """The demo from the first connection to the empty plan."""

    person: Person
    api_url: str
    screen: Screen = field(default_factory=Screen)
    began: float = field(default_factory=time.monotonic)

    def tell(self) -> None:
        self._first_run()
        self._created_in_salesforce()
        self._two_way()
        self._created_in_aloware()
        self._renamed_on_each_side()
        self._lead_and_contact()
        self._status_changed()
        self._nothing_left()

    def _chapter(self, title: str, *lines: str) -> None:
        self.screen.say()
        self.screen.say(f"── {title} ".ljust(100, "─"), style="bold")
        for line in lines:
            self.screen.say(line)

    def _first_run(self) -> None:
        self._chapter("1. Connect", "Every scope starts inbound: nothing is written to a CRM until you say so.")
        rows = [(system, connect(system).account, "inbound") for system in SYSTEMS]
        self.screen.table("Connections", ("system", "account", "direction"), rows)

        self._chapter("2. The first plan", "What would change, and why. Nothing has been written: the plan is stored.")
        cautious = plan().plan
        first = plan(initial=True).plan
        plan_view.show_counts(self.screen, recall.told(first))
        told = recall.told(first)
        plan_view.show_changes(self.screen, "Some of them", told, _varied(told.changes), FEW)
        self._judged(len(cautious.verdict.held))

        self._chapter("3. Apply", f"Exactly that plan ({first.id}, checksum {first.checksum[:12]}) is carried out.")
        self._carried_out(apply(first.id), quiet=True)

    def _judged(self, held: int) -> None:
        self.screen.say()
        if held:
            self.screen.say(f"The gate would hold {count(held, 'change')} of it: so many at once wait for a person.")
            self.screen.say("This is a first run, and we say so (--initial): creates and first sights may pass.")
        else:
            self.screen.say("The gate lets it pass: the data is sound, and it isn't more than a run may change.")

    def _created_in_salesforce(self) -> None:
        self.person.create_in_salesforce(
            "Contact", FirstName="Maya", LastName="Okafor", Email="maya.okafor@example.com", Phone="(415) 200-9001"
        )
        self._step(
            "4. A Contact is created in Salesforce",
            "Maya Okafor, (415) 200-9001",
            lambda: [("Aloware", self._contact("+14152009001"))],
        )

    def _two_way(self) -> None:
        self._chapter("5. Two-way", "Agents' edits may now reach Salesforce and HubSpot.")
        for scope in SCOPES:
            set_direction(scope, "two-way")
        self.screen.table("Directions", ("scope", "direction"), [(scope, "two-way") for scope in SCOPES])
        self._carried_out(reconcile(initial=True))

    def _created_in_aloware(self) -> None:
        self.person.create_in_aloware(phone_number="+14152009002", first_name="Jonas", last_name="Weber")
        self._step(
            "6. An agent creates a contact in Aloware",
            "Jonas Weber, +1 415 200 9002",
            lambda: [("Salesforce", self._salesforce("Phone = '+14152009002'"))],
        )

    def _renamed_on_each_side(self) -> None:
        maya = self.person.ask_salesforce("SELECT Id FROM Contact WHERE Phone = '(415) 200-9001'")[0]["Id"]
        self.person.edit_in_salesforce("Contact", maya, LastName="Okafor-Reyes")
        jonas = self.person.find_in_aloware("+14152009002")
        self.person.edit_in_aloware(str((jonas or {})["id"]), first_name="Jonathan")
        self._step(
            "7. A name is changed on each side",
            "Maya's last name in Salesforce, Jonas's first name in Aloware",
            lambda: [
                ("Aloware", self._contact("+14152009001")),
                ("Salesforce", self._salesforce("Phone = '+14152009002'")),
            ],
        )

    def _lead_and_contact(self) -> None:
        number = "+14152009003"
        self.person.create_in_salesforce("Lead", FirstName="R.", LastName="Patel", Company="Patel LLC", Phone=number)
        self.person.create_in_salesforce("Contact", FirstName="Rina", LastName="Patel", Phone=number)
        self._step(
            "8. A Lead and a Contact with one number",
            "R. Patel (Lead) and Rina Patel (Contact): the policy gives priority to the Contact",
            lambda: [("Aloware", self._contact(number))],
        )

    def _status_changed(self) -> None:
        number = "+14152009004"
        record = self.person.create_in_hubspot(firstname="Lena", lastname="Ortiz", phone=number, hs_lead_status="NEW")
        reconcile()
        self.person.edit_in_hubspot(record, hs_lead_status="CONNECTED")
        self._step(
            "9. A Lead Status is changed in HubSpot",
            "Lena Ortiz: New → Connected",
            lambda: [("Aloware", self._contact(number, "disposition"))],
        )

    def _nothing_left(self) -> None:
        self._chapter("10. And again", "Another plan, to see whether anything is left to do.")
        before = self.person.writes_seen()
        last = plan().plan
        told = recall.told(last)
        plan_view.show_changes(self.screen, "Still to do", told, told.changes, 10)
        written = self.person.writes_seen() - before
        self.screen.say(f"{count(len(last.changes), 'change')} planned, {count(written, 'write')} sent.")
        self.screen.say(f"Every step was a flow run on {self.api_url.removesuffix('/api')} ({self._seconds()} s).")
        if len(last.changes) == 0:
            self.screen.say("converged: nothing left to do", style="bold")

    def _step(self, title: str, did: str, look: Callable[[], Sequence[Check]]) -> None:
        """Somebody did something; reconcile; look at the other side."""
        self._chapter(title, did)
        self._carried_out(reconcile())
        self.screen.table("Somebody looks", ("in", "and sees"), look())

    def _carried_out(self, report: RunReport, quiet: bool = False) -> None:
        if not quiet:
            told = recall.told(report.plan)
            plan_view.show_changes(self.screen, "Tandem wrote", told, _varied(told.changes), FEW)
        done = ", ".join(f"{n:,} {outcome}" for outcome, n in report.receipts.items() if n) or "nothing to write"
        proof = "read back and converged" if report.converged else "something is left to do"
        self.screen.say()
        self.screen.say(f"{done}; {proof}.")

    def _contact(self, phone: str, *more: str) -> str:
        found = self.person.find_in_aloware(phone)
        if found is None:
            return "no contact"
        return " · ".join(str(found.get(name) or "(blank)") for name in ("first_name", "last_name", *more))

    def _salesforce(self, where: str) -> str:
        found = self.person.ask_salesforce(f"SELECT FirstName, LastName FROM Contact WHERE {where}")
        return " · ".join(f"{row['FirstName']} {row['LastName']} (Contact)" for row in found) or "no record"

    def _seconds(self) -> int:
        return round(time.monotonic() - self.began)


def _varied(changes: Sequence[plan_view.Object]) -> list[plan_view.Object]:
    """The same changes, with two of each kind in each system in front."""
    seen = Counter[tuple[str, str]]()
    front: list[plan_view.Object] = []
    back: list[plan_view.Object] = []
    for change in changes:
        kind = change["system"], change["kind"]
        seen[kind] += 1
        (front if seen[kind] <= 2 else back).append(change)
    return [*front, *back]
