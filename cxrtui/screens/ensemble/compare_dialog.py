"""Asks what an ensemble is compared with."""

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from cxrtui.screens.ensemble.bases import Base, Offer
from cxrtui.screens.ensemble.cells import fit, number

_TITLE: Final = 40  # cells
_WHY: Final = 20


class CompareDialog(ModalScreen[Base | None]):
    """Answers with a base, or None if the person thought better of it."""

    CSS = """
    CompareDialog { align: center middle; }
    CompareDialog Vertical {
        width: 66; height: auto; max-height: 90%; border: round $primary; padding: 0 1;
        background: $surface;
    }
    CompareDialog OptionList {
        height: auto; max-height: 16; scrollbar-size-vertical: 1; padding: 0; border: none;
        background: transparent;
    }
    CompareDialog Static { height: 1; color: $foreground 60%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,c", "dismiss(None)", "cancel", tooltip="go back"),
        Binding("j", "move(1)", "Down", show=False),
        Binding("k", "move(-1)", "Up", show=False),
    ]

    def __init__(self, offers: Sequence[Offer], now: Base) -> None:
        super().__init__()
        self._offers = offers
        self._now = now

    def compose(self) -> ComposeResult:
        """What there is, with its mAP as far as that is known."""
        with Vertical() as box:
            box.border_title = "Compare with"
            bases = [Option(_row(one), disabled=bool(one.why_not)) for one in self._offers]
            yield OptionList(*bases, markup=False)
            yield Static("Enter compares, Esc goes back", id="advice")

    def on_mount(self) -> None:
        """Begin on what is compared with now."""
        bases = [offer.base for offer in self._offers]
        listed = self.query_one(OptionList)
        listed.highlighted = bases.index(self._now) if self._now in bases else 0

    def action_move(self, by: int) -> None:
        """Highlight another base."""
        listed = self.query_one(OptionList)
        move = listed.action_cursor_down if by > 0 else listed.action_cursor_up
        move()

    @on(OptionList.OptionSelected)
    def accept(self, event: OptionList.OptionSelected) -> None:
        """Answer with what was chosen."""
        self.dismiss(self._offers[event.option_index].base)


def _row(offer: Offer) -> Text:
    text = Text(fit(offer.base.title, _TITLE), no_wrap=True, overflow="ellipsis")
    if offer.why_not:
        return text.append(fit(f" {offer.why_not}", _WHY), style="dim")
    known = "" if offer.score is None else f" {number(offer.score.map)}"
    return text.append(known, style="dim")
