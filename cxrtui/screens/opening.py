"""What is painted before anything has been read, and the reading itself."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from cxrtui.show.plain import plain_line

if TYPE_CHECKING:
    from cxrtui.screens.away.file import AwayFile
    from jobs.workspace import Workspace

_AT_ONCE: Final = ("q", "ctrl+q", "ctrl+c", "ctrl+z")


@dataclass(frozen=True)
class Opened:
    """All that the screens need to begin."""

    workspace: "Workspace"
    recipe: str
    kept: "AwayFile | None"
    writes_data: bool  # whether the recipe writes its own


class WorkspaceOpened(Message):
    """The workspace has been opened."""

    def __init__(self, opened: Opened) -> None:
        super().__init__()
        self.opened = opened


class Unopened(Message):
    """The workspace cannot be used, in one line for a person."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class OpeningScreen(Screen[None]):
    """The Run screen's frame, empty. Keys are kept for the screen that comes."""

    CSS = """
    OpeningScreen #top { height: 1; padding: 0 1; background: $panel; }
    OpeningScreen #bottom { dock: bottom; height: 1; background: $footer-background; }
    OpeningScreen #models { width: 32; height: 1fr; }
    OpeningScreen.-wide #models { width: 44; }
    OpeningScreen #curves { width: 1fr; height: 1fr; }
    """

    def __init__(self, root: Path) -> None:
        super().__init__()
        self._root = root
        self.keys: list[events.Key] = []

    def on_key(self, event: events.Key) -> None:
        """Keep all keys but those that leave."""
        if event.key not in _AT_ONCE:
            event.stop()
            self.keys.append(event)

    def compose(self) -> ComposeResult:
        """The name of the workspace, and that it is being read."""
        yield Static(Text.assemble(("cxrtui", "bold"), "  ", plain_line(self._root)), id="top")
        with Horizontal():
            yield Static("reading ...", id="models", classes="box")
            yield Static(id="curves", classes="box")
        yield Static(id="bottom")

    def on_mount(self) -> None:
        """As the Run screen has it."""
        self.query_one("#models").border_title = "Models"
        self.query_one("#curves").border_title = "Loss"


def open_for_screens(root: Path) -> Opened:
    """Import what the screens need and read what they begin with: the better part of a second.

    JobsError or DatabaseError for a workspace, a recipe or a database that cannot be used.
    """
    from cxrtui.screens import all_screens  # noqa: F401  # the application's thread finds it ready
    from cxrtui.screens.away.file import AwayFile
    from jobs.recipe.load import load_recipe
    from jobs.workspace import open_workspace

    workspace = open_workspace(root)
    recipe = load_recipe(workspace.settings.recipe).recipe
    writes_data = workspace.settings.data is None and recipe.data.phantom is not None
    return Opened(workspace, recipe.name, AwayFile(workspace), writes_data)
