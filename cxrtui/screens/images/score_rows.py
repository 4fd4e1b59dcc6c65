"""All the scores of one image: the label that is looked at, then the others, highest first."""

from typing import Final

from rich.text import Text
from textual.widgets import Static

from cxrtui.chart.glyphs import Glyphs
from cxrtui.chart.lines import COLOURS
from cxrtui.screens.images.work import MemberScores
from cxrtui.show.plain import plain_line
from cxrtui.show.signs import bar

_NUMBER: Final = " 0.000"
_WIDEST_LABEL: Final = 30
_NARROWEST_BAR: Final = 4
_TRUE: Final = COLOURS[0]
_FALSE: Final = "dim"
_IN_ASCII: Final = str.maketrans({"✓": "+", "▓": "#", "░": "."})


class ScoreRows(Static):
    """A line a label, as wide as there is room."""

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._glyphs = glyphs
        self._shown: tuple[MemberScores, int, str] | None = None  # and the row, and the label

    def show(self, scores: MemberScores, row: int, label: str) -> None:
        """Show what is said of the image of a row; the label that is looked at comes first."""
        self._shown = scores, row, label
        self.styles.height = len(scores.order)
        self.on_resize()

    def clear(self) -> None:
        """Show no scores."""
        self._shown = None
        self.update("")

    def on_resize(self) -> None:
        """Write the lines anew, for the width of now."""
        if self._shown is not None:
            width, ascii_only = self.size.width, self._glyphs.ascii_only
            self.update(score_rows(*self._shown, width, ascii_only=ascii_only), layout=False)


def score_rows(
    scores: MemberScores, row: int, label: str, width: int, *, ascii_only: bool = False
) -> Text:
    """A line a label on `width` cells: mark of a true label, name, bar and number."""
    table, values = scores.table, scores.scores[row]
    places = {name: place for place, name in enumerate(table.labels)}
    others = sorted(places.keys() - {label}, key=lambda name: (-values[places[name]], name))
    cells = width - len("✓ ") - len(" ") - len(_NUMBER)
    room = max(min(max(map(len, places)), _WIDEST_LABEL, cells - _NARROWEST_BAR), 8)
    lines = []
    for name in (label, *others):
        is_true = bool(table.targets[row, places[name]])
        line = _line(name, float(values[places[name]]), room, max(cells - room, 0), is_true)
        if name == label:
            line.stylize("bold")
            line.stylize("reverse", 0, len("✓ ") + room)
        lines.append(line)
    text = Text("\n").join(lines)
    text.plain = text.plain.translate(_IN_ASCII) if ascii_only else text.plain
    return text


def _line(name: str, score: float, room: int, cells: int, is_true: bool) -> Text:
    colour = _TRUE if is_true else ""
    line = Text("✓ " if is_true else "  ", style=colour)
    line.append(f"{plain_line(name)[:room]:<{room}} ")
    line.append(bar(score, cells), style=colour or _FALSE)
    return line.append(f"{score:>{len(_NUMBER)}.3f}")
