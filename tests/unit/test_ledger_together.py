"""What belongs together is written together: a process that is killed in the middle has written nothing."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tasks.ledger import Ledger, open_ledger
from tests.unit.ledgers import LATER, NOON, ledger, postgresql

__all__ = ["ledger", "postgresql"]


def test_all_of_it_or_none(ledger: Ledger) -> None:
    """What was written before the failure is undone, and what is read inside knows of it."""
    run = ledger.runs.begin("plan", NOON)

    def write() -> None:
        with ledger.together():
            ledger.runs.finish(run, "done", LATER)
            ledger.journal.append(LATER, run, "tandem", "applied", "p1", {})
            assert ledger.runs.get(run).outcome == "done"
            raise KeyError(run)

    with pytest.raises(KeyError):
        write()
    assert (ledger.runs.get(run).outcome, ledger.journal.entries()) == (None, [])
    with ledger.together(), ledger.together():
        ledger.runs.finish(run, "done", LATER)
    assert ledger.runs.get(run).outcome == "done"


def test_another_thread_has_no_part_in_it(ledger: Ledger) -> None:
    run, seen = ledger.runs.begin("plan", NOON), list[str | None]()
    with ledger.together():
        ledger.runs.finish(run, "done", LATER)
        other = threading.Thread(target=lambda: seen.append(ledger.runs.get(run).outcome))
        other.start()
        other.join()
    assert seen == [None]


def test_a_run_that_was_over_can_be_at_work_again(ledger: Ledger) -> None:
    run = ledger.runs.begin("incremental", NOON)
    ledger.runs.finish(run, "held", LATER)
    ledger.runs.resume(run)
    assert (ledger.runs.get(run).outcome, ledger.runs.get(run).finished_at) == (None, None)


def test_a_ledger_opened_twice_loses_nothing_to_another_process(tmp_path: Path) -> None:
    """SQLite's locks are the process's: had it closed the file itself, others would tidy away what it writes."""
    counting = "import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute('SELECT COUNT(*) FROM connections'))"
    with open_ledger(None, tmp_path) as first, open_ledger(None, tmp_path):
        seen = []
        for system in ("hubspot", "aloware"):
            first.connections.connect(system, "1", NOON)
            seen.append(subprocess.check_output([sys.executable, "-c", counting, str(tmp_path / "tandem.db")]))
    assert seen == [b"(1,)\n", b"(2,)\n"]
