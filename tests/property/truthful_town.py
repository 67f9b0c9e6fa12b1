"""A small town over real HTTP whose people type what people type: too long, unknown to the other system, shared by two,
half a number. What a vendor refuses them isn't done."""

from contextlib import suppress
from random import Random
from typing import Any

from httpx import HTTPStatusError

from flows.connections import set_direction
from tasks.core.model import ALOWARE, HUBSPOT, SALESFORCE, SCOPES
from tasks.core.policy import PLACES, Policy
from tasks.sandbox.names import AGENTS
from tasks.sandbox.town import agent_email
from tests.flows.worlds import Office

PEOPLE = 14
USERS = [agent_email(*names) for names in AGENTS[:2]]
LONG = ("A" * 39, "B" * 41, "C" * 81, "D" * 129, "E" * 256)  # one more than the limits that vendors have
SAID: dict[str, tuple[str, ...]] = {
    "first_name": ("Ann", "Bob", " Zoë ", "אבי", "", *LONG),
    "last_name": ("Lee", "Low", "O'Neil; \\", "", *LONG),
    "email": (
        *(
            "ann@x.example",
            "Ann@X.example",
            "bob@x.example",
            "o'neil@x.example",
            "",
            "ann at x",
            "ann@x.c",
            "a,b@x.example",
        ),
        *(f"{'l' * 70}@long.example", "ann@-x.example", "ünï@exämple.example", ".ann.@x.example", "ann@x..example"),
    ),
    "company": ("Acme", "acme ", "Sol & Söhne", "", *LONG[2:]),
    "lead_status": ("NEW", "OPEN", "OPEN_DEAL", "CONNECTED", ""),
    "owner": (*USERS, "hubspot@alone.example"),
    "birthday": ("1990-02-28", "2001-12-31", ""),
    "about": ("Called\r\ntwice", "<p>Bold</p>", "5 < 6", "", "x" * 33_000),
    "visits": ("7", "7.5", "1e3", "0", ""),
    "source": ("Web", "Fair", "Partner", "Word of mouth", ""),
    "keen": ("true", "false"),
    "street": ("1 High St", "1 High St\nFloor 2", "", *LONG[2:]),
    "title": ("Dr", "CEO", "", *LONG[2:]),
    "interests": ("Solar;Wind", "Wind;Solar", "Heat pumps", "Coal", "Solar;Coal", ""),
    "no_calls": ("true", "false"),
    "no_mails": ("true", "false"),
}
PHONES = tuple(f"+1415200{n:04d}" for n in range(9))
DEEDS = ("edit",) * 12 + ("phone",) * 3 + ("delete", "merge", "convert", "convert into", "status", "direction")

Card = tuple[str, str]  # a place of the policy, and a record's id


class Town:
    """People at their screens in a connected office, the same ones for the same dice."""

    def __init__(self, office: Office, policy: Policy, dice: Random) -> None:
        self.person, self.policy, self.dice = office.person, policy, dice
        self.users = {email: office.user_ids(email) for email in USERS}
        alone = office.seed_hubspot_owner(SAID["owner"][-1])
        self.users[SAID["owner"][-1]] = dict.fromkeys((SALESFORCE, ALOWARE), "") | {HUBSPOT: alone}
        self.statuses = self.person.statuses()
        self.cards: list[Card] = []
        with suppress(HTTPStatusError):
            self.person.create_in_salesforce("Account", Name="Acme")

    def move_in(self) -> None:
        """Everybody is entered somewhere, some of them in several systems."""
        for phone in (self.dice.choice(PHONES) for _ in range(PEOPLE)):
            for place in self.dice.sample(sorted(PLACES), self.dice.randint(1, 3)):
                self.enter(place, phone)

    def live_on(self) -> None:
        """What people do between two runs."""
        for _ in range(2 * PEOPLE):
            deed = self.dice.choice(DEEDS)
            with suppress(HTTPStatusError):
                self._do(deed)
        if self.dice.random() < 0.7:
            self.enter(self.dice.choice(sorted(PLACES)), self.dice.choice(PHONES))

    def enter(self, place: str, phone: str) -> None:
        """A record with a name and a number, and then as much of the rest as its vendor takes."""
        system, object_name = PLACES[place]
        fields = self.policy.mapped(system, object_name)
        told = {fields["last_name"]: self.dice.choice(("Lee", "Low"))} if self.dice.random() < 0.9 else {}
        if place == "lead":
            told |= {fields["last_name"]: "Lead", "Company": self.dice.choice(("Acme", "Sun"))}
        if place == "contact":
            told |= {fields["last_name"]: "Contact"}
        told[fields["phone"]] = self._spelt(phone, place)
        with suppress(HTTPStatusError):
            if system == SALESFORCE:
                made = self.person.create_in_salesforce(object_name, **told)
            elif system == HUBSPOT:
                made = self.person.create_in_hubspot(**told)
            else:
                made = str(self.person.create_in_aloware(**told)["id"])
            self.cards.append((place, made))
            for name in self.dice.sample(sorted(SAID), 6):
                self._type((place, made), name)

    def _do(self, deed: str) -> None:
        card = self._card()
        if deed == "direction":
            set_direction(self.dice.choice(SCOPES), self.dice.choice(("inbound", "two-way", "two-way")))
        elif deed == "status":
            self._change_statuses()
        elif card and deed == "edit":
            self._type(card, self.dice.choice(sorted(SAID)))
        elif card and deed == "phone":
            names = self.policy.phone_fields(*PLACES[card[0]])
            self._save(card, self.dice.choice(names), self._spelt(self.dice.choice(PHONES), card[0]))
        elif card and deed == "delete":
            self.person.delete(*PLACES[card[0]], card[1])
            self.cards.remove(card)
        elif card and deed == "merge":
            self._merge(card, self._card(card[0]))
        elif deed.startswith("convert") and (lead := self._card("lead")):
            contact = self._card("contact") if deed == "convert into" else None
            made = self.person.convert(lead[1], contact[1] if contact else None)
            self.cards.remove(lead)
            self.cards += [] if contact else [("contact", made)]

    def _merge(self, one: Card, two: Card | None) -> None:
        place = one[0]
        if two is None or two == one or place == "aloware":
            return
        if place == "hubspot":
            self.cards += [(place, self.person.merge_in_hubspot(one[1], two[1]))]
            self.cards.remove(one)
        else:
            self.person.merge_in_salesforce(PLACES[place][1], one[1], two[1])
        self.cards.remove(two)

    def _change_statuses(self) -> None:
        """An option of Lead Status is taken away, with people on it, or comes back; or a new one is made."""
        some = self.dice.sample(self.statuses, len(self.statuses) - self.dice.randint(0, 2))
        extra = {"label": "Asleep", "value": "ASLEEP", "hidden": False, "displayOrder": 9}
        self.person.set_statuses([*some, *([extra] if self.dice.random() < 0.5 else [])])

    def _type(self, card: Card, name: str) -> None:
        if name in self.policy.mapped(*PLACES[card[0]]):
            with suppress(HTTPStatusError):
                self._save(card, name, self._said(PLACES[card[0]][0], name))

    def _said(self, system: str, name: str) -> Any:
        """A value as that system's screen has it."""
        said = self.dice.choice(SAID[name])
        if name == "owner":
            return self.users[said][system]
        if name == "lead_status" and system == ALOWARE:
            return self.dice.choice([str(each["id"]) for each in self.person.dispositions().values()])
        return said == "true" if system == SALESFORCE and said in ("true", "false") else said

    def _save(self, card: Card, name: str, value: Any) -> None:
        system, object_name = PLACES[card[0]]
        self.person.edit(system, object_name, card[1], self.policy.mapped(system, object_name)[name], value)

    def _spelt(self, phone: str, place: str) -> str:
        """Aloware knows one spelling; on other screens anything may stand there."""
        digits = phone.removeprefix("+1")
        spellings = (phone, f"({digits[:3]}) {digits[3:]}", f"{phone} ext. 5", "call reception", "", "9" * 41)
        return phone if place == "aloware" else self.dice.choices(spellings, (6, 4, 1, 1, 1, 1))[0]

    def _card(self, place: str = "") -> Card | None:
        cards = [card for card in self.cards if place in ("", card[0])]
        return self.dice.choice(cards) if cards else None
