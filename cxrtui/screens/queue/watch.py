"""The thread that reads the queue while its screen is looked at."""

import threading
from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from textual.message import Message

from cxrtui.screens.feed.connection import reading
from cxrtui.screens.feed.pace import Pace
from cxrtui.screens.keys_first import KeysFirst, Turns
from cxrtui.screens.queue.rows import QueueRow, RowReader
from cxrtui.screens.reporting import in_a_line
from db.errors import DatabaseError
from jobs.workspace import Workspace

POLL_SECONDS: Final = 0.25
_SHARE: Final = 0.1  # of the time that reading may take from the keys


class QueueRead(Message):
    """The jobs are not what they were."""

    def __init__(self, rows: tuple[QueueRow, ...]) -> None:
        super().__init__()
        self.rows = rows


class QueueUnread(Message):
    """The queue cannot be read, in one line for a person; "": it can be read again."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class QueueWatch:
    """Looks at `PRAGMA data_version` a few times a second, and reads when somebody has written."""

    def __init__(
        self, workspace: Workspace, post: Callable[[Message], object], keys: KeysFirst
    ) -> None:
        self._workspace = workspace
        self._post = post
        self._turns = Turns(keys)
        self._wanted = threading.Event()  # somebody looks at the screen
        self._stopped = threading.Event()
        self._reader = RowReader()
        self._pace = Pace(POLL_SECONDS, _SHARE)
        self._rows: tuple[QueueRow, ...] | None = None
        self._trouble = ""

    def resume(self) -> None:
        """Read, and go on reading."""
        self._wanted.set()

    def suspend(self) -> None:
        """Nobody looks."""
        self._wanted.clear()

    def stop(self) -> None:
        """Make `run` return."""
        self._stopped.set()
        self._wanted.set()

    def run(self) -> None:
        """Watch until stopped; what cannot be read is told once and tried again."""
        while not self._stopped.is_set():
            try:
                with reading(self._workspace.database, self._turns) as connection:
                    self._watch(connection)
            except (DatabaseError, SQLAlchemyError, OSError) as error:
                self._tell(in_a_line(error))
                self._stopped.wait(POLL_SECONDS)

    def _watch(self, connection: Connection) -> None:
        seen = -1
        while not self._stopped.is_set():
            version = int(connection.exec_driver_sql("PRAGMA data_version").scalar_one())
            if version != seen:
                self._pace.change()
            seen = version
            if self._pace.begin():
                self._read(connection)
                self._pace.end()
            self._tell("")
            self._stopped.wait(POLL_SECONDS)
            self._wanted.wait()

    def _read(self, connection: Connection) -> None:
        rows = self._reader.read(connection)
        if rows != self._rows:
            self._rows = rows
            self._post(QueueRead(rows))

    def _tell(self, text: str) -> None:
        if text != self._trouble:
            self._trouble = text
            self._post(QueueUnread(text))
