"""An application of nothing but the Queue screen, for tests that drive it."""

import json
from typing import Any

from pilots import until
from textual.pilot import Pilot
from textual.widgets import Input

from cxrtui.lineages.overview import read_overview
from cxrtui.screens.app import Dashboard
from cxrtui.screens.dialog import DialogApp
from cxrtui.screens.known import Known
from cxrtui.screens.queue.rows import QueueRow
from cxrtui.screens.queue.screen import QueueScreen
from jobs.workspace import Workspace


class Shown(DialogApp[None]):
    """The Queue screen without the other screens."""

    CSS = Dashboard.CSS

    def __init__(self, workspace: Workspace, *, watch_only: bool = True) -> None:
        super().__init__()
        self.workspace = workspace
        self.known = Known("cxr-lt-2023", workspace.paths.root, watch_only)
        self.queue = QueueScreen(self.known, workspace)

    def on_mount(self) -> None:
        self.look()
        self.push_screen(self.queue)

    def look(self) -> None:
        """What the feed does when the database has changed."""
        with self.workspace.database.read() as connection:
            self.known.overview = read_overview(connection, self.known.recipe)

    @property
    def row(self) -> QueueRow:
        row = self.queue.table.row
        assert row is not None
        return row

    def names(self) -> list[str]:
        return [row.name for row in self.queue.table.rows]

    def text(self) -> str:
        return "\n".join(strip.text for strip in self.screen._compositor.render_strips())

    def told(self) -> str:
        return "\n".join(one.message for one in self._notifications)


async def open_queue(pilot: Pilot[None], app: Shown, name: str = "") -> None:
    """Go to the Queue screen, and there to a job."""
    await until(lambda: app.queue.rows is not None)
    if name:
        app.queue.table.cursor = app.names().index(name)
    await pilot.pause()


async def type_words(pilot: Pilot[None], app: Shown, words: str) -> None:
    """Filter, all but the last key at once."""
    await pilot.press("slash")
    app.queue.query_one("#filter", Input).value = words[:-1]
    await pilot.press("end", words[-1])


def journal(workspace: Workspace) -> list[dict[str, Any]]:
    return [json.loads(line) for line in workspace.paths.journal.read_text().splitlines()]


def asked(workspace: Workspace) -> tuple[str, list[str], int | None]:
    """The last request in the journal."""
    entry = journal(workspace)[-1]
    assert entry["kind"] == "request"
    return entry["verb"], entry["keys"], entry["value"]
