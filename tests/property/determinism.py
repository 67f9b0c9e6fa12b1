"""The same world told in another order: whatever order systems, pages, rows and columns come in, and wherever the
process runs, a plan of it is the same (design, §10.8).

`python -m tests.property.determinism` prints what a plan of one world comes to, for processes of other habits.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import pandas as pd
import pytest

from tasks.connectors.fake import Fake
from tasks.core.model import SCOPES, Snapshot
from tasks.core.plan import Plan
from tasks.core.policy import PLACES
from tasks.core.state import State
from tasks.session import Session
from tests.property.machine_policies import POLICIES
from tests.property.machine_town import Town

RECORDS = 24
SAID = {
    "first_name": ("Ann", "Bob", "Zoë", "İnci", "ß", ""),
    "last_name": ("Lee", "Łoś", "O'Neil"),
    "email": ("", "ann@x.example", "Bob@X.example", "zoë@x.example"),
    "phone": tuple(f"+1415200{n:04d}" for n in range(14)),
}
LESSONS = ("links", "people", "golden", "bases", "settled", "numbers")

T = TypeVar("T")


def lived_in(home: Path, policy: str, seed: int = 1) -> Town:
    """A town that has agreed once, and in which people have edited since."""
    dice, town = Random(seed), Town(home, POLICIES[policy], lambda _town, _write: None)
    for scope in SCOPES:
        town.direct(scope, "two-way")
    for _ in range(RECORDS):
        town.enter(dice.choice(sorted(PLACES)), **{name: dice.choice(said) for name, said in SAID.items()})
    town.run()
    for n, ref in enumerate(town.living()):
        town.type_into(ref, **dice.choice([{"first_name": f"Éd{n}"}, {"last_name": f"Łu{n}"}, {}]))
    for ref in town.living("contact", "lead", "hubspot"):
        town.type_into(
            ref, **dice.choice([{"phone": dice.choice(SAID["phone"])}, {"email": f"{len(ref)}@x.example"}, {}, {}])
        )
    return town


def told(plan: Plan) -> dict[str, Any]:
    """What a plan comes to."""
    return {"checksum": plan.checksum, "forecast": plan.forecast, "changes": list(plan.changes["id"])}


def taught(plan: Plan) -> dict[str, pd.DataFrame]:
    """What a plan teaches the ledger, in one order."""
    frames = {name: getattr(plan.advance, name) for name in LESSONS}
    return {name: frame.sort_index(axis=1).sort_values(sorted(frame)) for name, frame in frames.items()}


@contextmanager
def mixed_up(seed: int) -> Iterator[None]:
    """Systems, their pages, and the ledger give everything in another order until the block ends."""
    dice = Random(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Fake, "pull", _after(Fake.pull, lambda found: _snapshot(found, dice)))
        patch.setattr(Fake, "peek", _after(Fake.peek, lambda found: _snapshot(found, dice)))
        patch.setattr(Session, "state", _after(Session.state, lambda found: _state(found, dice)))
        patch.setattr(Session, "connected", _after(Session.connected, lambda found: _sequence(found, dice)))
        yield


def _after(asked: Callable[..., T], mix: Callable[[T], T]) -> Callable[..., T]:
    return lambda *question, **more: mix(asked(*question, **more))


def _sequence(items: list[T], dice: Random) -> list[T]:
    return dice.sample(items, len(items))


def _mapping(items: Mapping[str, T], dice: Random) -> dict[str, T]:
    return dict(_sequence(list(items.items()), dice))


def _snapshot(taken: Snapshot, dice: Random) -> Snapshot:
    return replace(
        taken,
        frames={
            name: _frame(frame, dice)[_sequence(list(frame), dice)]
            for name, frame in _mapping(taken.frames, dice).items()
        },
        gone=_mapping(taken.gone, dice),
        users=_mapping(taken.users, dice),
        schema={name: _mapping(known, dice) for name, known in _mapping(taken.schema, dice).items()},
    )


def _state(state: State, dice: Random) -> State:
    known = {each.name: getattr(state, each.name) for each in fields(state)}
    return replace(
        state,
        directions=_mapping(state.directions, dice),
        **{name: _frame(frame, dice) for name, frame in known.items() if isinstance(frame, pd.DataFrame)},
    )


def _frame(frame: pd.DataFrame, dice: Random) -> pd.DataFrame:
    shuffled = frame.sample(frac=1, random_state=dice.randrange(1 << 30))
    return shuffled.reset_index(drop=True) if isinstance(frame.index, pd.RangeIndex) else shuffled


def main() -> int:
    """Print what one world comes to."""
    with tempfile.TemporaryDirectory() as folder:
        town = lived_in(Path(folder), "shipped")
        sys.stdout.write(json.dumps(told(town.draft())))
        town.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
