"""Renders the rule book: every chapter's and every paragraph's own words, in the order in which they stand.

`make book` writes it; a test of this folder says when it is out of date.
"""

import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent
BOOK = HERE / "README.md"
CHAPTERS = (
    "identity",
    "phones",
    "conversion",
    "deletion",
    "deciding",
    "blanks",
    "consent",
    "links",
    "calls_and_messages",
    "decisions",
    "directions",
    "statuses",
    "gate",
    "writing",
    "undo",
)

PREFACE = """# The rule book

What Tandem does, told by its own tests: each paragraph is one of them, and its table is what it checks. This page is
rendered from them by `make book`; change the tests, not the page.

In tables, `blank` is an empty value and `-` one that isn't there.
"""


def render() -> str:
    """The whole book as Markdown."""
    return "\n".join([PREFACE, *(part for name in CHAPTERS for part in _chapter(name))])


def _chapter(name: str) -> Iterator[str]:
    module = import_module(f"tests.spec.test_{name}")
    title, _, introduction = inspect.cleandoc(module.__doc__ or "").partition("\n")
    yield f"## {title}\n{introduction}\n"
    for test in _paragraphs(module):
        yield f"**{_heading(test)}**\n{inspect.cleandoc(getattr(module, test).__doc__ or '')}\n"


def _paragraphs(module: ModuleType) -> list[str]:
    return [name for name in vars(module) if name.startswith("test_")]


def _heading(test: str) -> str:
    """`test_who_isn_t_there` → `Who isn't there.`"""
    words = test.removeprefix("test_").replace("n_t_", "n't_").replace("_s_", "'s_").replace("_", " ")
    return words[0].upper() + words[1:] + "."


def main() -> None:
    BOOK.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
