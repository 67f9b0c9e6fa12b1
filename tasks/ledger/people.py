"""Who is meant: people by their records, their numbers, and what they are called; and of whom something was learned."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from tasks.ledger import wide
from tasks.ledger.db import Database, Transaction, stamp

EVERYBODY = ""  # is called like nobody
MANY = 0.2  # of all people: to look them up one by one takes longer than to read everybody
FEW = 20_000  # people: of no more than so many, everybody is read before one could notice
TOGETHER = 100_000  # names: of more than so many that something was learned of, it isn't said one by one


@dataclass(frozen=True)
class People:
    database: Database

    def owners(self, numbers: Collection[str]) -> list[str]:
        """Who has one of those numbers, or ever had it."""
        with self.database.reading() as transaction:
            transaction.want(numbers)
            return list(transaction.table("select_owners")["person"])

    def named(self, words: Collection[str], fields: Iterable[str]) -> list[str]:
        """Whoever is known by one of those words: as their name, a number, an id of a record, or in those fields."""
        with self.database.reading() as transaction:
            transaction.want(words)
            found = {*transaction.table("select_named")["person"].dropna(), *wide.saying(transaction, list(fields))}
        return sorted(found)

    def of(self, names: Collection[str]) -> set[str]:
        """Those of the names that are people, and whose those are that are references of records."""
        places: dict[tuple[str, ...], list[str]] = {}
        for name in names:
            *place, record_id = name.split(":", 2)
            places.setdefault(tuple(place), []).append(record_id)
        with self.database.reading() as transaction:
            transaction.want(sorted(names))
            found = {*transaction.table("select_called")["person"]}
            for (system, object_name), ids in ((place, ids) for place, ids in places.items() if len(place) > 1):
                transaction.want(sorted(set(ids)))
                rows = transaction.frame("select_owners_of", {"system": system, "object": object_name})
                found.update(rows["person"].dropna())
        return found

    def sharing(self, values: Collection[str], fields: Iterable[str]) -> set[str]:
        """Who has one of those numbers, or ever had it, or of whom one of those values was decided in those fields."""
        with self.database.reading() as transaction:
            transaction.want(values)
            return {*transaction.table("select_keyed")["person"], *wide.holding(transaction, list(fields))}

    def many(self, people: Collection[str]) -> bool:
        """Whether those are so many that everybody is read sooner."""
        with self.database.reading() as transaction:
            return are_many(transaction, people)

    def few(self) -> bool:
        """Whether there are so few that everybody is read at once."""
        with self.database.reading() as transaction:
            return _count(transaction) <= FEW

    def touched(self, since: datetime) -> set[str] | None:
        """People and records of which the ledger learned something then or later; None: of everybody."""
        with self.database.reading() as transaction:
            names = {row["name"] for row in transaction.rows("select_touched", since=stamp(since))}
        return None if EVERYBODY in names else names

    def touch(self, names: Collection[str], now: datetime) -> None:
        """Something about those people and records may not be as a run saw it."""
        with self.database.writing() as transaction:
            touch(transaction, names, now)


def touch(transaction: Transaction, names: Collection[str], now: datetime) -> None:
    """As `People.touch`, in a transaction that is under way."""
    told = [EVERYBODY] if len(names) > TOGETHER else sorted(names)
    transaction.want(told)
    transaction.run("touch_wanted", at=stamp(now))


def are_many(transaction: Transaction, people: Collection[str]) -> bool:
    """As `People.many`, in a transaction that is under way."""
    return len(people) > MANY * _count(transaction)


def _count(transaction: Transaction) -> int:
    count: int = transaction.rows("count_people")[0]["people"]
    return count
