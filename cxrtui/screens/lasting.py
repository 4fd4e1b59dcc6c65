"""An application that is left open for a week: what ends it, suspends it, or goes wrong in it.

SIGHUP, SIGTERM and a terminal that is gone end it at once; Ctrl+Z suspends it; of an error that
nobody expected a person gets one line, and a file gets the traceback.
"""

import asyncio
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from signal import Signals
from typing import ClassVar, Final

from textual.app import App
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.worker import WorkerFailed, get_current_worker

from cxrtui.screens.crash import keep_crash
from cxrtui.screens.terminal import ENDING_SIGNALS, Terminal

SIGNALLED: Final = 128  # and the number of the signal: the exit code of what a signal has ended
_LOOK_SECONDS: Final = 1.0
_TOLD_SECONDS: Final = 30.0


class LastingApp(App[None]):
    """`last_words` are for the person when the terminal is theirs again; "" if all is well."""

    VITAL: ClassVar[frozenset[str]] = frozenset()  # workers without which it cannot go on
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+z", "suspend_process", "suspend", show=False)
    ]

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.root = root  # of the workspace
        self.last_words = ""

    def get_driver_class(self) -> type[Driver]:
        """A terminal that may go away."""
        return Terminal

    async def on_mount(self) -> None:
        """Hear signals; under a test's pilot there is no terminal, and they are pytest's."""
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))
        if isinstance(self._driver, Terminal):
            self.set_interval(_LOOK_SECONDS, self._look_at_terminal)
            for number in ENDING_SIGNALS:
                asyncio.get_running_loop().add_signal_handler(number, self._end_by, number)

    def between_reads(self) -> AbstractContextManager[object]:
        """Holds while nothing is being read that somebody else waits for."""
        return nullcontext()

    def action_suspend_process(self) -> None:
        """Stop the process, but not within a read: its snapshot would be held until `fg`."""
        with self.between_reads():
            super().action_suspend_process()

    def end(self, code: int = 0, words: str = "") -> None:
        """End, with that exit code, and with words for the person; the first call counts."""
        if not self._exit:
            if isinstance(self._driver, Terminal):
                self._driver.give_back()
            self.last_words = words
            self.exit(return_code=code)

    def _end_by(self, number: Signals) -> None:
        self.end(SIGNALLED + number)

    def _look_at_terminal(self) -> None:
        if isinstance(self._driver, Terminal) and self._driver.is_lost:
            self._end_by(Signals.SIGHUP)

    def _handle_exception(self, error: Exception) -> None:
        """Textual's way out for what nobody has caught; pilots learn of it as from Textual."""
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        if isinstance(error, WorkerFailed):
            told = keep_crash(self.root, error.error)
            if get_current_worker().name not in self.VITAL:
                self.notify(told, severity="error", timeout=_TOLD_SECONDS, markup=False)
                return
        else:
            told = keep_crash(self.root, error)
        self.end(1, told)
