"""Pages for people who watch runs in the Prefect UI: Markdown, short whatever the size of the plan, and masked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from tasks.core import render
from tasks.core.explaining.drift import Alarm
from tasks.core.frames import among
from tasks.core.markdown import Cell, page, plain, section, table
from tasks.core.masking import shown
from tasks.core.model import SYSTEMS
from tasks.core.plan import QUARANTINE, Plan, Verdict
from tasks.core.planning.approval import command
from tasks.core.run import RunReport
from tasks.core.survey import Row

TOP, FEWER = 20, 10  # changes; whatever is only reported
SOME = 3  # records named of those that are left out for one reason, or that claim one number

Names = Mapping[str, str]  # person → first and last name
Left = Mapping[str, tuple[int | None, int | None]]  # system → calls left of the day's, as far as it says


def in_short(plan: Plan) -> list[str]:
    """A plan in a few words: how it looked at the systems, where a flow doesn't say so, and how much it is."""
    held = len(plan.held)
    changes = _count(len(plan.changes), "change")
    return [*(["incremental"] if plan.mode == "incremental" else []), changes + (f", {held:,} held" if held else "")]


def headline(plan: Plan) -> str:
    """What a plan has of everything, in a sentence."""
    others = {
        "held for a person": len(plan.held),
        "that would fail": len(plan.refused),
        "in conflict": len(plan.conflicts),
        "colliding": len(plan.collisions),
        "left out": len(plan.quarantine),
        "settled": plan.settled,
    }
    return ", ".join([_count(len(plan.changes), "change"), *(f"{n:,} {word}" for word, n in others.items() if n)]) + "."


def shown_people(plan: Plan) -> list[str]:
    """Whose names the pages of a plan would like to know."""
    held = among(plan.changes["id"], plan.held)
    frames = (plan.changes[~held], plan.changes[held], plan.refused, _waiting_first(plan.conflicts))
    return sorted({person for frame in frames for person in frame["person"].head(TOP).dropna()})


def plan_page(plan: Plan, names: Names) -> str:
    """How many changes of which kind where, the first of them, and what is reported but not planned."""
    let_go = ~among(plan.changes["id"], plan.held | plan.left_out)
    return page(
        f"# Plan {plan.id}",
        _by_system(plan),
        _told("Changes", plan, plan.changes[let_go], names),
        "What is held is on the page `held-changes`." if plan.held else "",
        _would_fail(plan, names),
        _conflicts(plan, names),
        _collisions(plan),
        _left_out(plan),
        section("API calls that carrying it out should take", ("system", "read", "write"), render.calls_beside(plan)),
        f"`tandem show {plan.id}` has all of it. Checksum `{plan.checksum[:12]}`.",
    )


def verdict_page(plan: Plan) -> str:
    """Whether anything is held, by which breaker, and what the quality checks found."""
    verdict = plan.verdict
    breakers = [(b.name, *b.told, f"{len(b.holds - plan.left_out):,}", _lifted(plan, b.name)) for b in verdict.breakers]
    findings = [(f.set, f.expectation, f.severity, f"{f.rows:,}") for f in verdict.findings]
    return page(
        f"# Verdict: {'hold' if plan.waits else 'pass'}",
        f"A run that asks: *Resume*, and answer the form. Any other: {command(plan)}." if plan.waits else "",
        section("Limits that were reached", ("breaker", "is", "limit", "holds", ""), breakers),
        section("Data quality", ("set", "expectation", "severity", "rows"), findings[:TOP], len(findings)),
    )


def verdict_words(plan: Plan, whom: str = "a person") -> str:
    """The gate's answer in a sentence."""
    held = len(plan.held)
    if not plan.waits:
        return f"Nothing waits for {whom}."
    if not held:
        return "A system can't be believed, and nothing of it was planned."
    return f"{_count(held, 'change')} {'waits' if held == 1 else 'wait'} for {whom}."


def question_page(plan: Plan, remark: str = "") -> str:
    """What a person decides of a plan that is held; `remark`: what was wrong with the last answer. Prefect's form shows
    two lines of it, and the rest when it is scrolled."""
    where = "The artifact `held-changes` lists them." if plan.held else "The artifact `verdict` says why."
    return page(
        f"**{plain(remark)}**" if remark else "",
        f"**{verdict_words(plan, 'you')}** {where}",
        "Nothing of them is written. What isn't held was written already; what moved since is skipped.",
        f"They are of plan `{plan.id}`.",
    )


def waiting_words(plan: Plan) -> dict[str, str]:
    """Breaker that waits for a person → what it holds, and why."""
    waiting = [breaker for breaker in plan.verdict.breakers if breaker.name not in plan.overrides]
    held = {breaker.name: _count(len(breaker.holds - plan.left_out), "change") for breaker in waiting}
    return {b.name: f"{b.name} ({held[b.name]}: {b.told[0]}, and the limit is {b.told[1]})" for b in waiting}


def held_page(plan: Plan, names: Names) -> str:
    """The first changes that wait, with the ids by which one is left out."""
    held = plan.changes[among(plan.changes["id"], plan.held)]
    return page(
        f"# Held in plan {plan.id}",
        f"**{verdict_words(plan)}** By " + "; ".join(map(plain, waiting_words(plan).values())) + ".",
        _told("Changes that wait", plan, held, names),
        f"`tandem show {plan.id} --json` has all of them, under `held`.",
    )


def outcome_words(report: RunReport) -> str:
    """What came of a run, in a sentence."""
    done = [f"{n:,} {outcome}" for outcome, n in report.receipts.items() if n]
    left = {True: "converged: nothing left to do", False: "something is left to do", None: "convergence unknown"}
    return f"{', '.join(done) or 'Nothing to write'}; {left[report.converged]}."


def run_page(report: RunReport, names: Names, left: Left) -> str:
    """What was applied, what wasn't and why, and the API calls it took beside what was foreseen and what is left of the
    day's."""
    refused, stale = report.refusals, report.stale.drop_duplicates("change")
    return page(
        f"# Run {report.plan.run}",
        _undone("Refused by a system", report, _reasons(refused), names),
        _undone("Not true any more, so not written", report, _reasons(stale), names),
        _residuals(report),
        _spent(report, left),
    )


def undone_people(report: RunReport) -> list[str]:
    """Whose names the page of a run would like to know."""
    ids = [*report.refusals.get("change", pd.Series(dtype="str")).head(TOP), *report.stale["change"].unique()[:TOP]]
    return sorted(report.plan.changes.loc[report.plan.changes["id"].isin(ids), "person"].dropna().unique())


def report_page(name: str, path: str, url: str | None) -> str:
    """Where a report is. `url`: under which address others reach its folder, if they do."""
    run = name.partition(".")[0]
    return page(
        f"# [Open the report]({url}/{name})" if url else "",
        f"On the machine that ran this: `{path}`. `tandem report {run}` makes it again.",
    )


def drift_words(alarm: Alarm) -> str:
    """How much drifted, in a sentence."""
    return (
        "1 value isn't as it was left." if alarm.drifted == 1 else f"{alarm.drifted:,} values aren't as they were left."
    )


def drift_page(alarm: Alarm) -> str:
    """What departs from what was decided, and what does so on purpose."""
    found = [(*map(str, row[:-1]), f"{row[-1]:,}") for row in alarm.deviations.to_numpy().tolist()]
    settled = [(*map(str, row[:-1]), f"{row[-1]:,}") for row in alarm.settled.to_numpy().tolist()]
    return page(
        "# What differs from what was decided",
        table(("what", "system", "field", "how many"), found) if found else "Nothing.",
        section("Settled: known and accepted", ("system", "field", "reason", "how many"), settled[:TOP], len(settled)),
    )


def statuses_page(rows: Sequence[Row]) -> str:
    """HubSpot's Lead Statuses, each beside the Aloware disposition that stands for it."""
    told = [(row.label or "", row.status or "", row.name or "", row.state, f"{row.people:,}") for row in rows]
    return page("# Statuses", table(("label", "status", "disposition", "state", "people on it"), told))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _lifted(plan: Plan, breaker: str) -> str:
    return "lifted by a person" if breaker in plan.overrides else ""


def _by_system(plan: Plan) -> str:
    """How many changes of which kind in which system."""
    counts = pd.crosstab(plan.changes["system"], plan.changes["kind"])
    rows = [
        (str(system), *(f"{n:,}" for n in row)) for system, row in zip(counts.index, counts.to_numpy(), strict=True)
    ]
    return table(("system", *map(str, counts.columns)), rows) if rows else ""


def _told(title: str, plan: Plan, changes: pd.DataFrame, names: Names) -> str:
    """The first of those changes: where, whose, why; and last what becomes what, for it is long and not broken."""
    rows = [
        (
            f"{change['id']} {change['system']} {change['kind']}",
            _who(change, names),
            change["reason"] or change["rule"] or "",
            [_move(change, *field) for field in change["fields"].items()],
        )
        for change in _objects(plan, changes["id"].head(TOP))
    ]
    return section(title, ("change", "who", "why", "what"), rows, len(changes))


def _objects(plan: Plan, ids: Iterable[str]) -> list[render.Object]:
    """Those few changes as objects."""
    few = list(ids)
    changes, cells = plan.changes[plan.changes["id"].isin(few)], plan.cells[plan.cells["change"].isin(few)]
    return render.changes(replace(plan, changes=changes, cells=cells, verdict=Verdict(), left_out=frozenset()))


def _who(row: render.Object, names: Names) -> Sequence[str]:
    """Name and number, or whichever is known."""
    return [word for word in (names.get(row["person"] or ""), row.get("phone")) if word] or [row["person"] or "?"]


def _move(change: render.Object, name: str, move: render.Object) -> str:
    before = "" if change["kind"] == "create" else f"{shown(move['before'])} → "
    return f"{name}: {before}{shown(move['after'])}"


def _would_fail(plan: Plan, names: Names) -> str:
    refused = render.refused(replace(plan, refused=plan.refused.head(FEWER)))
    rows = [(r["system"], _who(r, names), list(r["fields"]), r["reason"] or "") for r in refused]
    return section("Would fail, so not attempted", ("system", "who", "field", "why"), rows, len(plan.refused))


def _waiting_first(conflicts: pd.DataFrame) -> pd.DataFrame:
    """The first conflicts, those that wait for a person before those that were decided."""
    waits = conflicts["winner"].fillna("").eq("")
    return conflicts.loc[waits.sort_values(ascending=False, kind="stable").index[:FEWER]]


def _conflicts(plan: Plan, names: Names) -> str:
    rows = [
        (
            _who(conflict, names),
            conflict["field"] or "",
            [f"{side}: {shown(value)}" for side, value in conflict["sides"].items()],
            conflict["winner"] or "nobody yet",
            conflict["rule"] or "",
        )
        for conflict in render.conflicts(replace(plan, conflicts=_waiting_first(plan.conflicts)))
    ]
    return section("Conflicts", ("who", "field", "sides", "winner", "rule"), rows, len(plan.conflicts))


def _collisions(plan: Plan) -> str:
    found = render.collisions(replace(plan, collisions=plan.collisions.head(FEWER)))
    rows = [(c["kind"] or "", c["phone"] or "", _claimants(c["records"], c["chosen"])) for c in found]
    return section("Collisions", ("kind", "number", "records"), rows, len(plan.collisions))


def _claimants(records: Sequence[str], chosen: str | None) -> list[str]:
    """The one that speaks, and some of the others."""
    told = [f"{record} (speaks)" if record == chosen else record for record in records]
    return _some(sorted(told, key=lambda record: not record.endswith(")")))


def _left_out(plan: Plan) -> str:
    """Why records take no part, the most frequent reason first, with some of them."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for system, kind, record, reason in plan.quarantine[list(QUARANTINE)].itertuples(index=False, name=None):
        found.setdefault((system, kind, reason), []).append(f"{system}:{kind}:{record}")
    most = sorted(found.items(), key=lambda item: -len(item[1]))[:FEWER]
    rows = [(f"{len(records):,}", reason, _some(records)) for (_, _, reason), records in most]
    return section("Left out", ("how many", "why", "records"), rows, len(found))


def _some(records: Sequence[str]) -> list[str]:
    left = len(records) - SOME
    return [*records[:SOME], *([f"… and {left:,} more"] if left > 0 else [])]


def _undone(title: str, report: RunReport, reasons: Mapping[str, str], names: Names) -> str:
    """Changes that were attempted, or weren't, in vain: whose, of what, and why."""
    rows: list[Sequence[Cell]] = [
        (
            f"{change['id']} {change['system']} {change['kind']}",
            _who(change, names),
            list(change["fields"]),
            reasons[change["id"]] or "not reached",
        )
        for change in _objects(report.plan, list(reasons)[:TOP])
    ]
    return section(title, ("change", "who", "fields", "why"), rows, len(reasons))


def _reasons(rows: pd.DataFrame) -> dict[str, str]:
    """Change → why; of a frame without rows, nothing."""
    return {} if rows.empty else dict(zip(rows["change"], rows["reason"].fillna(""), strict=True))


def _residuals(report: RunReport) -> str:
    rows = [
        (
            f"{r['system']}:{r['object']}:{r['record_id']}",
            r["field"],
            shown(r["wanted"]),
            shown(r["found"]),
            r["reason"],
        )
        for r in render.residuals(replace(report, residuals=report.residuals.head(TOP)))
    ]
    headings = ("record", "field", "wanted", "found", "why")
    return section("Written, but something else is there now", headings, rows, len(report.residuals))


def _spent(report: RunReport, left: Left) -> str:
    """The calls of the whole run, those of them that carried out the plan beside what it foresaw, and the day's."""
    whole, writing = (
        render.calls(report.api_calls),
        {name: rest for name, *rest in render.calls_beside(report.plan, report)},
    )
    rows = []
    for system in (name for name in SYSTEMS if name in whole or name in writing):
        made = whole.get(system, {"read": 0, "write": 0})
        carrying_out = writing.get(system, ("", ""))
        rows.append(
            (system, *(f"{n:,}" for n in made.values()), *carrying_out, _of_the_day(*left.get(system, (None, None))))
        )
    headings = ("system", "read", "write", "read to carry it out", "written to carry it out", "left of the day")
    return section("API calls", headings, rows)


def _of_the_day(left: int | None, most: int | None) -> str:
    if left is None:
        return "it doesn't say"
    return f"{left:,} of {most:,}" if most else f"{left:,}"
