"""The widget that shows the result table: headings and label names stay while it scrolls."""

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.coordinate import Coordinate
from textual.widgets import DataTable

if TYPE_CHECKING:  # imports what reads predictions
    from cxrtui.screens.results.table import DrawnTable, GridColumn


class ResultsGrid(DataTable[Text]):
    """Shows drawn tables one after the other; only cells that differ are written anew."""

    DEFAULT_CSS = """
    ResultsGrid {
        height: 1fr; background: transparent; scrollbar-size: 1 1;
        &:focus { background-tint: transparent 0%; }
        & > .datatable--header, &:focus > .datatable--header {
            background: transparent; background-tint: transparent 0%;
        }
        & > .datatable--fixed { background: transparent; }
        & > .datatable--cursor, & > .datatable--fixed-cursor,
        &:focus > .datatable--cursor, &:focus > .datatable--fixed-cursor {
            background: $foreground 20%; color: $foreground; text-style: none;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", show=False, tooltip="the label below"),
        Binding("k", "cursor_up", "Up", show=False, tooltip="the label above"),
        Binding("enter", "select_cursor", "label", tooltip="a label's AP over the epochs"),
    ]

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, cursor_type="row", fixed_columns=1, cell_padding=0)
        self._columns_shown: tuple[GridColumn, ...] = ()
        self._keys: tuple[str, ...] = ()

    @property
    def selected(self) -> str | None:
        """The key of the row under the cursor."""
        return self._keys[self.cursor_row] if self.cursor_row < len(self._keys) else None

    def show_table(self, table: "DrawnTable") -> None:
        """Show this table; the cursor stays on its label wherever that has gone."""
        if (table.columns, table.keys) == (self._columns_shown, self._keys):
            for place, row in enumerate(table.rows):
                for column, text in enumerate(row):
                    if self.get_cell_at(Coordinate(place, column)) != text:
                        self.update_cell_at(Coordinate(place, column), text)
            return
        selected, x, y = self.selected, self.scroll_x, self.scroll_y
        self.clear(columns=True)
        self._columns_shown, self._keys = table.columns, table.keys
        self.header_height = max(column.title.plain.count("\n") + 1 for column in table.columns)
        for shown in table.columns:
            self.add_column(shown.title, width=shown.width, key=shown.key)
        for key, row in zip(table.keys, table.rows, strict=True):
            self.add_row(*row, key=key)
        if selected in table.keys:
            self.move_cursor(row=table.keys.index(selected), scroll=False)
        self.scroll_to(x, y, animate=False, force=True)
