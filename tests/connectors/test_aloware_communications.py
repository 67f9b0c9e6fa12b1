"""Aloware's communications export: calls and messages under headers that change, in its own clock, often damaged."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from scripted import http

from tasks.connectors import aloware_communications
from tasks.connectors.aloware import Aloware
from tasks.connectors.logins import AlowareLogin
from tasks.core.communications.export import Line, listed
from tasks.core.communications.reading import Unreadable
from tasks.core.errors import ConnectorError, PolicyError, SettingsError

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HEADERS = {
    "id": "Communication ID",
    "started_at": "Started At",
    "type": "Type",
    "direction": "Direction",
    "disposition_status": "Disposition Status",
    "talk_time": "Talk Time",
    "contact_number": "Contact Number",
    "notes": "Notes",
    "recording": "Recording",
}
FIRST = "Communication ID,Started At,Type,Direction,Disposition Status,Talk Time,Contact Number,Notes,Recording\n"
CALL = "9300001,2026-11-21 23:30:00,call,outbound,completed,01:03,+14155552671,,https://rec.example/1\n"
MESSAGE = '9300002,2026-07-01 12:00:00,sms,inbound,completed,0,(415) 555-2671,"two\nlines",\n'


def lines(content: str | bytes, folder: Path, **headers: str) -> list[Line]:
    """What a file with that content lists, to an account whose policy names some headers otherwise."""
    path = folder / "communications.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read(str(path), **headers)


def read(place: str, answer: httpx.Response | None = None, **headers: str) -> list[Line]:
    login = AlowareLogin(
        "https://vendor.example", SecretStr("s3cr3t"), communications=place, communications_columns=HEADERS | headers
    )
    vendor = http(lambda _: httpx.Response(500), "aloware")
    files = http(lambda _: answer, "aloware") if answer else None
    return list(Aloware(vendor, login, {}, communications_http=files).communications(NOW))


def faults(found: Sequence[Line]) -> list[tuple[int, str]]:
    return [(line.number, line.fault) for line in found if line.fault]


# What it says.


def test_a_row_is_the_call_that_a_webhook_would_have_told_of(tmp_path: Path) -> None:
    """In UTC, with a duration in seconds."""
    call, message = (listed(line, NOW) for line in lines(FIRST + CALL + MESSAGE, tmp_path))
    assert (call.id, call.type, call.direction, call.status) == ("9300001", "call", "outbound", "completed")
    assert (call.at, call.talk_time) == ("2026-11-22T04:30:00+00:00", 63)
    assert call.recording == "https://rec.example/1"
    assert (message.type, message.at, message.notes) == ("sms", "2026-07-01T16:00:00+00:00", "two\nlines")


def test_a_row_is_as_old_as_its_file_and_never_of_the_future(tmp_path: Path) -> None:
    """So that what was heard after the export was made still counts."""
    path = tmp_path / "communications.csv"
    path.write_text(FIRST + CALL)
    for age, told in ((3600, "2026-11-22T11:00:00+00:00"), (-3600, "2026-11-22T12:00:00+00:00")):
        os.utime(path, (NOW.timestamp() - age,) * 2)
        assert read(str(path))[0].said["updated_at"] == told
    headers = {"Last-Modified": "Sun, 22 Nov 2026 10:00:00 GMT"}
    (line,) = read("https://files.example/c.csv", httpx.Response(200, text=FIRST + CALL, headers=headers))
    assert line.said["updated_at"] == "2026-11-22T10:00:00+00:00"


def test_headers_change_between_exports_and_the_policy_names_them(tmp_path: Path) -> None:
    renamed = FIRST.replace("Communication ID", "ID").replace("Notes", "Agent Notes")
    with pytest.raises(PolicyError, match=r"no column for id: \[aloware.communications_columns\].*'Communication ID'"):
        lines(renamed + CALL, tmp_path)
    with pytest.raises(PolicyError, match=r"no column for notes: .*'Notes'.*or leave it out"):
        lines(renamed + CALL, tmp_path, id="ID")
    assert len(lines(renamed + CALL, tmp_path, id="ID", notes="Agent Notes")) == 1
    assert "notes" not in lines(renamed + CALL, tmp_path, id="ID", notes="")[0].said
    with pytest.raises(PolicyError, match="several columns 'Notes'"):
        lines(FIRST.replace("Recording", "Notes") + CALL, tmp_path)
    with pytest.raises(PolicyError, match=r"no column for type: .*it says nothing"):
        lines(FIRST + CALL, tmp_path, type="")


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_sheet_that_was_saved_anew_reads_the_same(delimiter: str, tmp_path: Path) -> None:
    """With a byte order mark, other delimiters, other ends of lines, blank lines and other forms of times."""
    saved = "\ufeff" + (FIRST + CALL).replace(",", delimiter).replace("\n", "\r\n") + "\r\n"
    assert lines(saved, tmp_path)[0].said | {"updated_at": ""} == lines(FIRST + CALL, tmp_path)[0].said | {
        "updated_at": ""
    }
    american = CALL.replace("2026-11-21 23:30:00", "11/21/2026 11:30 PM")
    assert lines(FIRST + american, tmp_path)[0].said["started_at"] == "2026-11-22T04:30:00+00:00"


def test_an_export_of_nothing_lists_nothing(tmp_path: Path) -> None:
    for content in (FIRST, FIRST.strip(), FIRST + "\n"):
        assert lines(content, tmp_path) == []


def test_a_long_export_is_read_a_few_rows_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for its first row doesn't wait for its last."""
    monkeypatch.setattr(aloware_communications, "AT_ONCE", 10)
    path = tmp_path / "communications.csv"
    path.write_bytes((FIRST + CALL * 500).encode() + b"\xff\xfe")
    login = AlowareLogin("https://v.example", SecretStr("s"), communications=str(path), communications_columns=HEADERS)
    rows = Aloware(http(lambda _: httpx.Response(500), "aloware"), login, {}).communications(NOW)
    assert [next(rows).number, next(rows).number] == [2, 3]
    with pytest.raises(SettingsError, match="isn't UTF-8"):
        list(rows)


# What is damaged.


def test_a_row_that_cannot_be_used_says_why_and_the_others_are_read(tmp_path: Path) -> None:
    odd = CALL.replace("2026-11-21 23:30:00", "yesterday"), CALL.replace("2026-11-21", "9999-12-31"), "9300003,x\n"
    found = lines(FIRST + CALL + "".join(odd) + MESSAGE, tmp_path)
    assert faults(found) == [
        (3, "a time that can't be read"),
        (4, "a time that can't be read"),
        (5, "2 columns where 9 are due, as if cut off"),
    ]
    assert [line.number for line in found] == [2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("9300001", ""), "without an id"),
        (("9300001", "9" * 101), "an id that is none"),
        (("2026-11-21", "2027-11-21"), "still to come"),
        (("call", "fax"), "neither a call nor a message"),
    ],
)
def test_a_row_that_makes_no_sense_has_a_reason(change: tuple[str, str], reason: str, tmp_path: Path) -> None:
    (line,) = lines(FIRST + CALL.replace(*change), tmp_path)
    with pytest.raises(Unreadable, match=reason):
        listed(line, NOW)


def test_an_export_that_breaks_off_loses_no_more_than_its_last_row(tmp_path: Path) -> None:
    """A last value that may have been cut isn't told."""
    whole, cut = lines(FIRST + CALL + CALL.strip(), tmp_path)
    assert (whole.said["recording"], cut.said["recording"]) == ("https://rec.example/1", "")
    assert faults(lines(FIRST + CALL + CALL[:40], tmp_path)) == [(3, "4 columns where 9 are due, as if cut off")]
    assert faults(lines(FIRST + CALL + '9300003,"an open quote\n' + CALL, tmp_path)) == [
        (3, "2 columns where 9 are due, as if cut off")
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"<!doctype html>\n<html><body>Log in</body></html>\n", "none of the columns"),
        (b"a,b,c\n1,2,3\n", "none of the columns"),
        (b"\x00\x01\x02\x03\n", "none of the columns"),
        (b'{"communications": []}', "none of the columns"),
        (b"\xff" * 5_000, "isn't UTF-8"),
        ((FIRST + CALL).encode("utf-16"), "isn't UTF-8"),
        ((FIRST + MESSAGE.replace("two", "dvě")).encode("iso-8859-2"), "isn't UTF-8"),
        ((FIRST + CALL + '9300003,"' + "x" * 200_000).encode(), "no readable CSV"),
    ],
    ids=["empty", "page", "other", "binary", "json", "noise", "utf-16", "latin", "endless quote"],
)
def test_what_is_no_export_is_refused_in_one_sentence(content: bytes, said: str, tmp_path: Path) -> None:
    sentence = rf"^ALOWARE_COMMUNICATIONS_EXPORT: [^\n]*{said}[^\n]*; make the communications export in Aloware again$"
    with pytest.raises(SettingsError, match=sentence) as raised:
        lines(content, tmp_path)
    assert "4155552671" not in str(raised.value)


def test_an_export_that_is_not_there_is_named_by_its_variable(tmp_path: Path) -> None:
    for place in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(SettingsError, match="ALOWARE_COMMUNICATIONS_EXPORT"):
            read(str(place))
    for answer, said in (
        (httpx.Response(403, text="<Error>"), "HTTP 403: check ALOWARE_COMMUNICATIONS_EXPORT"),
        (httpx.Response(200, html="<html>"), "HTML where CSV was due"),
    ):
        with pytest.raises(ConnectorError, match=said):
            read("https://files.example/c.csv", answer)
