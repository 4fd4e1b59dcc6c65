"""The Queue screen: every job and how it ended, and all that can be asked of it."""

import time
from collections.abc import Mapping
from functools import partial
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input

from cxrtui.screens.away.file import Setting
from cxrtui.screens.known import Known
from cxrtui.screens.look.keys import KeyLine
from cxrtui.screens.queue.actions import QueueActions
from cxrtui.screens.queue.add import AddDialog
from cxrtui.screens.queue.asking import Asked, Asking
from cxrtui.screens.queue.confirm import ConfirmDialog
from cxrtui.screens.queue.details import JobPane
from cxrtui.screens.queue.filter_field import FilterField
from cxrtui.screens.queue.keys import QUEUE_KEYS
from cxrtui.screens.queue.loss import loss_of
from cxrtui.screens.queue.request import AddRequest
from cxrtui.screens.queue.rows import QueueRow
from cxrtui.screens.queue.table import QueueTable
from cxrtui.screens.queue.view import QueueView
from cxrtui.screens.queue.watch import QueueRead, QueueUnread, QueueWatch
from cxrtui.screens.queue.words import empty_words, order_words, queue_title
from cxrtui.screens.status_line import StatusLine
from cxrtui.show.plain import plain, plain_line
from jobs.workspace import Workspace

_TICK: Final = 1.0  # seconds between two looks at the clock
_ROOM: Final = (160, 34)  # columns, or rows, from which the details have a place of their own


class QueueScreen(Screen[None]):
    """Reads in a thread, asks in threads; what it shows is what the database says."""

    AUTO_FOCUS = "#table"
    CSS = """
    QueueScreen #queue { layout: vertical; height: 1fr; }
    QueueScreen.-beside #queue { layout: horizontal; }
    QueueScreen #table { height: 3fr; width: 1fr; }
    QueueScreen #details { display: none; height: 2fr; }
    QueueScreen.-details #details { display: block; }
    QueueScreen.-beside #table { height: 1fr; }
    QueueScreen.-beside #details { width: 78; height: 1fr; }
    QueueScreen.-details.-low #table { display: none; }
    QueueScreen.-details.-low.-beside #table { display: block; }
    QueueScreen #filter { display: none; border: none; height: 1; padding: 0 1; }
    QueueScreen.-filter #filter { display: block; }
    """
    BINDINGS = QUEUE_KEYS

    def __init__(self, known: Known, workspace: Workspace) -> None:
        super().__init__()
        self.view = QueueView()
        self.rows: tuple[QueueRow, ...] | None = None
        self._known = known
        self._workspace = workspace
        self._watch = QueueWatch(workspace, self.post_message, known.keys)
        self._asking = Asking(self, QueueActions(workspace, watch_only=known.watch_only))
        self._wants_details: bool | None = None  # None: where there is room
        self.table = QueueTable(self.view, id="table", classes="box")
        self.details = JobPane(workspace, id="details", classes="box")

    def compose(self) -> ComposeResult:
        """Status, the table and the details, keys."""
        yield StatusLine()
        words = "words that a job must have"
        yield FilterField(self.view.text, placeholder=words, id="filter", compact=True)
        with Container(id="queue"):
            yield self.table
            yield self.details
        yield KeyLine("queue")

    def on_mount(self) -> None:
        """Begin to read."""
        self.details.border_title = "Job"
        self.set_class(bool(self.view.text), "-filter")
        self.table.focus()
        self._show_titles()
        self.run_worker(self._watch.run, name="queue", thread=True)
        self.set_interval(_TICK, self._tick)

    def on_unmount(self) -> None:
        """End the thread."""
        self._watch.stop()

    @property
    def settings(self) -> dict[str, Setting]:
        """What a person chose to see, and wants to find again."""
        return self.view.settings

    def restore(self, settings: Mapping[str, Setting]) -> None:
        """Take over what was chosen, before it is mounted."""
        self.view.restore(settings)

    def on_screen_resume(self) -> None:
        """Somebody looks: read on."""
        self._watch.resume()
        self.show_overview()

    def on_screen_suspend(self) -> None:
        """Nobody looks."""
        self._watch.suspend()

    def on_resize(self) -> None:
        """Give the details a place, or take it."""
        self._place_details()

    def show_overview(self) -> None:
        """Show the status as it is known now."""
        self.query_one(StatusLine).show(self._known)

    def action_filter(self) -> None:
        """Ask for words."""
        self.add_class("-filter")
        field = self.query_one(FilterField)
        self.app.stylesheet.update(field)  # now: keys that follow are for it
        self.set_focus(field)

    def action_state(self) -> None:
        """Only jobs in the next state."""
        self.view.next_state(self.rows or ())
        self._show_rows()

    def action_sort(self) -> None:
        """Sort by the next column."""
        self.view.next_sort()
        self._show_rows()

    def action_mark(self) -> None:
        """Mark the highlighted job, or do so no more."""
        self.table.toggle_mark()
        self._show_titles()

    def action_mark_all(self) -> None:
        """Mark all jobs that are shown, or none."""
        self.table.toggle_all()
        self._show_titles()

    def action_details(self) -> None:
        """Show or hide all that is known of the highlighted job."""
        self._wants_details = not self.has_class("-details")
        self._place_details()

    def action_back(self) -> None:
        """Leave the details, else the filter, else forget marks and what was chosen to see."""
        if not self.table.display:
            self.action_details()
        elif self.has_class("-filter") or self.view.text:
            self.query_one("#filter", Input).value = ""
            self.remove_class("-filter")
            self.table.focus()
        elif self.table.marked:
            self.table.marked.clear()
            self.table.refresh()
            self._show_titles()
        else:
            self.view.state = ""
            self._show_rows()

    def action_ask(self, verb: str) -> None:
        """Ask something of the marked jobs, or of the highlighted one."""
        chosen = self.table.chosen
        if not chosen:
            return
        ask = partial(self._ask, verb, frozenset(row.id for row in chosen))
        loss = loss_of(verb, chosen, time.time())
        if loss is None:
            ask(True)
        else:
            self.app.push_screen(ConfirmDialog(*loss), ask)

    def action_move(self, by: int) -> None:
        """Let the marked jobs, or the highlighted one, start before or behind others."""
        chosen = frozenset(row.id for row in self.table.chosen)
        if chosen:
            self._asking.move(by, chosen)

    def action_freeze(self) -> None:
        """Start nothing new, or start jobs again."""
        overview = self._known.overview
        frozen = overview is not None and overview.frozen
        self._asking.freeze(frozen=not frozen)

    def action_add(self) -> None:
        """Ask what is to be queued."""
        self.app.push_screen(AddDialog(self._workspace), self._add)

    @on(QueueRead)
    def take_rows(self, message: QueueRead) -> None:
        """The queue has changed: show it when nobody waits for a key, which shows it, too."""
        self.rows = message.rows
        if (wait := self._known.keys.wait) > 0:
            self.set_timer(wait, self._show_rows)
        else:
            self._show_rows()

    @on(QueueUnread)
    def take_trouble(self, message: QueueUnread) -> None:
        """Tell the person, once."""
        if message.text:
            self.notify(plain(message.text), severity="error", markup=False, timeout=10)

    @on(QueueTable.CursorMoved)
    def show_details(self) -> None:
        """Another job is highlighted."""
        if self.has_class("-details"):
            self.details.show(self.table.row)

    @on(QueueTable.MarksChanged)
    def count_marks(self) -> None:
        """A job was marked by a click."""
        self._show_titles()

    @on(QueueTable.TitleClicked)
    def sort_by(self, event: QueueTable.TitleClicked) -> None:
        """Sort by a column."""
        self.view.sort_by(event.title)
        self._show_rows()

    @on(Input.Changed, "#filter")
    def filter_rows(self, event: Input.Changed) -> None:
        """Show what has these words."""
        self.view.text = event.value
        self._show_rows()

    @on(Input.Submitted, "#filter")
    def leave_filter(self, event: Input.Submitted) -> None:
        """Back to the table; what was typed goes on to count."""
        self.set_class(bool(event.value), "-filter")
        self.table.focus()

    @on(Asked)
    def take_asked(self, message: Asked) -> None:
        """Tell the person."""
        text = "\n".join(map(plain_line, message.lines))
        self.notify(
            text, severity="error" if message.failed else "information", markup=False, timeout=8
        )

    def _ask(self, verb: str, job_ids: frozenset[int], sure: bool | None) -> None:
        if sure:
            self.table.marked.clear()
            self._show_titles()
            self._asking.ask(verb, job_ids)

    def _add(self, request: AddRequest | None) -> None:
        if request is not None:
            self.notify(plain_line(f"Queueing {' '.join(request.targets)} ..."), markup=False)
            self._asking.add(request)

    def _place_details(self) -> None:
        columns, rows = _ROOM
        is_wide, is_high = self.size.width >= columns, self.size.height >= rows
        shown = (is_wide or is_high) if self._wants_details is None else self._wants_details
        # All at once: a table that is hidden for a moment loses the focus.
        self.update_classes({"-details": shown, "-beside": is_wide, "-low": not is_high})
        if shown:
            self.details.show(self.table.row)
        self.call_after_refresh(self._focus)

    def _focus(self) -> None:
        """Keys go to what is seen."""
        if not self.table.display:
            self.details.focus()
        elif self.focused is self.details and not self.details.display:
            self.table.focus()

    def _tick(self) -> None:
        if self.is_current and self._known.keys.wait <= 0:
            self.table.tick()

    def _show_rows(self) -> None:
        if self.rows is not None:
            self.table.show(self.rows)
            if self.has_class("-details"):
                self.details.show(self.table.row)
        self._show_titles()

    def _show_titles(self) -> None:
        every = None if self.rows is None else len(self.rows)
        shown, marked = len(self.table.rows), len(self.table.marked)
        self.table.border_title = queue_title(every or 0, shown, marked)
        self.table.border_subtitle = Content(plain_line(order_words(self.view)))
        self.table.empty = empty_words(every)
