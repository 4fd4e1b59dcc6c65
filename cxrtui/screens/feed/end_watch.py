"""The thread that works out when the queue will be done: with 10,000 jobs that takes long."""

import threading
from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from textual.message import Message

from cxrtui.screens.feed.connection import reading
from cxrtui.screens.feed.pace import Pace
from cxrtui.screens.feed.queue_end import read_queue_end
from cxrtui.screens.keys_first import KeysFirst, Turns
from cxrtui.screens.messages import EndChanged
from db.errors import DatabaseError
from jobs.workspace import Workspace

_PACE_SECONDS: Final = 10.0
_LOOK_SECONDS: Final = 0.5


class EndWatch:
    """Posts the end whenever it has changed; the feed says when something else has."""

    def __init__(
        self, workspace: Workspace, post: Callable[[Message], object], keys: KeysFirst
    ) -> None:
        self._workspace = workspace
        self._post = post
        self._turns = Turns(keys)
        self._slots: dict[str, int] | None = None
        self._pace = Pace(_PACE_SECONDS)
        self._told: float | None = None
        self._has_told = False
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begin; nothing is lost with a thread that is in the middle when the dashboard ends."""
        threading.Thread(target=self._run, name="queue-end", daemon=True).start()

    def stop(self) -> None:
        """Work out no more."""
        self._stopped.set()

    def change(self, slots: Mapping[str, int] | None = None) -> None:
        """The database is not what it was, or these are the slots of each resource now."""
        if slots is not None:
            self._slots = dict(slots)
        self._pace.change()

    def _run(self) -> None:
        while not self._stopped.wait(_LOOK_SECONDS):
            slots = self._slots
            if slots is not None and self._pace.begin():
                self._look(slots)
                self._pace.end()

    def _look(self, slots: dict[str, int]) -> None:
        try:
            with reading(self._workspace.database, self._turns) as connection:
                end = read_queue_end(connection, slots, self._turns.give_way)
        except (DatabaseError, SQLAlchemyError):
            self._pace.change()  # the feed tells what is wrong; this is tried again
            return
        if not self._has_told or end.seconds != self._told:
            self._told, self._has_told = end.seconds, True
            self._post(EndChanged(end))
