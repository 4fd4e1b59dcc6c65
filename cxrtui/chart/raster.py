"""Lines as dots: any number of points become at most one vertical run of dots a column.

A terminal cell is 2 dots wide and 4 high (Unicode braille, U+2800). Each column of dots shows the
least and the greatest value that falls on it, joined to its neighbours, so that no peak is lost.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

CELL_WIDTH: Final = 2
CELL_HEIGHT: Final = 4
BRAILLE: Final = 0x2800

# Bit of each dot of a cell, rows from the top, columns from the left (Unicode 15, section 21.1).
_DOT_BITS: Final = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], np.uint8)

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Window:
    """The part of the plane that is drawn."""

    x_low: float
    x_high: float
    y_low: float
    y_high: float


@dataclass(frozen=True, eq=False)
class Columns:
    """What is left of a line: for each of K columns of dots that it has points in, in order."""

    column: Places  # (K,) ascending
    low: Floats  # (K,) least value
    high: Floats  # (K,) greatest value
    first: Floats  # (K,)
    last: Floats  # (K,)
    broken: NDArray[np.bool_]  # (K - 1,) a value that is not finite lies before the next column
    lost: Places  # columns that have a value which is not finite, ascending


def decimate(x: Floats, y: Floats, x_low: float, x_high: float, width: int) -> Columns:
    """Points (N,) with ascending `x` onto `width` columns; what lies outside is left out.

    A value of `y` that is NaN or infinite is not drawn: its column is reported in `lost`.
    """
    inside = slice(*np.searchsorted(x, [x_low, np.nextafter(x_high, np.inf)]))
    x, y = x[inside], y[inside]
    column = np.minimum(((x - x_low) * (width / (x_high - x_low))).astype(np.intp), width - 1)
    finite = np.isfinite(y)
    lost_before = np.cumsum(~finite)[finite]
    lost = np.unique(column[~finite])
    column, y = column[finite], y[finite]
    if not y.size:
        none = np.empty(0)
        return Columns(column, none, none, none, none, np.empty(0, np.bool_), lost)
    starts = np.flatnonzero(np.diff(column, prepend=-1))
    ends = np.append(starts[1:], y.size) - 1
    return Columns(
        column[starts],
        np.minimum.reduceat(y, starts),
        np.maximum.reduceat(y, starts),
        y[starts],
        y[ends],
        lost_before[starts[1:]] != lost_before[ends[:-1]],
        lost,
    )


def draw(line: Columns, window: Window, width: int, height: int) -> NDArray[np.bool_]:
    """Dots (height, width), the top row first, of a decimated line with its joins."""
    low, high = np.full(width, np.inf), np.full(width, -np.inf)
    low[line.column], high[line.column] = line.low, line.high
    if line.column.size > 1:
        joins = _joins(line, width)
        low[1:], high[1:] = np.fmin(low[1:], joins), np.fmax(high[1:], joins)
        low[:-1], high[:-1] = np.fmin(low[:-1], joins), np.fmax(high[:-1], joins)
    scale = height / (window.y_high - window.y_low)
    top = _dot_rows(window.y_high - high, scale, height)
    bottom = _dot_rows(window.y_high - low, scale, height)
    shown = (low <= window.y_high) & (high >= window.y_low)
    rows = np.arange(height)[:, None]
    dots: NDArray[np.bool_] = shown & (rows >= top) & (rows <= bottom)
    return dots


def to_cells(dots: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Braille bits (H, W) of dots (4 H, 2 W); add `BRAILLE` for the character."""
    height, width = dots.shape[0] // CELL_HEIGHT, dots.shape[1] // CELL_WIDTH
    blocks = dots.reshape(height, CELL_HEIGHT, width, CELL_WIDTH)
    cells: NDArray[np.uint8] = (blocks * _DOT_BITS[None, :, None, :]).sum((1, 3), dtype=np.uint8)
    return cells


def _joins(line: Columns, width: int) -> Floats:
    """(width - 1,) height at which the line crosses from one column to the next; NaN: it does not.

    Between two columns with points it runs straight from the last point of the one to the first of
    the other, unless it is broken there.
    """
    border = np.arange(width - 1) + 0.5
    left = np.searchsorted(line.column, border) - 1
    crossed = (left >= 0) & (left < line.column.size - 1)
    left = np.where(crossed, left, 0)
    begin, end = line.column[left], line.column[left + 1]
    share = (border - begin) / (end - begin)
    height = line.last[left] + share * (line.first[left + 1] - line.last[left])
    return np.where(crossed & ~line.broken[left], height, np.nan)


def _dot_rows(depth: Floats, scale: float, height: int) -> Places:
    rows: Places = np.clip(np.floor(depth * scale), 0, height - 1).astype(np.intp)
    return rows
