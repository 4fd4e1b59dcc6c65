"""What a crash test has killed, and what it has checked."""

from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from cxrtui.show.plain import plain
from jobs.crash.cells import WEIGHTS, Cell
from jobs.crash.report import Check, CrashReport

_FAULTS_SHOWN = 5


def crash_report(report: CrashReport) -> Group:
    """Kills by role and state, the checks, and what it comes to in one line."""
    return Group(kills_table(report), Text(), *map(_check, report.checks.values()), _sum(report))


def kills_table(report: CrashReport) -> Table:
    """A row for each role, a column for each state; a dot where the two do not meet."""
    roles = list(dict.fromkeys(cell.role for cell in WEIGHTS))
    table = Table(box=None, pad_edge=False)
    table.add_column("state")
    for role in roles:
        table.add_column(role, justify="right")
    for state in dict.fromkeys(cell.state for cell in WEIGHTS):
        cells = [Cell(role, state) for role in roles]
        table.add_row(state, *(_count(report, cell) for cell in cells))
    sums = [sum(n for cell, n in report.kills.items() if cell.role == role) for role in roles]
    table.add_row("all", *map(str, sums), style="bold")
    return table


def crash_json(report: CrashReport) -> dict[str, Any]:
    """The report for scripts."""
    kills: dict[str, dict[str, int]] = {}
    for cell in WEIGHTS:
        kills.setdefault(cell.role, {})[cell.state] = report.kills[cell]
    numbers = ("rounds", "jobs", "attempts", "events", "retries", "left_files")
    return {
        "seed": report.seed,
        "seconds": round(report.seconds, 1),
        "total": report.total,
        "kills": kills,
        "checks": [vars(check) for check in report.checks.values()],
        **{name: getattr(report, name) for name in numbers},
        "lost": report.lost,
        "survived": report.survived,
    }


def _count(report: CrashReport, cell: Cell) -> Text:
    if cell not in WEIGHTS:
        return Text("·", style="dim")
    return Text(str(report.kills[cell]), style="" if report.kills[cell] else "bold red")


def _check(check: Check) -> Text:
    if not check.faults:
        return Text.assemble(("✓", "green"), f" {check.name}", (f"  {check.looks:,}", "dim"))
    shown = [f"\n    {plain(fault)}" for fault in check.faults[:_FAULTS_SHOWN]]
    more = len(check.faults) - len(shown)
    rest = f"\n    and {more} more" if more else ""
    return Text.assemble(("✗", "bold red"), f" {check.name}", *shown, rest)


def _sum(report: CrashReport) -> Text:
    rate = report.total / report.seconds if report.seconds else 0.0
    lines = [
        f"\n{report.total} kills in {report.seconds:.0f} s ({rate:.1f} a second), "
        f"seed {report.seed}: {report.jobs} jobs, {report.attempts} attempts, "
        f"{report.events:,} events",
    ]
    if report.retries:
        lines.append(
            f"{report.retries} times a job was given up after three kills without a checkpoint "
            "between them, as it should be, and asked for again"
        )
    if report.lost:
        lines.append(f"ended early: {plain(report.lost)}")
    elif report.missing:
        lines.append(
            "not killed: " + ", ".join(f"{one.role} {one.state}" for one in report.missing)
        )
    lines.append("nothing lost, nothing twice" if report.survived else "SOMETHING WAS LOST")
    return Text("\n".join(lines))
