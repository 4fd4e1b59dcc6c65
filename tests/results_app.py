"""An application of nothing but the Results screen, for tests that drive it."""

import time
from collections.abc import Callable
from typing import Any

from rich.text import Text
from textual.app import App
from textual.pilot import Pilot

from cxrtui.lineages.overview import read_overview
from cxrtui.screens.app import Dashboard
from cxrtui.screens.known import Known
from cxrtui.screens.results.grid import ResultsGrid
from cxrtui.screens.results.screen import ResultsScreen
from cxrtui.screens.results.table import DrawnTable
from jobs.workspace import Workspace

NAME = "cxr-lt-2023"


class Shown(App[None]):
    """The dashboard's looks around this one screen; the feed is what the test does."""

    CSS = Dashboard.CSS
    HORIZONTAL_BREAKPOINTS = Dashboard.HORIZONTAL_BREAKPOINTS

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self.known = Known(NAME, workspace.paths.root, True)
        self.results = ResultsScreen(self.known, workspace)

    def on_mount(self) -> None:
        self.install_screen(self.results, "results")
        self.push_screen("results")
        self.look()

    def look(self) -> None:
        """What the feed's thread would have told."""
        with self._workspace.database.read() as connection:
            self.known.overview = read_overview(connection, NAME)
        if self.results.is_mounted:
            self.results.show_overview()

    @property
    def grid(self) -> ResultsGrid:
        return self.results.query_one(ResultsGrid)

    @property
    def drawn(self) -> DrawnTable:
        assert self.results.drawn is not None
        return self.results.drawn

    def cells(self) -> dict[str, list[Text]]:
        """What the grid has, by the first cell of each row."""
        return {row[0].plain: list(row[len(row) - 5 :]) for row in self.grid.rows}


async def until(pilot: Pilot[None], true: Callable[[], Any]) -> None:
    """Wait for a condition that other threads bring about."""
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, "it did not become true"
        await pilot.pause(0.02)


async def opened(pilot: Pilot[None], app: Shown) -> None:
    await until(pilot, lambda: app.results.drawn is not None)
    await pilot.pause()


def screen_text(app: App[None]) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())
