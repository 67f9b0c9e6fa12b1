"""Aloware's contacts export: of uncertain age, in the account's clock, under headers that vary, and often damaged."""

import io
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pyarrow as pa
import pytest
from pydantic import SecretStr
from scripted import http

from tasks.connectors import aloware_sheet
from tasks.connectors.aloware import Aloware
from tasks.connectors.logins import AlowareLogin
from tasks.core.errors import ConnectorError, PolicyError, SettingsError

NOW = datetime(2026, 11, 1, tzinfo=UTC)
WANTED = ["phone_number", "first_name", "city"]
HEADERS = {
    "id": "Contact ID",
    "phone_number": "Phone Number",
    "first_name": "First Name",
    "city": "City",
    "created_at": "Created At",
    "updated_at": "Updated At",
}
FIRST = "Contact ID,Phone Number,First Name,City,Notes,Created At,Updated At\n"
CSV = (
    FIRST + '7,2125550100,NA,,"two\nlines",2026-07-01 12:00:00,2026-11-01 01:30:00\n'
    "8,+442079460000,Zoë,Łódź,,,\n"
)  # fmt: skip
Handler = Callable[[httpx.Request], httpx.Response]


def connector(place: object, serve: Handler | None = None, as_of: datetime | None = None, **headers: str) -> Aloware:
    """An account whose export lies there; `serve` answers for a URL, `headers` are named otherwise in the policy."""
    login = AlowareLogin(
        "https://vendor.example",
        SecretStr("s3cr3t"),
        export=str(place),
        export_columns=HEADERS | headers,
        export_as_of=as_of,
    )
    vendor = http(lambda _: httpx.Response(404, json={"error": "Contact not found."}), "aloware")
    return Aloware(vendor, login, {"contacts": [*WANTED, "nope"]}, serve and http(serve, "aloware"))


def pulled(subject: Aloware) -> pd.DataFrame:
    return subject.pull(NOW).frames["contacts"]


def sheet(content: str | bytes, wanted: Sequence[str] = WANTED, timezone: str = "America/New_York") -> pd.DataFrame:
    raw = content.encode() if isinstance(content, str) else content
    return aloware_sheet.frame(io.BytesIO(raw), wanted, HEADERS, timezone)


def updated(*times: str) -> list[Any]:
    """When contacts were edited whose export says so."""
    rows = (f"{n},2125550100,Al,,,,{time}\n" for n, time in enumerate(times))
    return list(sheet(FIRST + "".join(rows))["modified_at"])


# What it says.


def test_the_export_keeps_every_digit_and_speaks_utc() -> None:
    frame = sheet(CSV)
    assert frame["phone_number"].tolist() == ["2125550100", "+442079460000"]
    assert frame["first_name"].tolist() == ["NA", "Zoë"]
    assert frame["city"].isna().tolist() == [True, False]
    assert frame["created_at"][0] == datetime(2026, 7, 1, 16, tzinfo=UTC)
    assert frame["modified_at"].isna().tolist() == [False, True]
    assert set(map(str, frame.dtypes[:4])) == {"str"}


def test_an_hour_that_comes_twice_is_read_as_the_earlier_one_and_one_that_never_comes_as_its_end() -> None:
    assert updated("2026-11-01 01:30:00", "2026-03-08 02:30:00") == [
        datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
        datetime(2026, 3, 8, 7, tzinfo=UTC),
    ]


def test_times_that_name_their_own_zone_are_believed() -> None:
    """Across a change of clocks the offsets differ in one column."""
    assert updated("2026-10-31T12:00:00-04:00", "2026-11-02T12:00:00-05:00") == [
        datetime(2026, 10, 31, 16, tzinfo=UTC),
        datetime(2026, 11, 2, 17, tzinfo=UTC),
    ]


def test_times_that_cannot_be_read_are_missing() -> None:
    assert all(time is pd.NaT for time in updated("yesterday", ""))


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_sheet_that_was_saved_with_other_delimiters_reads_the_same(delimiter: str) -> None:
    pd.testing.assert_frame_equal(sheet("\ufeff" + CSV.replace(",", delimiter)), sheet(CSV))


def test_an_export_without_contacts_is_an_empty_account() -> None:
    for content in (FIRST, FIRST.strip(), FIRST + "\n"):
        frame = sheet(content)
        assert frame.empty
        assert str(frame["first_name"].dtype) == "str"


def test_notes_of_several_lines_do_not_break_a_long_export() -> None:
    rows = "".join(f'{n},21255{n:05d},Al,Rome,"one\ntwo",,\n' for n in range(50_000))
    assert len(sheet(FIRST + rows)) == 50_000


def test_a_contact_that_is_listed_twice_counts_as_it_is_listed_last() -> None:
    assert sheet(FIRST + "7,2125550100,Al,,,,\n7,2125550100,Bo,,,,\n")["first_name"].tolist() == ["Bo"]


def test_a_contact_that_comes_again_much_later_counts_as_it_comes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """However the file is cut into blocks."""
    monkeypatch.setattr(aloware_sheet, "BLOCK", 1 << 12)
    rows = [f"{n},21255{n:05d},Al,,,,2026-07-01 12:00:00\n" for n in range(2_000)]
    again = [f"{n},21255{n:05d},Bo,,,,2026-08-01 12:00:00\n" for n in range(0, 2_000, 100)]
    frame = sheet(FIRST + "".join(rows + again)).set_index("record_id")
    assert len(frame) == 2_000
    assert list(frame.index[frame["first_name"] == "Bo"]) == [str(n) for n in range(0, 2_000, 100)]
    assert set(frame["modified_at"].dt.month) == {7, 8}


def test_a_row_without_an_id_is_nobody_s() -> None:
    assert sheet(FIRST + ",2125550100,Al,,,,\n8,2125550101,Bo,,,,\n")["record_id"].tolist() == ["8"]


@pytest.mark.parametrize(
    ("times", "months"),
    [
        (("03/04/2026 12:00", "12/05/2026 12:00"), [3, 12]),
        (("13/04/2026 12:00", "03/04/2026 12:00"), [4, 4]),
        (("2026-03-04 12:00:00", "2026-04-03 12:00:00.250"), [3, 4]),
    ],
)
def test_a_column_of_times_has_one_form(times: tuple[str, ...], months: list[int]) -> None:
    """That of its first: a day is never taken for a month in the middle of it."""
    assert [time.month for time in updated(*times)] == months


class Meter(io.BytesIO):
    """A file that notes how much memory Arrow holds whenever more of it is read."""

    peak = 0

    def read(self, size: int | None = -1) -> bytes:
        self.peak = max(self.peak, pa.total_allocated_bytes())
        return super().read(size)


def test_memory_follows_the_wanted_columns_and_not_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody wants never becomes values."""
    monkeypatch.setattr(aloware_sheet, "BLOCK", 1 << 16)
    rows = (f"{n},2125550100,Al,,{'long ' * 1000},,\n" for n in range(3000))
    file = Meter((FIRST + "".join(rows)).encode())
    before = pa.total_allocated_bytes()
    assert len(aloware_sheet.frame(file, ["first_name"], HEADERS, "America/New_York")) == 3000
    assert file.peak - before < file.getbuffer().nbytes / 10


# What is damaged.


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"<!doctype html>\n<html><body>Log in</body></html>\n", "none of the columns"),
        (b"a,b,c,d,e,f,g,h,i,j\n1,2,3,4,5,6,7,8,9,10\n", "none of the columns"),
        (b"\x00\x01\x02\x03\n", "none of the columns"),
        (b'{"contacts": []}', "none of the columns"),
        (CSV.encode("utf-16"), "isn't UTF-8"),
        (CSV.encode("iso-8859-2", "replace"), "isn't UTF-8"),
        ((FIRST + "7,2125550100,Al\n").encode(), "3 columns where 7 are due"),
        ((FIRST + "7,2125550100,Al,,,,,\n").encode(), "8 columns where 7 are due"),
        (CSV.encode()[:-12], "columns where 7 are due"),
        ((FIRST + '7,2125550100,"Al\n8,2125550101,Bo,,,,\n').encode(), "columns where 7 are due"),
    ],
    ids=["empty", "page", "garbage", "binary", "json", "utf-16", "latin", "short", "long", "cut", "open quote"],
)
def test_what_is_no_whole_export_is_refused_in_one_sentence(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_bytes(content)
    with pytest.raises(
        SettingsError, match=rf"ALOWARE_CONTACTS_EXPORT: .*{said}.*; make the contacts export"
    ) as raised:
        pulled(connector(path))
    assert "2125550100" not in str(raised.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (CSV.replace("First Name", "Given Name"), r"no column for first_name.*'First Name'"),
        (CSV.replace("City", "First Name"), r"several columns 'First Name'.*export_columns"),
        (
            FIRST + "12.5,2125550100,Al,,,,\nx@example.com,,,,,,\n",
            r"2 rows whose 'Contact ID' is no number.*export_columns",
        ),
    ],
)
def test_headers_that_the_policy_gets_wrong_are_named(content: str, said: str) -> None:
    """The policy's `export_columns`, for headers vary between accounts."""
    wanted = WANTED if "Given" in content else WANTED[:2]
    with pytest.raises(PolicyError, match=said) as raised:
        sheet(content, wanted)
    assert "example.com" not in str(raised.value)


def test_a_header_that_nobody_wants_may_come_twice() -> None:
    assert len(sheet(CSV.replace("City", "Notes"), WANTED[:2])) == 2


def test_a_last_value_that_may_have_been_cut_is_not_believed() -> None:
    """An unfinished line can be a whole row: it is only when the value at its end is wanted that this matters."""
    first = "Contact ID,First Name,Phone Number\n"
    rows = "7,Al,2125550100\n8,Bo,212555010"
    assert sheet(first + rows, WANTED[:2])["record_id"].tolist() == ["7"]
    assert sheet(first + rows + "\n", WANTED[:2])["record_id"].tolist() == ["7", "8"]
    assert len(sheet(CSV.strip())) == 2


def test_a_time_zone_that_does_not_exist_is_the_policy_s_mistake() -> None:
    with pytest.raises(PolicyError, match=r"\[aloware\] export_timezone"):
        sheet(CSV, timezone="America/Nowhere")


# Where it lies, and how old it is.


@pytest.mark.parametrize(("age", "as_of"), [(3600, NOW - timedelta(hours=1)), (-3600, NOW)])
def test_a_file_is_as_old_as_its_last_change_and_never_of_the_future(age: int, as_of: datetime, tmp_path: Path) -> None:
    """Where clocks disagree it must not look newer than a look-up."""
    path = tmp_path / "contacts.csv"
    path.write_text(CSV)
    os.utime(path, (NOW.timestamp() - age,) * 2)
    subject = connector(path)
    frame = pulled(subject)
    assert frame["as_of"].tolist() == [as_of, as_of]
    assert frame["nope"].isna().all()
    assert str(frame["nope"].dtype) == "str"
    assert subject.calls == {"read": 0, "write": 0}


def test_who_says_when_it_was_made_is_believed_before_its_file(tmp_path: Path) -> None:
    """The policy's `export_as_of`: a copy has the time of the copying, and a server that of the upload."""
    made = datetime.fromisoformat("2026-10-30T08:00:00-04:00")
    path = tmp_path / "contacts.csv"
    path.write_text(CSV)
    os.utime(path, (NOW.timestamp() - 60,) * 2)
    assert set(pulled(connector(path, as_of=made))["as_of"]) == {made}
    stamped = httpx.Response(200, text=CSV, headers={"Last-Modified": "Sat, 31 Oct 2026 20:00:00 GMT"})
    assert set(pulled(connector("https://files.example/c.csv", lambda _: stamped, made))["as_of"]) == {made}


def test_an_export_of_the_future_is_the_policy_s_mistake(tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_text(CSV)
    with pytest.raises(PolicyError, match=r"\[aloware\] export_as_of = .* is still to come, .* remove the key"):
        pulled(connector(path, as_of=NOW + timedelta(seconds=1)))


def test_a_file_that_is_missing_or_no_file_is_named_by_its_variable(tmp_path: Path) -> None:
    for place in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(SettingsError, match="ALOWARE_CONTACTS_EXPORT"):
            pulled(connector(place))


@pytest.mark.parametrize(
    ("stamp", "as_of"),
    [
        ("Sat, 31 Oct 2026 20:00:00 GMT", datetime(2026, 10, 31, 20, tzinfo=UTC)),
        ("Sun, 01 Nov 2026 20:00:00 GMT", NOW),
        ("last week", datetime(2026, 10, 30, 16, tzinfo=UTC)),
        ("", datetime(2026, 10, 30, 16, tzinfo=UTC)),
    ],
    ids=["stamped", "future", "nonsense", "unstamped"],
)
def test_an_export_by_url_is_as_old_as_it_says_or_as_its_newest_edit(stamp: str, as_of: datetime) -> None:
    asked: list[httpx.Request] = []

    def serve(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        text = CSV.replace("2026-11-01 01:30:00", "2026-10-30 12:00:00")
        return httpx.Response(200, text=text, headers={"Last-Modified": stamp} if stamp else {})

    assert pulled(connector("https://files.example/c.csv", serve))["as_of"][0] == as_of
    assert "s3cr3t" not in str(asked[0].url), "no token goes there"


def test_an_export_by_url_that_is_refused_or_a_page_is_an_error() -> None:
    for answer, said in (
        (httpx.Response(403, text="<Error>"), "HTTP 403: check ALOWARE_CONTACTS_EXPORT"),
        (httpx.Response(200, html="<html>"), "HTML where CSV was due"),
    ):
        with pytest.raises(ConnectorError, match=said):
            pulled(connector("https://files.example/c.csv", lambda _, answer=answer: answer))


def test_a_download_that_breaks_off_is_begun_anew() -> None:
    """Nothing of the first attempt stays in the file."""
    attempts: list[int] = []

    class Cut(httpx.SyncByteStream):
        def __iter__(self) -> Any:
            yield (FIRST + "9,2125550109,Half,,,,\n").encode() * 2
            raise httpx.RemoteProtocolError("cut")

    def serve(request: httpx.Request) -> httpx.Response:
        attempts.append(1)
        return httpx.Response(200, stream=Cut()) if len(attempts) == 1 else httpx.Response(200, text=CSV)

    frame = pulled(connector("https://files.example/c.csv", serve))
    assert frame["record_id"].tolist() == ["7", "8"]
    assert len(attempts) == 2
