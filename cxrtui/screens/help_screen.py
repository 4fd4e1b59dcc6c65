"""What every key does, and what the signs mean."""

import textwrap
from collections.abc import Iterator
from typing import Any, ClassVar, Final

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from cxrtui.screens.look.key_groups import KeyGroup, key_groups
from cxrtui.show.signs import FEW, NOISE

_SIGNS: Final = (
    ("✓ ▶ · ✗ ⏸", "done, runs, waits, failed or blocked, paused or held"),
    ("│ ┊↻", "in a chart: a stage begins, training was resumed"),
    ("\N{MULTIPLICATION SIGN} ▾", "in a chart: not a finite number; not positive on a log axis"),
    ("●", "a job that is marked"),
    (NOISE, "the difference is within noise: with other patients it may be none"),
    (FEW, "positives in fewer than ten patients: do not trust the interval"),
)
_LEAST: Final = 9  # cells of keys
_ROOM: Final = 61  # cells beside them


class HelpScreen(ModalScreen[None]):
    """The keys of all screens, those of the screen below first; any of its own keys closes it."""

    CSS = """
    HelpScreen { align: center middle; }
    HelpScreen VerticalScroll {
        width: 78; max-width: 100%; height: auto; max-height: 90%; border: round $primary;
        padding: 0 1; background: $surface; scrollbar-size-vertical: 1;
    }
    HelpScreen Static { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape,q,question_mark,enter", "dismiss", "close", tooltip="close it; ↓ ↑ scroll it"
        )
    ]

    def compose(self) -> ComposeResult:
        """One text that may be longer than the screen."""
        with VerticalScroll() as box:
            box.border_title = "Keys"
            box.border_subtitle = "↓ scrolls, Esc closes"
            yield Static(help_text(self.app.screen_stack[-2]))


def help_text(below: Screen[Any] | None = None) -> Text:
    """Every key of every screen, those of the screen that is looked at before the others'."""
    text = Text()
    for group in _ordered(below):
        text.append(f"{group.title}\n", "bold underline")
        _append(text, group.keys())
    text.append("Signs\n", "bold underline")
    _append(text, iter(_SIGNS))
    text.rstrip()
    return text


def _ordered(below: Screen[Any] | None) -> list[KeyGroup]:
    """What is everywhere stays first; the screen's dialogs come with it, by their titles."""
    everywhere, *others = key_groups()
    title = next((one.title for one in others if isinstance(below, one.classes[0])), "")
    of_screen = title.partition(":")[0]
    others.sort(key=lambda one: (one.title.partition(":")[0] != of_screen, one.title != title))
    return [everywhere, *others]


def _append(text: Text, lines: Iterator[tuple[str, str]]) -> None:
    for keys, told in lines:
        fill = " " * max(_LEAST - cell_len(keys), 0)
        text.append(f"  {keys}{fill} ", "bold")
        text.append(f"\n{' ' * (_LEAST + 3)}".join(textwrap.wrap(told, _ROOM)) + "\n")
