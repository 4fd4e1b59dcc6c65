"""An application with themes and a command palette; the dashboard is one."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import App
from textual.command import Provider
from textual.filter import LineFilter

from cxrtui.screens.look.themes import LightGround, default_theme


def _actions() -> type[Provider]:
    from cxrtui.screens.look.commands import ActionCommands

    return ActionCommands


def _models() -> type[Provider]:
    from cxrtui.screens.look.commands import ModelCommands

    return ModelCommands


class ThemedApp(App[None]):
    """Our own colours follow the theme; the palette offers what has a key, and models by name."""

    COMMANDS: ClassVar = {_actions, _models}  # imported when the palette is opened

    def __init__(self) -> None:
        super().__init__()
        self._light = LightGround(enabled=False)
        self.theme = default_theme()

    def watch_theme(self, theme: str) -> None:
        """Other colours on a light ground."""
        self._light.enabled = not self.available_themes[theme].dark

    def get_line_filters(self) -> Sequence[LineFilter]:
        """The filters of Textual, and ours."""
        filters = super().get_line_filters()
        return [*filters, self._light] if self._light.enabled else filters
