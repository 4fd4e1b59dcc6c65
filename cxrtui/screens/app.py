"""The application: its screens, its feed, and what its messages change."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar, Final

from textual import on
from textual.app import App
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.screen import Screen

from cxrtui.screens.ensemble_screen import EnsembleScreen
from cxrtui.screens.feed import Feed
from cxrtui.screens.help_screen import HelpScreen
from cxrtui.screens.known import Known
from cxrtui.screens.messages import (
    LogChanged,
    OverviewChanged,
    PointsArrived,
    SupervisorSeen,
    Trouble,
)
from cxrtui.screens.run_screen import RunScreen
from jobs.recipe.load import load_recipe
from jobs.workspace import Workspace

_WIDTHS: Final = [(0, "-narrow"), (110, "-wide")]  # cells from which a class holds


class Dashboard(App[None]):
    """What a person leaves open while the models train."""

    TITLE = "cxrtui"
    CSS = """
    .box {
        border: round $foreground 30%; border-title-color: $foreground; padding: 0;
        border-subtitle-color: $foreground 70%; background: transparent;
    }
    .box:focus { border: round $foreground 70%; background: transparent; }
    .box > .option-list--option-highlighted, .box:focus > .option-list--option-highlighted {
        background: $foreground 20%; color: $foreground; text-style: none;
    }
    """
    HORIZONTAL_BREAKPOINTS = _WIDTHS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "show('run')", "Run"),
        Binding("2", "show('ensemble')", "Ensemble"),
        Binding("question_mark", "help", "help", key_display="?"),
        Binding("q", "quit", "quit"),
    ]

    def __init__(self, workspace: Workspace, recipe: str, *, watch_only: bool) -> None:
        super().__init__()
        self.known = Known(recipe, workspace.paths.root, watch_only)
        self.feed = Feed(workspace, recipe, self.post_message)
        self.run_screen = RunScreen(self.known, self.feed.want)
        self.ensemble_screen = EnsembleScreen(self.known, workspace)

    def on_mount(self) -> None:
        """Paint the Run screen, then begin to read."""
        self.install_screen(self.run_screen, "run")
        self.install_screen(self.ensemble_screen, "ensemble")
        self.push_screen("run")
        self.run_worker(self.feed.run, name="feed", thread=True)

    def on_unmount(self) -> None:
        """End the feed's thread."""
        self.feed.stop()

    def action_show(self, screen: str) -> None:
        """Go to a screen by its name; a dialog is answered first."""
        if self.screen in (self.run_screen, self.ensemble_screen):
            self.switch_screen(screen)

    def action_help(self) -> None:
        """Show what the keys do."""
        self.push_screen(HelpScreen())

    async def action_quit(self) -> None:
        """Leave; what runs goes on."""
        self.feed.stop()
        self.exit()

    @on(OverviewChanged)
    def take_overview(self, message: OverviewChanged) -> None:
        """Models, jobs or attempts changed."""
        self.known.overview = message.overview
        self._show_everywhere()

    @on(PointsArrived)
    def take_points(self, message: PointsArrived) -> None:
        """Curves grew."""
        for key, points in message.points:
            self.known.curves.add(key, points)
        _show(self.run_screen, self.run_screen.show_curves)

    @on(LogChanged)
    def take_log(self, message: LogChanged) -> None:
        """The selected model's log grew, or is another one."""
        self.known.log = message.log
        _show(self.run_screen, self.run_screen.show_log)

    @on(SupervisorSeen)
    def take_supervisor(self, message: SupervisorSeen) -> None:
        """A supervisor came or went."""
        self.known.supervisor = message.info
        self._show_everywhere()

    @on(Trouble)
    def take_trouble(self, message: Trouble) -> None:
        """Something cannot be read: say so until it can."""
        self.known.trouble = message.text
        self._show_everywhere()

    def _show_everywhere(self) -> None:
        for screen in (self.run_screen, self.ensemble_screen):
            _show(screen, screen.show_overview)


def _show(screen: Screen[Any], show: Callable[[], None]) -> None:
    """Show something new; when the dashboard ends, a screen's widgets go before the last news."""
    if screen.is_mounted:
        with suppress(NoMatches):
            show()


def run_dashboard(workspace: Workspace, *, watch_only: bool) -> None:
    """Show the dashboard of a workspace until the person leaves; InputError for a bad recipe."""
    recipe = load_recipe(workspace.settings.recipe).recipe.name
    Dashboard(workspace, recipe, watch_only=watch_only).run()
