"""The columns of the queue's table: which fit, how wide they are, and what stands in them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rich.cells import cell_len, set_cell_size

from cxrtui.chart.lines import COLOURS, WARNING
from cxrtui.screens.queue.rows import QueueRow
from cxrtui.show.progress import MARKS, duration
from cxrtui.show.signs import bar

_STYLES: Final = {
    "succeeded": COLOURS[2],
    "running": COLOURS[0],
    "failed": WARNING,
    "blocked": WARNING,
    "paused": COLOURS[1],
    "held": COLOURS[1],
    "cancelled": "dim",
}
_WIDE: Final = 105  # cells of width that are needed to show everything
_BAR: Final = 8
_LONGEST: Final = 24  # cells of a name
_MARK: Final = 2  # cells before the first column, for the sign of a marked job


@dataclass(frozen=True)
class Column:
    """A column at its place on the screen."""

    title: str
    width: int
    text: Callable[[QueueRow, float], str]  # of a row at a moment
    style: Callable[[QueueRow], str] = lambda row: ""
    right: bool = False
    x: int = 0

    def fit(self, text: str) -> str:
        """The text in exactly as many cells as the column is wide."""
        if cell_len(text) > self.width:
            return set_cell_size(text, self.width - 1) + "…"
        fill = " " * (self.width - cell_len(text))
        return fill + text if self.right else text + fill


def _bar(row: QueueRow, now: float) -> str:
    if row.share is None or row.state != "running":
        return _percent(row, now)
    return f"{bar(row.share, _BAR)} {row.share:4.0%}"


def _percent(row: QueueRow, now: float) -> str:
    return "" if row.share is None or row.state == "succeeded" else f"{row.share:.0%}"


def _took(row: QueueRow, now: float) -> str:
    return duration(row.took(now)) if row.attempts else ""


def _of_state(row: QueueRow) -> str:
    return _STYLES.get(row.state, "")


def _of_why(row: QueueRow) -> str:
    return WARNING if row.state in ("failed", "blocked") else "dim"


_ALL: Final = (
    Column("id", 3, lambda row, now: str(row.id), lambda row: "dim", right=True),
    Column("model", 6, lambda row, now: row.model),
    Column("kind", 7, lambda row, now: row.kind),
    Column("stage", 6, lambda row, now: row.stage, lambda row: "dim"),
    Column("state", 11, lambda row, now: f"{MARKS[row.state][0]} {row.state}", _of_state),
    Column("done", 5, _percent, _of_state, right=True),
    Column("prio", 5, lambda row, now: str(row.priority or ""), right=True),
    Column("tries", 6, lambda row, now: str(row.attempts or ""), right=True),
    Column("took", 9, _took, right=True),
    Column("why", 1, lambda row, now: row.why, _of_why),
)


def columns(rows: Sequence[QueueRow], width: int) -> list[Column]:
    """The columns for these rows in so many cells, of which the last one takes what is left.

    Where there is little room the stage goes, and the priority unless somebody has given one.
    """
    wide = width >= _WIDE
    needed = {
        "id": len(str(max((row.id for row in rows), default=0))),
        "model": _longest(row.model for row in rows),
        "stage": _longest(row.stage for row in rows),
    }
    made: list[Column] = []
    x = _MARK
    for column in _ALL:
        size = max(column.width, needed.get(column.title, 0))
        if wide and column.title == "done":
            column, size = replace(column, text=_bar), _BAR + 5
        if wide or _matters(column, rows):
            made.append(replace(column, x=x, width=size))
            x += size + (2 if wide else 1)
    made[-1] = replace(made[-1], width=max(width - made[-1].x, 1))
    return made


def _matters(column: Column, rows: Sequence[QueueRow]) -> bool:
    if column.title == "prio":
        return any(row.priority for row in rows)
    return column.title != "stage"


def _longest(names: Iterable[str]) -> int:
    return min(max(map(_cells, set(names)), default=0), _LONGEST)


def _cells(name: str) -> int:
    return len(name) if name.isascii() else cell_len(name)
