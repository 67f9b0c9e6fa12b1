"""What a vendor would refuse is known from what it says of its own properties, and is never sent."""

import pandas as pd
import pytest

from tasks.core.model import CHOICES, OWNER, Property
from tasks.core.planning.after import allows
from tasks.core.planning.refusals import predict

NAME = Property("LastName", type="string", length=4, required=True, nillable=False)


def refused(known: Property, after: str | None, kind: str = "update") -> list[str]:
    """The reasons for which one write to that property can't land."""
    row = {"system": "salesforce", "object": "Contact", "person": "p", "kind": kind, "property": known.name}
    writes = pd.DataFrame([row | {"after": after}], dtype="str")
    left, lost = predict(writes, {"salesforce": {"Contact": {known.name: known}}})
    assert len(left) + len(lost) == 1
    return list(lost["reason"])


@pytest.mark.parametrize(
    ("known", "after", "reason"),
    [
        (NAME, "Weber", "longer than 4 characters"),
        (NAME, "", "the property can't be blank"),
        (Property("X", options=("a", "b")), "c", "not one of the property's options"),
        (Property("X", options=("a", "b"), type=CHOICES), "a;c", "not one of the property's options"),
        (Property("X", updateable=False), "a", "read-only"),
        (Property("X", type="int"), "7.5", "not a whole number"),
        (Property("X", type=OWNER), None, "no active user there, or more than one, has that e-mail"),
        (Property("X", type="status"), None, "the system has no value for this status"),
    ],
)
def test_what_cannot_land_has_its_reason(known: Property, after: str | None, reason: str) -> None:
    """One sentence a cell."""
    assert refused(known, after) == [reason]


@pytest.mark.parametrize(
    ("known", "after"),
    [
        (NAME, "Lee"),
        (Property("X"), ""),
        (Property("X", options=("a", "b")), ""),
        (Property("X", options=("a", "b"), type=CHOICES), "a;b"),
        (Property("X", type="int"), "7"),
        (Property("X", type="double"), "7.5"),
        (Property("X", type=OWNER), "005A"),
    ],
)
def test_what_can_land_goes_on(known: Property, after: str) -> None:
    """A blank is no option, and needs none."""
    assert refused(known, after) == []


def test_several_choices_are_each_among_the_options_or_the_value_is_not() -> None:
    """The gate asks the same of what a plan would leave behind."""
    several = Property("X", options=("a", "b"), type=CHOICES)
    assert (allows(several, "b;a"), allows(several, "a;c")) == (True, False)
    assert not allows(Property("X", options=("a", "b")), "a;b")
    assert allows(Property("X"), "anything")
