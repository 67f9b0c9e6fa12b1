"""How somebody is found wherever they are written: their numbers in any format, their e-mails in any case, the
references of their records; and on pages for people, the masked forms of those.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import phonenumbers

from tasks.core.masking import mask
from tasks.core.model import SALESFORCE
from tasks.core.subjects import SHORT, Subject

GAP = r"[ ().\-/]{0,3}"  # between two digits of a number, as people write them
ERASED = "erased"


@dataclass(frozen=True)
class Traces:
    """What gives a person away. The patterns are understood alike by Python, SQLite and PostgreSQL."""

    subject: Subject

    @cached_property
    def pattern(self) -> str:
        """Finds each trace within a text; never a part of a longer number, address or reference."""
        return f"(?i)(?:{'|'.join([*self._numbers(), *self._emails(), *self._references()])})"

    @cached_property
    def found(self) -> re.Pattern[str]:
        return re.compile(self.pattern)

    @cached_property
    def loose(self) -> str:
        """Finds at least what `pattern` does, without looking around: for engines that can't."""
        bare = map(re.escape, (*self._spelt(), *sorted(self.subject.people | self.subject.refs)))
        return f"(?i)(?:{'|'.join([*map(_digits, sorted(self.subject.numbers)), *bare, *self._ids()])})"

    @cached_property
    def told(self) -> re.Pattern[str]:
        """Finds the lines of a page on which a person might know them again: masked forms and record ids count."""
        masked = {mask(word) for word in (*self.subject.numbers, *self.subject.emails)}
        ids = {_on_a_page(ref) for ref in self.subject.refs}
        words = [*map(re.escape, sorted(masked)), *sorted(ids)]
        return re.compile(f"(?im)^.*(?:{'|'.join([self.pattern.removeprefix('(?i)'), *words])}).*$")

    def names(self, cell: object) -> bool:
        """Whether a cell says who they are and nothing else: then its row is theirs."""
        return isinstance(cell, str) and (
            cell in self.subject.people or cell in self.subject.refs or self.found.fullmatch(cell.strip()) is not None
        )

    def without(self, text: str) -> str:
        """The text without them. What a JSON document says beside a trace is theirs, too: it is emptied."""
        if not self.found.search(text):
            return text
        return {"{": "{}", "[": "[]"}.get(text[:1], self.found.sub("", text))

    def page_without(self, page: str) -> str:
        """The page without its lines that tell of them."""
        return self.told.sub(ERASED, page)

    def document_without(self, document: Any) -> Any:
        """A JSON document without entries and items that are called like them, or say who they are."""
        if isinstance(document, dict):
            kept = {key: value for key, value in document.items() if not self.names(key) and not self.names(value)}
            return {self.without(key): self.document_without(value) for key, value in kept.items()}
        if isinstance(document, list):
            return [self.document_without(item) for item in document if not self.names(item)]
        return self.without(document) if isinstance(document, str) else document

    def listed_without(self, items: str) -> str:
        """A JSON list of references without theirs, as compact as it was."""
        return json.dumps([item for item in json.loads(items) if not self.names(item)], separators=(",", ":"))

    def _numbers(self) -> Iterable[str]:
        return (f"(?<![0-9]){_digits(number)}(?![0-9])" for number in sorted(self.subject.numbers))

    def _emails(self) -> Iterable[str]:
        return (rf"(?<![\w.+\-]){re.escape(word)}(?![\w\-]|\.\w)" for word in self._spelt())

    def _references(self) -> Iterable[str]:
        words = sorted(self.subject.people | self.subject.refs)
        return (rf"(?<!\w){word}(?!\w)" for word in (*map(re.escape, words), *self._ids()))

    def _ids(self) -> list[str]:
        """Salesforce's ids, long or short: nothing else looks like them. Others' are mere numbers."""
        parts = (ref.split(":", 2) for ref in sorted(self.subject.refs))
        ids = (record_id for system, _, record_id in parts if system == SALESFORCE)
        return [f"{re.escape(each[:SHORT])}(?:{re.escape(each[SHORT:])})?" for each in ids]

    def _spelt(self) -> list[str]:
        """E-mails, and how some system wrote any of theirs: a number may be spelt in letters."""
        return sorted(self.subject.emails | self.subject.spellings)


def _digits(number: str) -> str:
    """A number in any format: with its country code, with 00 or 1 or 0 before it, or none."""
    parsed = phonenumbers.parse(number)
    national = GAP.join(phonenumbers.national_significant_number(parsed))
    country = GAP.join(str(parsed.country_code))
    return rf"(?:(?:\+|00)?{GAP}{country}{GAP}|0{GAP})?\(?{national}"


def _on_a_page(ref: str) -> str:
    """A record as a table of a page names it: system, object and id in cells beside each other."""
    return r"[ |:,]+".join(map(re.escape, ref.split(":", 2)))
