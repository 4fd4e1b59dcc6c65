"""The scorer in a thread of the test's own process: it starts at once, the rest is the same."""

import threading
from pathlib import Path

from cxrtui.screens.ensemble.desk import Desk
from cxrtui.screens.ensemble.inbox import Inbox
from cxrtui.screens.ensemble.scorer import Post, Scorer, message_of
from cxrtui.screens.ensemble.wire import (
    Reply,
    Request,
    reply_line,
    reply_of,
    request_line,
    request_of,
)
from jobs.workspace import open_workspace


class ThreadScorer(Scorer):
    """All that is asked and told goes through lines, as between processes."""

    def __init__(self, root: Path, recipe: str, post: Post) -> None:
        self._inbox = Inbox()
        self._post = post
        self._is_wanted = True
        desk = Desk(open_workspace(root), recipe, self._inbox, self._tell)
        self._thread = threading.Thread(target=desk.work)
        self._thread.start()

    def ask(self, request: Request) -> None:
        self._inbox.put(request_of(request_line(request)))

    def end(self) -> None:
        self._is_wanted = False
        self._inbox.close()
        self._thread.join()

    def _tell(self, reply: Reply) -> None:
        self._hand_over(message_of(reply_of(reply_line(reply)), self))
