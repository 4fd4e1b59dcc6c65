"""The terminal of the dashboard, which may go away: ssh drops, a window is closed."""

import os
import select
import signal
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any, Final, cast

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from io import TextIOWrapper

ENDING_SIGNALS: Final = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)


class Terminal(LinuxDriver):
    """Textual's driver; the first write that fails is told once, and later ones go nowhere.

    Without it Textual's writing thread would die of that write, and the application would wait
    for ever for room in the queue of a thread that is gone.
    """

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._is_lost = False
        self._is_over = False
        if self._file is not None:
            # Textual only writes to it, flushes it and asks for its number.
            self._file = cast("TextIOWrapper[Any]", _Output(self._file, self._lose))

    @property
    def is_lost(self) -> bool:
        """Whether nobody is at the other end any more."""
        poll = select.poll()
        poll.register(self.fileno, 0)
        return self._is_lost or any(what & select.POLLHUP for _, what in poll.poll(0))

    def resume_application_mode(self) -> None:
        """Take the terminal again, unless it is taken or given back for good.

        SIGCONT also comes without a stop before it: a shell that loses its terminal sends it. A
        second thread that reads keys would be ended by nobody.
        """
        is_taken = self._key_thread is not None and self._key_thread.is_alive()
        if not is_taken and not self._is_over:
            super().resume_application_mode()

    def give_back(self) -> None:
        """The application ends: never take the terminal again."""
        self._is_over = True

    def run_input_thread(self) -> None:
        """Read keys until there is nothing to read them from."""
        try:
            super().run_input_thread()
        except OSError:
            self._lose()

    def _lose(self) -> None:
        self._is_lost = True


class _Output:
    """A text file that takes everything, also when what is behind it is gone."""

    def __init__(self, file: IO[str], lose: Callable[[], None]) -> None:
        self._file = file
        self._lose = lose

    def write(self, text: str) -> None:
        self._try(lambda: self._file.write(text))

    def flush(self) -> None:
        self._try(self._file.flush)

    def fileno(self) -> int:
        return self._file.fileno()

    def _try(self, do: Callable[[], object]) -> None:
        try:
            do()
        except OSError:
            self._lose()
            # What is still buffered, and what Python writes when it ends, must not fail again.
            nowhere = os.open(os.devnull, os.O_RDWR)
            os.dup2(nowhere, self._file.fileno())
            os.close(nowhere)
