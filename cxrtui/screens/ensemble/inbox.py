"""Where the newest request waits until somebody has time for it."""

import threading
from collections.abc import Callable

from cxrtui.screens.ensemble.wire import Request


class Superseded(Exception):  # noqa: N818  (no error: somebody wants something else)
    """There is a newer request."""


class Inbox:
    """Keeps one request: what was asked for before it is wanted no more."""

    def __init__(self) -> None:
        self._arrival = threading.Condition()
        self._newest: Request | None = None
        self._is_closed = False

    def put(self, request: Request) -> None:
        """Want this, and nothing else any more."""
        with self._arrival:
            self._newest = request
            self._arrival.notify_all()

    def close(self) -> None:
        """Want nothing ever again."""
        with self._arrival:
            self._is_closed = True
            self._arrival.notify_all()

    def stir(self) -> None:
        """Let whoever rests look whether it has come true."""
        with self._arrival:
            self._arrival.notify_all()

    def take(self) -> Request | None:
        """Wait for a request; None once the inbox is closed."""
        with self._arrival:
            self._arrival.wait_for(self._has_news)
            taken, self._newest = self._newest, None
            return None if self._is_closed else taken

    def check(self) -> None:
        """Superseded if somebody wants something else by now."""
        if self._has_news():
            raise Superseded

    def rest(self, until: Callable[[], bool]) -> None:
        """Wait until it is true; Superseded as soon as somebody wants something else."""
        with self._arrival:
            self._arrival.wait_for(lambda: self._has_news() or until())
            self.check()

    def _has_news(self) -> bool:
        return self._is_closed or self._newest is not None
