"""The widget of the per-label table: a key draws only the lines that it changes."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from cxrtui.screens.ensemble.cells import Cell
from cxrtui.screens.ensemble.columns import Column, columns
from cxrtui.screens.ensemble.rows import LabelRow

_ROWS_BEGIN = 1  # below the titles


class LabelTable(ScrollView, can_focus=False):
    """Rows under titles, which stay while the rows scroll."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"label-table--titles"}
    DEFAULT_CSS = """
    LabelTable {
        height: 1fr; overflow-x: hidden; scrollbar-size-vertical: 1; scrollbar-gutter: stable;
    }
    LabelTable > .label-table--titles { text-style: bold; color: $foreground 80%; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: Sequence[LabelRow] = ()
        self._base = ""
        self._columns: tuple[Column, ...] = ()
        self._cells: list[tuple[Cell, ...]] = []  # as they are on the screen
        self._strips: dict[int, Strip] = {}

    @property
    def cells(self) -> list[dict[str, str]]:
        """What stands in each row as it is drawn, without blanks around, by the column's key."""
        drawn = []
        for row in self._cells:
            texts = zip(self._columns, row, strict=True)
            drawn.append({column.key: column.fit(text).strip() for column, (text, _) in texts})
        return drawn

    @property
    def titles(self) -> list[str]:
        """The keys of the columns that fit."""
        return [column.key for column in self._columns]

    def show(self, rows: Sequence[LabelRow], base: str) -> None:
        """Show these rows; `base` is what they are compared with."""
        self._rows, self._base = rows, base
        width = self.scrollable_content_region.width
        laid = columns(rows, width, base)
        before, self._cells = self._cells, [tuple(one.cell(row) for one in laid) for row in rows]
        size = Size(width, len(rows) + _ROWS_BEGIN)
        if _looks(laid) != _looks(self._columns) or size != self.virtual_size:
            self._columns = laid
            self._strips.clear()
            self.virtual_size = size
            self.refresh()
            return
        changed = (new != old for new, old in zip(self._cells, before, strict=True))
        for place in (place for place, is_new in enumerate(changed) if is_new):
            self._strips.pop(place, None)
            self.refresh_line(place + _ROWS_BEGIN)

    def on_resize(self) -> None:
        """Lay the columns out anew."""
        self.show(self._rows, self._base)

    def render_line(self, y: int) -> Strip:
        """The titles, or a row."""
        style = self.rich_style
        if y < _ROWS_BEGIN:
            bold = self.get_component_rich_style("label-table--titles")
            return self._strip((column.title, "") for column in self._columns).apply_style(bold)
        place = self.scroll_offset.y + y - _ROWS_BEGIN
        if place >= len(self._cells):
            return Strip.blank(self.size.width, style)
        if place not in self._strips:
            self._strips[place] = self._strip(self._cells[place])
        return self._strips[place].apply_style(style)

    def _strip(self, cells: Iterable[Cell]) -> Strip:
        segments = []
        for column, (text, style) in zip(self._columns, cells, strict=True):
            segments.append(Segment(column.fit(text), Style.parse(style)))
            segments.append(Segment(" "))
        return Strip(segments).adjust_cell_length(self.scrollable_content_region.width)


def _looks(laid: Iterable[Column]) -> list[tuple[str, str, int]]:
    return [(column.key, column.title, column.width) for column in laid]
