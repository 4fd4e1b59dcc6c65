"""Lines as dots: any number of points become at most one vertical run of dots a column.

A cell of the terminal has some dots (`Glyphs`). Each column of dots shows the least and the
greatest value that falls on it, joined to its neighbours, so that no peak is lost.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
    broken: NDArray[np.bool_]  # (K - 1,) a value that is not drawn lies before the next column
    lost: Places  # columns that have a value which is not finite, ascending
    sunk: Places  # columns that have one which is not positive where it must be, ascending

    def logarithms(self) -> "Columns":
        """The same columns with the decimal logarithms of their values, all of them positive."""
        low, high, first, last = np.log10((self.low, self.high, self.first, self.last))
        return Columns(self.column, low, high, first, last, self.broken, self.lost, self.sunk)


def clip(x: Floats, y: Floats, x_low: float, x_high: float) -> tuple[Floats, Floats]:
    """The points (N,) within a range, `x` ascending, and where the line crosses its two edges."""
    begin, end = np.searchsorted(x, [x_low, np.nextafter(x_high, np.inf)])
    inner_x, inner_y = x[begin:end], y[begin:end]
    if 0 < begin < x.size and x[begin] > x_low:
        inner_x, inner_y = np.insert(inner_x, 0, x_low), np.insert(inner_y, 0, _at(x, y, x_low))
    if 0 < end < x.size and x[end - 1] < x_high:
        inner_x, inner_y = np.append(inner_x, x_high), np.append(inner_y, _at(x, y, x_high))
    return inner_x, inner_y


def decimate(
    x: Floats, y: Floats, x_low: float, x_high: float, width: int, *, positive: bool = False
) -> Columns:
    """Points (N,) with ascending `x` onto `width` columns; what lies outside is left out.

    A value of `y` that is NaN or infinite is not drawn: its column is reported in `lost`. With
    `positive`, one that is zero or less is not drawn either, and reported in `sunk`.
    """
    edges = x_low + (x_high - x_low) / width * np.arange(width + 1)
    edges[-1] = np.nextafter(x_high, np.inf)
    places = np.searchsorted(x, edges)
    column = np.flatnonzero(np.diff(places))
    starts, y = places[column] - places[0], y[places[0] : places[-1]]
    none = np.empty(0, np.intp)
    if not y.size:
        return _columns(none, none, y, np.empty(0, np.bool_), none, none)
    found = _columns(column, starts, y, np.zeros(column.size - 1, np.bool_), none, none)
    least = 0.0 if positive else -np.inf
    if found.low.min() > least and found.high.max() < np.inf:  # false if one of them is NaN
        return found
    number, y = _thinned(found, np.diff(starts, append=y.size), y, least)
    finite = np.isfinite(y)
    drawn = finite & (y > least)
    lost, sunk = np.unique(number[~finite]), np.unique(number[finite & ~drawn])
    skipped = np.cumsum(~drawn)[drawn]
    number = number[drawn]
    starts = np.flatnonzero(np.diff(number, prepend=-1))
    broken = skipped[starts[1:]] != skipped[starts[1:] - 1]
    return _columns(number[starts], starts, y[drawn], broken, lost, sunk)


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


def to_cells(dots: NDArray[np.bool_], bits: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Sums (H, W) of the bits (h, w) of the dots (h H, w W) that each cell has."""
    rows, columns = bits.shape
    cells = np.zeros((dots.shape[0] // rows, dots.shape[1] // columns), np.uint8)
    for row, column in np.ndindex(rows, columns):
        cells += dots[row::rows, column::columns] * bits[row, column]
    return cells


def _at(x: Floats, y: Floats, place: float) -> float:
    """The line's height between two of its points; NaN beside a value that is not finite."""
    after = int(np.searchsorted(x, place))
    share = (place - x[after - 1]) / (x[after] - x[after - 1])
    if not (np.isfinite(y[after - 1]) and np.isfinite(y[after])):
        return np.nan
    return float(y[after - 1] + share * (y[after] - y[after - 1]))


def _thinned(found: Columns, sizes: Places, y: Floats, least: float) -> tuple[Places, Floats]:
    """Columns (M,) and values (M,): all of a column that has some which are not drawn, else four.

    Mostly a few values of many are not finite, and only their columns need a closer look.
    """
    clean = (found.low > least) & (found.high < np.inf)
    four = np.stack((found.first, found.low, found.high, found.last), axis=1)[clean]
    whole = np.repeat(~clean, sizes)
    number = np.append(
        np.repeat(found.column[clean], 4), np.repeat(found.column[~clean], sizes[~clean])
    )
    order = np.argsort(number, kind="stable")
    return number[order], np.append(four, y[whole])[order]


def _columns(
    column: Places, starts: Places, y: Floats, broken: NDArray[np.bool_], lost: Places, sunk: Places
) -> Columns:
    """Columns of values (N,) that are all drawn; those of a column begin at its start."""
    if not y.size:
        return Columns(column, y, y, y, y, broken, lost, sunk)
    return Columns(
        column,
        np.minimum.reduceat(y, starts),
        np.maximum.reduceat(y, starts),
        y[starts],
        y[np.append(starts[1:], y.size) - 1],
        broken,
        lost,
        sunk,
    )


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
