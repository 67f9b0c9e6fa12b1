"""What Tandem writes is for its operator alone, and what it says names nobody: masked on screen and in every log."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

import flows.plan
from flows.cli.command import run
from flows.connections import connect
from tasks.core.masking import mask
from tasks.core.model import SCOPES, SYSTEMS
from tests.flows.worlds import Office, number, office

WHOLE = re.compile(r"\+\d{8,}|[\w.]{2,}@[\w-]+\.\w+")  # a phone number or an e-mail address that anybody could use


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office whose operator lets everybody read what he creates, unless a program says otherwise."""
    before = os.umask(0)
    try:
        with office(tmp_path_factory.mktemp("private"), people=15) as made:
            yield made
    finally:
        os.umask(before)


def story(made: Office) -> Iterator[str]:
    """A day's commands: they plan, write, hold, conflict, refuse and fail."""
    person, phone = made.person, number()
    yield "connect salesforce"
    for system in SYSTEMS[1:]:
        connect(system)
    yield "status"
    yield "reconcile"
    made.open(*SCOPES)
    yield "reconcile --initial"
    ann = person.create_in_salesforce("Contact", FirstName="Ann", LastName="Lee", Phone=phone, Email="ann.lee@mail.io")
    clone = person.create_in_salesforce(
        "Contact", FirstName="Ann", LastName="Lee", Phone=phone, Email="ann.lee@mail.io"
    )
    person.create_in_salesforce("Contact", LastName="Nobody", Phone="12345", Email="no.number@mail.io")
    yield "reconcile"
    person.edit_in_salesforce("Contact", ann, Email="ann.new@mail.io", Phone=number())
    person.edit_in_salesforce("Contact", clone, MobilePhone=number())
    yield f"plan --only {phone}"
    yield "plan"
    yield "conflicts"
    yield "show {plan}"
    yield "approve {plan} --override nothing --reason ann.new@mail.io"
    yield "reject {plan} --reason +14155552671"
    person.break_next("hubspot", "expire")
    person.break_next("salesforce", "503", times=2)
    yield "apply {plan}"
    for command in ("why", "history", "forget", "subject --out {plan}"):
        yield f"{command} +14155550199"
        yield f"{command} someone.else@mail.io"
    yield f"plan --only {phone},nonsense"
    yield "replay {run}"
    yield "undo {run}"


def test_nobody_else_can_read_it_and_it_names_nobody(
    busy: Office, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command of a day, refusals included: files are private, pages and sentences masked."""
    said, plans = [], busy.home / "plans"
    for command in story(busy):
        latest = max((path.name for path in plans.iterdir()), default="p") if plans.exists() else "p"
        run(command.format(plan=latest, run=f"r{latest[1:]}").split())
        said.append((command, *capfd.readouterr()))
    monkeypatch.setattr(flows.plan, "look", lambda *_: {}["ann.lee@mail.io +14155552671"])
    assert run(["plan"]) == 1
    said.append(("plan", *capfd.readouterr()))
    for command, out, err in said:
        assert not WHOLE.search(out), (command, out)
        assert not WHOLE.search(err), (command, err)
    assert sum(len(out) for _, out, _ in said) > 5000
    assert list(unmasked(busy.home)) == []
    assert list(readable(busy.home)) == []


def unmasked(home: Path) -> Iterator[str]:
    """Files for people's eyes that say more than they may."""
    pages = [path for path in home.rglob("*") if path.suffix in (".txt", ".log", ".html", ".md")]
    assert pages
    for path in pages:
        text = path.read_text(encoding="utf-8")
        if mask(text) != text:
            yield path.name


def readable(home: Path) -> Iterator[str]:
    """Files and folders that others may look into."""
    for path in (home, *home.rglob("*")):
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield f"{path.relative_to(home)}: {stat.filemode(path.stat().st_mode)}"
