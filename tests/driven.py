"""What tests do with a whole dashboard that they drive through Textual's pilot."""

from typing import Any

from pilots import until
from textual.pilot import Pilot
from thread_scorer import ThreadScorer

from cxrtui.screens.app import Dashboard
from cxrtui.screens.away.file import AwayFile
from cxrtui.screens.ensemble.screen import EnsembleScreen
from jobs.workspace import Workspace

NAME = "cxr-lt-2023"
SCREENS = {"1": "run", "2": "queue", "3": "results", "4": "ensemble"}


def dashboard(workspace: Workspace, *, kept: bool = False) -> Dashboard:
    """One that starts no supervisor and scores in a thread; it can keep how it was left."""
    file = AwayFile(workspace) if kept else None
    app = Dashboard(workspace, NAME, watch_only=True, kept=file)
    app.ensemble_screen = EnsembleScreen(app.known, workspace, ThreadScorer)
    return app


async def opened(pilot: Pilot[Any], app: Dashboard) -> None:
    """Wait until the feed has told everything once."""
    await until(lambda: app.known.overview is not None and app.known.machine is not None)
    await pilot.pause()


async def go(pilot: Pilot[Any], app: Dashboard, key: str) -> None:
    """Go to a screen, and wait until it shows what there is."""
    await pilot.press(key)
    shows = {
        "1": lambda: app.run_screen.is_current,
        "2": lambda: app.queue_screen.rows is not None,
        "3": lambda: app.results_screen.drawn is not None,
        "4": lambda: len(app.ensemble_screen.picks.scores) >= 6,
    }
    await until(shows[key])
    await pilot.pause()
