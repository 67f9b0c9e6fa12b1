"""A crowd: any number of people whom all three systems know, as frames, the same for the same seed.

One in ten has a number from abroad, one in a hundred shares theirs with a second Salesforce record. CRMs spell numbers
as people type them, Aloware in E.164. `edited` is the same crowd a while later.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tasks.core.model import ALOWARE, HUBSPOT, SALESFORCE

FIRST = ("Ann", "Bob", "Cy", "Dora", "Émile", "Faye", "Gus", "Hana", "Ivo", "June", "Kai", "Lea", "Max", "Nora", "Otis")
LAST = ("Smith", "Jones", "Miller", "García", "Nguyen", "O'Neil", "Khan", "Silva", "Weber", "Rossi", "Novak", "Park")
COMPANY = ("Acme", "Globex", "Initech", "Hooli", "Umbrella", "Stark", "Wayne", "Tyrell", "Soylent", "Vandelay")
CITY = ("Springfield", "Riverside", "Franklin", "Greenville", "Clinton", "Madison", "Salem", "Georgetown", "Fairview")
AREAS = ("212", "305", "312", "404", "415", "503", "602", "617", "702", "713", "818", "917", "416", "604", "787", "204")
ABROAD = ("+447400", "+33612", "+525512", "+4915123")  # six more digits make them whole
SPELT = ("{} {} {}", "({}) {}-{}", "{}-{}-{}", "{}.{}.{}", "+1 {} {} {}", "1-{}-{}-{}", "{}{}{}", "({}) {}-{} ext. 7")
OFTEN = (0.05, 0.4, 0.2, 0.06, 0.1, 0.05, 0.13, 0.01)
SHARED, MOBILE, LEADS = 0.01, 0.3, 0.1  # of all

Frames = Mapping[tuple[str, str], pd.DataFrame]  # (system, object) → its records


@dataclass(frozen=True)
class Shares:
    """How many of the records change until somebody looks again, and how many are new."""

    edits: float = 0.03
    creates: float = 0.02


def people(first: int, last: int, dice: np.random.Generator) -> pd.DataFrame:
    """Those with these numbers, in words that mean the same in each system; index `n`."""
    n = np.arange(first, last)
    rows = pd.DataFrame({"n": n}).set_index("n")
    rows["first_name"], rows["last_name"] = _some(FIRST, rows, dice), _some(LAST, rows, dice)
    rows["email"] = rows["first_name"].str.lower().str.replace("é", "e") + "." + n.astype("str") + "@example.com"
    rows["phone"] = numbers(n)
    rows["mobile_phone"] = numbers(n + 3_000_000).where(dice.random(len(n)) < MOBILE)
    rows["company"], rows["city"] = _some(COMPANY, rows, dice), _some(CITY, rows, dice)
    rows["lead_status"] = _some(("NEW", "OPEN"), rows, dice)
    return rows


def numbers(n: np.ndarray) -> "pd.Series[str]":
    """The number of each person in E.164: no two have one, and one in ten is from abroad."""
    index = pd.Index(n, name="n")
    area, country = pd.Series(AREAS)[n % len(AREAS)], pd.Series(ABROAD)[n // 10 % len(ABROAD)]
    home = "+1" + area.set_axis(index) + (2_000_000 + n // len(AREAS)).astype("str")
    away = country.set_axis(index) + pd.Series(n // 10, index=index).astype("str").str.zfill(6)
    return home.where(pd.Series(n % 10 != 9, index=index), away).astype("str")


def frames(crowd: pd.DataFrame, dice: np.random.Generator) -> dict[tuple[str, str], pd.DataFrame]:
    """Everybody's records, with the policy's words as columns and `record_id`."""
    typed = crowd.assign(phone=_spelt(crowd["phone"], dice), mobile_phone=_spelt(crowd["mobile_phone"], dice))
    lead = crowd.index.to_numpy() % round(1 / LEADS) == 0
    again = typed[~lead].sample(frac=SHARED, random_state=1)
    again = again.assign(first_name="Pat", email=again["email"].str.replace("@", "+2@"))
    contacts = pd.concat([_named(typed[~lead], "003A{:014d}"), _named(again, "003B{:014d}")])
    return {
        (SALESFORCE, "Contact"): contacts,
        (SALESFORCE, "Lead"): _named(typed[lead], "00QA{:014d}"),
        (HUBSPOT, "contacts"): _named(typed, "{}"),
        (ALOWARE, "contacts"): _named(crowd, "{}"),
    }


def edited(before: Frames, shares: Shares, dice: np.random.Generator) -> dict[tuple[str, str], pd.DataFrame]:
    """The same records later: some say something else in one field, some people are new in one CRM."""
    after = {place: _edited(frame, shares.edits, dice) for place, frame in before.items()}
    known = len(before[ALOWARE, "contacts"])
    new = people(known, known + round(known * shares.creates), dice)
    made = frames(new, dice)
    half = new.index[: len(new) // 2]
    for place in ((SALESFORCE, "Contact"), (HUBSPOT, "contacts")):
        here = made[place].index.isin(half) == (place[0] == HUBSPOT)
        after[place] = pd.concat([after[place], made[place][here & ~made[place]["record_id"].str.startswith("003B")]])
    return after


def _edited(frame: pd.DataFrame, share: float, dice: np.random.Generator) -> pd.DataFrame:
    """Names mostly, towns and addresses, and a few numbers."""
    frame, here = frame.copy(), dice.random(len(frame)) < share
    what = np.where(here, dice.choice(4, size=len(frame), p=(0.5, 0.3, 0.15, 0.05)), -1)
    frame["first_name"] = frame["first_name"].mask(what == 0, frame["first_name"] + "-Lee")
    frame["city"] = frame["city"].mask(what == 1, "New " + frame["city"])
    frame["email"] = frame["email"].mask(what == 2, "new." + frame["email"])
    frame["phone"] = frame["phone"].mask(what == 3, numbers(frame.index.to_numpy() + 6_000_000).to_numpy())
    return frame.assign(modified=here)


def _some(words: tuple[str, ...], rows: pd.DataFrame, dice: np.random.Generator) -> "pd.Series[str]":
    return pd.Series(dice.choice(words, size=len(rows)), index=rows.index, dtype="str")


def _named(rows: pd.DataFrame, shape: str) -> pd.DataFrame:
    """With an id that says whose record it is."""
    return rows.assign(record_id=pd.Series([shape.format(n) for n in rows.index], index=rows.index, dtype="str"))


def _spelt(number: "pd.Series[str]", dice: np.random.Generator) -> "pd.Series[str]":
    """As people type them; those from abroad with blanks."""
    shape = pd.Series(dice.choice(len(SPELT), size=len(number), p=OFTEN), index=number.index)
    home = number.str.startswith("+1").fillna(False).astype(bool)
    parts = number.str[2:5], number.str[5:8], number.str[8:]
    typed = (number.str[:3] + " " + number.str[3:6] + " " + number.str[6:]).where(~home)
    for kind, words in enumerate(SPELT):
        before, between, behind, end = words.split("{}")
        typed = typed.mask(home & (shape == kind), before + parts[0] + between + parts[1] + behind + parts[2] + end)
    return typed
