"""The process around the runner: whoever kills the runner leaves nothing behind.

The program dies with its runner, and its children are found by the attempt's id in their
environment. One that has emptied its environment is found only by its ancestors: the guard, a
child subreaper, is given it when the runner is killed. It holds the attempt's lock as well, so that
the attempt ends when nothing of it is left.
"""

import os
import signal
from typing import Final

from jobs.kernel import adopt_orphans, die_with_parent
from jobs.processes import end_descendants

SIGNALS: Final = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
STOPS: Final = (signal.SIGTERM, signal.SIGINT)


def guard() -> int | None:
    """Fork. None in the child, which goes on; its exit code in the guard, when all has ended.

    Both have `SIGNALS` blocked. The guard passes TERM and INT on; if it is killed itself, the
    child gets TERM.
    """
    adopt_orphans()
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    guarding = os.getpid()
    child = os.fork()
    if child == 0:
        die_with_parent(signal.SIGTERM)
        if os.getppid() != guarding:
            os._exit(1)
        return None
    code = _wait_for(child)
    end_descendants()
    return code


def _wait_for(child: int) -> int:
    while True:
        if signal.sigwait(SIGNALS) in STOPS:
            os.kill(child, signal.SIGTERM)
            continue
        pid = -1
        while pid != 0:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == child:
                return abs(os.waitstatus_to_exitcode(status))
