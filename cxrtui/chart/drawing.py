"""Lines, marks and axes drawn on a canvas: for a widget, and for what is printed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from rich.style import Style

from cxrtui.chart.axes import log_tick_labels, log_ticks, tick_labels, ticks, whole_ticks, widen
from cxrtui.chart.canvas import Canvas
from cxrtui.chart.glyphs import BRAILLE, Glyphs
from cxrtui.chart.lines import WARNING, Line, Mark
from cxrtui.chart.plane import Plane
from cxrtui.chart.raster import Columns, Places, Window, clip, decimate, draw, to_cells

_GUTTER: Final = 6  # at least, so that charts above each other are aligned
_LEAST_WIDTH: Final = 8
_DIM: Final = Style(dim=True)
_BOLD: Final = Style(bold=True)
_WARNING: Final = Style(color=WARNING, bold=True)
_DASH: Final = 3  # columns of dots that are drawn, and as many that are not
_SIGN_ROOM: Final = 4  # cells from the sign of one line to that of the next
_SIGN_PERIOD: Final = 12  # cells, at least, between the signs of one line


@dataclass(frozen=True)
class Look:
    """How a chart is drawn; `cursor` is a place on the x axis."""

    glyphs: Glyphs = BRAILLE
    log_y: bool = False
    cursor: float | None = None


PLAIN: Final = Look()


@dataclass(frozen=True)
class Drawing:
    """What has been drawn, and on which plane."""

    canvas: Canvas
    plane: Plane | None  # None: there was nothing to draw, or no room


def draw_chart(
    lines: Sequence[Line],
    marks: Sequence[Mark],
    x_range: tuple[float, float],
    width: int,
    height: int,
    look: Look = PLAIN,
) -> Canvas:
    """A canvas of `width` x `height` cells with `lines`, the last one on top, over `x_range`."""
    return draw_on_plane(lines, marks, x_range, width, height, look).canvas


def draw_on_plane(
    lines: Sequence[Line],
    marks: Sequence[Mark],
    x_range: tuple[float, float],
    width: int,
    height: int,
    look: Look = PLAIN,
) -> Drawing:
    """As `draw_chart`, with the plane that tells which cell shows what."""
    canvas = Canvas(width, height)
    rows, glyphs = height - 1, look.glyphs
    room = max(width - _GUTTER, 1) * glyphs.cell_width
    decimated = [_decimate(line, x_range, room, look) for line in lines]
    y_range = _span(decimated)
    if y_range is None or width < _GUTTER + _LEAST_WIDTH or height < 3:
        text = _why_nothing(lines, decimated, look)
        canvas.text((width - len(text)) // 2, height // 2, text, _DIM)
        return Drawing(canvas, None)
    labels = _y_labels(y_range, max(2, rows // 2), look)
    gutter = max(_GUTTER, *(len(label) + 1 for label in labels))
    plane = Plane(canvas, Window(*x_range, *y_range), gutter, rows, glyphs, look.log_y)
    if gutter > _GUTTER:
        room = plane.width * glyphs.cell_width
        decimated = [_decimate(line, x_range, room, look) for line in lines]
    _draw_marks(plane, marks)
    _draw_cursor(plane, look.cursor)
    _draw_lines(plane, lines, decimated)
    _draw_signs(plane, [line for line in lines if line.sign])
    _draw_mark_texts(plane, marks)
    _draw_y_axis(plane, labels)
    _draw_x_axis(plane)
    return Drawing(canvas, plane)


def _decimate(line: Line, x_range: tuple[float, float], columns: int, look: Look) -> Columns:
    x, y = clip(line.x, line.y, *x_range)
    left = decimate(x, y, *x_range, columns, positive=look.log_y)
    return left.logarithms() if look.log_y else left


def _span(decimated: Sequence[Columns]) -> tuple[float, float] | None:
    some = [left for left in decimated if left.column.size]
    if not some:
        return None
    low, high = min(left.low.min() for left in some), max(left.high.max() for left in some)
    return widen(float(low), float(high))


def _why_nothing(lines: Sequence[Line], decimated: Sequence[Columns], look: Look) -> str:
    if any(left.sunk.size for left in decimated):
        return "only values that are not positive"
    if any(left.lost.size for left in decimated):
        return "only values that are not finite"
    return "no points here" if any(line.y.size for line in lines) else "no points yet"


def _y_labels(y_range: tuple[float, float], most: int, look: Look) -> dict[str, float]:
    if not look.log_y:
        values = ticks(*y_range, most)
        return dict(zip(tick_labels(values), values, strict=True))
    values = log_ticks(10.0 ** y_range[0], 10.0 ** y_range[1], most)
    return dict(zip(log_tick_labels(values), values, strict=True))


def _draw_lines(plane: Plane, lines: Sequence[Line], decimated: Sequence[Columns]) -> None:
    glyphs = plane.glyphs
    columns, dot_rows = plane.width * glyphs.cell_width, plane.rows * glyphs.cell_height
    gaps = np.arange(columns) // _DASH % 2 == 1
    for line, left in zip(lines, decimated, strict=True):
        dots = draw(left, plane.window, columns, dot_rows)
        if line.dashed:
            dots[:, gaps] = False
        cells = to_cells(dots, glyphs.bits)
        style = Style(color=line.colour)
        plane.canvas.put(plane.gutter, 0, glyphs.characters[cells], cells > 0, style)
    for left in decimated:
        _draw_warnings(plane, left.lost, 0, glyphs.lost)
        _draw_warnings(plane, left.sunk, plane.rows - 1, glyphs.sunk)


def _draw_warnings(plane: Plane, columns: Places, row: int, sign: str) -> None:
    for column in np.unique(columns // plane.glyphs.cell_width):
        plane.canvas.text(plane.gutter + int(column), row, sign, _WARNING)


def _draw_signs(plane: Plane, lines: Sequence[Line]) -> None:
    """Write each line's sign on it again and again, those of all lines in different columns."""
    period = max(_SIGN_PERIOD, _SIGN_ROOM * len(lines))
    columns = range(plane.gutter, plane.canvas.width)
    middles = np.array([plane.place(column) for column in columns])
    for number, line in enumerate(lines):
        finite = np.isfinite(plane.heights(line.y))
        x, y = line.x[finite], line.y[finite]
        if not x.size:
            continue
        places = middles[number * _SIGN_ROOM + 1 :: period]
        places = places[(places >= x[0]) & (places <= x[-1])]
        style = Style(color=line.colour, bold=True)
        for place in places if places.size else x[-1:]:
            height = float(np.interp(place, x, y))
            plane.canvas.text(plane.column(float(place)), plane.row(height), line.sign, style)


def _draw_marks(plane: Plane, marks: Sequence[Mark]) -> None:
    signs = {"stage": plane.glyphs.stage, "restart": plane.glyphs.restart}
    for mark in marks:
        if plane.shows(mark.x):
            plane.canvas.pole(plane.column(mark.x), plane.rows, signs[mark.kind], _DIM)


def _draw_cursor(plane: Plane, cursor: float | None) -> None:
    if cursor is not None and plane.shows(cursor):
        plane.canvas.pole(plane.column(cursor), plane.rows, plane.glyphs.cursor, _BOLD)


def _draw_mark_texts(plane: Plane, marks: Sequence[Mark]) -> None:
    """Write each mark's text beside it, as high as no line is in its way."""
    for mark in marks:
        if plane.shows(mark.x):
            column, text = plane.column(mark.x) + 1, plane.glyphs.text(mark.text)
            rows = range(plane.rows)
            free = (row for row in rows if plane.canvas.is_free(column, row, len(text)))
            plane.canvas.text(column, next(free, -1), text, _DIM)


def _draw_y_axis(plane: Plane, labels: dict[str, float]) -> None:
    plane.canvas.pole(plane.gutter - 1, plane.rows, plane.glyphs.axis, _DIM)
    for label, value in labels.items():
        text = f"{label:>{plane.gutter - 1}}{plane.glyphs.tick}"
        plane.canvas.text(0, plane.row(value), text, _DIM)


def _draw_x_axis(plane: Plane) -> None:
    canvas, window = plane.canvas, plane.window
    values = whole_ticks(window.x_low, window.x_high, max(2, plane.width // 10))
    for label, value in zip(tick_labels(values), values, strict=True):
        column = plane.column(value) - len(label) // 2
        column = min(max(column, 0), canvas.width - len(label))
        if canvas.is_free(max(column - 1, 0), plane.rows, len(label)):
            canvas.text(column, plane.rows, label, _DIM)
