"""The part of the x axis that is looked at."""

from dataclasses import dataclass
from typing import Final

_MOST_ZOOM: Final = 10_000.0


@dataclass(frozen=True)
class View:
    """A range within [0, end]; where `zoomed` is None all of it, however it grows."""

    end: float = 1.0
    zoomed: tuple[float, float] | None = None

    @property
    def range(self) -> tuple[float, float]:
        """The least and the greatest x that are shown."""
        return self.zoomed or (0.0, self.end)

    @property
    def width(self) -> float:
        """How much of the axis is shown."""
        low, high = self.range
        return high - low

    def grown(self, end: float) -> "View":
        """The same part of an axis that has another end; all of it where that part is gone."""
        return View(end)._moved(*self.zoomed) if self.zoomed else View(end)

    def zoom(self, factor: float, centre: float) -> "View":
        """Show `factor` times less, with `centre` staying where it is on the screen."""
        width = min(max(self.width / factor, self.end / _MOST_ZOOM), self.end)
        low = centre - (centre - self.range[0]) * (width / self.width)
        return self._moved(low, low + width)

    def pan(self, share: float) -> "View":
        """Move by a share of what is shown, not beyond the ends."""
        low, high = self.range
        return self._moved(low + share * self.width, high + share * self.width)

    def showing(self, x: float) -> "View":
        """Moved so far that `x` is shown."""
        low, high = self.range
        if x < low:
            return self._moved(x, x + self.width)
        return self._moved(x - self.width, x) if x > high else self

    def _moved(self, low: float, high: float) -> "View":
        width = high - low
        if width >= self.end:
            return View(self.end)
        low = min(max(low, 0.0), self.end - width)
        return View(self.end, (low, low + width))
