"""The crash drill: the same people work in two offices, and in one of them Tandem is killed, again and again.

After the kills of a round one more run follows there, as there is one in the other office; then both must say the same,
in the three systems and in the ledger, and have nothing left to do. In some rounds a flood of edits is held, a person
approves it, and it is `apply` that is killed.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from flows.reconcile import reconcile
from tasks.core.model import SCOPES
from tests.flows.crash_town import FLOOD, Cast, arrive, befall, difference, flood, newcomers, settle_in
from tests.flows.killing import Ended, Range, shooting, some_blow
from tests.flows.worlds import Office, connected, number, policy_with

PEOPLE = 30
BLOWS = 4  # a round
HELD_EVERY = 3  # rounds
RUN = ("reconcile", "--json")
FINE = (0, 22)  # exit codes: some rounds hold an address that Salesforce refuses
CUT_SHORT = (*FINE, 21)  # of an `apply` that goes on: what stands on its own killed writes waits for a reconcile


@dataclass
class Drill:
    """Two offices, where processes were killed in one of them, and what was found wanting there."""

    struck: Office
    calm: Office
    range: Range
    dice: Random
    cast: Cast | None = None
    turn: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def round(self, blows: int = BLOWS) -> None:
        """People work, at most so many blows are dealt, and the two offices are compared."""
        self.turn += 1
        held = blows > 0 and self.turn % HELD_EVERY == 0
        self._people_work(held)
        expected = self._calm_run(held)
        words = ("apply", self._approved(self.struck), "--json") if held else RUN
        dealt = list(self._strikes(words, blows))
        found = [*self._completed(words)] if held else []
        again = self.range.run(self.struck, *RUN)
        found += [*_failed("the last run", again), *_failed("the calm run", expected())]
        found += difference(self.struck, self.calm)
        self.failures += [f"round {self.turn}, {words[0]} ({', '.join(dealt)}): {what}" for what in found]

    def end(self) -> None:
        """A last run: there must be nothing left to do in the office that was struck."""
        last = self.range.run(self.struck, *RUN)
        self.failures += _failed("the last run", last)
        if last.code in FINE and last.told["changes"]:
            self.failures.append(f"the last run still wrote {last.told['changes']}")

    def _people_work(self, held: bool) -> None:
        before, self.cast = self.cast, newcomers()
        for office in (self.calm, self.struck):
            if before:
                befall(office, self.turn, before)
            arrive(office, self.turn, self.cast)
            if held:
                flood(office, self.turn)

    def _calm_run(self, held: bool) -> Callable[[], Ended]:
        """The same, undisturbed, in the other office, while this one is struck; the call waits for its end."""
        if held:
            self.failures += _failed("the calm apply", self.range.run(self.calm, "apply", self._approved(self.calm)))
        return self.range.start(self.calm, RUN)

    def _approved(self, office: Office) -> str:
        """A plan of which a person let everything go that was held."""
        made = self.range.run(office, "plan", "--json").told
        lifted = [word for breaker in made["verdict"]["breakers"] for word in ("--override", breaker["name"])]
        done = self.range.run(office, "approve", made["plan"], *lifted, "--reason", "they all moved", "--by", "Ada")
        self.failures += _failed("the approval", done)
        return str(made["plan"])

    def _strikes(self, words: tuple[str, ...], blows: int) -> Iterator[str]:
        """Deal so many blows, or until one misses: then the run has come to its end."""
        for _ in range(blows):
            blow = some_blow(self.dice)
            ended = self.range.run(self.struck, *words, blow=blow)
            if not ended.killed:
                self.failures += self._completed(words, ended)
                return
            self.kills[blow.what] += 1
            yield str(blow)

    def _completed(self, words: tuple[str, ...], ended: Ended | None = None) -> Iterator[str]:
        """What is wrong with the end of that run; of an `apply` there may be nothing left to do."""
        ended = ended or self.range.run(self.struck, *words)
        if "applied already" not in ended.err:
            yield from _failed(f"{words[0]} after the kills", ended, CUT_SHORT if words[0] == "apply" else FINE)


def _failed(name: str, run: Ended, fine: Collection[int] = FINE) -> Iterator[str]:
    if run.code not in fine:
        yield f"{name} ended with {run.code}: {run.err or run.out}"


@contextmanager
def drill(folder: Path, seed: str, backend: str) -> Iterator[Drill]:
    """Two offices that agree, with their ledgers in that backend."""
    policy = policy_with(folder, updates="0.01")
    phones = [number() for _ in range(FLOOD)]
    with ExitStack() as open_offices:
        made = []
        for name in ("struck", "calm"):
            (folder / name).mkdir()
            opening = connected(folder / name, PEOPLE, policy=policy, scopes=SCOPES, backend=backend)
            made.append(open_offices.enter_context(opening))
            settle_in(made[-1], phones)
            reconcile(initial=True)
        begun = Drill(made[0], made[1], open_offices.enter_context(shooting(folder)), Random(seed))
        begun.round(blows=0)
        yield begun


def some_kills(folder: Path, backend: str, kills: int) -> list[str]:
    """At least so many kills in two new offices; gives back what was found wanting."""
    with drill(folder, "some", backend) as town:
        while town.kills.total() < kills:
            town.round()
        town.end()
        return town.failures
