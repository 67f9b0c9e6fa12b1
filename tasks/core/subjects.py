"""Whom somebody means: from a phone number, an e-mail, or the id of a record or person, to people; and by what each can
be recognised.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from tasks.core import phones
from tasks.core.model import SALESFORCE, Snapshot, reference
from tasks.core.policy import FieldType, Policy
from tasks.core.state import State

SHORT = 15  # letters of a Salesforce id without the three that make it safe where case is lost


def people_of(who: str, state: State, policy: Policy) -> list[str]:
    """The people whom `who` names, sorted: nobody, one, or several who share a number or an address.

    A phone number in any format that the policy reads names whoever has it; only if nobody does, who had it once. An
    e-mail names everybody with it, the id of a record (alone, or as `system:object:id`) whose record it is. Somebody
    who turned out to be another person is that one.
    """
    who = who.strip()
    if not who or not who.isprintable():
        return []
    number = phones.e164(who, policy.phones)
    found = {*_by_id(who, state), *(_by_number(number, state) if number else ()), *_by_email(who, state, policy)}
    survivor = state.absorbed["survivor"]
    return sorted({str(survivor.get(person, person)) for person in found})


def words(who: str, policy: Policy) -> list[str]:
    """How the ledger would write what `who` says: as it is, as a number, as an e-mail; nothing that it can't hold."""
    who = who.strip()
    found = {who, phones.e164(who, policy.phones) or who, who.lower()} - {""}
    return sorted(word for word in found if word.isprintable())


def _by_id(who: str, state: State) -> set[str]:
    people = {*state.people.index, *state.absorbed.index} & {who}
    links = state.links
    ids = links["record_id"]
    mine = (ids == who) | (links.index == who)
    if len(who) == SHORT:
        mine |= (links["system"] == SALESFORCE) & (ids.str[:SHORT] == who)
    return people | {*links.loc[mine, "person"].dropna()}


def _by_number(number: str, state: State) -> set[str]:
    """Whose key it is; else whose it is otherwise; else whose it was."""
    periods = state.numbers[state.numbers["number"] == number]
    return next(
        (
            people
            for people in (
                {*state.people.index[state.people["key"] == number]},
                {*periods.loc[periods["until"].isna(), "person"]},
                {*periods["person"]},
            )
            if people
        ),
        set(),
    )


def _by_email(who: str, state: State, policy: Policy) -> set[str]:
    if "@" not in who:
        return set()
    names, address = of_type(policy, "email"), who.lower()
    golden, bases = state.golden.reindex(columns=names), state.bases.reindex(columns=names)
    held = bases.index[(bases == address).any(axis=1)]
    linked = state.links["person"].reindex(held).dropna()
    return {*golden.index[(golden == address).any(axis=1)], *linked}


def of_type(policy: Policy, kind: FieldType) -> list[str]:
    """The policy's fields of that type."""
    return [name for name, field in policy.fields.items() if field.type == kind]


@dataclass(frozen=True)
class Subject:
    """One person, and all by which the ledger could recognise them.

    `people` are the ids under which they are known: theirs, and those of whoever turned out to be them. `refs` are
    their records' references. `numbers` (E.164) and `emails` (lower-case) are those that nobody else has; `spellings`
    are those as some system wrote them. `shared` numbers and e-mails are somebody else's, too.
    """

    people: frozenset[str]
    refs: frozenset[str]
    numbers: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    spellings: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Found:
    """Whom somebody meant. `lives` are the references of records that the systems still have. `again`: they were
    forgotten before, and nothing but the words by which they were asked for is known of them."""

    subject: Subject
    lives: Sequence[str] = ()
    again: bool = False


def subject(person: str, state: State, policy: Policy) -> Subject:
    """That person, with what is known of them."""
    people = {person, *state.absorbed.index[state.absorbed["survivor"] == person]}
    refs = {*state.links.index[state.links["person"].isin(people)]}
    numbers, emails = of_type(policy, "phone"), of_type(policy, "email")
    bases, golden = state.bases[state.bases.index.isin(refs)], state.golden[state.golden.index.isin(people)]
    periods = state.numbers["person"].isin(people)
    mine = _values(bases, numbers) | _values(golden, numbers) | {*state.numbers.loc[periods, "number"]}
    mine |= {*state.people.loc[state.people.index.isin(people), "key"].dropna()}
    addresses = _values(bases, emails) | _values(golden, emails)
    taken = _taken(people, refs, state, policy)
    spellings = _spellings(bases, numbers, mine - taken) | _spellings(bases, emails, addresses - taken)
    return Subject(
        people=frozenset(people),
        refs=frozenset(refs),
        numbers=frozenset(mine - taken),
        emails=frozenset(addresses - taken),
        spellings=spellings,
        shared=frozenset((mine | addresses) & taken),
    )


def _taken(people: Collection[str], refs: Collection[str], state: State, policy: Policy) -> set[str]:
    """Numbers and e-mails that somebody else has now."""
    names = [*of_type(policy, "phone"), *of_type(policy, "email")]
    others = state.links.index[~state.links["person"].isin(people)]
    going_on = state.numbers[~state.numbers["person"].isin(people) & state.numbers["until"].isna()]
    keys = state.people.loc[~state.people.index.isin(people), "key"].dropna()
    bases = state.bases[state.bases.index.isin(others) & ~state.bases.index.isin(refs)]
    golden = state.golden[~state.golden.index.isin(people)]
    return _values(bases, names) | _values(golden, names) | {*going_on["number"], *keys}


def seen(who: str, snapshots: Iterable[Snapshot], policy: Policy) -> dict[str, tuple[set[str], set[str]]]:
    """Records that these snapshots know by that number, e-mail or id: their reference → their numbers and e-mails."""
    found: dict[str, tuple[set[str], set[str]]] = {}
    if not who.isprintable():
        return found
    number, address = phones.e164(who, policy.phones), who.strip().lower()
    wanted = [word for word in (number, address) if word and ("@" in word or word == number)]
    for snapshot in snapshots:
        for name, frame in snapshot.frames.items():
            held = _identifiers(frame, policy.mapped(snapshot.system, name), policy)
            ids = frame["record_id"].astype("str")
            hit = ids.isin([who, who.removeprefix(reference(snapshot.system, name, ""))])
            hit |= held.isin(wanted).any(axis=1)
            for row in held.index[hit]:
                words = {*held.loc[row].dropna()} - {""}
                emails = {word for word in words if "@" in word}
                found[reference(snapshot.system, name, ids[row])] = (words - emails, emails)
    return found


def _identifiers(frame: pd.DataFrame, mapped: Mapping[str, str], policy: Policy) -> pd.DataFrame:
    """The record's numbers and e-mails in canonical form, a column a field; missing where they can't be read."""
    columns = {}
    for name, prop in mapped.items():
        kind = policy.fields[name].type
        if kind == "phone" and prop in frame:
            columns[name] = phones.canonical(frame[prop].astype("str"), policy.phones)
        elif kind == "email" and prop in frame:
            columns[name] = frame[prop].astype("str").str.strip().str.lower()
    return pd.DataFrame(columns, index=frame.index, dtype="str")


def stranger(records: Mapping[str, tuple[set[str], set[str]]], state: State, policy: Policy) -> Subject:
    """Somebody whose records were always left out: they are nobody in the ledger, as `seen` found them."""
    refs = frozenset(records)
    numbers = frozenset[str]().union(*(numbers for numbers, _ in records.values()))
    emails = frozenset[str]().union(*(emails for _, emails in records.values()))
    taken = _taken((), refs, state, policy)
    return Subject(frozenset(), refs, numbers - taken, emails - taken, shared=(numbers | emails) & taken)


def _values(frame: pd.DataFrame, names: Collection[str]) -> set[str]:
    """All that those columns say, but blanks."""
    found = frame.reindex(columns=list(names)).to_numpy().ravel()
    return {*pd.Series(found, dtype="str").dropna()} - {""}


def _spellings(bases: pd.DataFrame, names: Collection[str], own: Collection[str]) -> frozenset[str]:
    """How systems wrote those values."""
    found: set[str] = set()
    for name in (name for name in names if name in bases):
        found |= {*bases.loc[bases[name].isin(list(own)), f"{name}_raw"].dropna()}
    return frozenset(found - {""})
