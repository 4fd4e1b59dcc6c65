"""Lines, marks and axes drawn on a canvas: for a widget, and for what is printed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.style import Style

from cxrtui.chart.axes import tick_labels, ticks, whole_ticks, widen
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
_MARK_SIGNS: Final = {"stage": "│", "restart": "┊"}
_DASH: Final = 3  # columns of dots that are drawn, and as many that are not
_SIGN_ROOM: Final = 4  # cells from the sign of one line to that of the next
_SIGN_PERIOD: Final = 12  # cells, at least, between the signs of one line


@dataclass(frozen=True)
class _Plane:
    """The part of a canvas that lines are drawn on, and what it shows."""

    canvas: Canvas
    window: Window
    gutter: int  # cells to the left of it
    rows: int

    @property
    def width(self) -> int:
        return self.canvas.width - self.gutter

    def column(self, x: float) -> int:
        """The cell of the canvas that a place on the x axis falls on."""
        share = (x - self.window.x_low) / (self.window.x_high - self.window.x_low)
        return self.gutter + min(max(int(share * self.width), 0), self.width - 1)

    def row(self, y: float) -> int:
        """The cell that a place on the y axis falls on."""
        depth = (self.window.y_high - y) / (self.window.y_high - self.window.y_low)
        return min(max(int(depth * self.rows), 0), self.rows - 1)


def draw_chart(
    lines: Sequence[Line],
    marks: Sequence[Mark],
    x_range: tuple[float, float],
    width: int,
    height: int,
) -> Canvas:
    """A canvas of `width` x `height` cells with `lines`, the last one on top, over `x_range`."""
    canvas = Canvas(width, height)
    y_range = _span([line.y[np.isfinite(line.y)] for line in lines])
    if y_range is None or width < _GUTTER + 8 or height < 3:
        marked = any(line.y.size for line in lines)
        text = "only values that are not finite" if marked else "no points yet"
        canvas.text((width - len(text)) // 2, height // 2, text, _DIM)
        return canvas
    y_ticks = ticks(*y_range, max(2, (height - 1) // 2))
    labels = tick_labels(y_ticks)
    gutter = max(_GUTTER, *(len(label) + 1 for label in labels))
    plane = _Plane(canvas, Window(*x_range, *y_range), gutter, height - 1)
    _draw_marks(plane, marks)
    _draw_lines(plane, lines)
    _draw_signs(plane, [line for line in lines if line.sign])
    _draw_mark_texts(plane, marks)
    _draw_y_axis(plane, dict(zip(labels, y_ticks, strict=True)))
    _draw_x_axis(plane)
    return canvas


def _span(values: Sequence[NDArray[np.float64]]) -> tuple[float, float] | None:
    some = [part for part in values if part.size]
    if not some:
        return None
    return widen(float(min(part.min() for part in some)), float(max(part.max() for part in some)))


def _draw_lines(plane: _Plane, lines: Sequence[Line]) -> None:
    canvas, window = plane.canvas, plane.window
    columns, dot_rows = plane.width * CELL_WIDTH, plane.rows * CELL_HEIGHT
    gaps = np.arange(columns) // _DASH % 2 == 1
    decimated: list[Columns] = []
    for line in lines:
        left = decimate(line.x, line.y, window.x_low, window.x_high, columns)
        dots = draw(left, window, columns, dot_rows)
        if line.dashed:
            dots[:, gaps] = False
        cells = to_cells(dots)
        braille = cells.astype(np.uint32) + BRAILLE
        canvas.put(plane.gutter, 0, braille, cells > 0, Style(color=line.colour))
        decimated.append(left)
    for left in decimated:
        for column in np.unique(left.lost // CELL_WIDTH):
            canvas.text(plane.gutter + int(column), 0, _LOST_SIGN, _LOST)


def _draw_signs(plane: _Plane, lines: Sequence[Line]) -> None:
    """Write each line's sign on it again and again, those of all lines in different columns."""
    period = max(_SIGN_PERIOD, _SIGN_ROOM * len(lines))
    window = plane.window
    middles = window.x_low + (np.arange(plane.width) + 0.5) / plane.width * (
        window.x_high - window.x_low
    )
    for number, line in enumerate(lines):
        finite = np.isfinite(line.y)
        x, y = line.x[finite], line.y[finite]
        if not x.size:
            continue
        places = middles[number * _SIGN_ROOM + 1 :: period]
        places = places[(places >= x[0]) & (places <= x[-1])]
        style = Style(color=line.colour, bold=True)
        for place in places if places.size else x[-1:]:
            height = float(np.interp(place, x, y))
            plane.canvas.text(plane.column(float(place)), plane.row(height), line.sign, style)


def _draw_marks(plane: _Plane, marks: Sequence[Mark]) -> None:
    for mark in marks:
        for row in range(plane.rows):
            plane.canvas.text(plane.column(mark.x), row, _MARK_SIGNS[mark.kind], _DIM)


def _draw_mark_texts(plane: _Plane, marks: Sequence[Mark]) -> None:
    """Write each mark's text beside it, as high as no line is in its way."""
    for mark in marks:
        column, width = plane.column(mark.x) + 1, len(mark.text)
        free = (row for row in range(plane.rows) if plane.canvas.is_free(column, row, width))
        plane.canvas.text(column, next(free, -1), mark.text, _DIM)


def _draw_y_axis(plane: _Plane, labels: dict[str, float]) -> None:
    for row in range(plane.rows):
        plane.canvas.text(plane.gutter - 1, row, "│", _DIM)
    for label, value in labels.items():
        plane.canvas.text(0, plane.row(value), f"{label:>{plane.gutter - 1}}┤", _DIM)


def _draw_x_axis(plane: _Plane) -> None:
    canvas, window = plane.canvas, plane.window
    values = whole_ticks(window.x_low, window.x_high, max(2, plane.width // 10))
    for label, value in zip(tick_labels(values), values, strict=True):
        column = plane.column(value) - len(label) // 2
        column = min(max(column, 0), canvas.width - len(label))
        if canvas.is_free(max(column - 1, 0), plane.rows, len(label)):
            canvas.text(column, plane.rows, label, _DIM)
