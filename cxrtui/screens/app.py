"""The application: its screens, its feed, and what its messages change."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import events, on
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.widgets import Input

from cxrtui.screens.dialog import DialogApp
from cxrtui.screens.keys_first import KeysFirst
from cxrtui.screens.lasting import LastingApp
from cxrtui.screens.look.app import ThemedApp
from cxrtui.screens.messages import (
    AwayTold,
    EndChanged,
    FeedRead,
    LogChanged,
    MachineChanged,
    SupervisorSeen,
    Trouble,
)

if TYPE_CHECKING:  # imported once something is painted: see opening.py
    from cxrtui.screens.away.box import AwayBox
    from cxrtui.screens.away.file import AwayFile
    from cxrtui.screens.ensemble.screen import EnsembleScreen
    from cxrtui.screens.queue.screen import QueueScreen
    from cxrtui.screens.results.screen import ResultsScreen
    from cxrtui.screens.run.screen import RunScreen
    from jobs.workspace import Workspace

_WIDTHS: Final = [(0, "-narrow"), (110, "-wide")]  # cells from which a class holds
_KEEP_SECONDS: Final = 5.0
_QUIET_SECONDS: Final = 0.8  # without a key, before a box may open by itself


class Dashboard(DialogApp[None], LastingApp, ThemedApp):
    """What a person leaves open while the models train."""

    TITLE = "cxrtui"
    VITAL = frozenset({"feed", "opening"})
    is_furnished = False  # whether there are screens and a feed
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
        Binding("1", "show('run')", "Run", tooltip="models, their curves and logs"),
        Binding("2", "show('queue')", "Queue", tooltip="all jobs, and what can be asked of them"),
        Binding("3", "show('results')", "Results", tooltip="the table of the recipe's columns"),
        Binding(
            "4", "show('ensemble')", "Ensemble", tooltip="pick members and see what they score"
        ),
        Binding("q", "quit", "quit", tooltip="leave: jobs go on without the dashboard"),
        Binding(
            "ctrl+p",
            "command_palette",
            "commands",
            priority=True,
            tooltip="search for a command, a theme or a model by name",
        ),
        Binding("question_mark", "help", "help", key_display="?", tooltip="this help"),
    ]

    def __init__(
        self,
        workspace: "Workspace",
        recipe: str,
        *,
        watch_only: bool,
        kept: "AwayFile | None" = None,
    ) -> None:
        super().__init__(workspace.paths.root)
        self.keys = KeysFirst()
        self.furnish(workspace, recipe, watch_only=watch_only, kept=kept)

    def furnish(
        self,
        workspace: "Workspace",
        recipe: str,
        *,
        watch_only: bool,
        kept: "AwayFile | None" = None,
        writes_data: bool = False,
    ) -> None:
        """Make the screens of a workspace that is open, and the feed."""
        from cxrtui.screens import all_screens as made

        data = None if workspace.settings.data is None else Path(workspace.settings.data)
        root = workspace.paths.root
        self.known = made.Known(recipe, root, watch_only, data, writes_data, keys=self.keys)
        self.feed = made.Feed(workspace, recipe, self.post_message, kept, self.keys)
        self.kept_view = made.KeptView(self, kept)
        self.run_screen = made.RunScreen(self.known, self.feed.want)
        self.queue_screen = made.QueueScreen(self.known, workspace)
        self.results_screen = made.ResultsScreen(self.known, workspace)
        self.ensemble_screen = made.EnsembleScreen(self.known, workspace)
        self.is_furnished = True

    async def on_mount(self) -> None:
        """Paint first, read after."""
        await self.enter()

    async def enter(self) -> None:
        """Show the Run screen, and begin to read."""
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
        if self.is_furnished:
            self.feed.stop()

    def action_show(self, screen: str) -> None:
        """Go to a screen by its name; a dialog is answered first."""
        if self.is_furnished and self.screen in self._screens:
            self.switch_screen(screen)

    def go_to_model(self, name: str) -> None:
        """Show the model of that name on the Run screen."""
        self.action_show("run")
        self.run_screen.select(name)

    def action_help(self) -> None:
        """Show what the keys do."""
        from cxrtui.screens.help_screen import HelpScreen

        self.push_screen(HelpScreen())

    def between_reads(self) -> AbstractContextManager[object]:
        """While the feed rests."""
        return self.feed.reading if self.is_furnished else nullcontext()

    async def action_quit(self) -> None:
        """Leave; what runs goes on."""
        self.end()

    def end(self, code: int = 0, words: str = "") -> None:
        """Keep how all is looked at, unless that is what went wrong, and end."""
        if self.is_furnished:
            if not words:
                self.kept_view.keep()
            self.feed.stop()
        super().end(code, words)

    @on(FeedRead)
    def take_read(self, message: FeedRead) -> None:
        """Models, jobs or attempts changed, or curves grew; both are drawn at once."""
        for key, points in message.points:
            self.known.curves.add(key, points)
        if message.overview != self.known.overview:
            self.known.overview = message.overview
            self._show_everywhere()
        else:
            self._show(self.run_screen, self.run_screen.show_curves)

    @on(LogChanged)
    def take_log(self, message: LogChanged) -> None:
        """The selected model's log grew, or is another one."""
        self.known.log = message.log
        self._show(self.run_screen, self.run_screen.show_log)

    @on(SupervisorSeen)
    def take_supervisor(self, message: SupervisorSeen) -> None:
        """A supervisor came or went."""
        self.known.supervisor = message.info
        self._show_everywhere()

    @on(MachineChanged)
    def take_machine(self, message: MachineChanged) -> None:
        """The machine, or what runs on it, is not as it was."""
        self.known.machine = message.machine
        self._show(self.run_screen, self.run_screen.show_machine)
        self._show_status()

    @on(EndChanged)
    def take_end(self, message: EndChanged) -> None:
        """When the queue will be done was worked out anew."""
        self.known.end = message.end
        self._show_status()

    @on(AwayTold)
    def take_news(self, message: AwayTold) -> None:
        """Tell what happened since the dashboard was left."""
        from cxrtui.screens.away.box import AwayBox

        self._tell_when_quiet(AwayBox(message.news, message.since))

    async def on_event(self, event: events.Event) -> None:
        """Remember when somebody typed."""
        if isinstance(event, events.Key | events.Paste):
            self.keys.press()
        await super().on_event(event)

    @on(Trouble)
    def take_trouble(self, message: Trouble) -> None:
        """Something cannot be read: say so until it can."""
        self.known.trouble = message.text
        self._show_everywhere()

    def _tell_when_quiet(self, box: "AwayBox") -> None:
        """It must not take keys that somebody types for a dialog, a field or a screen."""
        is_typed = self.screen not in self._screens or isinstance(self.focused, Input)
        if is_typed or monotonic() - self.keys.pressed_at < _QUIET_SECONDS:
            self.set_timer(_QUIET_SECONDS, partial(self._tell_when_quiet, box))
        else:
            self.push_screen(box)

    def _show_everywhere(self) -> None:
        for screen in self._screens:
            self._show(screen, screen.show_overview)

    def _show_status(self) -> None:
        from cxrtui.screens.status_line import StatusLine

        for screen in self.screen_stack:
            for line in screen.query(StatusLine):
                line.show(self.known)

    def _show(self, screen: Screen[Any], show: Callable[[], None]) -> None:
        """Show something new, if it is seen: a screen that is gone to shows all that is known.

        When the dashboard ends, a screen's widgets go before the last news.
        """
        if screen in self.screen_stack:
            with suppress(NoMatches):
                show()

    @property
    def _screens(self) -> tuple["RunScreen | QueueScreen | ResultsScreen | EnsembleScreen", ...]:
        return self.run_screen, self.queue_screen, self.results_screen, self.ensemble_screen
