"""An application of nothing but the Ensemble screen, for tests that drive it."""

from typing import Any

from pilots import until
from textual.pilot import Pilot
from thread_scorer import ThreadScorer

from cxrtui.lineages.overview import read_overview
from cxrtui.screens.app import Dashboard
from cxrtui.screens.dialog import DialogApp
from cxrtui.screens.ensemble.screen import EnsembleScreen
from cxrtui.screens.known import Known
from jobs.workspace import Workspace

NAME = "cxr-lt-2023"


class Shown(DialogApp[None]):
    """The dashboard's looks around this one screen; the feed is what the test does."""

    HORIZONTAL_BREAKPOINTS = Dashboard.HORIZONTAL_BREAKPOINTS
    CSS = Dashboard.CSS

    def __init__(self, workspace: Workspace, settings: dict[str, Any] | None = None) -> None:
        super().__init__()
        self._workspace = workspace
        self.known = Known(NAME, workspace.paths.root, True)
        self.ensemble = EnsembleScreen(self.known, workspace, ThreadScorer)
        if settings is not None:
            self.ensemble.restore(settings)

    def on_mount(self) -> None:
        self.install_screen(self.ensemble, "ensemble")
        self.push_screen("ensemble")
        self.look()

    def look(self) -> None:
        """What the feed's thread would have told."""
        with self._workspace.database.read() as connection:
            self.known.overview = read_overview(connection, NAME)
        if self.ensemble.is_mounted:
            self.ensemble.show_overview()

    @property
    def cells(self) -> dict[str, dict[str, str]]:
        """The table as it is drawn, by label."""
        return {row["label"]: row for row in self.ensemble.panel.table.cells}

    @property
    def is_settled(self) -> bool:
        """Whether the newest choice is on the screen, with all that it is compared with."""
        screen = self.ensemble
        if screen.choice is None or screen.loaded is None:
            return False
        missing = screen.picks.missing(screen.choice, screen.loaded)
        return screen.shown == screen.choice and not missing


async def opened(pilot: Pilot[None], app: Shown) -> None:
    last = "positives" if app.size.width >= 110 else "change"  # of the columns that have room
    await until(lambda: app.is_settled and last in app.ensemble.panel.table.titles)
    await pilot.pause()
