"""How times, values and systems are put in sentences. Whoever prints them masks them."""

LONGEST = 60

NAMES = {"salesforce": "Salesforce", "hubspot": "HubSpot", "aloware": "Aloware"}


def moment(at: str) -> str:
    """`2026-11-22 14:44 UTC`, from the ledger's own spelling of a time."""
    return f"{at[:16].replace('T', ' ')} UTC"


def quoted(value: str | None) -> str:
    """A value in a sentence: a blank and an unknown one can be told apart."""
    if value is None:
        return "nothing"
    if not value:
        return "a blank"
    return f'"{value if len(value) <= LONGEST else value[: LONGEST - 1] + "…"}"'


def listed(words: list[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def ended(sentence: str) -> str:
    """What somebody said, with a stop at its end."""
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."
