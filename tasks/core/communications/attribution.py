"""Whose a communication is, and on which Salesforce record it belongs (design, identity 10, and communications)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from tasks.core import phones
from tasks.core.communications.communication import Communication
from tasks.core.identity.periods import holders
from tasks.core.model import SALESFORCE
from tasks.core.policy import Phones
from tasks.core.state import REPRESENTATIVE, State


@dataclass(frozen=True)
class Place:
    """Where one belongs: a person, and their record's id in Salesforce; or the reason why it waits."""

    person: str | None = None
    who: str | None = None
    reason: str = ""


def called(communications: Sequence[Communication], numbers: Phones) -> list[str]:
    """The numbers that can be read, each once."""
    read = (phones.e164(one.number, numbers) for one in communications)
    return sorted({number for number in read if number})


def places(communications: Sequence[Communication], state: State, numbers: Phones) -> Mapping[str, Place]:
    """Communication id → where it belongs: to whoever held its number when it happened."""
    calls = pd.DataFrame(
        {
            "number": [phones.e164(one.number, numbers) for one in communications],
            "at": [one.at for one in communications],
        },
        index=[one.id for one in communications],
        dtype="str",
    )
    whose = holders(calls, state.numbers)
    links = state.links[(state.links["system"] == SALESFORCE) & (state.links["role"] == REPRESENTATIVE)]
    record = dict(zip(links["person"], links["record_id"], strict=True))
    return {one.id: _place(one, calls.at[one.id, "number"], whose[one.id], record) for one in communications}


def _place(one: Communication, number: object, person: object, record: Mapping[str, str]) -> Place:
    if not one.at:
        return Place(reason="nobody has said yet when it was")
    if not isinstance(number, str):
        return Place(reason="its number can't be read")
    if not isinstance(person, str):
        return Place(reason="nobody had its number then, or more than one")
    if person not in record:
        return Place(person, reason="its person is not in Salesforce")
    return Place(person, record[person])
