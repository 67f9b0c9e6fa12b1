"""Numbers of North America (+1), by the column: clean ones are read by arithmetic, as `phonenumbers` would read them.

Its metadata says of most six-digit prefixes that every number is valid, or none: that is the table. A text is clean
when it has such a number's digits and nothing else but the usual punctuation; all other texts are left undecided.
"""

from dataclasses import dataclass
from functools import cache, reduce
from typing import Any

import numpy as np
import pandas as pd
import phonenumbers
import pyarrow as pa
from numpy.lib.stride_tricks import sliding_window_view
from phonenumbers import PhoneMetadata
from phonenumbers.phonemetadata import PhoneNumberDesc

from tasks.core.frames import Bools
from tasks.core.prefixes import DEPTH, LENGTH, NEVER, Prefixes, beginning, matching

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Ints = np.ndarray[Any, np.dtype[np.int64]]

CODE = 1
REGIONS = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[CODE]
TYPES = (
    "premium_rate", "toll_free", "shared_cost", "voip", "personal_number", "pager", "uan", "voicemail", "fixed_line",
    "mobile",
)  # fmt: skip
LONGEST = 40  # characters of a clean text, punctuation and all

PART = 2**16  # texts at once: their bytes stay in the processor's cache

DEPENDS, VALID, INVALID = 0, 1, 2

_PUNCTUATION, _DIGIT, _PLUS, _OTHER = 0, 1, 2, 3
_KINDS = np.full(256, _OTHER, dtype=np.uint8)
_KINDS[list(b" ().-")] = _PUNCTUATION
_KINDS[list(b"0123456789")] = _DIGIT
_KINDS[ord("+")] = _PLUS

_PLACES = 10 ** np.arange(DEPTH)[::-1]


def read(raw: "pd.Series[str]", region: str) -> tuple["pd.Series[str]", Bools]:
    """The E.164 form of each text that is clean and valid, and which texts that decides: missing and decided is not
    valid. `region`: where a number without a country code is from."""
    parts = [_read(raw.iloc[start : start + PART], region) for start in range(0, max(len(raw), 1), PART)]
    return pd.concat([number for number, _ in parts]), np.concatenate([decided for _, decided in parts])


def _read(raw: "pd.Series[str]", region: str) -> tuple["pd.Series[str]", Bools]:
    texts = _taken_apart(raw)
    local = ~texts.plus & (region in REGIONS)
    whole = (texts.count == LENGTH + 1) & (texts.plus | local) & (texts.digits[texts.first] == CODE)
    rows = np.flatnonzero(texts.clean & (whole | ((texts.count == LENGTH) & local)))
    national = sliding_window_view(texts.digits, LENGTH)[texts.first[rows] + whole[rows]]
    says = table()[national[:, :DEPTH] @ _PLACES]
    decided = np.zeros(len(raw), dtype=bool)
    decided[rows] = says != DEPENDS
    valid = says == VALID
    return _e164(national[valid], rows[valid], raw.index), decided


@cache
def table() -> Bytes:
    """Per six-digit prefix of a national number: every number that begins so is VALID, or INVALID, or it DEPENDS.

    As phonenumbers decides it: the first region whose leading digits fit, or that has a type of number which fits, is
    the number's, and says whether it is valid. What begins with 0 or 1 is read otherwise, so of that nothing is said.
    """
    says, open_ = np.full(10**DEPTH, INVALID, dtype=np.uint8), np.ones(10**DEPTH, dtype=bool)
    for metadata in filter(None, map(PhoneMetadata.metadata_for_region, REGIONS)):
        valid = _valid(metadata)
        mine = valid if metadata.leading_digits is None else beginning(metadata.leading_digits)
        says[open_ & mine.any] = DEPENDS
        says[open_ & mine.all & valid.all] = VALID
        says[open_ & mine.all & ~valid.any] = INVALID
        open_ &= ~mine.any
    says[: 2 * 10 ** (DEPTH - 1)] = DEPENDS
    return says


def _valid(metadata: PhoneMetadata) -> Prefixes:
    """The numbers that fit the region's description, and that of a type."""
    described = [_described(getattr(metadata, kind)) for kind in TYPES]
    return _described(metadata.general_desc) & reduce(Prefixes.__or__, described)


def _described(description: PhoneNumberDesc | None) -> Prefixes:
    if description is None or not description.national_number_pattern:
        return NEVER
    if description.possible_length and LENGTH not in description.possible_length:
        return NEVER
    return matching(description.national_number_pattern)


@dataclass(frozen=True)
class _Texts:
    """All digits of all texts, and then some; per text the place of its first and how many it has, whether a plus leads
    them, and whether nothing else is in it but punctuation."""

    digits: Bytes
    first: Ints
    count: Ints
    plus: Bools
    clean: Bools


def _taken_apart(raw: "pd.Series[str]") -> _Texts:
    offsets, data = _bytes(raw)
    kinds = _KINDS[data]
    is_digit = kinds == _DIGIT
    before = np.zeros(len(data) + 1, dtype=np.int64)
    np.cumsum(is_digit, out=before[1:])
    first = before[offsets[:-1]]
    places = np.flatnonzero(kinds == _PLUS)
    pluses = _text_of(places, offsets)
    plus, clean = np.zeros(len(raw), dtype=bool), np.diff(offsets) <= LONGEST
    plus[pluses] = True
    clean[_text_of(np.flatnonzero(kinds == _OTHER), offsets)] = False
    clean[pluses[before[places] != first[pluses]]] = False
    clean[pluses[1:][pluses[1:] == pluses[:-1]]] = False
    digits = np.append(np.compress(is_digit, data) - ord("0"), np.zeros(LENGTH, dtype=np.uint8))
    return _Texts(digits, first, before[offsets[1:]] - first, plus, clean)


def _bytes(raw: "pd.Series[str]") -> tuple[Ints, Bytes]:
    """Where each text begins and ends, and the bytes of them all."""
    text = pa.array(raw, type=pa.large_string(), from_pandas=True).fill_null("")
    text = text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text
    _, offsets, data = text.buffers()
    ends = np.frombuffer(offsets, dtype=np.int64)[text.offset : text.offset + len(text) + 1]
    return ends - ends[0], np.frombuffer(data or b"", dtype=np.uint8)[ends[0] : ends[-1]]


def _text_of(places: Ints, offsets: Ints) -> Ints:
    return np.searchsorted(offsets, places, side="right") - 1


def _e164(national: Bytes, rows: Ints, index: "pd.Index[Any]") -> "pd.Series[str]":
    """Those numbers in those rows of a column, the rest missing."""
    text = np.empty((len(rows), 2 + LENGTH), dtype=np.uint8)
    text[:, 0], text[:, 1], text[:, 2:] = ord("+"), ord("1"), national + ord("0")
    held = np.zeros(len(index), dtype=bool)
    held[rows] = True
    ends = np.append(0, np.cumsum(held) * text.shape[1])
    buffers = map(pa.py_buffer, (ends, text.tobytes(), np.packbits(held, bitorder="little")))
    column = pa.LargeStringArray.from_buffers(len(index), *buffers)
    return pd.Series(column.to_pandas(), dtype="str").set_axis(index)
