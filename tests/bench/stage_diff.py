"""One side against its base: ours beside duckdb, polars and DiffSync on the same canonical values."""

import logging
from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
import polars as pl
import structlog
from diffsync import Adapter, DiffSyncModel

from tasks.core import normalise
from tasks.core.deciding import diff
from tasks.core.deciding.lineup import line_up
from tasks.core.frames import among
from tasks.core.identity import match
from tasks.core.looking.stirred import stirred
from tasks.core.model import HUBSPOT
from tasks.core.state import State
from tests.bench.crowd_world import CrowdWorld
from tests.bench.floor import joined
from tests.bench.measuring import Row, Stage, heaviest, measured
from tests.property.simulation import STATUSES

OBJECTS = 50_000  # that DiffSync compares: it takes minutes for a million, and as long for each


def rows(world: CrowdWorld) -> Iterator[Row]:
    """HubSpot's contacts, of which a few say something else than their base, and some are new."""
    policy, fields = world.policy, list(world.policy.fields)
    snapshots = [snapshot for snapshot in world.after if snapshot.system == HUBSPOT]
    schemas = {snapshot.system: snapshot.schema for snapshot in snapshots}
    known = of_one_side(world.known)
    records = normalise.normalise(snapshots, policy, STATUSES)
    now = records[fields].rename_axis("ref").reset_index()
    base = known.bases[fields].rename_axis("ref").reset_index()

    def ours() -> None:
        """From records to cells: who is who in between."""
        theirs, of_them = stirred(records, known, {}, policy)
        matching = match.match(theirs, of_them, {}, policy)
        diff.diff(line_up(matching, of_them, policy, schemas))

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))  # DiffSync tells everything
    some = min(len(base), OBJECTS)
    before, after = loaded(base.iloc[:some]), loaded(now.iloc[:some])
    anchors = [
        Stage("duckdb", lambda: joined(now, base, fields)),
        Stage("polars", lambda: joined_by_polars(now, base, fields)),
        Stage("DiffSync", lambda: after.diff_to(before), share=some / len(base)),
    ]
    stage = Stage("diff of one side", ours)
    *beside, row = measured(len(base), [stage], anchors)
    yield from (*beside, row, *heaviest(row, stage))


def of_one_side(known: State) -> State:
    """What a ledger would know if nobody else were connected."""
    links = known.links[known.links["system"] == HUBSPOT]
    bases = known.bases[among(known.bases.index, links.index)]
    return replace(known, links=links, bases=bases, connected=frozenset({HUBSPOT}))


def joined_by_polars(now: pd.DataFrame, base: pd.DataFrame, fields: list[str]) -> pd.DataFrame:
    """The same table."""
    sides = pl.from_pandas(base).join(pl.from_pandas(now), on="ref", how="full", coalesce=True, suffix="_now")
    each = (
        sides.lazy()
        .filter(pl.col(name).ne_missing(pl.col(f"{name}_now")))
        .select("ref", pl.lit(name).alias("field"), before=name, after=f"{name}_now")
        for name in fields
    )
    return pl.concat(each).collect().to_pandas()


class Person(DiffSyncModel):
    """A record as DiffSync holds it."""

    _modelname = "person"
    _identifiers = ("ref",)
    _attributes = ("values",)

    ref: str
    values: tuple[str, ...]


class People(Adapter):
    person = Person
    top_level = ("person",)


def loaded(frame: pd.DataFrame) -> People:
    """A side as DiffSync wants it: object by object."""
    people = People()
    for ref, *values in frame.fillna("").itertuples(index=False):
        people.add(Person(ref=ref, values=tuple(values)))
    return people
