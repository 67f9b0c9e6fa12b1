"""Pages for people who watch runs in the Prefect UI: Markdown, short whatever the size of the plan, and masked."""

from collections.abc import Sequence

import pandas as pd

from tasks.core.explaining.drift import Alarm
from tasks.core.masking import mask
from tasks.core.plan import Plan
from tasks.core.render import calls_beside
from tasks.core.run import RunReport
from tasks.core.survey import Row

TOP = 20


def in_short(plan: Plan) -> list[str]:
    """A plan in a few words: how it looked at the systems, where a flow doesn't say so, and how much it is."""
    held = len(plan.held)
    changes = f"{len(plan.changes):,} change{'' if len(plan.changes) == 1 else 's'}"
    return [*(["incremental"] if plan.mode == "incremental" else []), changes + (f", {held:,} held" if held else "")]


def plan_page(plan: Plan) -> str:
    """How many changes of which kind where, the first of them, and what is reported but not planned."""
    counts = plan.changes.groupby(["system", "kind"]).size().reset_index(name="changes")
    parts = [
        f"# Plan {plan.id}",
        f"{len(plan.changes)} changes, {len(plan.refused)} refused, {plan.settled} settled differences. "
        f"Checksum `{plan.checksum[:12]}`.",
        _table(counts),
        _section("API calls that carrying it out should take", _calls(plan)),
        _section("First changes", _told(plan, plan.changes)),
        _section("Conflicts", plan.conflicts[["person", "field", "winner", "rule"]]),
        _section("Collisions", plan.collisions[["kind", "phone", "chosen"]]),
        _section("Quarantine", plan.quarantine),
    ]
    return "\n\n".join(part for part in parts if part)


def verdict_page(plan: Plan) -> str:
    """Whether anything is held, by which breaker, and what the quality checks found."""
    verdict = plan.verdict
    breakers = pd.DataFrame([(b.name, f"{b.value:.0%}", f"{b.limit:.0%}") for b in verdict.breakers])
    findings = pd.DataFrame([(f.set, f.expectation, f.severity, f.rows) for f in verdict.findings])
    parts = [
        f"# Verdict: {'hold' if plan.waits else 'pass'}",
        f"{len(plan.held)} changes wait for a person." if plan.held else "Nothing waits for a person.",
        _section("Breakers", breakers.set_axis(["breaker", "share", "limit"], axis=1) if len(breakers) else breakers),
        _section(
            "Findings",
            findings.set_axis(["set", "expectation", "severity", "rows"], axis=1) if len(findings) else findings,
        ),
    ]
    return "\n\n".join(part for part in parts if part)


def question_page(plan: Plan, remark: str = "") -> str:
    """What a person decides of a plan that is held; `remark`: what was wrong with the last answer. Prefect's form shows
    two lines of it, and the rest when it is scrolled."""
    parts = [
        f"**{mask(remark)}**" if remark else "",
        f"**{len(plan.held):,} changes wait for you.** The artifact `held-changes` lists them.",
        "Nothing of them is written. What isn't held was written already; what moved since is skipped.",
        f"They are of plan `{plan.id}`.",
    ]
    return "\n\n".join(part for part in parts if part)


def waiting_words(plan: Plan) -> dict[str, str]:
    """Breaker that waits for a person → what it holds, and why."""
    return {
        b.name: f"{b.name} ({len(b.holds - plan.left_out):,} changes: {b.value:.0%}, and the limit is {b.limit:.0%})"
        for b in plan.verdict.breakers
        if b.name not in plan.overrides
    }


def held_page(plan: Plan) -> str:
    """The first changes that wait, with the ids by which one is left out."""
    held = plan.changes[plan.changes["id"].isin(sorted(plan.held))]
    return f"# Held in plan {plan.id}\n\n" + _section("Changes that wait", _told(plan, held), len(held))


def run_page(report: RunReport) -> str:
    """What was applied, what wasn't and why, and the API calls it took, in all and beside what the plan foresaw."""
    receipts = pd.DataFrame(list(report.receipts.items()), columns=["outcome", "changes"])
    calls = pd.DataFrame(
        [(system, n.get("read", 0), n.get("write", 0)) for system, n in report.api_calls.items()],
        columns=["system", "read", "write"],
    )
    left = {True: "Converged: nothing left to do.", False: "Something is left to do.", None: "Convergence unknown."}
    parts = [
        f"# Run {report.plan.run}",
        left[report.converged],
        _table(receipts),
        _section("API calls", calls),
        _section("API calls of carrying it out, and foreseen", _calls(report.plan, report)),
        _section("Residuals", report.residuals),
        _section("Refused by a system", report.refusals),
    ]
    return "\n\n".join(part for part in parts if part)


def drift_page(alarm: Alarm) -> str:
    """What departs from what was decided, and what does so on purpose."""
    parts = [
        "# What differs from what was decided",
        _table(alarm.deviations.rename(columns={"count": "how many"})),
        _section("Settled: known and accepted", alarm.settled.rename(columns={"count": "how many"})),
    ]
    return "\n\n".join(part for part in parts if part)


def statuses_page(rows: Sequence[Row]) -> str:
    """HubSpot's Lead Statuses, each beside the Aloware disposition that stands for it."""
    told = [(row.label or "", row.status or "", row.name or "", row.state, row.people) for row in rows]
    headings = ["label", "status", "disposition", "state", "people on it"]
    return f"# Statuses\n\n{_table(pd.DataFrame(told, columns=headings))}"


def _calls(plan: Plan, report: RunReport | None = None) -> pd.DataFrame:
    return pd.DataFrame(calls_beside(plan, report), columns=["system", "read", "write"])


def _told(plan: Plan, changes: pd.DataFrame) -> pd.DataFrame:
    """Those changes with their ids and what they would write; of the first of them."""
    heads = changes.head(TOP)
    cells = plan.cells[plan.cells["change"].isin(heads["id"])]
    told = cells["property"] + ": " + cells["before"].fillna("(none)") + " → " + cells["after"]
    fields = told.groupby(cells["change"]).agg("; ".join)
    return heads.assign(fields=heads["id"].map(fields))[["id", "system", "kind", "phone", "fields", "reason"]]


def _section(title: str, frame: pd.DataFrame, total: int | None = None) -> str:
    """A titled table of the first rows, of `total` in all; nothing for an empty frame."""
    if frame.empty:
        return ""
    left = (len(frame) if total is None else total) - TOP
    more = f"\n\n… and {left:,} more" if left > 0 else ""
    return f"## {title}\n\n{_table(frame.head(TOP))}{more}"


def _table(frame: pd.DataFrame) -> str:
    if frame.empty:
        return "Nothing."
    rows: Sequence[Sequence[object]] = frame.fillna("").to_numpy().tolist()
    lines = [list(map(str, frame.columns)), ["---"] * len(frame.columns), *([_cell(c) for c in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(value: object) -> str:
    return mask(str(value)).replace("|", "\\|").replace("\n", " ")
