"""What a client may put into a field: JSON values become stored ones, or the refusal that names the field."""

import re
from datetime import UTC, date, datetime
from typing import Any

from tasks.sandbox.salesforce.errors import Refusal
from tasks.sandbox.salesforce.fields import Field
from tasks.sandbox.salesforce.ids import is_id, to18
from tasks.sandbox.salesforce.org import stamp

# A label of the address's domain begins and ends with a letter or a digit, as host names do.
_EMAIL = re.compile(r"[^\s@,;:<>()\[\]\\\"]+@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W_]{2,}")
_BOOLEANS = {True: True, False: False, "true": True, "false": False, None: False}


def stored(field: Field, value: Any) -> Any:
    """The value to keep. An empty text is a null, as the API has it. Raises Refusal."""
    if isinstance(value, dict | list):
        start = "START_OBJECT" if isinstance(value, dict) else "START_ARRAY"
        raise Refusal("JSON_PARSER_ERROR", f"Cannot deserialize instance of {field.type} from {start} value", None)
    if field.kind == "boolean":
        return _boolean(field, value)
    if value is None or value == "":
        return None
    return _READERS.get(field.kind, _text)(field, value)


def _unreadable(field: Field, value: Any) -> Refusal:
    token = "VALUE_STRING" if isinstance(value, str) else "VALUE_NUMBER"
    message = f"Cannot deserialize instance of {field.type} from {token} value {value} or request may be missing a "
    return Refusal("JSON_PARSER_ERROR", message + "required field", None)


def _boolean(field: Field, value: Any) -> bool:
    known = value.lower() if isinstance(value, str) else value
    if known not in _BOOLEANS or (isinstance(known, int | float) and not isinstance(known, bool)):
        raise _unreadable(field, value)
    return _BOOLEANS[known]


def _text(field: Field, value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if len(text) > field.length:
        message = f"{field.label}: data value too large: {text} (max length={field.length})"
        raise Refusal("STRING_TOO_LONG", message, [field.name])
    if field.type == "email" and not _EMAIL.fullmatch(text):
        raise Refusal("INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {text}", [field.name])
    if field.restricted and text not in field.values:
        message = f"{field.label}: bad value for restricted picklist field: {text}"
        raise Refusal("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, [field.name])
    return text


def _reference(field: Field, value: Any) -> str:
    if not is_id(value):
        raise Refusal("MALFORMED_ID", f"{field.label}: id value of incorrect type: {value}", [field.name])
    return to18(value)


def _day(field: Field, value: Any) -> str:
    try:
        return date.fromisoformat(value[:10] if "T" in value else value).isoformat()
    except (TypeError, ValueError):
        raise _unreadable(field, value) from None


def _moment(field: Field, value: Any) -> str:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise _unreadable(field, value) from None
    return stamp(at if at.tzinfo else at.replace(tzinfo=UTC))


def _number(field: Field, value: Any) -> int | float:
    try:
        number = float(value)
        whole = int(number)
    except (TypeError, ValueError, OverflowError):
        raise _unreadable(field, value) from None
    if isinstance(value, bool) or (field.type == "int" and number != whole):
        raise _unreadable(field, value)
    return whole if field.type == "int" else number


_READERS = {"id": _reference, "date": _day, "datetime": _moment, "number": _number, "string": _text}
