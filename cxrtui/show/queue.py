"""The queue as a table that stays quick with thousands of rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any, Final

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions
from rich.segment import Segment
from rich.style import Style

from cxrtui.show.plain import plain, plain_line
from cxrtui.show.progress import MARKS, OVER, duration
from db.records import Attempt, Job

TITLES: Final = ("id", "job", "stage", "state", "attempts", "took", "why")
NEWEST: Final = 20  # jobs that are over are shown, unless all are asked for
_NARROWEST: Final = 24  # columns that the last one gets in any case
_BOLD, _DIM, _PLAIN = Style(bold=True), Style(dim=True), Style()


@dataclass(frozen=True)
class QueueTable:
    """A row for each job: its state, why it waits or how far it is, how long its attempts took.

    Written in segments: a table of rich's own takes seconds for what this writes in tenths.
    """

    jobs: Sequence[Job]
    attempts: Mapping[int, Sequence[Attempt]]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        rows = [TITLES, *(_cells(job, self.attempts.get(job.id, ())) for job in self.jobs)]
        widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)][:-1]
        before = sum(widths) + 2 * len(widths)
        room = max(_NARROWEST, options.max_width - before) if console.is_terminal else None
        styles: Sequence[Style] = [_BOLD] * len(TITLES)
        for number, row in enumerate(rows):
            if number:
                colour = Style.parse(MARKS[self.jobs[number - 1].state][1])
                styles = (_PLAIN, _PLAIN, _DIM, colour, _PLAIN, _PLAIN, _PLAIN)
            yield from _line(row, widths, styles, room)


def partly_shown(jobs: Sequence[Job]) -> list[Job]:
    """The jobs that are not over, and the newest of those that are, in their order."""
    over = sorted(job.id for job in jobs if job.state in OVER)
    newest = set(over[-NEWEST:])
    return [job for job in jobs if job.state not in OVER or job.id in newest]


def queue_json(job: Job, attempts: Sequence[Attempt], now: float) -> dict[str, Any]:
    """A job of `queue list --json`."""
    return {
        "id": job.id,
        "model": job.model,
        "kind": job.kind,
        "stage": job.stage,
        "recipe": job.recipe,
        "key": job.key,
        "priority": job.priority,
        "state": job.state,
        "reason": job.reason,
        "queued": job.queued,
        "age_seconds": max(0.0, now - job.queued),
        "attempts": [
            {
                "number": attempt.number,
                "state": attempt.state,
                "reason": attempt.reason,
                "exit_code": attempt.exit_code,
                "signal": attempt.signal,
                "started": attempt.started,
                "ended": attempt.ended,
                "peak_bytes": attempt.peak_bytes,
                "slot": attempt.slot,
            }
            for attempt in attempts
        ],
    }


def steps_done(attempt: Attempt) -> str:
    """Such as `step 1,200 of 3,400 (35%)`; empty before the first step is told."""
    if not attempt.steps:
        return f"step {attempt.step:,}" if attempt.step else ""
    share = min(1.0, attempt.step / attempt.steps)
    return f"step {attempt.step:,} of {attempt.steps:,} ({share:.0%})"


def _cells(job: Job, attempts: Sequence[Attempt]) -> tuple[str, ...]:
    took = sum(one.ended - one.started for one in attempts if one.ended is not None)
    running = job.state == "running" and attempts
    return (
        str(job.id),
        plain_line(job.name),
        plain_line(job.stage),
        f"{MARKS[job.state][0]} {job.state}",
        str(len(attempts)),
        duration(took) if took else "",
        plain(job.reason) or (steps_done(attempts[-1]) if running else ""),
    )


def _line(
    cells: Sequence[str], widths: Sequence[int], styles: Sequence[Style], room: int | None
) -> Iterator[Segment]:
    """One row; where the last cell has no room it goes on below itself."""
    for number, (cell, width, style) in enumerate(zip(cells, widths, styles, strict=False)):
        fill = " " * (width - cell_len(cell))
        yield Segment(f"{fill}{cell}" if number == 0 else f"  {cell}{fill}", style)
    last = cells[-1]
    parts = [last] if room is None or len(last) <= room else wrap(last, room)
    indent = " " * (sum(widths) + 2 * len(widths))
    for number, part in enumerate(parts):
        yield Segment(f"\n{indent}{part}" if number else f"  {part}" if part else "", styles[-1])
    yield Segment.line()
