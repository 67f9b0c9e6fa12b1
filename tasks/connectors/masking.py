"""Hands, their gloves: nothing personal or secret leaves this room inside a message."""

import re

_EMAIL = re.compile(r"[^\s@<>()\"',;:=\[\]]+@[^\s@<>()\"',;:=\[\]]+")
_DIGITS = re.compile(r"\+?\d(?:[\s().-]{0,2}\d){6,}")
_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,80}")
_LONGEST = 200


def masked(text: str) -> str:
    """The text with e-mail addresses and phone-like numbers blotted out, on one line, of bearable length."""
    text = _DIGITS.sub("…", _EMAIL.sub("…@…", text))
    return " ".join(text.split())[:_LONGEST]


def code(text: object) -> str:
    """The text if it looks like a vendor's code or field name, else `UNKNOWN`: free text may hold people's data."""
    return text if isinstance(text, str) and _CODE.fullmatch(text) else "UNKNOWN"
