"""The chart of some lines over a common x axis, as a widget."""

from collections.abc import Sequence
from typing import Final

from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from cxrtui.chart.drawing import Look, draw_on_plane
from cxrtui.chart.glyphs import Glyphs, terminal_glyphs
from cxrtui.chart.lines import Line, Mark
from cxrtui.chart.plane import Plane

_WHEEL: Final = 1.25


class Chart(Widget):
    """Lines with axes; `show_lines` replaces what is drawn, messages tell what the mouse asks.

    It changes nothing by itself, so that several charts can share their x axis.
    """

    DEFAULT_CSS = "Chart { height: 1fr; }"

    class Pointed(Message):
        """The mouse is above a place on the x axis, or has left (None)."""

        def __init__(self, x: float | None) -> None:
            super().__init__()
            self.x = x

    class Zoomed(Message):
        """Show so many times less around a place on the x axis."""

        def __init__(self, factor: float, x: float) -> None:
            super().__init__()
            self.factor, self.x = factor, x

    class Panned(Message):
        """Move by a share of what is shown."""

        def __init__(self, share: float) -> None:
            super().__init__()
            self.share = share

    def __init__(
        self, *, id: str | None = None, classes: str | None = None, glyphs: Glyphs | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.glyphs = glyphs or terminal_glyphs()
        self._lines: Sequence[Line] = ()
        self._marks: Sequence[Mark] = ()
        self._x_range = (0.0, 1.0)
        self._look = Look(self.glyphs)
        self._plane: Plane | None = None
        self._strips: list[Strip] | None = None
        self._drawn = (Size(0, 0), Style.null())
        self._grip: int | None = None  # the column that the mouse has got hold of

    def show_lines(
        self,
        lines: Sequence[Line],
        marks: Sequence[Mark],
        x_range: tuple[float, float],
        *,
        log_y: bool = False,
        cursor: float | None = None,
    ) -> None:
        """Draw `lines`, the last one on top, over `x_range`; nothing is done if nothing is new."""
        wanted = (marks, x_range, Look(self.glyphs, log_y, cursor))
        same = wanted == (self._marks, self._x_range, self._look)
        if self._strips is not None and same and _are_same(lines, self._lines):
            return
        self._lines = lines
        self._marks, self._x_range, self._look = wanted
        before, self._strips = self._strips, None
        if before is None or not self.screen.is_current:
            self.refresh()
        else:
            self._refresh_changed(before)

    @property
    def lines(self) -> Sequence[Line]:
        """What is drawn now."""
        return self._lines

    @property
    def marks(self) -> Sequence[Mark]:
        """The places that are marked now."""
        return self._marks

    @property
    def cell(self) -> float | None:
        """How much of the x axis a cell shows; None before anything was drawn."""
        if self._plane is None:
            return None
        return (self._x_range[1] - self._x_range[0]) / self._plane.width

    def render_lines(self, crop: Region) -> list[Strip]:
        """Some rows; the style, which is dear to ask for, is the same for all of them."""
        self._rows()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One row of the chart; all rows are drawn when the first one is asked for."""
        strips = self._strips if self._strips is not None else self._rows()
        return strips[y] if y < len(strips) else Strip.blank(self.size.width)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Point at a place, or drag the axis along."""
        if self._grip is not None and self._plane is not None:
            self.post_message(self.Panned((self._grip - event.x) / self._plane.width))
            self._grip = event.x
        else:
            self.post_message(self.Pointed(self._place(event)))

    def on_leave(self) -> None:
        """Point at nothing any more."""
        self.post_message(self.Pointed(None))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin to drag."""
        if self._place(event) is not None:
            self._grip = event.x
            self.capture_mouse()

    def on_mouse_up(self) -> None:
        """Let go."""
        self._grip = None
        self.release_mouse()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Look closer."""
        self._zoom(event, _WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Step back."""
        self._zoom(event, 1 / _WHEEL)

    def _rows(self) -> list[Strip]:
        """All rows, drawn anew where lines, size or style are new."""
        wanted = (self.size, self.rich_style)
        if self._strips is None or self._drawn != wanted:
            drawn = draw_on_plane(self._lines, self._marks, self._x_range, *self.size, self._look)
            self._strips, self._drawn = drawn.canvas.strips(self.rich_style), wanted
            self._plane = drawn.plane
        return self._strips

    def _refresh_changed(self, before: list[Strip]) -> None:
        """Only rows that are not what they were go to the terminal."""
        width, rows = self.size.width, self._rows()
        if len(rows) != len(before):
            self.refresh()
            return
        changed = [y for y, pair in enumerate(zip(rows, before, strict=True)) if pair[0] != pair[1]]
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def _zoom(self, event: events.MouseEvent, factor: float) -> None:
        event.stop()
        place = self._place(event)
        if place is not None:
            self.post_message(self.Zoomed(factor, place))

    def _place(self, event: events.MouseEvent) -> float | None:
        """Where on the x axis the mouse is; None beside the lines."""
        offset = event.get_content_offset(self)
        if self._plane is None or offset is None or offset.x < self._plane.gutter:
            return None
        return self._plane.place(offset.x)


def _are_same(some: Sequence[Line], others: Sequence[Line]) -> bool:
    return len(some) == len(others) and all(map(Line.is_same, some, others))
