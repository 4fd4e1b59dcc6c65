"""The chart of some lines over a common x axis, as a widget."""

from collections.abc import Sequence

from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from cxrtui.chart.drawing import draw_chart
from cxrtui.chart.lines import Line, Mark


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
            canvas = draw_chart(self._lines, self._marks, self._x_range, *self.size)
            self._strips, self._drawn = canvas.strips(self.rich_style), wanted
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width)
