"""The table of the Queue screen: only the rows that are seen are made, however many there are."""

import time
from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from cxrtui.screens.queue.columns import Column, columns
from cxrtui.screens.queue.rows import QueueRow
from cxrtui.screens.queue.view import QueueView

_ROWS_BEGIN: Final = 1  # below the titles
_MARKED: Final = "●"


class QueueTable(ScrollView, can_focus=True):
    """Rows under titles, a cursor, and marks. What is marked stays so when the rows change."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"queue-table--cursor", "queue-table--titles"}
    DEFAULT_CSS = """
    QueueTable {
        height: 1fr; overflow-x: hidden; scrollbar-size-vertical: 1; scrollbar-gutter: stable;
    }
    QueueTable > .queue-table--titles { text-style: bold; color: $foreground 80%; }
    QueueTable > .queue-table--cursor { background: $foreground 12%; }
    QueueTable:focus > .queue-table--cursor { background: $foreground 20%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False),
        Binding("home,g", "move(-1000000000)", "First", show=False),
        Binding("end,G", "move(1000000000)", "Last", show=False),
    ]
    cursor: reactive[int] = reactive(0, init=False, repaint=False)

    class CursorMoved(Message):
        """Another job is highlighted, or none is."""

        def __init__(self, row: QueueRow | None) -> None:
            super().__init__()
            self.row = row

    class TitleClicked(Message):
        """The title of a column was clicked."""

        def __init__(self, title: str) -> None:
            super().__init__()
            self.title = title

    class MarksChanged(Message):
        """A job was marked, or is no more."""

    def __init__(self, view: QueueView, *, id: str | None = None, classes: str = "") -> None:
        super().__init__(id=id, classes=classes)
        self.marked: set[int] = set()  # ids of jobs
        self.empty = ""  # said where there is no row
        self._view = view
        self._every: Sequence[QueueRow] = ()
        self._rows: list[QueueRow] = []
        self._columns: list[Column] = []
        self._shown: dict[int, Strip] = {}  # by line, as it was drawn last
        self._laid_out: tuple[Sequence[QueueRow], int] = ((), 0)  # what they were laid out for

    @property
    def rows(self) -> Sequence[QueueRow]:
        """What is shown, in order."""
        return self._rows

    @property
    def row(self) -> QueueRow | None:
        """The highlighted job."""
        return self._rows[self.cursor] if self._rows else None

    @property
    def chosen(self) -> list[QueueRow]:
        """The marked jobs, also those that are not shown now; without any the highlighted one."""
        marked = [row for row in self._every if row.id in self.marked]
        return marked or ([self.row] if self.row is not None else [])

    @property
    def _width(self) -> int:
        """Cells beside the scroll bar."""
        return self.scrollable_content_region.width

    def show(self, every: Sequence[QueueRow]) -> None:
        """Show these jobs as the view says; the cursor stays on its job while that is shown."""
        before = self.row
        self._every = every
        self._rows = self._view.arrange(every)
        if self.marked:
            self.marked &= {row.id for row in every}
        place = self._place(before)
        if (every, self._width) != self._laid_out:
            self._laid_out = every, self._width
            self._columns = columns(every, self._width)
        size = Size(self._width, len(self._rows) + _ROWS_BEGIN)
        is_resized = size != self.virtual_size
        if is_resized:
            self.virtual_size = size
        if place != self.cursor:
            self.set_reactive(QueueTable.cursor, place)
            self._see_cursor()
        if self.row != before:
            self.post_message(self.CursorMoved(self.row))
        if not is_resized:  # all of it is drawn anyway
            self._refresh_changed()

    def tick(self) -> None:
        """Draw again what changes with time."""
        self._refresh_changed()

    def toggle_mark(self) -> None:
        """Mark the highlighted job, or do so no more, and go on to the next."""
        if self.row is not None:
            self.marked ^= {self.row.id}
            self.action_move(1)
            self._refresh_changed()

    def toggle_all(self) -> None:
        """Mark all that are shown; if they all are, none."""
        shown = {row.id for row in self._rows}
        self.marked = self.marked - shown if shown <= self.marked else self.marked | shown
        self.refresh()

    def watch_cursor(self, before: int, now: int) -> None:
        """Keep the cursor in sight, and say where it is."""
        self._see_cursor()
        self.post_message(self.CursorMoved(self.row))
        for place in (before, now):
            self.refresh_line(place + _ROWS_BEGIN)

    def action_move(self, by: int) -> None:
        """Highlight another job."""
        self.cursor = min(max(self.cursor + by, 0), max(len(self._rows) - 1, 0))

    def action_page(self, direction: int) -> None:
        """Move the cursor by what is seen at once."""
        self.action_move(direction * max(self.size.height - _ROWS_BEGIN - 1, 1))

    def on_resize(self) -> None:
        """Lay the columns out anew."""
        self.show(self._every)

    def on_click(self, event: events.Click) -> None:
        """Highlight a job, mark it by a click before its id, or sort by a column."""
        spot = event.get_content_offset(self)
        if spot is None:
            return
        if spot.y < _ROWS_BEGIN:
            found = [column.title for column in self._columns if column.x <= spot.x]
            self.post_message(self.TitleClicked((found or [self._columns[0].title])[-1]))
            return
        place = self.scroll_offset.y + spot.y - _ROWS_BEGIN
        if place < len(self._rows):
            self.cursor = place
            if spot.x < self._columns[0].x:
                self.marked ^= {self._rows[place].id}
                self.refresh()
                self.post_message(self.MarksChanged())

    def render_line(self, y: int) -> Strip:
        """The titles, or a row."""
        strip = self._shown[y] = self._line(y)
        return strip

    def _refresh_changed(self) -> None:
        """Only lines that are not what they were go to the terminal."""
        for y in range(self.size.height):
            if self._shown.get(y) != self._line(y):
                self.refresh(Region(0, y, self.size.width, 1))

    def _line(self, y: int) -> Strip:
        if y < _ROWS_BEGIN:
            return self._titles()
        place = self.scroll_offset.y + y - _ROWS_BEGIN
        if place >= len(self._rows):
            told = self.empty if not self._rows and y == _ROWS_BEGIN + 1 else ""
            segment = Segment(f"  {told}", self.rich_style)
            return Strip([segment]).adjust_cell_length(self._width, self.rich_style)
        return self._row_strip(self._rows[place], is_cursor=place == self.cursor)

    def _place(self, before: QueueRow | None) -> int:
        """Where the cursor goes: to the job that it was on, else to its neighbour."""
        ids = [row.id for row in self._rows]
        if before is not None and before.id in ids:
            return ids.index(before.id)
        return min(self.cursor, max(len(ids) - 1, 0))

    def _see_cursor(self) -> None:
        height = max(self.size.height - _ROWS_BEGIN, 1)
        top = self.scroll_offset.y
        self.scroll_to(y=min(max(top, self.cursor - height + 1), self.cursor), animate=False)

    def _titles(self) -> Strip:
        arrow = "↓" if self._view.is_reversed else "↑"
        style = self.get_component_rich_style("queue-table--titles")
        cells = [
            (column.title + (arrow if column.title == self._view.sort else ""), "")
            for column in self._columns
        ]
        return self._strip("", cells, style)

    def _row_strip(self, row: QueueRow, *, is_cursor: bool) -> Strip:
        style, now = self.rich_style, time.time()
        if is_cursor:
            style += self.get_component_rich_style("queue-table--cursor")
        cells = [(column.text(row, now), column.style(row)) for column in self._columns]
        return self._strip(_MARKED if row.id in self.marked else "", cells, style)

    def _strip(self, mark: str, cells: Iterable[tuple[str, str]], style: Style) -> Strip:
        segments, at = [Segment(mark, style)], len(mark)
        for column, (text, own) in zip(self._columns, cells, strict=True):
            segments.append(Segment(" " * (column.x - at), style))
            segments.append(Segment(column.fit(text), style + Style.parse(own)))
            at = column.x + column.width
        return Strip(segments).adjust_cell_length(self._width, style)
