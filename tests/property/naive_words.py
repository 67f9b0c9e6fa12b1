"""Canonical words, one at a time: what a value is, whichever way a system spells it (design, "canonical form")."""

import unicodedata
from collections.abc import Mapping

import phonenumbers

from tasks.core.model import ALOWARE, SALESFORCE
from tasks.core.policy import Policy


def number(text: str, policy: Policy) -> str | None:
    """A text as a phone number in E.164; None when it isn't a valid one."""
    text = text.strip()
    if policy.phones.double_zero_is_plus and text.startswith("00"):
        text = "+" + text[2:]
    try:
        parsed = phonenumbers.parse(text, policy.phones.region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def canonical(raw: str | None, name: str, system: str, policy: Policy, statuses: Mapping[str, str]) -> str | None:
    """What a system's text for that field means: "" a blank, None what can't be read."""
    text = unicodedata.normalize("NFC", raw or "").strip()
    kind = policy.fields[name].type
    if not text:
        return ""
    if kind == "phone":
        return number(text, policy)
    if kind == "email":
        return text.lower()
    if kind == "status" and system == ALOWARE:
        return statuses.get(text, f"?{text}")
    if kind in ("boolean", "consent"):
        return {"true": "true", "false": "false", "yes": "true", "no": "false"}.get(text.lower())
    # What Tandem invented because a system demanded a value is nobody's word.
    return "" if system == SALESFORCE and text == policy.salesforce.synthetic.get(name) else text
