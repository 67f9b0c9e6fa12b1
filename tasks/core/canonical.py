"""The form of a value in which sides are compared, per type of field; and the way back to what a system wants written.

    type                 canonical form                                        what can't be read
    -------------------  ----------------------------------------------------  ------------------------------
    text                 NFC, trimmed, line ends as \\n                         longer than LONGEST
    long-text            the same; HTML as the text it shows
    email                lower-case                                            no address, or several
    phone                E.164                                                 no valid number
    status, picklist     the internal value; of several, in order of the alphabet
    boolean, consent     true, false                                           anything but a yes or no
    date                 YYYY-MM-DD, of a moment its day in UTC                no day of the calendar
    number               plain decimal: no exponent, no trailing zeros         no number
    owner                the user's lower-case e-mail                          nobody, or nobody active
    link                 the address, trimmed

A blank is "" in all of them. What can't be read is missing: that cell is held, and reported (see `unreadable`).
"""

import html
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

import pandas as pd

from tasks.core import phones
from tasks.core.model import ALOWARE
from tasks.core.policy import FieldType, Phones

Users = Mapping[str, Mapping[str, str]]  # system → id of an active user → lower-case e-mail
NOBODY: Users = MappingProxyType({})
SPELT = ("status", "owner")  # types that a system writes in other words than the canonical ones

LONGEST = 255  # a line of text: what Salesforce's text fields hold at most; more is of type long-text
LONGEST_EMAIL = 254
LONGEST_NUMBER = 100  # characters, and decimal places: an exponent must not unfold into megabytes

# By whitelist, for a space can be one of many characters. RE2 syntax.
_LOCAL, _END, _INSIDE = r"[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~.-]+", r"[\p{L}\p{M}\p{N}]", r"[\p{L}\p{M}\p{N}-]*"
EMAIL = (
    rf"{_LOCAL}@(?:{_END}(?:{_INSIDE}{_END})?\.)+{_END}{_INSIDE}{_END}"  # no host's name begins or ends with a hyphen
)

_TAGS = "a|b|blockquote|br|div|em|font|h[1-6]|hr|i|li|ol|p|pre|s|span|strong|table|tbody|td|th|tr|u|ul"
TAG = rf"(?i)</?(?:{_TAGS})(?:\s[^<>]*)?/?>"
_TAG = re.compile(TAG)
_BREAK = re.compile(r"(?i)<(?:br|hr)(?:\s[^<>]*)?/?>|</(?:p|div|li|tr|h[1-6]|blockquote|pre|ul|ol|table)>")

_YES, _NO = ("true", "yes", "y", "on", "1"), ("false", "no", "n", "off", "0")
_BOOLEANS = dict.fromkeys(_YES, "true") | dict.fromkeys(_NO, "false")
_EPOCH = re.compile(r"-?[0-9]{10,14}")
_AMERICAN = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
PLAIN = r"(?:-?[1-9][0-9]{0,98}(?:\.[0-9]{0,98}[1-9])?|0|)"
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")

_UNREADABLE: Mapping[FieldType, str] = {
    "text": f"is longer than {LONGEST} characters",
    "email": "is not a valid e-mail address",
    "phone": "is not a valid phone number",
    "boolean": "is neither true nor false",
    "consent": "is neither true nor false",
    "date": "is not a date",
    "number": "is not a number",
    "owner": "is not an active user with an e-mail address",
}


def unreadable(kind: FieldType) -> str:
    """What is wrong with a value of that type that has no canonical form, to be said behind the field's name."""
    return _UNREADABLE.get(kind, "can't be read")


def canonical(
    raw: "pd.Series[str]",
    kind: FieldType,
    system: str,
    numbers: Phones,
    statuses: Mapping[str, str],
    users: Mapping[str, str],
) -> "pd.Series[str]":
    """The values of one property in canonical form: "" blank, missing where there is no reading them.

    `statuses` maps Aloware disposition ids to HubSpot's values (an id it doesn't know becomes `?<id>`), `users` the
    system's active users to their e-mails.
    """
    if kind == "phone":
        return phones.canonical(raw, numbers)
    text = _tidy(raw)
    if kind == "status" and system == ALOWARE:
        return text.map({**{t: f"?{t}" for t in text.unique()}, **statuses, "": ""}).astype("str")
    if kind == "owner":
        return text.map({**users, "": ""}).astype("str")
    if kind in ("boolean", "consent"):
        return text.str.lower().map({**_BOOLEANS, "": ""}).astype("str")
    return _READERS.get(kind, _as_it_is)(text)


def raw_value(
    value: "pd.Series[str]", kind: FieldType, system: str, statuses: Mapping[str, str], users: Mapping[str, str]
) -> "pd.Series[str]":
    """Canonical values as `system` wants them written; missing where it has no word for one: a status it doesn't know,
    an owner who is none of its active users, or several of them."""
    if kind == "status" and system == ALOWARE:
        return value.map({"": "", **{status: id_ for id_, status in statuses.items()}}).astype("str")
    if kind == "status":
        return value.mask(value.str.startswith("?"))
    if kind == "owner":
        known = pd.Series(list(users), index=list(users.values()), dtype="str")
        return value.map({"": "", **known[~known.index.duplicated(keep=False)].to_dict()}).astype("str")
    return value


def _tidy(raw: "pd.Series[str]") -> "pd.Series[str]":
    """One spelling of each character and each line end, and nothing around it."""
    text = raw.fillna("")
    odd = ~text.str.isascii() | text.str.contains("\r", regex=False)
    if odd.any():  # few are, and to look at characters takes long
        text = text.mask(odd, _one_spelling(text[odd]).reindex(text.index))
    return text.str.strip()


def _one_spelling(text: "pd.Series[str]") -> "pd.Series[str]":
    text = text.str.normalize("NFC").str.replace("\r\n", "\n", regex=False)
    return text.str.replace("\r", "\n", regex=False)


def _as_it_is(text: "pd.Series[str]") -> "pd.Series[str]":
    return text


def _line(text: "pd.Series[str]") -> "pd.Series[str]":
    return text.where(text.str.len() <= LONGEST)


def _email(text: "pd.Series[str]") -> "pd.Series[str]":
    lower = text.str.lower()
    return lower.where((lower == "") | (lower.str.fullmatch(EMAIL) & (lower.str.len() <= LONGEST_EMAIL)))


def _choices(text: "pd.Series[str]") -> "pd.Series[str]":
    """Several choices stand in one text, apart by semicolons, in an order that is each vendor's own."""
    several = text.str.contains(";", regex=False)
    return text.mask(several, _each(text[several], _sorted).reindex(text.index)) if several.any() else text


def _sorted(text: str) -> str:
    return ";".join(sorted({part.strip() for part in text.split(";")} - {""}))


def _long(text: "pd.Series[str]") -> "pd.Series[str]":
    marked = text.str.contains(TAG)
    if marked.any():
        text = text.mask(marked, _each(text[marked], shown).reindex(text.index))
    return text.str.replace(r"[ \t]+\n", "\n", regex=True)


def shown(markup: str) -> str:
    """The text that HTML shows. Taken until no tag is left, so that what is written reads the same when it is read."""
    while _TAG.search(markup):
        lines = _BREAK.sub("\n", re.sub(r"\s+", " ", markup))
        markup = html.unescape(_TAG.sub("", lines)).replace("\u00a0", " ")
    return "\n".join(line.strip() for line in markup.splitlines()).strip()


def _each(text: "pd.Series[str]", reader: Callable[[str], str | None]) -> "pd.Series[str]":
    """Every different text is read once."""
    known = {each: reader(each) for each in text.unique()}
    return text.map({**known, "": ""}).astype("str")


def _dates(text: "pd.Series[str]") -> "pd.Series[str]":
    return _each(text, day)


def day(text: str) -> str | None:
    """A date, or the day of a moment in UTC: ISO, epoch milliseconds (HubSpot), or MM/DD/YYYY (Aloware)."""
    try:
        if _EPOCH.fullmatch(text):
            return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(text))).date().isoformat()
        if american := _AMERICAN.fullmatch(text):
            month, day_, year = map(int, american.groups())
            return date(year, month, day_).isoformat()
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    return (moment.astimezone(UTC) if moment.tzinfo else moment).date().isoformat()


def _numbers(text: "pd.Series[str]") -> "pd.Series[str]":
    """Most are plain already, or would be without a zero behind the point; the others are read one by one."""
    text = text.str.replace(r"\.0*$", "", regex=True)
    odd = ~text.str.fullmatch(PLAIN)
    return text.mask(odd, _each(text[odd], decimal).reindex(text.index)) if odd.any() else text


def decimal(text: str) -> str | None:
    """The number without exponent, sign of a plus, leading or trailing zeros."""
    if len(text) > LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if number.is_zero():
        return "0"
    if abs(number.adjusted()) > LONGEST_NUMBER:
        return None
    plain = format(number, "f")
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return plain if len(plain) <= LONGEST_NUMBER else None


_READERS: Mapping[FieldType, Callable[["pd.Series[str]"], "pd.Series[str]"]] = {
    "text": _line,
    "long-text": _long,
    "email": _email,
    "picklist": _choices,
    "date": _dates,
    "number": _numbers,
}
