"""The plan of a run: what is to become of each job, and why."""

from collections.abc import Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from cxrtui.show.plain import plain_line
from jobs.plan import PlanLine


def plan_table(lines: Sequence[PlanLine]) -> Table:
    """A row for each job."""
    table = Table(box=None, pad_edge=False)
    for title in ("", "job", "stage", "why"):
        table.add_column(title, no_wrap=title != "why")
    for line in lines:
        mark = Text("▶", style="cyan") if line.runs else Text("✓", style="green")
        table.add_row(mark, *(Text(plain_line(part)) for part in _parts(line)))
    return table


def plan_summary(lines: Sequence[PlanLine]) -> str:
    """Such as `6 jobs to run, 2 succeeded already`."""
    runs = sum(line.runs for line in lines)
    told = f"{runs:,} job{'' if runs == 1 else 's'} to run"
    done = len(lines) - runs
    return f"{told}, {done:,} succeeded already" if done else told


def plan_json(lines: Sequence[PlanLine]) -> list[dict[str, Any]]:
    """The same for scripts."""
    return [
        {
            "model": line.job.model,
            "kind": line.job.kind,
            "stage": line.job.stage,
            "key": line.job.key,
            "runs": line.runs,
            "reason": line.reason,
        }
        for line in lines
    ]


def _parts(line: PlanLine) -> tuple[str, str, str]:
    return line.job.name, line.job.stage, line.reason
