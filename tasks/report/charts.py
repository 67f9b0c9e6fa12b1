"""The charts of a report, drawn as SVG that stands in the page; its colours and sizes are the page's style."""

import re
from collections.abc import Callable, Mapping, Sequence

import pygal
from markupsafe import Markup
from pygal.graph.graph import Graph

from tasks.core.explaining.words import NAMES
from tasks.core.model import SYSTEMS
from tasks.core.trend import Past

LABELS = 4  # times written below a chart
ADDED = re.compile(r"<!--.*?-->|<script.*?</script>|<style.*?</style>", re.DOTALL)  # the page has its own, and no dates

# What is counted of a run's changes, from below, and how each of these is said.
HEIGHTS: Mapping[str, Sequence[str]] = {
    "written": ("applied",),
    "held": ("held",),
    "not written": ("planned", "left out"),
    "didn't land": ("refused", "failed", "stale", "unsettled"),
}
REPORTED: Mapping[str, Callable[[Past], int]] = {
    "conflicts": lambda past: past.conflicts,
    "collisions": lambda past: past.collisions,
    "quarantine": lambda past: past.quarantine,
}


def changes_by_run(trend: Sequence[Past]) -> Markup:
    """Bars: how many changes each run had, and how they stand."""
    series = {name: [sum(past.changes.get(w, 0) for w in words) for past in trend] for name, words in HEIGHTS.items()}
    return _drawn(pygal.StackedBar, "changes", series, trend)


def reported_by_run(trend: Sequence[Past]) -> Markup:
    """Lines: what each run could only report."""
    series = {name: [count(past) for past in trend] for name, count in REPORTED.items()}
    return _drawn(pygal.Line, "reported", series, trend)


def calls_by_run(trend: Sequence[Past]) -> Markup:
    """Lines: how often each run asked each system; nothing where that isn't known of any."""
    asked = [system for system in SYSTEMS if any(system in past.calls for past in trend)]
    series = {NAMES[system]: [past.calls.get(system, 0) for past in trend] for system in asked}
    return _drawn(pygal.Line, "calls", series, trend) if series else Markup("")


ALL = (changes_by_run, reported_by_run, calls_by_run)


def _drawn(kind: type[Graph], name: str, series: Mapping[str, Sequence[int]], trend: Sequence[Past]) -> Markup:
    every = max(1, -(-len(trend) // LABELS))
    times = [past.at[5:16].replace("T", " ") if n % every == 0 else "" for n, past in enumerate(reversed(trend))]
    chart = kind(
        css=[],
        js=[],
        width=520,
        height=240,
        margin=6,
        margin_right=40,
        legend_at_bottom=True,
        legend_at_bottom_columns=len(series),
        legend_box_size=10,
        disable_xml_declaration=True,
        include_x_axis=True,
        x_labels=times[::-1],
        max_scale=5,
        formatter=lambda number: f"{number:,.0f}",
        dots_size=3,
    )
    chart.uuid = name
    for title, values in series.items():
        chart.add(title, values)
    return Markup(ADDED.sub("", chart.render(is_unicode=True)))
