"""The process that scores for the Ensemble screen: started by it, and ended with it.

`scoring_process WORKSPACE RECIPE` reads requests from its input and writes replies to its output,
a line each. Scoring in the dashboard's own process would keep its keys waiting: between numpy's
calls threads take turns with the interpreter. How numpy sorts was chosen there, and is inherited.
"""

import os
import signal
import sys
import threading
from pathlib import Path

from cxrtui.screens.ensemble.desk import Desk
from cxrtui.screens.ensemble.inbox import Inbox
from cxrtui.screens.ensemble.wire import Reply, reply_line, request_of
from jobs.workspace import open_workspace

_ONE_AT_A_TIME = threading.Lock()


def main(root: Path, recipe: str) -> None:
    """Work until the input ends, which it does with the dashboard, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the dashboard decides what Ctrl+C means
    inbox = Inbox()
    threading.Thread(target=_listen, args=(inbox,), daemon=True).start()
    Desk(open_workspace(root), recipe, inbox, _tell).work()


def _listen(inbox: Inbox) -> None:
    for line in sys.stdin:
        inbox.put(request_of(line))
    os._exit(0)  # nobody wants what is being worked out


def _tell(reply: Reply) -> None:
    line = reply_line(reply)
    with _ONE_AT_A_TIME:
        sys.stdout.write(line)
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
