"""The part of a canvas that lines are drawn on, and what of the x and y axes it shows."""

from dataclasses import dataclass

import numpy as np

from cxrtui.chart.canvas import Canvas
from cxrtui.chart.glyphs import Glyphs
from cxrtui.chart.raster import Floats, Window


@dataclass(frozen=True)
class Plane:
    """With a logarithmic y axis, the heights of `window` are logarithms."""

    canvas: Canvas
    window: Window
    gutter: int  # cells to the left of it
    rows: int
    glyphs: Glyphs
    log_y: bool = False

    @property
    def width(self) -> int:
        """In cells."""
        return self.canvas.width - self.gutter

    def shows(self, x: float) -> bool:
        """Whether a place on the x axis lies within."""
        return self.window.x_low <= x <= self.window.x_high

    def column(self, x: float) -> int:
        """The cell of the canvas that a place on the x axis falls on."""
        share = (x - self.window.x_low) / (self.window.x_high - self.window.x_low)
        return self.gutter + min(max(int(share * self.width), 0), self.width - 1)

    def place(self, column: int) -> float:
        """Where on the x axis the middle of a cell of the canvas lies."""
        share = (column - self.gutter + 0.5) / self.width
        return self.window.x_low + share * (self.window.x_high - self.window.x_low)

    def row(self, y: float) -> int:
        """The cell that a value falls on; not below zero where the axis is logarithmic."""
        height = float(self.heights(np.array([y]))[0])
        depth = (self.window.y_high - height) / (self.window.y_high - self.window.y_low)
        return min(max(int(depth * self.rows), 0), self.rows - 1)

    def heights(self, y: Floats) -> Floats:
        """Values (N,) as heights of the window; NaN where a logarithmic axis has none."""
        if not self.log_y:
            return y
        heights: Floats = np.log10(np.where(y > 0, y, np.nan))
        return heights
