"""The page and the tests say the same."""

from tests.spec.book import BOOK, CHAPTERS, HERE, render


def test_the_page_is_up_to_date() -> None:
    """Whoever changes a rule renders the book anew: `make book`."""
    assert BOOK.read_text(encoding="utf-8") == render()


def test_every_chapter_is_in_the_book() -> None:
    """A chapter that nobody can read isn't one."""
    found = {path.stem.removeprefix("test_") for path in HERE.glob("test_*.py")} - {"book"}
    assert found == set(CHAPTERS)
