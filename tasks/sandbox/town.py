"""Who lives in the mirror world: names, numbers and addresses drawn from a seed, one person after another."""

from dataclasses import dataclass
from random import Random

from tasks.sandbox.names import AGENTS, AREA_CODES, FIRST, HOUSE, LAST, MARKS, PLACES, TRADES, UK_PREFIXES

# Every hundred people fills each of a hundred slots once. The stride spreads the slots, so that any run of people has
# about the same mixture.
BLOCK, STRIDE = 100, 77
SHARES_NUMBER_WITH = {56: 32, 57: 34, 58: 36, 81: 75}  # slot of the one who was first, in the same object
BRITISH = {2: 0, 31: 1, 76: 2}  # slot → which kind of fictitious number
STATUSES = ("NEW", "OPEN", "IN_PROGRESS", "OPEN_DEAL", "UNQUALIFIED", "CONNECTED", "BAD_TIMING")


@dataclass(frozen=True)
class Person:
    """Who somebody really is; what each system makes of it is its record's business."""

    index: int
    slot: int
    first: str
    last: str
    phone: str
    email: str
    company: str
    city: str
    state: str
    postcode: str
    timezone: str
    country: str
    agent: str
    status: str


def slot_of(index: int) -> int:
    return index % BLOCK * STRIDE % BLOCK


def agent_email(first: str, last: str) -> str:
    return f"{first}.{last}@{HOUSE}".lower()


class Town:
    """What the people of one seed have in common: how names and area codes are shuffled."""

    def __init__(self, seed: int) -> None:
        rng = Random(seed)
        self._first = rng.sample(FIRST, len(FIRST))
        self._last = rng.sample(LAST, len(LAST))
        self._areas = rng.sample(AREA_CODES, len(AREA_CODES))
        self._companies = rng.sample([f"{mark} {trade}" for mark in MARKS for trade in TRADES], 400)

    def person(self, index: int, rng: Random) -> Person:
        slot = slot_of(index)
        first, last = self._name(index)
        company = self._company(index)
        place = ("London", "", "EC1A 1BB", "Europe/London", "GB") if slot in BRITISH else (*rng.choice(PLACES), "US")
        return Person(
            index, slot, first, last, self._number_held(index), self.email(index), company, *place,
            agent=agent_email(*rng.choice(AGENTS)), status=rng.choice(STATUSES),
        )  # fmt: skip

    def email(self, index: int) -> str:
        """One address a person: names repeat only after a round of all pairs, and then carry the round."""
        first, last = self._name(index)
        again = index // (len(FIRST) * len(LAST))
        host = "".join(self._company(index).split()).lower()
        return f"{first}.{last}{again or ''}@{host}.example".lower()

    def number(self, index: int) -> tuple[str, str, str]:
        """Country code, area and subscriber of a number of the person's own: of the exchange kept for fiction."""
        block, slot = index // BLOCK, slot_of(index)
        if slot in BRITISH and block < 1000:
            area, head, kind = UK_PREFIXES[BRITISH[slot]]
            return "44", area, f"{head}{kind}{block:03d}"
        return "1", self._areas[index % len(self._areas)], f"555{100 + index // len(self._areas):04d}"

    def second_number(self, index: int) -> str:
        return f"+1{self._areas[index % len(self._areas)]}555{5000 + index // len(self._areas):04d}"

    def neighbour(self, index: int, slot: int) -> int:
        """The person of that slot in the same hundred."""
        return index - index % BLOCK + slot * pow(STRIDE, -1, BLOCK) % BLOCK

    def _number_held(self, index: int) -> str:
        slot = slot_of(index)
        owner = self.neighbour(index, SHARES_NUMBER_WITH[slot]) if slot in SHARES_NUMBER_WITH else index
        return "+" + "".join(self.number(owner))

    def _name(self, index: int) -> tuple[str, str]:
        """Each pair of names once: the numbers of first and last names share no divisor with the step."""
        pair = index % (len(FIRST) * len(LAST))
        return self._first[pair % len(FIRST)], self._last[(pair // len(FIRST) + pair) % len(LAST)]

    def _company(self, index: int) -> str:
        return self._companies[index // 3 % len(self._companies)]
