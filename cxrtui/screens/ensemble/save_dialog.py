"""Asks for the name under which an ensemble is saved."""

import re
from collections.abc import Set
from typing import ClassVar, Final

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from cxrtui.screens.dialog import Dialog

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # as names in recipes
_RULE: Final = "a name has letters, digits, . _ - and begins with a letter or digit"


class SaveDialog(Dialog[str | None]):
    """Answers with a name, or None if the person thought better of it."""

    CSS = """
    SaveDialog { align: center middle; }
    SaveDialog Vertical {
        width: 66; height: auto; border: round $primary; padding: 0 1; background: $surface;
    }
    SaveDialog Static { height: 1; }
    SaveDialog Input { margin: 1 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "cancel")]

    def __init__(self, members: str, saved: Set[str]) -> None:
        super().__init__()
        self._members = members
        self._saved = saved

    def compose(self) -> ComposeResult:
        """What is saved, its name, and what that name means."""
        with Vertical() as box:
            box.border_title = "Save the ensemble"
            yield Static(Text(self._members, no_wrap=True, overflow="ellipsis"))
            yield Input(placeholder="its name", id="name", compact=True)
            yield Static(self._advice(""), id="advice")

    @on(Input.Changed)
    def advise(self, event: Input.Changed) -> None:
        """Say at each key what Enter would do."""
        self.query_one("#advice", Static).update(self._advice(event.value))

    @on(Input.Submitted)
    def accept(self, event: Input.Submitted) -> None:
        """Answer with a name that is one."""
        if _NAME.fullmatch(event.value):
            self.dismiss(event.value)

    def _advice(self, name: str) -> Text:
        if name in self._saved:
            advice = f"Enter replaces the saved ensemble {name}"
        elif not name or _NAME.fullmatch(name):
            advice = "Enter saves, Esc goes back"
        else:
            advice = _RULE
        return Text(advice, style="dim", no_wrap=True)
