"""Where Tandem keeps what it knows, and what can be wrong with that place: one sentence, an exit code, nothing lost."""

import ctypes
import os
import resource
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from flows.plan import plan
from flows.reconcile import reconcile
from tasks.session import open_session
from tests.flows.killing import Ended, Range, shooting
from tests.flows.worlds import Office, connected, number
from tests.unit.ledgers import postgresql

__all__ = ["postgresql"]

CAPABILITIES = 0x20080522  # the version of the kernel's interface; bits 1 and 2: to write and read what one may not


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office whose ledger is of that kind; everybody agrees, before and after each test."""
    if request.param == "postgresql":
        request.getfixturevalue("postgresql")
    folder = tmp_path_factory.mktemp(request.param)
    with connected(folder, people=4, backend=request.param) as office:
        yield office


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Range]:
    with shooting(tmp_path_factory.mktemp("storage")) as field:
        yield field


@pytest.fixture(autouse=True)
def entered(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.entered(monkeypatch)


def new_in_salesforce(office: Office) -> str:
    phone = number()
    office.person.create_in_salesforce("Contact", FirstName="Ann", LastName="Lee", Phone=phone)
    return phone


def said(ended: Ended, code: int, *words: str) -> None:
    """It ended with that code and one sentence, which has those words."""
    assert (ended.code, ended.out, len(ended.err.splitlines())) == (code, "", 1), ended
    assert "Traceback" not in ended.err
    assert [word for word in words if word not in ended.err] == [], ended.err


def test_a_full_disk(office: Office, field: Range) -> None:
    """Whatever is the first that can't be kept: a snapshot, the plan, or what a system has answered."""
    phone = new_in_salesforce(office)
    for room in (1_000, 30_000, 60_000):
        ended = field.run(office, "reconcile", "--json", handicap=partial(small_files, room))
        if ended.code != 0:
            said(ended, 10, "TANDEM_HOME")
    said(field.run(office, "reconcile", "--json", handicap=partial(small_files, 1_000)), 10, "TANDEM_HOME")
    assert reconcile().converged
    assert office.person.aloware_numbers().count(phone) == 1


def small_files(size: int) -> None:
    """As on a full disk no file can grow beyond that size."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_a_home_that_can_only_be_read(office: Office, field: Range) -> None:
    if os.geteuid() == 0 and "TANDEM_DATABASE_URL" in office.environment:
        pytest.skip("without its privileges the superuser doesn't reach this server either")
    with read_only(office.home):
        said(field.run(office, "reconcile", handicap=without_privileges), 10, str(office.home))
    assert reconcile().converged


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    places = [folder, *folder.rglob("*")]
    modes = {place: place.stat().st_mode for place in places}
    for place in places:
        place.chmod(0o555 if place.is_dir() else 0o444)
    try:
        yield
    finally:
        for place, mode in modes.items():
            if place.exists():
                place.chmod(mode)


def without_privileges() -> None:
    """The superuser, too, is refused then what the mode of a file forbids."""
    if os.geteuid() == 0:
        kernel, head = ctypes.CDLL(None, use_errno=True), (ctypes.c_uint32 * 2)(CAPABILITIES, 0)
        able = (ctypes.c_uint32 * 6)()
        assert kernel.capget(head, able) == 0
        able[0] &= ~0b110
        assert kernel.capset(head, able) == 0


@pytest.mark.parametrize("words", [["reconcile", "--json"], ["plan", "--json"]])
def test_a_ledger_that_another_program_keeps_locked(words: list[str], office: Office, field: Range) -> None:
    phone = new_in_salesforce(office)
    with locked(office):
        said(field.run(office, *words, handicap=impatient), 10, "another program keeps it locked")
    assert reconcile().converged
    assert office.person.aloware_numbers().count(phone) == 1


@contextmanager
def locked(office: Office) -> Iterator[None]:
    address = office.environment.get("TANDEM_DATABASE_URL")
    if address is None:
        with sqlite3.connect(office.home / "tandem.db", isolation_level=None) as holder:
            holder.execute("BEGIN IMMEDIATE")
            yield
            holder.execute("ROLLBACK")
        return
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.exec_driver_sql("LOCK TABLE runs IN ACCESS EXCLUSIVE MODE")
        yield
    engine.dispose()


def impatient() -> None:
    from tasks.ledger import db

    db.PATIENCE = 0.2


def test_a_snapshot_that_somebody_deleted_or_damaged_is_read_anew(office: Office) -> None:
    """The next run says so, and the one after it has nothing to say."""
    phone = new_in_salesforce(office)
    with open_session() as session:
        run = session.ledger.runs.latest()
    assert run is not None
    shutil.rmtree(office.home / "snapshots" / run.id / "salesforce")
    (office.home / "snapshots" / run.id / "hubspot" / "contacts.parquet").write_bytes(b"PAR1 and no more")
    report = reconcile()
    said = {finding.set: finding.expectation for finding in report.plan.verdict.findings}
    assert ["read anew" in said[system] for system in ("salesforce", "hubspot")] == [True, True]
    assert report.converged
    assert office.person.aloware_numbers().count(phone) == 1
    assert not [f for f in reconcile().plan.verdict.findings if "read anew" in f.expectation]


def test_a_plan_whose_files_are_gone_is_made_anew(office: Office, field: Range) -> None:
    phone = new_in_salesforce(office)
    made = plan().plan
    shutil.rmtree(office.home / "plans" / made.id)
    said(field.run(office, "apply", made.id, "--json"), 2, "tandem plan")
    assert reconcile().converged
    assert office.person.aloware_numbers().count(phone) == 1
