"""Pages for people who watch runs in the Prefect UI: Markdown, short whatever the size of the plan, and masked."""

from collections.abc import Sequence

import pandas as pd

from tasks.core.masking import mask
from tasks.core.plan import Plan
from tasks.core.render import calls_beside
from tasks.core.run import RunReport

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
        _section("First changes", _first_changes(plan)),
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


def _calls(plan: Plan, report: RunReport | None = None) -> pd.DataFrame:
    return pd.DataFrame(calls_beside(plan, report), columns=["system", "read", "write"])


def _first_changes(plan: Plan) -> pd.DataFrame:
    heads = plan.changes.head(TOP)
    cells = plan.cells[plan.cells["change"].isin(heads["id"])]
    told = cells["property"] + ": " + cells["before"].fillna("(none)") + " → " + cells["after"]
    fields = told.groupby(cells["change"]).agg("; ".join)
    return heads.assign(fields=heads["id"].map(fields))[["system", "kind", "phone", "fields", "reason"]]


def _section(title: str, frame: pd.DataFrame) -> str:
    """A titled table of the first rows; nothing for an empty frame."""
    if frame.empty:
        return ""
    more = f"\n\n… and {len(frame) - TOP} more" if len(frame) > TOP else ""
    return f"## {title}\n\n{_table(frame.head(TOP))}{more}"


def _table(frame: pd.DataFrame) -> str:
    if frame.empty:
        return "Nothing."
    rows: Sequence[Sequence[object]] = frame.fillna("").to_numpy().tolist()
    lines = [list(map(str, frame.columns)), ["---"] * len(frame.columns), *([_cell(c) for c in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(value: object) -> str:
    return mask(str(value)).replace("|", "\\|").replace("\n", " ")
