"""One writer at a time, and none that is gone keeps the others waiting."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime, timedelta

import pytest

from tasks.core.errors import LedgerBusy
from tasks.ledger import Ledger, process
from tests.unit.ledgers import NOON, ledger, postgresql

__all__ = ["ledger", "postgresql"]

MINUTE = timedelta(minutes=1)


@pytest.fixture
def stranger() -> Iterator[dict[str, object]]:
    """Another process of this host, alive."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        yield process.identity() | {"pid": child.pid, "started": process._stat(child.pid)[1]}
        child.communicate(b"\n")


def leave(ledger: Ledger, holder: dict[str, object], at: datetime = NOON) -> None:
    """That process took the lease for run r0 and never gave it back."""
    gone = {"gone_host": "", "gone_pid": 0, "gone_run": "", "gone_renewed_at": ""}
    with ledger.lease.database.writing() as transaction:
        assert transaction.run("take_lease", **holder, run="r0", now=at.isoformat(), **gone) == 1


def test_a_held_ledger_refuses_the_next_run_by_name_and_time(ledger: Ledger, stranger: dict[str, object]) -> None:
    leave(ledger, stranger)
    with pytest.raises(LedgerBusy, match=rf"r0 on .*process {stranger['pid']}.* since 2026-11-22T12:00"):
        hold(ledger, "r1", NOON + 60 * MINUTE)


def hold(ledger: Ledger, run: str, now: datetime) -> None:
    with ledger.lease.held(run, now):
        pass


def test_a_released_ledger_is_free(ledger: Ledger) -> None:
    hold(ledger, "r1", NOON)
    with pytest.raises(KeyError), ledger.lease.held("r2", NOON):
        raise KeyError
    hold(ledger, "r3", NOON)


def test_this_process_holds_it_once_too(ledger: Ledger) -> None:
    with ledger.lease.held("r1", NOON), pytest.raises(LedgerBusy, match="r1"):
        hold(ledger, "r2", NOON)


@pytest.mark.parametrize(
    "gone",
    [{"pid": 2**22 + 1}, {"started": "1"}, {"boot": "before"}],
    ids=["no such process", "id used again", "rebooted"],
)
def test_a_process_of_this_host_that_is_gone_is_replaced_at_once(
    ledger: Ledger, stranger: dict[str, object], gone: dict[str, object]
) -> None:
    leave(ledger, stranger | gone)
    hold(ledger, "r1", NOON)


def test_a_killed_process_is_gone_even_before_its_parent_noticed(ledger: Ledger, stranger: dict[str, object]) -> None:
    leave(ledger, stranger)
    pid = int(str(stranger["pid"]))
    os.kill(pid, 9)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    hold(ledger, "r1", NOON)


def test_another_host_is_trusted_for_ten_minutes(ledger: Ledger) -> None:
    leave(ledger, process.identity() | {"host": "elsewhere", "pid": 1})
    with pytest.raises(LedgerBusy, match="elsewhere"):
        hold(ledger, "r1", NOON + 10 * MINUTE)
    hold(ledger, "r1", NOON + 11 * MINUTE)


def test_a_renewed_lease_is_young_again(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    with ledger.lease.held("r1", NOON):
        ledger.lease.renew("r1", NOON + 9 * MINUTE)
        monkeypatch.setattr(process, "host", lambda: "elsewhere")
        with pytest.raises(LedgerBusy, match="r1"):
            hold(ledger, "r2", NOON + 11 * MINUTE)
        hold(ledger, "r3", NOON + 20 * MINUTE)
        monkeypatch.undo()
        with pytest.raises(LedgerBusy, match="lost"):
            ledger.lease.renew("r1", NOON + 20 * MINUTE)


def test_of_many_that_find_it_abandoned_one_gets_it(ledger: Ledger, stranger: dict[str, object]) -> None:
    leave(ledger, stranger | {"pid": 2**22 + 1})
    with ExitStack() as until_the_end, ThreadPoolExecutor(8) as pool:

        def attempt(number: int) -> bool:
            try:
                until_the_end.enter_context(ledger.lease.held(f"r{number}", NOON))
            except LedgerBusy:
                return False
            return True

        assert sum(pool.map(attempt, range(1, 9))) == 1
