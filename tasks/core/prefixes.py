"""Patterns of phone numbers, as tables of prefixes: whether every number that begins so matches, or some of them.

A pattern is what phonenumbers' metadata is written in: digits, `\\d`, classes, groups, alternatives, `?` and counts. No
number is ever tried: a table says what holds for all numbers of LENGTH digits, by the pattern's own structure.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial, reduce
from typing import Any, Protocol

import numpy as np

from tasks.core.frames import Bools

LENGTH, DEPTH = 10, 6  # of a national number, and of the prefixes in a table

Ints = np.ndarray[Any, np.dtype[np.int64]]

NOTHING: Ints = np.empty(0, dtype=np.int64)

_TOKEN = re.compile(r"\(\?:|[|)?]|\\d|\[[0-9-]+\]|[0-9]|\{[0-9]+(?:,[0-9]+)?\}")


@dataclass(frozen=True)
class Prefixes:
    """For each number of DEPTH digits (its index): whether all that begin so match, and whether any may."""

    all: Bools
    any: Bools

    def __or__(self, other: "Prefixes") -> "Prefixes":
        return Prefixes(self.all | other.all, self.any | other.any)

    def __and__(self, other: "Prefixes") -> "Prefixes":
        return Prefixes(self.all & other.all, self.any & other.any)


NEVER = Prefixes(np.zeros(10**DEPTH, dtype=bool), np.zeros(10**DEPTH, dtype=bool))
PERHAPS = Prefixes(NEVER.all, ~NEVER.any)

Reach = dict[int, tuple[Ints, Ints]]  # how many digits a pattern may have taken → the prefixes: surely, and possibly


class Step(Protocol):
    """A part of a pattern: from what was reached before it to what is reached with it."""

    def __call__(self, reach: Reach, /) -> Reach: ...


def matching(pattern: str) -> Prefixes:
    """The numbers that match the whole of `pattern`; PERHAPS where it is written in words that we can't read."""
    if not _legible(pattern):
        return PERHAPS
    surely, possibly = _reached(pattern).get(LENGTH, (NOTHING, NOTHING))
    return Prefixes(_marked(surely), _marked(possibly))


def beginning(pattern: str) -> Prefixes:
    """The numbers that begin with a match of `pattern`."""
    return matching(f"(?:{pattern})\\d{{0,{LENGTH}}}")


def _marked(prefixes: Ints) -> Bools:
    marked = np.zeros(10**DEPTH, dtype=bool)
    marked[prefixes] = True
    return marked


def _legible(pattern: str) -> bool:
    return "".join(_TOKEN.findall(pattern)) == pattern


def _reached(pattern: str) -> Reach:
    return _alternatives(iter(_TOKEN.findall(pattern)))({0: (np.zeros(1, dtype=np.int64),) * 2})


def _alternatives(tokens: Iterator[str]) -> Step:
    """The pattern up to the end of its group."""
    branches: list[list[Step]] = [[]]
    for token in tokens:
        if token == ")":
            break
        if token == "|":
            branches.append([])
        elif token == "(?:":
            branches[-1].append(_alternatives(tokens))
        elif token == "?":
            branches[-1].append(partial(_times, branches[-1].pop(), 0, 1))
        elif token.startswith("{"):
            least, _, most = token[1:-1].partition(",")
            branches[-1].append(partial(_times, branches[-1].pop(), int(least), int(most or least)))
        else:
            branches[-1].append(partial(_digit, _digits(token)))
    return lambda reach: _union([_in_turn(branch, reach) for branch in branches])


def _in_turn(steps: Sequence[Step], reach: Reach) -> Reach:
    return reduce(lambda reached, step: step(reached), steps, reach)


def _times(step: Step, least: int, most: int, reach: Reach) -> Reach:
    reached = _in_turn([step] * least, reach)
    found = [reached]
    for _ in range(most - least):
        found.append(step(found[-1]))
    return _union(found)


def _union(reaches: Sequence[Reach]) -> Reach:
    lengths = {taken for reach in reaches for taken in reach}
    return {taken: _together([reach[taken] for reach in reaches if taken in reach]) for taken in lengths}


def _together(found: Sequence[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    surely, possibly = zip(*found, strict=True)
    return np.concatenate(surely), np.concatenate(possibly)


@cache
def _digits(token: str) -> Ints:
    """The digits that a token stands for."""
    return np.array([digit for digit in range(10) if re.fullmatch(token, str(digit))])


def _digit(digits: Ints, reach: Reach) -> Reach:
    """One digit more. Behind the prefix only a digit that may be any leaves a certainty certain."""
    found: Reach = {}
    for taken, (surely, possibly) in reach.items():
        if taken < DEPTH:
            found[taken + 1] = _longer(surely, digits), _longer(possibly, digits)
        elif taken < LENGTH:
            found[taken + 1] = surely if len(digits) == 10 else NOTHING, possibly
    return found


def _longer(prefixes: Ints, digits: Ints) -> Ints:
    return np.add.outer(prefixes * 10, digits).ravel()
