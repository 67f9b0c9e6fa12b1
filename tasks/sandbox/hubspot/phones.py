"""The phone fields that HubSpot calculates from what people type (fact sheet, section 2.5)."""

from phonenumbers import (
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    format_number,
    is_possible_number,
    national_significant_number,
    parse,
    region_code_for_number,
)


def _parsed(text: str) -> PhoneNumber | None:
    """Only numbers with a country code parse: HubSpot does not guess a region (recorded)."""
    try:
        number = parse(text, None)
    except NumberParseException:
        return None
    return number if is_possible_number(number) else None


def searchable(text: str) -> str | None:
    """National digits, without country code or leading trunk zero; there even where the number does not parse."""
    if number := _parsed(text):
        return national_significant_number(number)
    digits = "".join(c for c in text if c.isascii() and c.isdigit())
    return digits.lstrip("0") or None


def calculated(phone: str | None, mobile: str | None) -> dict[str, str | None]:
    """The calculated properties of a contact with these two numbers."""
    number, mobile_number = _parsed(phone or ""), _parsed(mobile or "")
    return {
        "hs_calculated_phone_number": format_number(number, PhoneNumberFormat.E164) if number else None,
        "hs_calculated_phone_number_country_code": region_code_for_number(number) if number else None,
        "hs_calculated_mobile_number": format_number(mobile_number, PhoneNumberFormat.E164) if mobile_number else None,
        "hs_searchable_calculated_phone_number": searchable(phone or ""),
        "hs_searchable_calculated_mobile_number": searchable(mobile or ""),
    }
