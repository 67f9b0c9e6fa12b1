"""Every record beside what the ledger knows of it, and of whose it is: by the rows in which that stands."""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import pandas as pd

from tasks.core.frames import Bools, Places, column, picked, places, same
from tasks.core.model import ALOWARE
from tasks.core.policy import Policy
from tasks.core.state import REPRESENTATIVE, State


@dataclass(frozen=True)
class View:
    """`records` as `normalise` gives them. A row of -1 is nowhere: the ledger doesn't know it."""

    records: pd.DataFrame
    state: State
    policy: Policy

    @cached_property
    def link(self) -> Places:
        """Of each record: its row of the crosswalk."""
        return places(self.records.index, self.state.links.index)

    @cached_property
    def owner(self) -> Places:
        """Of each row of the crosswalk: its person's row."""
        return self.people(self.state.links["person"])

    @cached_property
    def person(self) -> Places:
        """Of each record: its person's row."""
        return through(self.link, self.owner, -1)

    @cached_property
    def decided(self) -> Places:
        """Of each person: their row of golden values."""
        return places(self.state.people.index, self.state.golden.index)

    def people(self, names: "pd.Series[str] | pd.Index[str]") -> Places:
        """The rows of the people who are called so."""
        return places(names, self.state.people.index)

    def whose(self, rows: Places) -> Bools:
        """Per person, whether their row is among those."""
        found = np.zeros(len(self.state.people), dtype=bool)
        found[rows[rows >= 0]] = True
        return found

    def golden(self, name: str) -> "pd.Series[str]":
        """Per person, what was decided of that field."""
        return picked(column(self.state.golden, name), self.decided)

    @property
    def everybody(self) -> Bools:
        """Per person: yes."""
        return np.ones(len(self.state.people), dtype=bool)

    @property
    def strangers(self) -> "pd.Index[str]":
        """Records that the crosswalk doesn't know."""
        return self.records.index[self.link < 0]

    def fields(self, *types: str) -> list[str]:
        """The policy's fields of those types."""
        return [name for name, field in self.policy.fields.items() if field.type in types]

    @cached_property
    def still(self) -> Bools:
        """Per record, whether it speaks for its person, under their number, and says of every field what it said, which
        is what was decided."""
        records, person = self.records, self.person
        found: Bools = (person >= 0) & records["in_scope"].to_numpy() & records["converted_to"].isna().to_numpy()
        found &= (picked(self.state.links["role"], self.link) == REPRESENTATIVE).to_numpy()
        found &= records["key"].isna().to_numpy() | same(records["key"], picked(self.state.people["key"], person))
        base, decided = places(records.index, self.state.bases.index), through(person, self.decided, -1)
        for name in self.policy.fields:
            found &= self._said_before(name, base) & self._as_decided(name, decided) | self._silent(name)
        return found

    def _silent(self, name: str) -> Bools:
        nothing: Bools = (self.records[name].isna() & self.records[f"{name}_raw"].isna()).to_numpy()
        return nothing

    def _said_before(self, name: str, base: Places) -> Bools:
        return same(self.records[name], picked(column(self.state.bases, name), base))

    def _as_decided(self, name: str, decided: Places) -> Bools:
        golden = picked(column(self.state.golden, name), decided)
        agrees = same(self.records[name], golden)
        if name not in self.policy.phone_fields(ALOWARE, "contacts"):  # nobody ever said anything of it
            agrees |= (self.records[name] == "").to_numpy() & golden.isna().to_numpy()
        return agrees


Facts = TypeVar("Facts", Bools, Places)


def through(rows: Places, of_row: Facts, nowhere: int) -> Facts:
    """What is said of each of those rows; of nowhere (-1), that."""
    return np.append(of_row, np.array([nowhere], of_row.dtype))[rows]
