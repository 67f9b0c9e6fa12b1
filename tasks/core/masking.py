"""Phones and e-mail addresses in text for people's eyes: enough to recognise one, not enough to use it."""

import re

LONGEST = 120  # of a value; a note of a thousand words is cut

_EMAIL = re.compile(r"([^\s@<>()\"',;:=\[\]|]+)@([^\s@<>()\"',;:=\[\]|]*[^\s@<>()\"',;:=\[\]|.])")
_NUMBER = re.compile(r"(?<![\w@])(?<!\d-)(?<!:contacts:)\+?\(?\d(?:[\s().-]{0,2}\d){6,}(?!\w)")
_NOT_A_PHONE = re.compile(r"\d{4}-\d\d-\d\d|(?:\d{1,3}\.){3}\d{1,3}(?!\d)")  # a date, an IP address


def mask(text: str) -> str:
    """`+14155552671` becomes `+1******2671`, `ana@x.io` becomes `a***@x.io`; dates and record references stay."""
    return _NUMBER.sub(_number, _EMAIL.sub(_address, text))


def shown(value: str | None) -> str:
    """A value of a record: a blank and a missing one can be told apart, a long one is cut after it is masked."""
    if value is None:
        return "(none)"
    text = "".join(letter if letter.isprintable() else " " for letter in mask(value))
    return (text if len(text) <= LONGEST else text[: LONGEST - 1] + "…") or "(blank)"


def _address(found: re.Match[str]) -> str:
    local, domain = found.groups()
    return f"{local[0] if len(local) > 1 else ''}***@{domain}"


def _number(found: re.Match[str]) -> str:
    written = found[0]
    if _NOT_A_PHONE.match(written):
        return written
    digits = re.sub(r"\D", "", written)
    head = f"+{digits[0]}" if written.startswith("+") else ""
    tail = digits[-4:] if len(digits) > 9 else digits[-2:]
    return head + "*" * (len(digits) - len(head.lstrip("+")) - len(tail)) + tail
