"""The part of the feed that tells what happened meanwhile, and keeps what has been told."""

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from sqlalchemy import Connection
from textual.message import Message

from cxrtui.screens.away.file import AwayFile
from cxrtui.screens.away.news import read_news
from cxrtui.screens.feed.pace import Pace
from cxrtui.screens.messages import AwayTold
from db.since import attempt_mark

_KEEP_SECONDS: Final = 10.0


class AwayWatch:
    """Nothing is told or kept without a file."""

    def __init__(self, kept: AwayFile | None, post: Callable[[Message], object]) -> None:
        self._kept = kept
        self._post = post
        self._told = False
        self._pace = Pace(_KEEP_SECONDS)

    def change(self) -> None:
        """The database is not what it was."""
        self._pace.change()

    def look(self, connection: Connection) -> None:
        """Tell once what happened; then keep, now and then, what has been seen."""
        if self._kept is None:
            return
        if not self._told:
            self._tell(connection, self._kept)
        if self._kept.is_unsaved:
            self._pace.change()
        if self._pace.begin():
            self._kept.see(attempt_mark(connection))
            self._pace.end()
            # A full disk is told where it matters: for this the dashboard goes on.
            with suppress(OSError):
                self._kept.save()

    def close(self, connection: Connection) -> None:
        """The dashboard is left."""
        if self._kept is not None and self._told:
            self._kept.see(attempt_mark(connection))
            with suppress(OSError):
                self._kept.close()

    def _tell(self, connection: Connection, kept: AwayFile) -> None:
        before = kept.before
        if before.time is not None:
            news = read_news(connection, before.mark)
            if news:
                self._post(AwayTold(news, before.time))
        self._told = True
