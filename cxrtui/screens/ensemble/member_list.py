"""The tick list of the Ensemble screen."""

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from cxrtui.chart.lines import COLOURS
from cxrtui.screens.ensemble.cells import fit, number
from cxrtui.screens.ensemble.picks import Picks

_TICK: Final = 4  # cells
_NUMBER: Final = 6
_WEIGHT: Final = 5


class MemberList(OptionList):
    """Models that have predicted the split, ticked or not, with the mAP that each has alone.

    It is no higher than they are: a key draws all of it.
    """

    DEFAULT_CSS = """
    MemberList {
        height: auto; max-height: 100%; border: none; padding: 0; background: transparent;
        scrollbar-size-vertical: 1;
    }
    MemberList:focus { border: none; background: transparent; }
    MemberList > .option-list--option-highlighted,
    MemberList:focus > .option-list--option-highlighted {
        background: $foreground 20%; color: $foreground; text-style: none;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", show=False),
        Binding("k", "cursor_up", "Up", show=False),
        Binding("pagedown", "screen.scroll_table(1)", "table down", show=False),
        Binding("pageup", "screen.scroll_table(-1)", "table up", show=False),
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes, markup=False)
        self._rows: dict[str, Text] = {}
        self._picks: Picks | None = None

    @property
    def member(self) -> str | None:
        """The name of the highlighted one."""
        option = self.highlighted_option
        return None if option is None else option.id

    def show(self, names: Sequence[str], picks: Picks) -> None:
        """Show these models as they are ticked now; only rows that differ are written anew."""
        self._picks = picks
        if list(self._rows) != list(names):
            before = self.member
            self.clear_options()
            self.add_options([Option("", id=name) for name in names])
            self._rows = {name: Text() for name in names}
            if names:
                self.highlighted = names.index(before) if before in names else 0
        width = self.scrollable_content_region.width
        for name in names:
            row = _row(name, picks, max(width - _TICK - _NUMBER - _WEIGHT, _NUMBER))
            if row != self._rows[name]:
                self._rows[name] = row
                self.replace_option_prompt(name, row)

    def on_resize(self) -> None:
        """Write the rows anew, for the width of now."""
        if self._picks is not None:
            self.show(tuple(self._rows), self._picks)


def _row(name: str, picks: Picks, width: int) -> Text:
    ticked = picks.is_ticked(name)
    alone = picks.scores.get(picks.single(name))
    row = Text.assemble(("[✓] " if ticked else "[ ] ", COLOURS[2] if ticked else "dim"))
    row.append(fit(name, width), style="bold" if ticked else "")
    row.append(f"{number(alone.map) if alone else '':>{_NUMBER}}", style="dim")
    weight = picks.weight(name)
    return row.append(f" x{weight:.3g}" if weight != 1 else "", style="" if ticked else "dim")
