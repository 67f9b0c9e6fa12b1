"""Whom we were asked to forget is skipped: their records are dropped as soon as they are read.

Nothing that could be read back is kept of them, only keyed digests of their numbers, e-mails and records.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd

from tasks.core import phones
from tasks.core.model import Snapshot, reference
from tasks.core.plan import Finding
from tasks.core.policy import Policy
from tasks.core.subjects import Subject

CANARY = "tandem"  # its digest is among every ledger's: another key would find nobody, and say nothing


def digest(key: bytes, word: str) -> str:
    """A keyed digest (HMAC-SHA-256) of a number in E.164, a lower-case e-mail, or a reference."""
    return hmac.digest(key, word.encode("utf-8", "surrogatepass"), "sha256").hex()


def digests(key: bytes, subject: Subject) -> list[str]:
    """What is kept of somebody who was forgotten: enough to know them again, and no more."""
    words = (*subject.people, *subject.refs, *subject.numbers, *subject.emails)
    return sorted({digest(key, word) for word in words})


@dataclass(frozen=True)
class Suppressed:
    """Whom to skip: nobody, without `known` digests. Numbers and e-mails are looked for in the policy's fields."""

    policy: Policy
    key: bytes = b""
    known: frozenset[str] = frozenset()

    def knows(self, words: Iterable[str]) -> bool:
        """Whether somebody with one of those numbers (E.164), lower-case e-mails or references was forgotten."""
        return any(digest(self.key, word) in self.known for word in words)

    def skip(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot without records of theirs; their references are `skipped`, and no evidence says more."""
        if not self.known:
            return snapshot
        theirs = {name: self._theirs(snapshot.system, name, frame) for name, frame in snapshot.frames.items()}
        refs = [
            reference(snapshot.system, name, "") + frame.loc[theirs[name], "record_id"].astype("str")
            for name, frame in snapshot.frames.items()
        ]
        buried = self._among(pd.Series(list(snapshot.gone), dtype="str"))
        heirs = self._among(pd.Series(list(snapshot.gone.values()), dtype="str"))
        gone = zip(snapshot.gone.items(), buried, heirs, strict=True)
        return replace(
            snapshot,
            frames={
                name: frame[~theirs[name]].reset_index(drop=True) if theirs[name].any() else frame
                for name, frame in snapshot.frames.items()
            },
            gone={ref: "" if by_theirs else heir for (ref, heir), is_theirs, by_theirs in gone if not is_theirs},
            users={user: email for user, email in snapshot.users.items() if not self.knows([email])},
            skipped=frozenset(ref for found in refs for ref in found),
        )

    def _theirs(self, system: str, object_name: str, frame: pd.DataFrame) -> "pd.Series[bool]":
        """Rows with a reference, number or e-mail of somebody to skip."""
        found = self._among(reference(system, object_name, "") + frame["record_id"].astype("str"))
        mapped = self.policy.mapped(system, object_name)
        for prop, kind in ((prop, self.policy.fields[name].type) for name, prop in mapped.items() if prop in frame):
            if kind == "phone":
                found |= self._among(phones.canonical(frame[prop].astype("str"), self.policy.phones))
            elif kind == "email":
                found |= self._among(frame[prop].astype("str").str.strip().str.lower())
        return found

    def _among(self, words: "pd.Series[str]") -> "pd.Series[bool]":
        """Every different word is digested once."""
        hit = [word for word in words.dropna().unique() if word and digest(self.key, word) in self.known]
        return words.isin(hit)


def reported(snapshots: Iterable[Snapshot]) -> tuple[Finding, ...]:
    """What a plan says of the records that were skipped."""
    said = "records of people whom Tandem was asked to forget are skipped"
    return tuple(Finding(s.system, said, "info", len(s.skipped)) for s in snapshots if s.skipped)
