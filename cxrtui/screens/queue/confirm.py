"""Asks before something is lost."""

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from cxrtui.screens.dialog import Dialog
from cxrtui.show.plain import plain


class ConfirmDialog(Dialog[bool]):
    """Answers whether the person wants it; Enter alone does not."""

    CSS = """
    ConfirmDialog { align: center middle; }
    ConfirmDialog Vertical {
        width: 66; height: auto; border: round $warning; padding: 0 1; background: $surface;
    }
    ConfirmDialog Horizontal { height: 1; margin-top: 1; }
    ConfirmDialog Button { margin-right: 2; }
    ConfirmDialog Toast { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", "yes", tooltip="do it"),
        Binding("n,escape", "dismiss(False)", "no", tooltip="change nothing"),
        Binding("left", "app.focus_previous", "Left", show=False, tooltip="the other answer"),
        Binding("right", "app.focus_next", "Right", show=False, tooltip="the other answer"),
    ]

    def __init__(self, question: str, told: str) -> None:
        super().__init__()
        self._question = question
        self._told = told

    def compose(self) -> ComposeResult:
        """The question, what is lost, and the two answers."""
        with Vertical() as box:
            box.border_title = "Sure?"
            yield Static(Text(plain(self._question), style="bold"))
            yield Static(Text(plain(self._told)))
            with Horizontal():
                yield Button("Yes  y", id="yes", compact=True)
                yield Button("No  Esc", id="no", compact=True)

    def on_mount(self) -> None:
        """Begin on the answer that changes nothing."""
        self.query_one("#no").focus()

    @on(Button.Pressed)
    def answer(self, event: Button.Pressed) -> None:
        """A button was chosen."""
        self.dismiss(event.button.id == "yes")
