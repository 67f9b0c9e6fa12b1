"""Names of time zones, as vendors and operators write them."""

from zoneinfo import ZoneInfo


def is_zone(name: str) -> bool:
    """Whether that is a zone's name, such as America/New_York."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; no name at all; a folder of names, as America is
        return False
    return True
