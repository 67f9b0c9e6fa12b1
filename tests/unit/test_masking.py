"""Masking: what people's eyes may see of a phone number or an e-mail address."""

import pytest

from tasks.core.masking import mask


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("+14155552671", "+1******2671"),
        ("+442071838750", "+4*******8750"),
        ("(415) 555-2671", "******2671"),
        ("415.555.2671", "******2671"),
        ("+1 415 555 2671", "+1******2671"),
        ("555-2671", "*****71"),
        ("call +14155552671, or 4155552672.", "call +1******2671, or ******2672."),
        ("phone:4155552671", "phone:******2671"),
    ],
)
def test_phone_numbers_keep_their_last_digits(text: str, shown: str) -> None:
    assert mask(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ana@x.io", "a***@x.io"),
        ("a@x.io", "***@x.io"),
        ("write to <Ana.Diaz+sf@mail.example.com>.", "write to <A***@mail.example.com>."),
        ("14155552671@sms.example.com", "1***@sms.example.com"),
        ("josé@example.com", "j***@example.com"),
    ],
)
def test_addresses_keep_their_first_letter_and_domain(text: str, shown: str) -> None:
    assert mask(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "Ana Diaz",
        "there is no plan p20261122-120000-ab12",
        "there is no plan p20261122-120000-1234",
        "2026-11-22 12:00:00",
        "2026-11-22T12:00:00+00:00",
        "192.168.100.200",
        "http://127.0.0.1:8801/services",
        "salesforce:Contact:0035g00000AbCdEAAX",
        "hubspot:contacts:12345678901",
        "123456",
        "",
    ],
)
def test_what_is_no_phone_or_address_stays(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize("text", ["+14155552671", "a.long.name@example.com", "020 7183 8750", "+358 9 1234567"])
def test_masking_twice_is_masking_once(text: str) -> None:
    assert mask(mask(text)) == mask(text) != text
