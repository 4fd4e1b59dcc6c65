"""The tick list of the Ensemble screen."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from cxrtui.chart.lines import COLOURS
from cxrtui.screens.ensemble.picks import Picks
from cxrtui.screens.ensemble.table import number
from cxrtui.show.plain import plain


class MemberList(OptionList):
    """Models that have predicted the split, ticked or not, with the mAP that each has alone."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", show=False),
        Binding("k", "cursor_up", "Up", show=False),
        Binding("pagedown", "screen.scroll_table(1)", "table down", show=False),
        Binding("pageup", "screen.scroll_table(-1)", "table up", show=False),
    ]

    def show(self, names: Sequence[str], picks: Picks) -> None:
        """Show these models as they are ticked now."""
        if [option.id for option in self.options] != list(names):
            self.clear_options()
            self.add_options([Option("", id=name) for name in names])
            self.highlighted = 0 if names else None
        for name in names:
            self.replace_option_prompt(name, _row(name, picks))


def _row(name: str, picks: Picks) -> Text:
    ticked = picks.ticked is not None and name in picks.ticked
    alone = picks.scores.get(picks.single(name))
    row = Text.assemble(("[✓] " if ticked else "[ ] ", COLOURS[2] if ticked else "dim"))
    row.append(f"{plain(name):<9}", style="bold" if ticked else "")
    row.append(f"{number(alone.map) if alone else '':>7}", style="dim")
    weight = picks.weights.get(name, 1.0)
    return row.append(f" x{weight:g}" if weight != 1 else "", style="dim")
