"""The poster's table as the cells of a grid of a given width.

A cell has the AP, with its interval and the published AP beside it where they are asked for;
`~` follows a number whose difference from the column before is within noise.
"""

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from cxrtui.screens.results.confidence import ColumnConfidence
from cxrtui.screens.results.view import BOTH, Order, ResultsView, Splits
from cxrtui.screens.results.work import LoadedResults
from cxrtui.show.plain import plain_line
from cxrtui.show.result_rows import UNFINISHED, DrawnRow, written
from cxrtui.show.signs import FEW, NOISE
from jobs.confidence import Estimate, Estimates
from jobs.results import Cell, Finished, Row

LABEL, POSITIVES = "label", "positives"  # keys of the columns that are none of the recipe's
Known = Mapping[tuple[str, int], ColumnConfidence]  # by split and column
_NUMBER: Final = len("0.000")
_INTERVAL: Final = len(".000 .000")
_GAP: Final = 2  # cells that a sign or a blank takes before what stands beside a number
_BETWEEN: Final = " / "  # the splits
_LEAST_LABEL: Final = 18
_ELLIPSIS: Final = "\N{HORIZONTAL ELLIPSIS}"


@dataclass(frozen=True)
class GridColumn:
    """A heading of one or more lines, and the cells of room that the column takes."""

    key: str  # LABEL, POSITIVES, or the place of a column of the recipe
    title: Text
    width: int


@dataclass(frozen=True)
class DrawnTable:
    """Cells by row and column; labels first, then the rows of means."""

    columns: tuple[GridColumn, ...]
    keys: tuple[str, ...]  # of the rows
    rows: tuple[tuple[Text, ...], ...]
    splits: Splits
    both_fit: bool


def drawn_table(loaded: LoadedResults, view: ResultsView, known: Known, width: int) -> DrawnTable:
    """The table in at most `width` cells where that can be; else it is wider, never cut."""
    rows = loaded.rows
    both = _Drawing(loaded, view, known, BOTH, rows)
    both_fit = both.full_width(gap=1) <= width
    splits = view.splits(both_fit=both_fit)
    drawing = both if splits == BOTH else _Drawing(loaded, view, known, splits, rows)
    return drawing.table(width, both_fit=both_fit)


def ordered_rows(rows: Iterable[DrawnRow], order: Order, split: str) -> list[DrawnRow]:
    """Rows of labels in this order, those without a number last; rows of means after them."""
    every = list(rows)
    labels = [(row, row.label) for row in every if row.label is not None]
    means = [row for row in every if row.label is None]
    if order.by == "recipe":
        found = [row for row, _ in labels]
        return [*(reversed(found) if order.is_reversed else found), *means]
    if order.by == "name":
        found = sorted((row for row, _ in labels), key=lambda row: row.title.casefold())
        return [*(reversed(found) if order.is_reversed else found), *means]
    values = [(_value(row, label, order, split), row) for row, label in labels]
    sign = 1 if order.is_reversed else -1
    some = sorted(
        ((value, row) for value, row in values if value is not None), key=lambda one: sign * one[0]
    )
    return [*(row for _, row in some), *(row for value, row in values if value is None), *means]


def positives(label: Row, split: str) -> int | None:
    """Positive images of a label in a split; None while its labels are unknown."""
    return label.positives_dev if split == "dev" else label.positives_test


def _value(row: DrawnRow, label: Row, order: Order, split: str) -> float | None:
    if order.by == "positives":
        return positives(label, split)
    cell = row.cells[order.column]
    return cell.dev if split == "dev" else cell.test


class _Drawing:
    """The cells for some splits, and how wide they are."""

    def __init__(
        self,
        loaded: LoadedResults,
        view: ResultsView,
        known: Known,
        splits: Splits,
        rows: Iterable[DrawnRow],
    ) -> None:
        self._loaded, self._view, self._known, self._splits = loaded, view, known, splits
        self._rows = ordered_rows(rows, view.order, splits[0])
        self._cells = [
            [self._kept_cell(row, place) for place in range(len(row.cells))] for row in self._rows
        ]
        self._labels = [self._label(row) for row in self._rows]
        self._positives = [self._positive(row) for row in self._rows]
        self._titles = [_folded(plain_line(title), self._least()) for title in loaded.table.columns]

    def full_width(self, gap: int) -> int:
        """Cells that everything takes but the positives, no label cut."""
        return self._longest_label() + sum(width + gap for width in self._widths())

    def table(self, width: int, *, both_fit: bool) -> DrawnTable:
        gap = 2 if self.full_width(gap=2) <= width else 1
        widths = self._widths()
        rest = sum(widths) + gap * len(widths)
        label = min(self._longest_label(), max(_LEAST_LABEL, width - rest))
        columns = [GridColumn(LABEL, Text("label"), label + gap)]
        counts = max(cell_len(POSITIVES), *map(cell_len, self._positives))
        with_positives = label + gap + rest + counts + gap <= width
        if with_positives:
            columns.append(GridColumn(POSITIVES, Text(POSITIVES), counts + gap))
        for place, (title, own) in enumerate(zip(self._titles, widths, strict=True)):
            columns.append(GridColumn(str(place), Text(title), own + gap))
        rows = []
        for row, count, cells in zip(self._rows, self._positives, self._cells, strict=True):
            first = [Text(_cut(plain_line(row.title), self._rare(row), label), style=_style(row))]
            beside = [Text(count, style="dim")] if with_positives else []
            rows.append((*first, *beside, *cells))
        keys = tuple(row_key(row) for row in self._rows)
        return DrawnTable(tuple(columns), keys, tuple(rows), self._splits, both_fit)

    def _longest_label(self) -> int:
        return max(map(cell_len, self._labels))

    def _widths(self) -> list[int]:
        """Of the recipe's columns."""
        columns = zip(self._titles, *self._cells, strict=True)
        return [
            max(self._least(), *map(_width, title.split("\n")), *map(_width, cells))
            for title, *cells in columns
        ]

    def _least(self) -> int:
        """Cells that a column takes even before its intervals have arrived."""
        beside = self._loaded.published is not None and self._view.with_published
        return self._own_width() + (self._both(_NUMBER) + _GAP if beside else 0)

    def _own_width(self) -> int:
        """Cells of one's own numbers."""
        return self._both(_NUMBER + (_GAP + _INTERVAL if self._view.with_intervals else 0))

    def _both(self, width: int) -> int:
        return len(self._splits) * (width + len(_BETWEEN)) - len(_BETWEEN)

    def _label(self, row: DrawnRow) -> str:
        return plain_line(row.title) + self._rare(row)

    def _rare(self, row: DrawnRow) -> str:
        """The sign of a label that has positives in few patients of a split that is shown."""
        is_rare = self._view.with_intervals and any(
            row.title in one.few_positives
            for (split, _), one in self._known.items()
            if split in self._splits and row.label is not None
        )
        return f" {FEW}" if is_rare else ""

    def _positive(self, row: DrawnRow) -> str:
        if row.label is None:
            return ""
        counts = (positives(row.label, split) for split in self._splits)
        texts = (UNFINISHED if count is None else f"{count:,}" for count in counts)
        return _BETWEEN.join(f"{text:>6}" for text in texts).rjust(len(POSITIVES))

    def _kept_cell(self, row: DrawnRow, place: int) -> Text:
        """The cell, drawn once; what is known of a column is the same whenever it is worked out."""
        known = tuple((split, place) in self._known for split in self._splits)
        view, kept = self._view, self._loaded.drawn_cells
        shown = (view.with_published, view.with_intervals, self._splits, known)
        key = (row_key(row), place, shown)
        if key not in kept:
            kept[key] = self._cell(row, place)
        return kept[key]

    def _cell(self, row: DrawnRow, place: int) -> Text:
        cell, finished = row.cells[place], self._loaded.table.finished[place]
        text = Text()
        if not finished.dev and not finished.test:
            text.append(UNFINISHED.rjust(_NUMBER), style="dim")
            # Blanks up to where the published numbers stand.
            text.pad_right(self._own_width() - _NUMBER)
        for number, split in enumerate(self._splits if not text else ()):
            text.append(_BETWEEN if number else "", style="dim")
            text.append_text(_number(cell, finished, split))
            if self._view.with_intervals:
                text.append_text(self._interval(row, place, split))
        printed = row.published[place]
        if printed is not None and self._view.with_published:
            values = [printed.dev if split == "dev" else printed.test for split in self._splits]
            text.append(" " * _GAP + _BETWEEN.join(f"{value:.3f}" for value in values), style="dim")
        return text

    def _interval(self, row: DrawnRow, place: int, split: str) -> Text:
        """A sign for a change within noise, and the interval; blank until both are known."""
        known = self._known.get((split, place))
        own = None if known is None else _of(known.own, row)
        change = None if known is None or known.change is None else _of(known.change, row)
        sign = NOISE if change is not None and change.is_within_noise else " "
        told = "" if own is None else f"{_short(own.low)}\N{EN DASH}{_short(own.high)}"
        return Text(f"{sign} {told:<{_INTERVAL}}", style="dim")


def row_key(row: DrawnRow) -> str:
    """Tells a row of the table from all others, whatever labels are called."""
    return f"label:{row.title}" if row.label is not None else f"mean:{row.title}"


def _of(estimates: Estimates, row: DrawnRow) -> Estimate | None:
    found = estimates.labels if row.label is not None else estimates.means
    return found.get(row.title if row.label is not None else row.mean)


def _number(cell: Cell, finished: Finished, split: str) -> Text:
    if split == "dev":
        value, is_finished, is_best = cell.dev, finished.dev, cell.best_dev
    else:
        value, is_finished, is_best = cell.test, finished.test, cell.best_test
    text = written(value, is_finished).rjust(_NUMBER)
    return Text(text, style="bold" if is_best else "" if value is not None else "dim")


def _short(value: float) -> str:
    """Three digits without the zero before the point."""
    return f"{value:.3f}".removeprefix("0")


def _width(text: str | Text) -> int:
    return cell_len(text if isinstance(text, str) else text.plain)


def _folded(title: str, width: int) -> str:
    """A title in lines as short as its words and the numbers below let them be."""
    longest = max((cell_len(word) for word in title.split()), default=0)
    return "\n".join(textwrap.wrap(title, max(width, longest), break_long_words=False))


def _cut(text: str, mark: str, width: int) -> str:
    """A text and its mark in at most `width` cells; a sign says where something is missing."""
    room = width - cell_len(mark)
    if cell_len(text) > room:
        text = set_cell_size(text, room - 1).rstrip() + _ELLIPSIS
    return text + mark


def _style(row: DrawnRow) -> str:
    return "" if row.label is not None else "bold" if row.mean == "all" else "italic"
