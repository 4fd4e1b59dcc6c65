"""The rows of the result table as every format draws them: labels, means of groups, the mean."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from jobs.published import Published, PublishedCell
from jobs.results import Cell, Finished, ResultTable, Row, spread

UNDEFINED: Final = "-"
UNFINISHED: Final = "\N{HORIZONTAL ELLIPSIS}"


@dataclass(frozen=True)
class DrawnRow:
    """A title, and for each column a cell with what was published of it."""

    title: str
    cells: tuple[Cell, ...]
    published: tuple[PublishedCell | None, ...]
    label: Row | None = None  # of a label
    mean: str = ""  # of a mean: "all", "head", ...


def drawn_rows(table: ResultTable, published: Published | None = None) -> Iterator[DrawnRow]:
    """Labels, means of groups, the mean; with seeds its standard deviation over them."""
    nothing = (None,) * len(table.columns)
    for row in table.rows:
        beside = tuple(
            published.cell(row.label, one) if published else None for one in table.columns
        )
        yield DrawnRow(row.label, row.cells, beside, label=row)
    for group, cells in table.groups.items():
        yield DrawnRow(f"mean of {group}", cells, nothing, mean=group)
    means = tuple(_published_mean(published, one) if published else None for one in table.columns)
    yield DrawnRow("Mean", table.mean, means, mean="all")
    if table.repeats:
        yield DrawnRow("\N{PLUS-MINUS SIGN} over the seeds", spread(table), nothing)


def written(value: float | None, finished: bool) -> str:
    """An AP with three decimals, or the sign for undefined or unfinished."""
    if not finished:
        return UNFINISHED
    return UNDEFINED if value is None else f"{value:.3f}"


def both(cell: Cell, finished: Finished, strong: Callable[[str], str]) -> str:
    """Development / test in one cell, the best so far made `strong`."""
    dev, test = written(cell.dev, finished.dev), written(cell.test, finished.test)
    dev = strong(dev) if cell.best_dev else dev
    return f"{dev} / {strong(test) if cell.best_test else test}"


def footnotes(published: Published) -> tuple[str, ...]:
    """The source of the published numbers, and what was assumed of it."""
    numbered = (f"[{number}] {note}" for number, note in enumerate(published.notes, start=1))
    return (f"Published: {published.citation}", *numbered)


def _published_mean(published: Published, column: str) -> PublishedCell | None:
    """The printed mean of a column, where it has one."""
    if column not in published.columns:
        return None
    return published.mean.cells[published.columns.index(column)]
