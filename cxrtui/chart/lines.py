"""What a chart is given to draw."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cxrtui.chart.colours import COLOURS, WARNING, shade

__all__ = ["COLOURS", "WARNING", "Line", "Mark", "shade"]


_LOOKS = ("name", "colour", "sign", "dashed")


@dataclass(frozen=True, eq=False)
class Line:
    """Points (N,) in the order of `x`; a `y` that is not finite is marked and never hidden."""

    name: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    colour: str
    sign: str = ""  # one character written on the line, to tell it apart without colours
    dashed: bool = False

    def is_same(self, other: "Line") -> bool:
        """Whether it is drawn from the very same points in the same way."""
        same = self.x is other.x and self.y is other.y
        return same and all(getattr(self, one) == getattr(other, one) for one in _LOOKS)

    def value_at(self, x: float, reach: float) -> float | None:
        """The value of the point that is nearest to `x`; None if the line is farther than `reach`.

        Between two of its points a line is never far.
        """
        if not self.x.size or not self.x[0] - reach <= x <= self.x[-1] + reach:
            return None
        after = min(int(np.searchsorted(self.x, x)), self.x.size - 1)
        before = max(after - 1, 0)
        nearest = before if x - self.x[before] < self.x[after] - x else after
        return float(self.y[nearest])


@dataclass(frozen=True)
class Mark:
    """A place on the x axis: where a stage starts, or where an attempt took over."""

    x: float
    kind: Literal["stage", "restart"]
    text: str = ""
