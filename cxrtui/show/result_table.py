"""The result table as the poster draws it: development / test, the best so far in bold."""

from collections.abc import Iterator
from typing import Final

from rich import box
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cxrtui.show.plain import plain
from cxrtui.show.result_rows import UNFINISHED, DrawnRow, drawn_rows, footnotes, written
from jobs.published import Published
from jobs.results import Cell, Finished, ResultTable

_NUMBER: Final = len("0.000")
_LABEL_WIDTH: Final = 18  # below it most labels would break over two lines
_LONG_LABEL: Final = 30
_RULES: Final = box.Box("    \n    \n ── \n    \n ── \n    \n    \n    \n")
_BEST: Final = "bold"  # no colour: it must show on light and on dark
_PUBLISHED: Final = "dim"


def result_table(
    table: ResultTable, width: int, published: Published | None = None
) -> RenderableType:
    """The table for a terminal of `width` columns; `published` puts its numbers beside, dimmed.

    Published numbers stand to the right of one's own where there is room, else below. Columns
    that do not fit beside each other follow in a further table; nothing is cut off.
    """
    layout = _Layout(table, width, published)
    parts: list[RenderableType] = [_heading(table, published)]
    for columns in layout.blocks():
        parts += [Text(), _block(table, columns, layout, published)]
    return Group(*parts)


def published_notes(published: Published) -> RenderableType:
    """Where the published numbers come from, dimmed."""
    return Group(*(Text(plain(note), style="dim") for note in footnotes(published)))


class _Layout:
    """How much room there is: how cells are written, and which columns share a block."""

    def __init__(self, table: ResultTable, width: int, published: Published | None) -> None:
        self.titles = [plain(title) for title in table.columns]
        self._longest = max(cell_len(plain(row.title)) for row in drawn_rows(table))
        self._width = width
        self.beside, self.separator, self.gap = published is not None, " / ", 2
        if self.beside and not self._fits():
            self.beside = False
        if not self._fits():
            self.separator, self.gap = "/", 1

    @property
    def own(self) -> int:
        """Columns that a cell of both splits takes."""
        return 2 * _NUMBER + len(self.separator)

    def blocks(self) -> Iterator[range]:
        """Runs of columns that fit beside each other: at least one each."""
        least = min(_LABEL_WIDTH, self._longest)
        start, used = 0, least
        for column in range(len(self.titles)):
            need = self._room(column)
            if column > start and used + need > self._width:
                yield range(start, column)
                start, used = column, least
            used += need
        yield range(start, len(self.titles))

    def label_width(self, columns: range) -> int:
        """Columns left for the labels; longer ones go on in a second line."""
        left = self._width - sum(map(self._room, columns))
        return max(1, min(max(self._longest, _NUMBER), left))

    def _fits(self) -> bool:
        needed = sum(map(self._room, range(len(self.titles))))
        return min(self._longest, _LONG_LABEL) + needed <= self._width

    def _room(self, column: int) -> int:
        cell = 2 * self.own + 2 if self.beside else self.own
        return max(cell_len(self.titles[column]), cell) + self.gap


def _heading(table: ResultTable, published: Published | None) -> Text:
    heading = Text()
    heading.append(plain(table.recipe), style="bold")
    heading.append("  AP, development / test; ")
    heading.append("bold", style=_BEST)
    heading.append(": best so far")
    if published is not None:
        heading.append("; ")
        heading.append("dimmed: published", style=_PUBLISHED)
    return heading


def _block(
    table: ResultTable, columns: range, layout: _Layout, published: Published | None
) -> Table:
    padding = (0, layout.gap - 1, 0, 0)  # the divider between columns is one space
    drawn = Table(box=_RULES, show_edge=False, padding=padding, pad_edge=False)
    drawn.add_column("Label", width=layout.label_width(columns), overflow="fold")
    for column in columns:
        drawn.add_column(Text(layout.titles[column]), no_wrap=True)
    for row in drawn_rows(table, published):
        drawn.add_row(_title(row), *_cells(table, columns, row, layout))
        if row.label is not None and row.label is table.rows[-1]:
            drawn.add_section()
    return drawn


def _title(row: DrawnRow) -> Text:
    style = "" if row.label is not None else "bold" if row.mean == "all" else "italic"
    return Text(plain(row.title), style=style)


def _cells(table: ResultTable, columns: range, row: DrawnRow, layout: _Layout) -> Iterator[Text]:
    for column in columns:
        text = _cell(row.cells[column], table.finished[column], layout.separator)
        printed = row.published[column]
        if printed is not None:
            text.append(" " * (layout.own - len(text) + 2) if layout.beside else "\n")
            both = f"{printed.dev:.3f}{layout.separator}{printed.test:.3f}"
            text.append(both, style=_PUBLISHED)
        yield text


def _cell(cell: Cell, finished: Finished, separator: str) -> Text:
    if not finished.dev and not finished.test:
        return Text(UNFINISHED.rjust(_NUMBER), style="dim")
    text = Text()
    dev = written(cell.dev, finished.dev).rjust(_NUMBER)
    text.append(dev, style=_BEST if cell.best_dev else "")
    text.append(separator)
    text.append(written(cell.test, finished.test), style=_BEST if cell.best_test else "")
    return text
