"""The long crash drill: real processes killed with SIGKILL while they work. `--first` goes on where one has stopped.

Prints a line an office: how many kills struck, in how many rounds everything was as it should be afterwards, and how
often a record was there twice or an edit lost. Ends with exit code 1 if anything was found wanting.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from itertools import count
from pathlib import Path

from tests.flows.crash import drill

ROUNDS = 6  # in one office: it grows by ten people in each


def say(line: str) -> None:
    """At once, for an office takes minutes."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Kill as often as the command line asks for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--kills", type=int, default=200, help="how many processes, at least")
    asked.add_argument("--backend", choices=["sqlite", "postgresql"], default="sqlite")
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--first", type=int, default=0, help="the first office")
    options = asked.parse_args()
    say(f"{options.backend}, seed {options.seed}")
    say(
        f"{'office':>6}  {'kills':>5}  {'rounds':>6}  {'converged':>9}  {'twice':>5}  {'lost':>5}  {'else':>5}  seconds"
    )
    where, wanting = Counter[str](), 0
    for office in count(options.first):
        if where.total() >= options.kills:
            break
        struck, found = killed(f"{options.seed}/{office}", office, options.backend, options.kills - where.total())
        where += struck
        wanting += found
    say("struck at: " + ", ".join(f"{name} {times}" for name, times in where.most_common()))
    say(f"{where.total()} kills, {wanting} found wanting")
    return int(wanting > 0)


def killed(seed: str, office: int, backend: str, at_most: int) -> tuple[Counter[str], int]:
    """Print the line of one office; where its processes were killed, and how much was found wanting."""
    began, wanting, rounds = time.monotonic(), 0, 0
    with tempfile.TemporaryDirectory() as folder, drill(Path(folder), seed, backend) as town:
        while rounds < ROUNDS and town.kills.total() < at_most:
            before = len(town.failures)
            town.round()
            rounds += 1
            wanting += len(town.failures) > before
        town.end()
        twice = sum("too many" in failure for failure in town.failures)
        lost = sum("missing" in failure for failure in town.failures)
        other, took = len(town.failures) - twice - lost, time.monotonic() - began
        say(
            f"{office:>6}  {town.kills.total():>5}  {rounds:>6}  {rounds - wanting:>9}  {twice:>5}  {lost:>5}  "
            f"{other:>5}  {took:>7.0f}"
        )
        for failure in town.failures:
            say(f"        {failure}")
        return town.kills, len(town.failures)


if __name__ == "__main__":
    sys.exit(main())
