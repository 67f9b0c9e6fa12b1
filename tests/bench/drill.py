"""The long fault drill: whole offices under faults mixed at random, a seed each. `make drill` runs it.

Prints a line a seed: how many faults of how many kinds struck, what was not as it should be when they had stopped, and
how long it took. Ends with exit code 1 if anything was found.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tasks.core.model import SCOPES
from tests.flows.drill import READS, WRITES, Drill, alone, mixed
from tests.flows.worlds import connected


def say(line: str) -> None:
    """At once, for a seed takes a minute."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Drill the seeds that the command line asks for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seeds", type=int, default=20, help="how many offices")
    asked.add_argument("--first", type=int, default=0, help="the first seed")
    asked.add_argument("--rounds", type=int, default=10, help="rounds in each")
    options = asked.parse_args()
    say(f"{'seed':>6}  {'rounds':>6}  {'faults':>6}  {'kinds':>5}  {'seconds':>7}  found wanting")
    found = sum(drilled(seed, options.rounds) for seed in range(options.first, options.first + options.seeds))
    say(f"{found} found wanting")
    return int(found > 0)


def drilled(seed: int, rounds: int) -> int:
    """Print the line of one seed; how much was found wanting. The first seed sees every kind alone, too."""
    began, each_alone = time.monotonic(), [*alone(READS), *alone(WRITES)] if seed == 0 else []
    script = [*each_alone, *mixed(seed, rounds)]
    with tempfile.TemporaryDirectory() as folder, connected(Path(folder), 40, seed, scopes=SCOPES) as office:
        drill = Drill(office)
        for name, faults in script:
            drill.round(name, faults)
        failures = [*drill.failures, *([] if drill.ends_quietly() else [f"seed {seed}: it never comes to rest"])]
    kinds = {kind for _, kind in drill.struck}
    took = time.monotonic() - began
    struck = drill.struck.total()
    say(f"{seed:>6}  {len(script):>6}  {struck:>6}  {len(kinds):>5}  {took:>7.0f}  {len(failures)}")
    for failure in failures:
        say(f"        {failure}")
    return len(failures)


if __name__ == "__main__":
    sys.exit(main())
