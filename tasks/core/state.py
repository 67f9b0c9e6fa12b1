"""What the ledger remembers, as frames, and what a plan will add to that memory once its writes are acknowledged.

All columns are `str` unless said otherwise; `""` is blank and missing (NaN) is "not known". Frames may be empty but
always have their columns.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import pandas as pd

LINKS = ("system", "object", "record_id", "person", "role")
PEOPLE = ("key", "born")
SETTLED = ("ref", "field", "golden", "value", "reason")
WAITING = ("person", "field")
TERMS = ("property", "policy", "vendor")
NUMBERS = ("person", "number", "kind", "since", "until")
TURNS = ("person", "number", "kind", "turn", "at")
ABSORBED = ("survivor",)
DECISIONS = ("person", "field", "value", "sides")
DECIDED = ("person", "field", "value", "ending")

# How a person's decision ended: a run took it into account, a side said something new first, or a person decided anew.
TAKEN, OVERTAKEN, REPLACED = "taken", "overtaken", "replaced"

# Why a difference is accepted, as the settlement says.
PARKED = "parked: "  # followed by the vendor's reason
REFORMATTED = "reformatted by "  # followed by the system
LEFT_BLANK, KEPT_DRIFT, NOT_WRITABLE, NOT_CLEARED = "left blank", "kept drift", "not writable", "cannot be cleared"
NOT_RESTORED = "cannot be changed back"
NOT_TAKEN = "acknowledged and not taken"  # once; the second time it is parked
UNDONE = "undone"  # a run was taken back: what still differs stays as it is, until somebody edits it
CONSENT_DIFFERS = "consent differs"
# Why a value is mute, that is settled with a blank golden: it never flows.
VENDOR_DEFAULT, FOREIGN, SYNTHETIC, BEFORE_AUTHORITY = (
    "vendor default",
    "foreign",
    "synthetic",
    "typed without authority",
)

REPRESENTATIVE, SHADOW, RETIRED, TOMBSTONE, OUT_OF_SCOPE = (
    "representative",
    "shadow",
    "retired",
    "tombstone",
    "out-of-scope",
)


def golden_columns(fields: Sequence[str]) -> list[str]:
    """`first_name`, `first_name_from`, …: the value decided, and the system (or `decision`) that it stands with."""
    return [column for name in fields for column in (name, f"{name}_from")]


def base_columns(fields: Sequence[str]) -> list[str]:
    """`first_name`, `first_name_raw`, …: the canonical and the vendor's value that a decision last saw."""
    return [column for name in fields for column in (name, f"{name}_raw")]


def empty(columns: Sequence[str], index: str | None = None) -> pd.DataFrame:
    """A frame of that shape with no rows."""
    frame = pd.DataFrame({column: pd.Series([], dtype="str") for column in columns})
    if index is not None:
        frame.index = pd.Index(pd.Series([], dtype="str"), name=index)
    return frame


def emptied(settled: pd.DataFrame, over: "pd.Series[bool]") -> pd.DataFrame:
    """Those settlements stand no more: their cells stay named, without golden, value and reason."""
    return settled.assign(**{column: settled[column].mask(over) for column in SETTLED[2:]})


def unborn(rows: pd.DataFrame) -> "pd.Series[str]":
    """The reference under which a refused create is settled, for it never got an id; `rows` name its person."""
    return rows["system"] + ":" + rows["object"] + ":+" + rows["person"]


@dataclass(frozen=True)
class State:
    """The ledger at the start of a run.

    links     index `ref`; columns LINKS: the crosswalk as it stands (one row a known record)
    people    index `person`; `key` E.164, `born` the system of the record that founded the person
    golden    index `person`; `golden_columns(fields)`; missing = never decided, "" = made blank on purpose
    bases     index `ref`; `base_columns(fields)`; missing = no base yet (the side joins)
    settled   columns SETTLED: differences known and accepted, each for one (golden, value) pair
    terms     index `place` (`salesforce:Contact:company`), columns TERMS: what that was settled under
    receipts  index `ref`; `at` (datetime64[ns, UTC]): when we last wrote that record
    owed      (system, number) of CRM creates that a run began and that are still to happen: by number, for a run that
              was killed has taught the ledger nobody
    numbers   columns NUMBERS: who had which number when, as `periods` keeps it
    absorbed  index `person`, column `survivor`: people who turned out to be somebody else; `people` has no key of them
    elsewhere (system, object) → records of the crosswalk that are alive (neither tombstones nor retired) and not in
              `links`: of a part of the ledger
    decisions columns DECISIONS: what people answered and no run has taken into account yet; `value` canonical, `sides`
              JSON text: what each side said (canonical) when the question was asked
    """

    links: pd.DataFrame
    people: pd.DataFrame
    golden: pd.DataFrame
    bases: pd.DataFrame
    settled: pd.DataFrame
    receipts: pd.DataFrame
    directions: Mapping[str, str] = field(default_factory=dict)
    rebasing: frozenset[str] = frozenset()  # scopes set two-way since the last completed run
    paused: frozenset[str] = frozenset()
    connected: frozenset[str] = frozenset()
    owed: frozenset[tuple[str, str]] = frozenset()
    elsewhere: Mapping[tuple[str, str], int] = field(default_factory=dict)
    once_in_crm: frozenset[str] = frozenset()  # people whose CRM records went with an account that was replaced
    numbers: pd.DataFrame = field(default_factory=lambda: empty(NUMBERS))
    absorbed: pd.DataFrame = field(default_factory=lambda: empty(ABSORBED, "person"))
    terms: pd.DataFrame = field(default_factory=lambda: empty(TERMS, "place"))
    decisions: pd.DataFrame = field(default_factory=lambda: empty(DECISIONS))

    def alive(self) -> dict[tuple[str, str], int]:
        """(system, object) → records of the whole crosswalk that are neither tombstones nor retired."""
        links = self.links[~self.links["role"].isin([TOMBSTONE, RETIRED])]
        found, counts = Counter(dict(self.elsewhere)), links.groupby(["system", "object"]).size().reset_index()
        for system, object_name, rows in counts.itertuples(index=False):
            found[system, object_name] += rows
        return dict(found)

    def part_of(self, alive: Mapping[tuple[str, str], int]) -> "State":
        """The same as a part of a ledger with so many records alive."""
        here = replace(self, elsewhere={}).alive()
        return replace(self, elsewhere={place: count - here.get(place, 0) for place, count in alive.items()})

    def without_parked(self) -> "State":
        """The same, with nothing refused for good: what a vendor once wouldn't take is planned again."""
        parked = self.settled["reason"].str.startswith(PARKED).fillna(False)
        return replace(self, settled=emptied(self.settled, parked))

    def without_tombstones(self, system: str) -> "State":
        """The same, with no memory of what was deleted in that system: it may be created there again."""
        return replace(self, links=self.links[(self.links["system"] != system) | (self.links["role"] != TOMBSTONE)])


@dataclass(frozen=True)
class Advance:
    """What a plan teaches the ledger: the same frames as `State`, holding only rows to insert or replace.

    `golden` and `bases` leave a cell missing where this plan has nothing to say of it; `golden` also has, beside each
    value, the word of its rule (`first_name_rule`), and `bases` the column `person`. A cell whose write stays
    outstanding is kept back by `outcome.conclude`.
    `settled`: a row without a reason ends what was settled of that cell.
    `waiting`  columns WAITING: decisions that also wait for a system which is paused.
    `terms`    index `place`, columns TERMS, as `terms.news` gives them.
    `numbers` has a row a period of owning a number that begins or ends (columns TURNS, as `periods` gives them).
    `absorbed` (index `person`, column `survivor`): people who turned out to be somebody else, and whose `golden` waits
    with that of their survivor.
    `inherited` are the bases that a record new to us takes over, before `bases`: whatever is kept back of those.
    `replaced` has the golden values that `golden` takes the place of (missing: never decided): an undo puts them back.
    `decided`  columns DECIDED: people's decisions that end with this plan, and how.
    """

    links: pd.DataFrame
    people: pd.DataFrame
    golden: pd.DataFrame
    bases: pd.DataFrame
    settled: pd.DataFrame
    waiting: pd.DataFrame = field(default_factory=lambda: empty(WAITING))
    terms: pd.DataFrame = field(default_factory=lambda: empty(TERMS, "place"))
    numbers: pd.DataFrame = field(default_factory=lambda: empty(TURNS))
    absorbed: pd.DataFrame = field(default_factory=lambda: empty(ABSORBED, "person"))
    inherited: pd.DataFrame = field(default_factory=lambda: empty((), "ref"))
    replaced: pd.DataFrame = field(default_factory=lambda: empty((), "person"))
    decided: pd.DataFrame = field(default_factory=lambda: empty(DECIDED))


@dataclass(frozen=True)
class Connection:
    """A system as connected: which account, which generation, and whether it is paused."""

    system: str
    account: str
    generation: int
    connected_at: datetime
    paused: bool = False
    connected: bool = True
