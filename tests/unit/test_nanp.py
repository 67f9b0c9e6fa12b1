"""Numbers that are read by the column are what the library of phone numbers says of each, or are left to it."""

import random
import re

import numpy as np
import pandas as pd
import pytest

from tasks.core import nanp, phones
from tasks.core.nanp import DEPENDS
from tasks.core.policy import Phones
from tasks.core.prefixes import DEPTH, PERHAPS, beginning, matching
from tests.unit.phone_texts import texts

REGIONS = ("US", "CA", "BS", "DO", "GB")


def read_as_the_library_does(raw: list[str], region: str) -> float:
    """How much of it is decided; every decision is the library's."""
    number, decided = nanp.read(pd.Series(raw, dtype="str"), region)
    expected = [phones.e164.__wrapped__(text, Phones(region)) for text, here in zip(raw, decided, strict=True) if here]
    assert number[decided].equals(pd.Series(expected, index=number.index[decided], dtype="str"))
    assert number[~decided].isna().all()
    return float(decided.mean())


def with_tails(prefixes: np.ndarray, seed: int) -> list[str]:
    dice = random.Random(seed)
    return [f"{prefix}{dice.randrange(10**4):04d}" for prefix in prefixes]


@pytest.mark.parametrize("region", REGIONS)
def test_whatever_is_decided_is_decided_as_the_library_does(region: str) -> None:
    """Usual shapes, slips of the keyboard, punctuation everywhere; more than nothing is decided of them."""
    assert read_as_the_library_does(list(texts(3000, seed=7)), region) > 0.05


def test_the_table_is_the_library_s_wherever_its_answer_changes() -> None:
    """The first and the last prefix of every stretch that is all valid, or all invalid."""
    says = nanp.table()
    turns = np.flatnonzero(np.diff(says)) + 1
    assert read_as_the_library_does(with_tails(np.union1d(turns, turns - 1), seed=1), "US") > 0.99


def test_almost_every_prefix_is_decided() -> None:
    """Else metadata is written in words that we don't read yet, and a million people take minutes."""
    begins_well = nanp.table()[2 * 10 ** (DEPTH - 1) :]
    assert (begins_well == DEPENDS).mean() < 0.001


@pytest.mark.deep
@pytest.mark.parametrize("region", REGIONS)
def test_a_million_texts_are_read_as_the_library_does(region: str) -> None:
    assert read_as_the_library_does(list(texts(240_000, seed=REGIONS.index(region))), region) > 0.05


@pytest.mark.deep
def test_every_prefix_is_the_library_s() -> None:
    """All 800,000 of them, each with some tail."""
    every = np.arange(2 * 10 ** (DEPTH - 1), 10**DEPTH)
    assert read_as_the_library_does(with_tails(every, seed=2), "US") > 0.99


@pytest.mark.parametrize(
    "pattern",
    [r"[2-9]\d{9}|3\d{6}", r"52(?:3(?:[2-46-9][02-9]\d|5)|4)\d{4,6}", r"(?:24)?6521[0369]\d{3,5}", r"\d{8}3\d", "1"],
)
def test_a_prefix_says_of_its_numbers_what_the_pattern_says(pattern: str) -> None:
    """All match, none does, or nothing is said."""
    found, begins, dice = matching(pattern), beginning(pattern), random.Random(3)
    here = np.flatnonzero(found.any | begins.any)[:: max(1, int(found.any.sum()) // 300)]
    for prefix in [*here, *(dice.randrange(10**DEPTH) for _ in range(300))]:
        number = f"{prefix:06d}{dice.randrange(10**4):04d}"
        whole, start = re.fullmatch(pattern, number) is not None, re.match(pattern, number) is not None
        assert found.all[prefix] <= whole <= found.any[prefix]
        assert begins.all[prefix] <= start <= begins.any[prefix]


def test_a_pattern_in_other_words_proves_nothing() -> None:
    """A release of the library may write its metadata in words that we can't read: such numbers are left to it."""
    assert matching(r"2(?=5)\d+") is PERHAPS


def test_a_long_column_reads_as_a_short_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blanks stay blank, what is no number is missing, and rows stay where they are."""
    raw = pd.Series([*texts(900, seed=5), None, "", "  ", "\t"], dtype="str").sample(frac=1, random_state=1)
    raw = pd.concat([raw[:550], raw[550:]])  # two pieces of memory
    short = phones.canonical(raw, Phones())
    monkeypatch.setattr(phones, "MANY", 1)
    monkeypatch.setattr(nanp, "PART", 100)
    assert phones.canonical(raw, Phones()).equals(short)
    assert phones.canonical(raw, Phones("GB")).notna().any()
