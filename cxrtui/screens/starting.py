"""The dashboard as the command starts it: paint an empty frame first, open the workspace after."""

from pathlib import Path
from typing import Final

from textual import events, on

from cxrtui.screens.app import Dashboard
from cxrtui.screens.keys_first import KeysFirst
from cxrtui.screens.lasting import LastingApp
from cxrtui.screens.leisure import LOOK_SECONDS, Leisure
from cxrtui.screens.opening import OpeningScreen, Unopened, WorkspaceOpened, open_for_screens
from db.errors import DatabaseError
from jobs.errors import JobsError
from jobs.paths import WorkspacePaths

_TOLD_SECONDS: Final = 60.0


class StartingDashboard(Dashboard):
    """A dashboard without screens, until the workspace has been opened."""

    def __init__(self, root: Path, *, watch_only: bool) -> None:
        LastingApp.__init__(self, root)
        self.keys = KeysFirst()
        self._watch_only = watch_only
        self._opening = OpeningScreen(root)
        self._leisure = Leisure()

    async def enter(self) -> None:
        """Paint, then open."""
        await self.push_screen(self._opening)
        self.call_after_refresh(self.run_worker, self._open, name="opening", thread=True)

    def _open(self) -> None:
        """Open the workspace, and see to it that a supervisor runs; in a thread."""
        try:
            self.post_message(WorkspaceOpened(open_for_screens(self.root)))
        except (JobsError, DatabaseError) as error:
            self.post_message(Unopened(str(error)))
            return
        if not self._watch_only:
            self._ensure_supervisor()

    def _ensure_supervisor(self) -> None:
        from jobs.queue.ensure import ensure_supervisor

        try:
            ensure_supervisor(WorkspacePaths(self.root))
        except (JobsError, OSError) as error:
            # One can watch without; the status line says that there is none.
            self.notify(str(error), severity="error", timeout=_TOLD_SECONDS, markup=False)

    @on(WorkspaceOpened)
    async def furnish_and_enter(self, message: WorkspaceOpened) -> None:
        """The screens have something to show: they take the place of the frame."""
        opened = message.opened
        self.furnish(
            opened.workspace,
            opened.recipe,
            watch_only=self._watch_only,
            kept=opened.kept,
            writes_data=opened.writes_data,
        )
        await self.pop_screen()
        await super().enter()
        self.set_interval(LOOK_SECONDS, lambda: self._leisure.look(self.keys.pressed_at))
        self.call_after_refresh(self._press_again)

    def _press_again(self) -> None:
        for key in self._opening.keys:
            self.post_message(events.Key(key.key, key.character))

    @on(Unopened)
    def tell_why_not(self, message: Unopened) -> None:
        """What the commands would have said, and with their exit code."""
        self.end(2, message.text)
