"""Asks for the file into which an ensemble's predictions are written."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar, Final

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from cxrtui.chart.lines import WARNING
from cxrtui.screens.dialog import Dialog
from cxrtui.screens.queue.confirm import ConfirmDialog
from cxrtui.show.plain import plain

_FORMATS: Final = {
    ".zip": "a submission: the rows and columns of the split's own CSV",
    ".csv": "a table with image, study, patient, view and a column a label",
    ".parquet": "a table that other programs read quickly, and `ensemble import`",
}
_ENDINGS: Final = "the ending says the format: .zip (a submission), .csv or .parquet"


@dataclass(frozen=True)
class Wanted:
    """A file, and whether one that is there may be replaced."""

    file: Path
    replace: bool


class ExportDialog(Dialog[Wanted | None]):
    """Answers with a file, or None if the person thought better of it."""

    CSS = """
    ExportDialog { align: center middle; }
    ExportDialog Vertical {
        width: 90%; max-width: 90; height: auto; border: round $primary; padding: 0 1;
        background: $surface;
    }
    ExportDialog #what { height: 1; }
    ExportDialog Input { margin: 1 0; }
    ExportDialog #advice { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "cancel", tooltip="write nothing; Enter writes the file")
    ]

    def __init__(self, members: str, split: str) -> None:
        super().__init__()
        self._members = members
        self._split = split

    def compose(self) -> ComposeResult:
        """What is written, where to, and what that means."""
        with Vertical() as box:
            box.border_title = f"Export the predictions of {self._split}"
            yield Static(Text(self._members, no_wrap=True, overflow="ellipsis"), id="what")
            name = f"ensemble-{self._split}.csv"
            yield Input(name, select_on_focus=False, compact=True)
            yield Static(_advice(name), id="advice")

    @on(Input.Changed)
    def advise(self, event: Input.Changed) -> None:
        """Say at each key what Enter would do."""
        self.query_one("#advice", Static).update(_advice(event.value))

    @on(Input.Submitted)
    def accept(self, event: Input.Submitted) -> None:
        """Answer with a file that can be written; ask before one is replaced."""
        file = _file(event.value)
        if _fault(file):
            return
        if not file.exists():
            self.dismiss(Wanted(file, replace=False))
            return
        sure = ConfirmDialog(f"Replace {file.name}?", f"{file} is there already.")
        self.app.push_screen(sure, partial(self._replace, file))

    def _replace(self, file: Path, sure: bool | None) -> None:
        if sure:
            self.dismiss(Wanted(file, replace=True))


def _advice(text: str) -> Text:
    file = _file(text)
    fault = _fault(file)
    if fault:
        return Text(plain(fault), style=WARNING)
    told = f"{_FORMATS[file.suffix.lower()]}\nEnter writes {file}, Esc goes back"
    return Text(plain(told), style="dim")


def _file(text: str) -> Path:
    try:
        return Path(text.strip()).expanduser().absolute()
    except RuntimeError:  # a home of nobody, such as ~~
        return Path(text.strip()).absolute()


def _fault(file: Path) -> str:
    """Why nothing can be written there; "" if it seems that something can."""
    if file.suffix.lower() not in _FORMATS:
        return _ENDINGS
    if file.is_dir() or not file.parent.is_dir():
        return f"{file.parent}: no such folder" if not file.is_dir() else f"{file}: is a folder"
    return ""
