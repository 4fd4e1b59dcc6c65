"""The pane of the Queue screen that tells all of one job, as `cxrtui queue show` does."""

from functools import partial
from typing import ClassVar, Final

from rich.console import RenderableType
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from cxrtui.screens.queue.rows import QueueRow
from cxrtui.screens.reporting import FAILURES
from cxrtui.show.job import job_details
from cxrtui.show.plain import plain
from db.jobs import job_by_id
from jobs.queue.details import details_of
from jobs.workspace import Workspace

_PAUSE: Final = 0.08  # seconds that a job stays highlighted before its files are read


class JobTold(Message):
    """A job's details have been read; None if the job is gone."""

    def __init__(self, job_id: int, told: RenderableType | None) -> None:
        super().__init__()
        self.job_id, self.told = job_id, told


class JobPane(VerticalScroll, can_focus=True):
    """Details of the highlighted job, read in a thread, and again whenever its row changes."""

    DEFAULT_CSS = """
    JobPane { scrollbar-size-vertical: 1; padding: 0 1; }
    JobPane Static { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False, tooltip="further down"),
        Binding("k", "scroll_up", "Up", show=False, tooltip="further up"),
    ]

    def __init__(self, workspace: Workspace, *, id: str | None = None, classes: str = "") -> None:
        super().__init__(id=id, classes=classes)
        self._workspace = workspace
        self._row: QueueRow | None = None
        self._pause: Timer | None = None

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static(id="told", markup=False)

    def show(self, row: QueueRow | None) -> None:
        """Tell of this job, unless what is shown says the same already."""
        if row == self._row:
            return
        is_other = row is None or self._row is None or row.id != self._row.id
        self._row = row
        if self._pause is not None:
            self._pause.stop()
        if row is None:
            self.query_one("#told", Static).update("")
            return
        if is_other:
            self.scroll_home(animate=False)
        work = partial(self._read, row.id)
        begin = partial(self.run_worker, work, thread=True, exclusive=True, group="details")
        self._pause = self.set_timer(_PAUSE, begin)

    def forget(self) -> None:
        """Read anew when a job is shown next."""
        self._row = None

    @on(JobTold)
    def take_told(self, message: JobTold) -> None:
        """Show what was read, if that job is still the one."""
        if self._row is not None and message.job_id == self._row.id:
            gone = Text("This job is not in the queue any more.", style="dim")
            self.query_one("#told", Static).update(message.told or gone)

    def _read(self, job_id: int) -> None:
        try:
            with self._workspace.database.read() as connection:
                job = job_by_id(connection, job_id)
            told = None if job is None else job_details(details_of(self._workspace, [job])[0])
        except FAILURES as error:
            told = Text(plain(error))
        self.post_message(JobTold(job_id, told))
