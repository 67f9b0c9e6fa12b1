"""Phone numbers as CRMs hold them → E.164, beside the library of phone numbers asked about each."""

from collections.abc import Iterator

import pandas as pd
import phonenumbers

from tasks.core import nanp, phones
from tasks.core.policy import Phones
from tests.bench.crowd_world import CrowdWorld
from tests.bench.measuring import Row, Stage, measured

ASKED = 50_000  # of the library, which takes as long for the next number as for the last


def rows(world: CrowdWorld) -> Iterator[Row]:
    """Cold: with nothing read before but what North America's numbers look like."""
    raw = pd.concat([snapshot.frames["contacts"]["phone"] for snapshot in world.after if snapshot.system == "hubspot"])
    texts = raw.dropna().iloc[: min(len(raw), ASKED)].tolist()
    alone = Stage("phonenumbers alone", lambda: [library(text) for text in texts], share=len(texts) / len(raw))
    nanp.table()
    cold = Stage("phones, cold", lambda: phones.canonical(raw, Phones()), phones.e164.cache_clear)
    cached = Stage("phones, cached", lambda: phones.canonical(raw, Phones()))
    yield from measured(len(raw), [cold, cached], [alone])


def library(text: str) -> str | None:
    """What the library says of one number."""
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
