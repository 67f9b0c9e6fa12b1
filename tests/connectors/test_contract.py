"""What every connector promises, whoever is behind it: run against the emulators and the fake alike."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from scripted import by_change
from subjects import Subject, emulated, fake, subject

from tasks.connectors.read_only import ReadOnly
from tasks.core.errors import UsageError
from tasks.core.model import SYSTEMS, Capability, Outcome
from tasks.sandbox.server import Ready, sandbox

KINDS = [f"{kind} {system}" for kind in ("fake", "emulated") for system in SYSTEMS]


@pytest.fixture(scope="module")
def world() -> Iterator[Ready]:
    with sandbox(people=0) as running:
        yield running


@pytest.fixture(params=KINDS)
def it(request: pytest.FixtureRequest, world: Ready) -> Iterator[Subject]:
    kind, system = request.param.split()
    connector = fake(system) if kind == "fake" else emulated(system, world.ready)
    yield subject(connector)
    connector.close()


def now() -> datetime:
    return datetime.now(UTC)


def born(it: Subject, *numbers: int) -> dict[int, str]:
    """Creates people; number → record id."""
    receipts = by_change(it.connector.write([it.create(n) for n in numbers]))
    assert {receipt.outcome for receipt in receipts.values()} == {Outcome.APPLIED}
    return {n: receipts[f"create-{n}"].record_id for n in numbers}


def names(it: Subject, ids: dict[int, str]) -> dict[str, str]:
    """Record id → name, as a peek shows them."""
    frame = it.connector.peek([it.address(n, i) for n, i in ids.items()], now()).frames[it.object]
    return dict(zip(frame["record_id"], frame[it.name], strict=True))


def test_identity_is_stable(it: Subject) -> None:
    assert it.connector.identify() == it.connector.identify() != ""


def test_what_was_created_is_pulled_and_peeked(it: Subject) -> None:
    ids = born(it, 101, 102)
    expected = {ids[101]: "Person 101", ids[102]: "Person 102"}
    assert names(it, ids) == expected
    frame = it.connector.pull(now()).frames[it.object].set_index("record_id")
    assert frame.loc[list(expected), it.name].to_dict() == expected
    assert frame.index.is_unique


def test_frames_have_the_promised_types(it: Subject) -> None:
    ids = born(it, 111)
    pulled, peeked = it.connector.pull(now()), it.connector.peek([it.address(111, ids[111])], now())
    for snapshot in (pulled, peeked):
        for name, frame in snapshot.frames.items():
            times = [c for c in frame if c.endswith("_at") or c == "as_of"]
            assert times == ["created_at", "modified_at", "as_of"]
            assert {str(frame[c].dtype) for c in times} == {"datetime64[us, UTC]"}
            assert {str(frame[c].dtype) for c in frame if c not in times} == {"str"}
            assert set(snapshot.schema[name]) >= set(frame) - {"record_id", "converted_to", *times}
    row = peeked.frames[it.object].iloc[0]
    assert row["as_of"] == peeked.taken_at


def test_an_update_is_seen(it: Subject) -> None:
    ids = born(it, 121)
    (receipt,) = it.connector.write([it.update(121, ids[121], **{it.name: "Renamed"})])
    assert (receipt.outcome, receipt.record_id) == (Outcome.APPLIED, ids[121])
    assert names(it, ids) == {ids[121]: "Renamed"}


def test_a_null_is_missing(it: Subject) -> None:
    """Never an empty text: a blank in a frame would be a value."""
    ids = born(it, 131)
    frame = it.connector.peek([it.address(131, ids[131])], now()).frames[it.object]
    assert frame[it.blank].isna().tolist() == [True]


def test_a_value_is_cleared_where_that_can_be_done(it: Subject) -> None:
    ids = born(it, 141)
    (receipt,) = it.connector.write([it.update(141, ids[141], **{it.name: ""})])
    frame = it.connector.peek([it.address(141, ids[141])], now()).frames[it.object]
    if Capability.CLEAR in it.connector.capabilities:
        assert receipt.outcome is Outcome.APPLIED
        assert frame[it.name].isna().all()
    else:
        assert receipt.outcome is Outcome.REFUSED
        assert frame[it.name].tolist() == ["Person 141"]


def test_one_bad_row_is_refused_and_the_others_applied(it: Subject) -> None:
    ids = born(it, *range(150, 160))
    changes = [it.update(n, ids[n], **(dict(it.bad) if n == 153 else {it.name: f"New {n}"})) for n in ids]
    found = by_change(it.connector.write(changes))
    assert [n for n in ids if found[f"update-{n}"].outcome is Outcome.REFUSED] == [153]
    assert found["update-153"].reason
    assert not any(value in found["update-153"].reason for value in it.bad.values())
    assert names(it, ids) == {i: f"New {n}" if n != 153 else "Person 153" for n, i in ids.items()}


def test_one_bad_create_is_refused_and_the_others_applied(it: Subject) -> None:
    found = by_change(it.connector.write([it.create(161), it.create(162, **it.bad), it.create(163)]))
    assert [found[f"create-{n}"].outcome for n in (161, 162, 163)] == [
        Outcome.APPLIED,
        Outcome.REFUSED,
        Outcome.APPLIED,
    ]
    assert found["create-161"].record_id != found["create-163"].record_id
    assert found["create-162"].record_id is None


def test_each_change_gets_one_receipt_and_the_last_write_stands(it: Subject) -> None:
    ids = born(it, 171)
    changes = [it.update(171, ids[171], **{it.name: f"Name {step}"}) for step in range(3)]
    assert [r.outcome for r in it.connector.write(changes)] == [Outcome.APPLIED] * 3
    assert names(it, ids) == {ids[171]: "Name 2"}


def test_a_record_is_archived_where_that_can_be_done(it: Subject) -> None:
    """It is gone from peeks, and told of as deleted; what stays of the batch is carried out. Twice is once."""
    ids = born(it, 231, 232)
    mark = it.connector.pull(now()).watermark
    changes = [it.archive(231, ids[231]), it.update(232, ids[232], **{it.name: "Stays"})]
    found = by_change(it.connector.write(changes))
    if Capability.ARCHIVE not in it.connector.capabilities:
        assert found["archive-231"].outcome is Outcome.REFUSED
        assert names(it, ids) == {ids[231]: "Person 231", ids[232]: "Stays"}
        return
    assert {receipt.outcome for receipt in found.values()} == {Outcome.APPLIED}
    assert names(it, ids) == {ids[232]: "Stays"}
    told = it.connector.pull(now(), mark)
    assert f"{it.connector.system}:{it.object}:{ids[231]}" in told.gone
    assert ids[231] not in set(told.frames[it.object]["record_id"])


def test_archiving_twice_is_archiving_once(it: Subject) -> None:
    """The second time, too, the record is as it was asked to be: a repeated call does no harm."""
    if Capability.ARCHIVE not in it.connector.capabilities:
        return
    ids = born(it, 241)
    for _ in range(2):
        (receipt,) = it.connector.write([it.archive(241, ids[241])])
        assert receipt.outcome is Outcome.APPLIED


def test_what_does_not_exist_is_absent(it: Subject) -> None:
    ids = born(it, 181)
    asked = [it.address(181, ids[181]), it.address(9999, it.unknown_id)]
    assert it.connector.peek(asked, now()).frames[it.object]["record_id"].tolist() == [ids[181]]
    assert it.connector.peek([], now()).frames[it.object].empty


def test_an_update_of_a_record_that_does_not_exist_is_refused_or_makes_it(it: Subject) -> None:
    """Aloware knows no ids: writing to a number creates its contact. A CRM refuses."""
    (receipt,) = it.connector.write([it.update(191, it.unknown_id, **{it.name: "Nobody"})])
    assert receipt.outcome is (Outcome.APPLIED if it.connector.system == "aloware" else Outcome.REFUSED)


def test_only_what_changed_comes_after_a_watermark(it: Subject) -> None:
    ids = born(it, 201, 202)
    mark = it.connector.pull(now()).watermark
    list(it.connector.write([it.update(201, ids[201], **{it.name: "Later"})]))
    frame = it.connector.pull(now(), mark).frames[it.object].set_index("record_id")
    assert frame.loc[ids[201], it.name] == "Later"


def test_writing_nothing_is_nothing(it: Subject) -> None:
    before = dict(it.connector.calls)
    assert list(it.connector.write([])) == []
    assert it.connector.calls == before


def test_calls_are_counted(it: Subject) -> None:
    before = dict(it.connector.calls)
    born(it, 211)
    assert it.connector.calls["write"] == before["write"] + 1
    reads = it.connector.calls["read"]
    it.connector.identify()
    assert it.connector.calls["read"] >= reads
    assert it.connector.calls["write"] == before["write"] + 1


def test_read_only_looks_but_does_not_touch(it: Subject) -> None:
    born(it, 221)
    guarded = ReadOnly(it.connector)
    writes = it.connector.calls["write"]
    assert guarded.capabilities == it.connector.capabilities
    assert guarded.identify() == it.connector.identify()
    with pytest.raises(UsageError, match="reading only"):
        guarded.write([it.create(222)])
    assert it.connector.calls["write"] == writes
