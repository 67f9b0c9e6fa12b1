"""Phone numbers: exactly what `phonenumbers` says, after one rule of ours for a leading 00 (design, identity 1)."""

from functools import lru_cache

import pandas as pd
import phonenumbers

from tasks.core import nanp
from tasks.core.policy import Phones

# More than any valid number needs with its punctuation; longer text is no phone number (and the parser refuses 250).
LONGEST = 60

MANY = 20_000  # texts that take longer one by one than it takes to learn what North America's numbers look like


@lru_cache(maxsize=1_000_000)  # a run normalises the same texts several times; reading one takes 20 µs
def e164(text: str, phones: Phones) -> str | None:
    """The number in E.164, or None when it isn't a valid one for the policy's region."""
    text = text.strip()
    if phones.double_zero_is_plus and text.startswith("00"):
        text = "+" + text[2:]
    if not text or len(text) > LONGEST:
        return None
    try:
        number = phonenumbers.parse(text, phones.region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def canonical(raw: "pd.Series[str]", phones: Phones) -> "pd.Series[str]":
    """E.164 where valid, "" where blank, missing where the text is no valid number."""
    if len(raw) < MANY:
        return _one_by_one(raw, phones)
    number, decided = nanp.read(raw, phones.region)
    number[~decided] = _one_by_one(raw[~decided], phones)
    return number


def _one_by_one(raw: "pd.Series[str]", phones: Phones) -> "pd.Series[str]":
    """Each different text is read once."""
    codes, texts = pd.factorize(raw.fillna(""))
    numbers = [e164(text, phones) if text.strip() else "" for text in texts.to_numpy(dtype=object)]
    return pd.Series(pd.array(numbers, dtype="str").take(codes), index=raw.index)
