"""The core's part of a plan, from records to writes, step by step: what follows the records, and what the changes."""

from collections.abc import Iterator

from tasks.core import normalise
from tasks.core.deciding import diff, resolve
from tasks.core.deciding.lineup import line_up
from tasks.core.identity import match
from tasks.core.looking.stirred import stirred
from tasks.core.planning import propose
from tests.bench.crowd_world import CrowdWorld, think
from tests.bench.measuring import Row, Stage, measured
from tests.property.simulation import STATUSES


def rows(world: CrowdWorld) -> Iterator[Row]:
    """Each step alone, then all of them."""
    policy, known, seen = world.policy, world.known, world.after
    schemas = {snapshot.system: snapshot.schema for snapshot in seen}
    records = normalise.normalise(seen, policy, STATUSES)
    theirs, of_them = stirred(records, known, {}, policy)
    matching = match.match(theirs, of_them, {}, policy)
    cells = diff.diff(line_up(matching, of_them, policy, schemas))
    decided = resolve.decide_all(cells, policy)
    steps = [
        Stage("plan: normalise", lambda: normalise.normalise(seen, policy, STATUSES)),
        Stage("plan: find whom to look at", lambda: stirred(records, known, {}, policy)),
        Stage("plan: match", lambda: match.match(theirs, of_them, {}, policy)),
        Stage("plan: diff", lambda: diff.diff(line_up(matching, of_them, policy, schemas))),
        Stage("plan: resolve", lambda: resolve.decide_all(cells, policy)),
        Stage("plan: propose", lambda: propose.propose(matching, cells, decided, of_them, policy, schemas, STATUSES)),
        Stage("plan, all of the core", lambda: think(seen, known, policy)),
    ]
    yield from measured(len(known.people), steps)
