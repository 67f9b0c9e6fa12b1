"""The report as a person sees it, in a real browser: on a desk, on a phone, in the dark and on paper."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tasks.report import page
from tests.browser import Tab, browsing
from tests.unit.told_runs import enormous, told

PHONE, DESK = 360, 1200


@pytest.fixture(scope="module")
def tab() -> Iterator[Tab]:
    with browsing() as opened:
        yield opened


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with something of everything."""
    path = tmp_path_factory.mktemp("report") / "r1.html"
    path.write_text(page(told(held=True)), encoding="utf-8")
    return path


def rows(tab: Tab) -> int:
    """Changes that can be seen."""
    return int(tab.read("[...document.querySelectorAll('#changes tbody tr')].filter(r => r.offsetHeight).length"))


def test_search_and_filters(tab: Tab, report: Path) -> None:
    """Words narrow the list, all of them; a choice narrows it further; clearing shows everything again."""
    tab.open(report)
    assert rows(tab) == 2
    tab.type("[name=words]", "EMAIL edited")
    assert (rows(tab), tab.text("#shown")) == (1, "1 of 2 shown")
    assert "a***@example.com" in tab.text("#changes tbody")
    tab.type("[name=system]", "aloware")
    assert rows(tab) == 0
    assert "No change fits." in tab.text("#changes")
    tab.read("document.querySelector('#filter').reset() ?? new Promise(done => setTimeout(done, 20))")
    assert (rows(tab), tab.text("#shown")) == (2, "")


def test_it_reads_like_a_page(tab: Tab, report: Path) -> None:
    """What was held is at the top, with the command to copy; nothing is fetched, and the browser doesn't complain."""
    tab.open(report)
    read = tab.text()
    assert read.index("1 change held until a person says so.") < read.index("The gate")
    assert "tandem approve p1 --override salesforce.updates --reason TEXT" in read
    assert tab.read("document.querySelectorAll('figure svg .bars rect, figure svg circle').length") > 0
    assert tab.read("[...document.querySelectorAll('figcaption')].map(f => f.innerText)")[-1] == "API calls"
    assert (tab.requested, tab.complaints) == ([report.as_uri()], [])


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_it_fits(tab: Tab, report: Path, width: int) -> None:
    """Nothing has to be pushed aside, on a phone neither: no column, no chart, no long word."""
    tab.open(report, width)
    assert tab.read("document.documentElement.scrollWidth") == width
    outside = "[...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
    assert tab.read(f"{outside}.map(e => e.tagName + '.' + e.getAttribute('class'))") == []


def test_dark(tab: Tab, report: Path) -> None:
    """Light letters on a dark ground, where somebody's screen is dark."""
    brightness = "getComputedStyle(document.body).{}.match(/[0-9]+/g).slice(0, 3).reduce((a, b) => a + +b, 0)"
    seen = {}
    for dark in (False, True):
        tab.open(report, dark=dark)
        seen[dark] = [tab.read(brightness.format(of)) for of in ("backgroundColor", "color")]
    assert seen[False][0] > 600 > 200 > seen[False][1]
    assert seen[True][1] > 600 > 200 > seen[True][0]


def test_on_paper(tab: Tab, report: Path) -> None:
    """It prints, without what paper can't do."""
    tab.open(report)
    assert tab.printed().startswith(b"%PDF")
    tab.do("Emulation.setEmulatedMedia", media="print")
    assert not tab.read("document.querySelector('#filter').offsetHeight")
    assert rows(tab) == 2
    tab.do("Emulation.setEmulatedMedia", media="")


def test_large_page_is_quick_to_search(tab: Tab, tmp_path: Path) -> None:
    """Two thousand changes on a page: somebody is found among them."""
    path = tmp_path / "large.html"
    path.write_text(page(enormous(3000)), encoding="utf-8")
    tab.open(path)
    tab.type("[name=words]", "somebody 1234")
    assert (rows(tab), tab.text("#shown")) == (1, "1 of 2,000 shown")
