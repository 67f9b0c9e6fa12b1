"""Texts as people type phone numbers, and worse: for the differential test of how numbers are read."""

import random
from collections.abc import Iterator

SHAPES = ("{}{}{}", "({}) {}-{}", "{}-{}-{}", "{}.{}.{}", "{} {} {}", "1{}{}{}", "1-{}-{}-{}", "+1{}{}{}")
SHAPES += ("+1 ({}) {}-{}", "+1 {} {} {}", " {}{}{} ", "+{}{}{}", "+1-{}.{} {}", "001{}{}{}", "0{}{}{}", "011{}{}{}")
ABROAD = ("+44 20 7946 0", "+52 55 5658 1", "+49 30 1234 5", "020 7946 0", "+1 (0) 415 555 ", "0041 44 668 18 ")
NOISE = "0123456789+ ()-./[]~*#,;x\t\n\u00a0\u2011\u200b\uff0b\uff11\u0661aE"
PUNCTUATION = " ().-+x/"


def generated(dice: random.Random) -> str:
    """A number in one of the usual shapes, and now and then one from abroad."""
    if dice.random() < 0.1:
        return dice.choice(ABROAD) + f"{dice.randrange(1000):03d}"
    tail = dice.randrange(10**6, 10**7)
    area, rest = dice.randrange(1000), f"{tail:07d}"
    return dice.choice(SHAPES).format(f"{area:03d}", rest[:3], rest[3:])


def mutated(dice: random.Random) -> str:
    """One to three characters are put in, left out or typed wrong."""
    text = list(generated(dice))
    for _ in range(dice.randint(1, 3)):
        place = dice.randrange(len(text) + 1)
        text[place : place + dice.randint(0, 1)] = dice.choice(NOISE) if dice.random() < 0.7 else ""
    return "".join(text)


def punctuated(dice: random.Random) -> str:
    """Digits with punctuation wherever there is room for it."""
    digits = str(dice.randrange(10 ** dice.randint(8, 12)))
    before = [dice.choice(PUNCTUATION) * dice.randint(0, 3) if dice.random() < 0.4 else "" for _ in digits]
    return "".join(map(str.__add__, before, digits)) + dice.choice(PUNCTUATION) * dice.randint(0, 2)


def texts(count: int, seed: int) -> Iterator[str]:
    dice = random.Random(seed)
    for number in range(count):
        yield (generated, mutated, punctuated)[number % 3](dice)
