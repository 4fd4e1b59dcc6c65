"""The list of cases: rank, score, image, view and patient."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from cxrtui.chart.glyphs import Glyphs
from cxrtui.screens.images.case_picture import shortened
from cxrtui.screens.images.work import MemberScores
from cxrtui.show.plain import plain_line


class CaseList(OptionList):
    """The cases of one label and kind, the most telling first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "case", key_display="j k"),
        Binding("k", "cursor_up", "case above", show=False),
    ]

    def __init__(
        self, glyphs: Glyphs, *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes, markup=False)
        self._glyphs = glyphs
        self._rows: Sequence[int] = ()
        self._shown: tuple[MemberScores, str] | None = None  # and the label

    @property
    def row(self) -> int | None:
        """The row of the highlighted case in the table of the split; None without a case."""
        place = self.highlighted
        return None if place is None or place >= len(self._rows) else self._rows[place]

    def show(self, scores: MemberScores, label: str, rows: Sequence[int]) -> None:
        """Show these rows, and highlight the first."""
        self._rows, self._shown = rows, (scores, label)
        if self.option_count == len(rows):  # saves a new layout
            self.on_resize()
        else:
            self.clear_options()
            self.add_options([Option(line) for line in self._case_lines()])
        self.highlighted = 0 if rows else None
        self.scroll_home(animate=False)

    def on_resize(self) -> None:
        """Write the rows anew, for the width of now."""
        for place, line in enumerate(self._case_lines()):
            self.replace_option_prompt_at_index(place, line)

    def clear(self) -> None:
        """Show no case."""
        self._rows, self._shown = (), None
        self.clear_options()

    def _case_lines(self) -> list[Text]:
        if self._shown is None:
            return []
        scores, label = self._shown
        width = self.scrollable_content_region.width
        values, _ = scores.column(label)
        return [
            _line(rank, float(values[row]), scores, row, width, self._glyphs)
            for rank, row in enumerate(self._rows, start=1)
        ]


def _line(
    rank: int, score: float, scores: MemberScores, row: int, width: int, glyphs: Glyphs
) -> Text:
    table = scores.table
    view, patient = plain_line(table.view[row])[:3], plain_line(table.patient[row])
    room = max(width - len("100 0.000 ") - len(" LAT ") - max(len(patient), 8), 6)
    image = shortened(plain_line(table.image[row]), room, glyphs)
    return Text.assemble(
        (f"{rank:>3} ", "dim"),
        (f"{score:.3f} ", "bold"),
        f"{image:<{room}} ",
        f"{view:<3} ",
        (patient, "dim"),
    )
