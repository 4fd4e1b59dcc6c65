"""One image, as large as fits; or a line that says why there is none."""

from textwrap import wrap
from typing import Final

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from cxrtui.chart.glyphs import Glyphs, terminal_glyphs
from cxrtui.screens.images.half_blocks import Pixels, draw, fitted_size, stretched
from cxrtui.show.plain import plain

_MARGIN: Final = 2  # cells beside words


class PictureView(Widget):
    """Draws what it is given; `is_stretched` says whether the contrast is raised."""

    def __init__(self, *, id: str | None = None, glyphs: Glyphs | None = None) -> None:
        super().__init__(id=id)
        self.glyphs = glyphs or terminal_glyphs()
        self.is_stretched = True
        self._pixels: Pixels | None = None
        self._text = ""
        self._strips: list[Strip] = []
        self._drawn: Size | None = None  # for which the strips are

    def show(self, pixels: Pixels) -> None:
        """Show an image (height, width)."""
        self._pixels, self._text = pixels, ""
        self._redraw()

    def say(self, text: str) -> None:
        """Show some words in place of an image."""
        self._pixels, self._text = None, plain(text)
        self._redraw()

    def turn_contrast(self) -> None:
        """Raise the contrast, or show the grays of the file again."""
        self.is_stretched = not self.is_stretched
        self._redraw()

    def render_line(self, y: int) -> Strip:
        """One row; all rows are drawn when the first one is asked for."""
        if self._drawn != self.size:
            self._strips, self._drawn = self._draw(self.size, self.rich_style), self.size
        return self._strips[y]

    def notify_style_update(self) -> None:
        """Take over other colours."""
        super().notify_style_update()
        self._drawn = None

    def _redraw(self) -> None:
        self._drawn = None
        self.refresh()

    def _draw(self, size: Size, style: Style) -> list[Strip]:
        if not (size.width and size.height):
            return []
        if self._pixels is None:
            strips = _words(self._text, size, style)
        else:
            pixels = stretched(self._pixels) if self.is_stretched else self._pixels
            rows, columns = fitted_size(pixels, size.height, size.width)
            strips = draw(pixels, rows, columns, ascii_only=self.glyphs.ascii_only)
        above = (size.height - len(strips)) // 2
        blank = Strip.blank(size.width, style)
        framed = [blank] * above + [_centred(strip, size.width, style) for strip in strips]
        return framed + [blank] * (size.height - len(framed))


def _centred(strip: Strip, width: int, style: Style) -> Strip:
    rest = width - strip.cell_length
    sides = (Strip.blank(cells, style) for cells in (rest // 2, rest - rest // 2))
    return Strip.join((next(sides), strip, next(sides)))


def _words(text: str, size: Size, style: Style) -> list[Strip]:
    lines = wrap(text, max(size.width - 2 * _MARGIN, 1))[: size.height]
    return [Strip([Segment(line, style)]).crop(0, size.width) for line in lines]
