"""What is known of people and records: the crosswalk, keys and their periods, golden values, bases, settlements."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from tasks.core.identity.periods import BEGINS, ENDS
from tasks.core.state import (
    LINKS,
    PEOPLE,
    RETIRED,
    SETTLED,
    TOMBSTONE,
    TURNS,
    Advance,
    State,
    base_columns,
    golden_columns,
)
from tasks.ledger import decisions, people, wide
from tasks.ledger.connections import Connections
from tasks.ledger.db import Database, Transaction, stamp


@dataclass(frozen=True)
class Memory:
    database: Database
    connections: Connections

    def state(self, fields: Sequence[str], about: Iterable[str] | None = None) -> State:
        """All that a run starts from, for those fields of the policy. `about` names people and records: then, of what
        is known of people and records, only what is known of those people, their records and the records named (see
        `alive` for how many others there are); all of it, where to look for so many would take longer."""
        connected = {name: row for name, row in self.connections.all().items() if row.connected}
        with self.database.reading() as transaction:
            theirs, records = _narrowed(transaction, about)
            once_in_crm = transaction.table("select_once_in_crm_of" if theirs else "select_once_in_crm")["person"]
            return State(
                links=transaction.table("select_links", "ref", theirs),
                people=transaction.table("select_people", "person", theirs),
                golden=wide.read(transaction, "golden", golden_columns(fields), theirs),
                bases=wide.read(transaction, "bases", base_columns(fields), records),
                settled=transaction.frame("select_settled"),
                terms=transaction.frame("select_terms").set_index("place"),
                decisions=transaction.frame("select_decisions"),
                receipts=_receipts(transaction.table("select_receipts_of" if records else "select_receipts", "ref")),
                once_in_crm=frozenset(once_in_crm),
                numbers=transaction.table("select_numbers_of" if theirs else "select_numbers"),
                absorbed=transaction.frame("select_absorbed").set_index("person").sort_index(),
                owed=frozenset((row["system"], row["phone"]) for row in transaction.rows("select_owed")),
                directions=self.connections.directions(),
                rebasing=self.connections.rebasing(),
                paused=frozenset(name for name, row in connected.items() if row.paused),
                connected=frozenset(connected),
            )

    def alive(self) -> dict[tuple[str, str], int]:
        """(system, object) → records of the whole crosswalk that are neither tombstones nor retired."""
        with self.database.reading() as transaction:
            rows = transaction.rows("select_alive", tombstone=TOMBSTONE, retired=RETIRED)
        return {(row["system"], row["object"]): row["records"] for row in rows}

    def advance(self, advance: Advance, run: str, now: datetime) -> None:
        """Learn what a plan taught, all of it or nothing. Learning it twice changes nothing."""
        at = {"run": run, "now": stamp(now)}
        with self.database.writing() as transaction:
            transaction.each("upsert_person", advance.people.rename_axis("person")[list(PEOPLE)], at)
            self._learn_owners(transaction, advance, at)
            links = advance.links.reset_index(drop=True)[list(LINKS)]
            links = links.assign(ref=links["system"] + ":" + links["object"] + ":" + links["record_id"])
            for name in ("insert_link_history", "upsert_link", "forget_joining_bases"):
                transaction.each(name, links, at)
            self._learn_terms(transaction, advance.terms)
            wide.write(transaction, "golden", _with_runs(advance.golden, run).rename_axis("person").reset_index())
            for bases in (advance.inherited, advance.bases):
                wide.write(transaction, "bases", _addressed(bases.rename_axis("ref").reset_index()))
            settled = advance.settled[list(SETTLED)]
            transaction.each("delete_settled", settled[settled["reason"].isna()])
            transaction.each("upsert_settled", settled[settled["reason"].notna()], at)
            decisions.end(transaction, advance.decided, run, now)
            people.touch(transaction, _told_of(advance), now)

    def _learn_terms(self, transaction: Transaction, terms: pd.DataFrame) -> None:
        """A field that is mapped to another property than before has no bases there."""
        before = transaction.frame("select_terms").set_index("place")["property"].reindex(terms.index)
        for place in terms.index[before.notna() & (before != terms["property"])]:
            wide.forget_property(transaction, str(place))
        transaction.each("upsert_terms", terms.rename_axis("place"))

    def _learn_owners(self, transaction: Transaction, advance: Advance, at: dict[str, str]) -> None:
        """What the absorbed had is their survivor's; then numbers that somebody has no more, and those somebody got."""
        absorbed = advance.absorbed.rename_axis("person")
        for name in ("absorb_person", "pass_numbers"):
            transaction.each(name, absorbed, at)
        turns = advance.numbers[list(TURNS)]
        for name, turn in (("close_number", ENDS), ("open_number", BEGINS)):
            transaction.each(name, turns[turns["turn"] == turn], at)


def _told_of(advance: Advance) -> Collection[str]:
    """People and records of whom that says something."""
    owners = [frame["person"] for frame in (advance.links, advance.numbers, advance.bases) if "person" in frame]
    nameless = advance.inherited if "person" in advance.bases else advance.bases
    named = (advance.people, advance.golden, advance.absorbed, advance.inherited, nameless)
    found = [advance.absorbed["survivor"], *owners, *(frame.index.to_series() for frame in named)]
    return pd.concat(found, ignore_index=True).dropna().astype("str").unique()


def _with_runs(golden: pd.DataFrame, run: str) -> pd.DataFrame:
    """Beside each value that moves: the run that moved it."""
    ruled = [str(column) for column in golden.columns if str(column).endswith("_rule")]
    runs = {rule.removesuffix("_rule") + "_run": golden[rule].where(golden[rule].isna(), run) for rule in ruled}
    return golden.assign(**runs)


def _addressed(bases: pd.DataFrame) -> pd.DataFrame:
    """A base's row says beside its reference what the reference is made of."""
    parts = [ref.split(":", 2) for ref in bases["ref"]]
    return bases.join(pd.DataFrame(parts, index=bases.index, columns=list(wide.KEYS["bases"][1:])))


def _narrowed(transaction: Transaction, about: Iterable[str] | None) -> tuple[str, str]:
    """The statements that pick what is of those people, and of those records; blank: everybody's."""
    wanted = None if about is None else set(about)
    if wanted is None or people.are_many(transaction, wanted):
        return "", ""
    transaction.want(sorted(wanted))
    return "only_of_people", "only_of_records"


def _receipts(frame: pd.DataFrame) -> pd.DataFrame:
    times = pd.to_datetime(frame["at"], utc=True, format="ISO8601")
    return frame.assign(at=times.astype("datetime64[ns, UTC]"))
