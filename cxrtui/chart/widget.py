"""The chart of some lines over a common x axis."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from cxrtui.chart.axes import tick_labels, ticks, widen
from cxrtui.chart.canvas import Canvas
from cxrtui.chart.lines import WARNING, Line, Mark
from cxrtui.chart.raster import (
    BRAILLE,
    CELL_HEIGHT,
    CELL_WIDTH,
    Columns,
    Window,
    decimate,
    draw,
    to_cells,
)

_GUTTER: Final = 6  # at least, so that charts above each other are aligned
_DIM: Final = Style(dim=True)
_LOST: Final = Style(color=WARNING, bold=True)
_LOST_SIGN: Final = "\N{MULTIPLICATION SIGN}"
_SIGNS: Final = {"stage": "│", "restart": "┊"}


class Chart(Widget):
    """Lines in braille with axes; `show_lines` replaces what is drawn."""

    DEFAULT_CSS = "Chart { height: 1fr; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: Sequence[Line] = ()
        self._marks: Sequence[Mark] = ()
        self._x_range = (0.0, 1.0)
        self._strips: list[Strip] | None = None
        self._drawn = (Size(0, 0), Style.null())

    def show_lines(
        self, lines: Sequence[Line], marks: Sequence[Mark], x_range: tuple[float, float]
    ) -> None:
        """Draw `lines`, the last one on top, over `x_range`."""
        self._lines, self._marks, self._x_range = lines, marks, x_range
        self._strips = None
        self.refresh()

    @property
    def lines(self) -> Sequence[Line]:
        """What is drawn now."""
        return self._lines

    @property
    def marks(self) -> Sequence[Mark]:
        """The places that are marked now."""
        return self._marks

    def render_line(self, y: int) -> Strip:
        """One row of the chart; all rows are drawn when the first one is asked for."""
        wanted = (self.size, self.rich_style)
        if self._strips is None or self._drawn != wanted:
            self._strips, self._drawn = self._draw(*self.size).strips(self.rich_style), wanted
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width)

    def _draw(self, width: int, height: int) -> Canvas:
        canvas = Canvas(width, height)
        finite = [line.y[np.isfinite(line.y)] for line in self._lines]
        y_range = _span(finite)
        if y_range is None or width < _GUTTER + 8 or height < 3:
            marked = any(line.y.size for line in self._lines)
            text = "only values that are not finite" if marked else "no points yet"
            canvas.text((width - len(text)) // 2, height // 2, text, _DIM)
            return canvas
        rows = height - 1
        y_ticks = ticks(*y_range, max(2, rows // 2))
        labels = tick_labels(y_ticks)
        gutter = max(_GUTTER, *(len(label) + 1 for label in labels))
        window = Window(*self._x_range, *y_range)
        self._draw_marks(canvas, window, gutter, rows)
        self._draw_lines(canvas, window, gutter, rows)
        self._draw_mark_texts(canvas, window, gutter)
        _draw_y_axis(canvas, window, gutter, rows, dict(zip(labels, y_ticks, strict=True)))
        _draw_x_axis(canvas, window, gutter, rows)
        return canvas

    def _draw_lines(self, canvas: Canvas, window: Window, gutter: int, rows: int) -> None:
        columns, dot_rows = (canvas.width - gutter) * CELL_WIDTH, rows * CELL_HEIGHT
        decimated: list[Columns] = []
        for line in self._lines:
            left = decimate(line.x, line.y, window.x_low, window.x_high, columns)
            cells = to_cells(draw(left, window, columns, dot_rows))
            braille = cells.astype(np.uint32) + BRAILLE
            canvas.put(gutter, 0, braille, cells > 0, Style(color=line.colour))
            decimated.append(left)
        for left in decimated:
            for column in np.unique(left.lost // CELL_WIDTH):
                canvas.text(gutter + int(column), 0, _LOST_SIGN, _LOST)

    def _draw_marks(self, canvas: Canvas, window: Window, gutter: int, rows: int) -> None:
        for mark in self._marks:
            column = _place(mark.x, window, canvas.width - gutter)
            for row in range(rows):
                canvas.text(gutter + column, row, _SIGNS[mark.kind], _DIM)

    def _draw_mark_texts(self, canvas: Canvas, window: Window, gutter: int) -> None:
        for mark in self._marks:
            column = gutter + _place(mark.x, window, canvas.width - gutter) + 1
            if canvas.is_free(column, 0, len(mark.text)):
                canvas.text(column, 0, mark.text, _DIM)


def _span(values: Sequence[NDArray[np.float64]]) -> tuple[float, float] | None:
    some = [part for part in values if part.size]
    if not some:
        return None
    return widen(float(min(part.min() for part in some)), float(max(part.max() for part in some)))


def _place(x: float, window: Window, width: int) -> int:
    share = (x - window.x_low) / (window.x_high - window.x_low)
    return min(max(int(share * width), 0), width - 1)


def _draw_y_axis(
    canvas: Canvas, window: Window, gutter: int, rows: int, labels: dict[str, float]
) -> None:
    for row in range(rows):
        canvas.text(gutter - 1, row, "│", _DIM)
    for label, value in labels.items():
        depth = (window.y_high - value) / (window.y_high - window.y_low)
        row = min(int(depth * rows), rows - 1)
        canvas.text(0, row, f"{label:>{gutter - 1}}┤", _DIM)


def _draw_x_axis(canvas: Canvas, window: Window, gutter: int, row: int) -> None:
    width = canvas.width - gutter
    values = ticks(window.x_low, window.x_high, max(2, width // 10))
    for label, value in zip(tick_labels(values), values, strict=True):
        column = gutter + _place(value, window, width) - len(label) // 2
        column = min(max(column, 0), canvas.width - len(label))
        if canvas.is_free(max(column - 1, 0), row, len(label)):
            canvas.text(column, row, label, _DIM)
