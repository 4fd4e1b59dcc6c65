"""What `results` shows of a recipe beside the result table, in the order in which it is shown."""

from collections.abc import Iterator
from dataclasses import dataclass

from cxrtui.show.comparisons import comparison_grids
from cxrtui.show.differences import differences_grid, interval_grids
from cxrtui.show.grid import Grid
from jobs.comparisons import ComparisonResult
from jobs.confidence import Confidence
from jobs.published import Published
from jobs.results import ResultTable
from jobs.scores import RESAMPLES
from jobs.stages import Saving, StageRow


@dataclass(frozen=True)
class Results:
    """The parts that were asked for, and what stands beside and below them."""

    recipe: str
    stages: tuple[StageRow, ...] = ()
    saving: Saving | None = None
    table: ResultTable | None = None
    confidence: Confidence | None = None
    with_intervals: bool = False  # of every label, not of the differences alone
    comparisons: tuple[ComparisonResult, ...] = ()
    resamples: int = RESAMPLES
    published: Published | None = None
    remarks: tuple[str, ...] = ()  # on what these numbers mean, below all


def further_grids(results: Results, width: int | None = None) -> Iterator[Grid]:
    """What follows the result table: what columns changed, intervals, comparisons.

    `width` is that of a terminal; without it there is room for all words.
    """
    table, confidence = results.table, results.confidence
    if table is not None and len(table.columns) > 1:
        yield differences_grid(table, confidence, results.published, width)
    if table is not None and confidence is not None and results.with_intervals:
        yield from interval_grids(table, confidence)
    yield from comparison_grids(results.comparisons, results.resamples)
