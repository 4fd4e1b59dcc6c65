"""What each column of the result table changed over the column before, below the table."""

from rich.console import Group, RenderableType
from rich.text import Text

from cxrtui.screens.results.table import Known
from cxrtui.screens.results.view import BOTH, ResultsView, Splits
from cxrtui.screens.results.work import LoadedResults
from cxrtui.show.differences import differences_grid
from cxrtui.show.grid import Grid, grid_table
from cxrtui.show.plain import plain
from cxrtui.show.signs import FEW, NOISE


def changes(
    loaded: LoadedResults, view: ResultsView, known: Known, splits: Splits, width: int
) -> RenderableType:
    """Rises and differences of the mAP, their intervals where known, and what signs mean."""
    printed = loaded.published if view.with_published else None
    parts: list[RenderableType] = []
    if len(loaded.table.columns) > 1:
        grid = differences_grid(loaded.table, None, printed)
        parts.append(
            grid_table(_with_intervals(grid, known if view.with_intervals else {}, splits), width)
        )
    parts += [Text(plain(remark), style="dim") for remark in loaded.remarks]
    if view.with_intervals:
        parts.append(Text(_legend(loaded), style="dim"))
    return Group(*parts)


def _with_intervals(grid: Grid, known: Known, splits: Splits) -> Grid:
    """The same for these splits alone, each difference followed by its interval."""
    kept = [0, *(place for place, split in enumerate(BOTH, start=1) if split in splits)]
    kept += range(len(BOTH) + 1, len(grid.columns))
    rows = []
    for column, row in enumerate(grid.rows, start=1):
        texts = list(row)
        for place, split in enumerate(BOTH, start=1):
            texts[place] += _interval(known, split, column)
        rows.append(tuple(texts[place] for place in kept))
    titles = ("Over the column before", *grid.columns[1:])
    return Grid(
        title="",
        columns=tuple(titles[place] for place in kept),
        rows=tuple(rows),
        left=len(kept),
        dim_columns=frozenset({len(kept) - 1} if len(grid.columns) > len(BOTH) + 1 else ()),
    )


def _interval(known: Known, split: str, column: int) -> str:
    found = known.get((split, column))
    change = None if found is None or found.change is None else found.change.means.get("all")
    if change is None:
        return ""
    noise = f" {NOISE}" if change.is_within_noise else ""
    return f" [{change.low:+.3f}, {change.high:+.3f}]{noise}"


def _legend(loaded: LoadedResults) -> str:
    return (
        f"95 % intervals from {loaded.scores.resamples:,} resamples of the patients   "
        f"{NOISE} change within noise   {FEW} positives in few patients"
    )
