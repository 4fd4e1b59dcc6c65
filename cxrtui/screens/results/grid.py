"""The widget that shows the result table: headings and label names stay while it scrolls."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

if TYPE_CHECKING:  # imports what reads predictions
    from cxrtui.screens.results.table import DrawnTable

_Row = tuple[Text, ...]


class ResultsGrid(ScrollView, can_focus=True):
    """Shows drawn tables one after the other; only rows that are seen are made, and kept."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"results-grid--cursor", "results-grid--titles"}
    DEFAULT_CSS = """
    ResultsGrid { height: 1fr; scrollbar-size: 0 1; scrollbar-gutter: stable; }
    ResultsGrid > .results-grid--titles { text-style: bold; }
    ResultsGrid > .results-grid--cursor { background: $foreground 20%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False, tooltip="the label below"),
        Binding("up,k", "move(-1)", "Up", show=False, tooltip="the label above"),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False, tooltip="further below"),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False, tooltip="further above"),
        Binding("home,g", "move(-1000)", "First", show=False, tooltip="the first label"),
        Binding("end,G", "move(1000)", "Last", show=False, tooltip="the last row"),
        Binding("enter", "choose", "label", tooltip="a label's AP over the epochs"),
    ]
    cursor: reactive[int] = reactive(0, init=False, repaint=False)

    class CursorMoved(Message):
        """Another row is highlighted."""

    class Chosen(Message):
        """The highlighted row was clicked, or Enter was pressed on it."""

    class TitleClicked(Message):
        """The title of a column was clicked."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._table: DrawnTable | None = None
        self._titles: tuple[Strip, ...] = ()
        self._strips: dict[str, tuple[object, Strip]] = {}  # by row, and what each was made of

    @property
    def rows(self) -> Sequence[_Row]:
        """The cells of all rows, in order."""
        return () if self._table is None else self._table.rows

    @property
    def selected(self) -> str | None:
        """The key of the row under the cursor."""
        keys = () if self._table is None else self._table.keys
        return keys[self.cursor] if self.cursor < len(keys) else None

    def show_table(self, table: "DrawnTable") -> None:
        """Show this table; the cursor stays on its label wherever that has gone."""
        selected, self._table = self.selected, table
        titles = [column.title.plain.split("\n") for column in table.columns]
        self._titles = tuple(
            _strip((Text(lines[y] if y < len(lines) else "") for lines in titles), self._widths)
            for y in range(max(map(len, titles)))
        )
        size = Size(sum(self._widths), len(self._titles) + len(table.rows))
        if size != self.virtual_size:
            self.virtual_size = size
        self.set_reactive(
            ResultsGrid.cursor,
            table.keys.index(selected)
            if selected in table.keys
            else min(self.cursor, max(len(table.rows) - 1, 0)),
        )
        self.refresh()

    def watch_cursor(self, before: int, now: int) -> None:
        """Keep the cursor in sight, and say that it has moved."""
        height = max(self.scrollable_content_region.height - len(self._titles), 1)
        top = self.scroll_offset.y
        self.scroll_to(y=min(max(top, now - height + 1), now), animate=False)
        for place in (before, now):
            self.refresh_line(len(self._titles) + place)
        self.post_message(self.CursorMoved())

    def action_move(self, by: int) -> None:
        """Highlight another row."""
        self.cursor = min(max(self.cursor + by, 0), max(len(self.rows) - 1, 0))

    def action_page(self, direction: int) -> None:
        """Move the cursor by what is seen at once."""
        self.action_move(
            direction * max(self.scrollable_content_region.height - len(self._titles) - 1, 1)
        )

    def action_choose(self) -> None:
        """Ask for more of the highlighted row."""
        self.post_message(self.Chosen())

    def on_click(self, event: events.Click) -> None:
        """Sort by a column, or highlight a row and ask for more of it."""
        spot = event.get_content_offset(self)
        if spot is None or self._table is None:
            return
        place = self.scroll_offset.y + spot.y - len(self._titles)
        if spot.y < len(self._titles):
            x = spot.x if spot.x < self._widths[0] else spot.x + self.scroll_offset.x
            self.post_message(self.TitleClicked(self._key_at(x)))
        elif place < len(self.rows):
            self.cursor = place
            self.action_choose()

    def render_line(self, y: int) -> Strip:
        """A line of the titles, or a row; the first column stays where it is."""
        width, place = self.scrollable_content_region.width, y - len(self._titles)
        style = self.rich_style
        if place < 0:
            strip = self._titles[y]
            style += self.get_component_rich_style("results-grid--titles")
        else:
            place += self.scroll_offset.y
            if place >= len(self.rows):
                return Strip.blank(width, style)
            strip = self._row_strip(place)
            if place == self.cursor:
                style += self.get_component_rich_style("results-grid--cursor")
        if self.scroll_offset.x:
            fixed, begin = self._widths[0], self._widths[0] + self.scroll_offset.x
            rest = strip.crop(begin, begin + width - fixed)
            strip = Strip.join([strip.crop(0, fixed), rest])
        return strip.apply_style(style).adjust_cell_length(width, style)

    @property
    def _widths(self) -> tuple[int, ...]:
        return () if self._table is None else tuple(one.width for one in self._table.columns)

    def _key_at(self, x: int) -> str:
        begin, found = 0, ""
        for column in () if self._table is None else self._table.columns:
            if begin <= x:
                found = column.key
            begin += column.width
        return found

    def _row_strip(self, place: int) -> Strip:
        if self._table is None:
            return Strip.blank(0)
        key, made_of = self._table.keys[place], (self._table.rows[place], self._widths)
        known = self._strips.get(key)
        if known is None or known[0] != made_of:
            known = self._strips[key] = made_of, _strip(*made_of)
        return known[1]


def _strip(cells: Iterable[Text], widths: Iterable[int]) -> Strip:
    """Cells side by side, each filled up with blanks."""
    segments: list[Segment] = []
    for text, width in zip(cells, widths, strict=True):
        segments += _segments(text)
        segments.append(Segment(" " * (width - text.cell_len)))
    return Strip(segments)


def _segments(text: Text) -> list[Segment]:
    """A text whose spans follow one another, as those of the table's cells do."""
    own, found, at = Style.parse(str(text.style)), list[Segment](), 0
    for begin, end, style in text.spans:
        found.append(Segment(text.plain[at:begin], own))
        found.append(Segment(text.plain[begin:end], own + Style.parse(str(style))))
        at = end
    found.append(Segment(text.plain[at:], own))
    return [one for one in found if one.text]
