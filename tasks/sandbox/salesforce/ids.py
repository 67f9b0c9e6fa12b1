"""Record ids: 15 case-sensitive characters and 3 that make them safe where case is lost (fact sheet, section 10)."""

import string

from tasks.sandbox.store import Store

_CHECK = string.ascii_uppercase + "012345"
_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_FIRST = 3_521_614_606  # a counter's start that gives ids of a lived-in org


def to18(record_id: str) -> str:
    """The 18-character form of a 15-character id; anything else is given back as it is."""
    if len(record_id) != 15:
        return record_id
    return record_id + "".join(_check(record_id[start : start + 5]) for start in (0, 5, 10))


def _check(chunk: str) -> str:
    return _CHECK[sum(1 << place for place, letter in enumerate(chunk) if "A" <= letter <= "Z")]


def is_id(text: object) -> bool:
    """Whether `text` is an id in form: 15 characters, or 18 with the right checksum."""
    if not isinstance(text, str) or len(text) not in (15, 18) or not (text.isascii() and text.isalnum()):
        return False
    return to18(text[:15]).startswith(text)


def new_id(store: Store, prefix: str) -> str:
    """The next 18-character id under a key prefix, never given twice in a store."""
    number, digits = store.next(f"salesforce.ids.{prefix}", _FIRST), ""
    while number:
        number, digit = divmod(number, 62)
        digits = _DIGITS[digit] + digits
    return to18(f"{prefix}5e{digits:0>10}")
