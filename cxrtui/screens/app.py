"""The application: its screens, its feed, and what its messages change."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar, Final

from textual import on
from textual.app import App
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.screen import Screen

from cxrtui.screens.away.box import AwayBox
from cxrtui.screens.away.file import AwayFile
from cxrtui.screens.away.view import KeptView
from cxrtui.screens.ensemble.screen import EnsembleScreen
from cxrtui.screens.feed.feed import Feed
from cxrtui.screens.gpus.panel import GpuPanel
from cxrtui.screens.help_screen import HelpScreen
from cxrtui.screens.known import Known
from cxrtui.screens.messages import (
    AwayTold,
    EndChanged,
    LogChanged,
    MachineChanged,
    OverviewChanged,
    PointsArrived,
    SupervisorSeen,
    Trouble,
)
from cxrtui.screens.queue.screen import QueueScreen
from cxrtui.screens.results.screen import ResultsScreen
from cxrtui.screens.run.screen import RunScreen
from cxrtui.screens.status_line import StatusLine
from jobs.recipe.load import load_recipe
from jobs.workspace import Workspace

_WIDTHS: Final = [(0, "-narrow"), (110, "-wide")]  # cells from which a class holds
_KEEP_SECONDS: Final = 5.0


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
        Binding("2", "show('queue')", "Queue"),
        Binding("3", "show('results')", "Results"),
        Binding("4", "show('ensemble')", "Ensemble"),
        Binding("question_mark", "help", "help", key_display="?"),
        Binding("q", "quit", "quit"),
    ]

    def __init__(
        self,
        workspace: Workspace,
        recipe: str,
        *,
        watch_only: bool,
        kept: AwayFile | None = None,
    ) -> None:
        super().__init__()
        self.known = Known(recipe, workspace.paths.root, watch_only)
        self.feed = Feed(workspace, recipe, self.post_message, kept)
        self.kept_view = KeptView(self, kept)
        self.run_screen = RunScreen(self.known, self.feed.want)
        self.queue_screen = QueueScreen(self.known, workspace)
        self.results_screen = ResultsScreen(self.known, workspace)
        self.ensemble_screen = EnsembleScreen(self.known, workspace)

    async def on_mount(self) -> None:
        """Paint the Run screen, then begin to read."""
        self.install_screen(self.run_screen, "run")
        self.install_screen(self.queue_screen, "queue")
        self.install_screen(self.results_screen, "results")
        self.install_screen(self.ensemble_screen, "ensemble")
        await self.push_screen("run")
        self.kept_view.restore()
        self.run_worker(self.feed.run, name="feed", thread=True)
        self.set_interval(_KEEP_SECONDS, self.kept_view.keep)

    def on_unmount(self) -> None:
        """End the feed's thread."""
        self.feed.stop()

    def action_show(self, screen: str) -> None:
        """Go to a screen by its name; a dialog is answered first."""
        if self.screen in self._screens:
            self.switch_screen(screen)

    def action_help(self) -> None:
        """Show what the keys do."""
        self.push_screen(HelpScreen())

    async def action_quit(self) -> None:
        """Leave; what runs goes on."""
        self.kept_view.keep()
        self.feed.stop()
        self.exit()

    @on(OverviewChanged)
    def take_overview(self, message: OverviewChanged) -> None:
        """Models, jobs or attempts changed."""
        self.known.overview = message.overview
        self._show_everywhere()
        self.kept_view.select()

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

    @on(MachineChanged)
    def take_machine(self, message: MachineChanged) -> None:
        """The machine, or what runs on it, is not as it was."""
        self.known.machine = message.machine
        for screen in self._mounted():
            for panel in screen.query(GpuPanel):
                panel.show(message.machine)
        self._show_status()

    @on(EndChanged)
    def take_end(self, message: EndChanged) -> None:
        """When the queue will be done was worked out anew."""
        self.known.end = message.end
        self._show_status()

    @on(AwayTold)
    def take_news(self, message: AwayTold) -> None:
        """Tell what happened since the dashboard was left."""
        self.push_screen(AwayBox(message.news, message.since))

    @on(Trouble)
    def take_trouble(self, message: Trouble) -> None:
        """Something cannot be read: say so until it can."""
        self.known.trouble = message.text
        self._show_everywhere()

    def _show_everywhere(self) -> None:
        for screen in self._screens:
            _show(screen, screen.show_overview)

    def _show_status(self) -> None:
        for screen in self._mounted():
            for line in screen.query(StatusLine):
                line.show(self.known)

    def _mounted(self) -> list[Screen[Any]]:
        """The screens that have been looked at; those in the background stay current, too."""
        return [screen for screen in self._screens if screen.is_mounted]

    @property
    def _screens(self) -> tuple[RunScreen | QueueScreen | ResultsScreen | EnsembleScreen, ...]:
        return self.run_screen, self.queue_screen, self.results_screen, self.ensemble_screen


def _show(screen: Screen[Any], show: Callable[[], None]) -> None:
    """Show something new; when the dashboard ends, a screen's widgets go before the last news."""
    if screen.is_mounted:
        with suppress(NoMatches):
            show()


def run_dashboard(workspace: Workspace, *, watch_only: bool, mouse: bool = True) -> None:
    """Show the dashboard of a workspace until the person leaves; InputError for a bad recipe."""
    recipe = load_recipe(workspace.settings.recipe).recipe.name
    app = Dashboard(workspace, recipe, watch_only=watch_only, kept=AwayFile(workspace))
    app.run(mouse=mouse)
