"""The one process of a workspace that claims jobs, starts attempts and takes in what they tell.

`python .../start.py jobs.queue.supervisor WORKSPACE READY_FD [--foreground] [--stay]`
"""

import errno
import json
import logging
import os
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any, Final

from db.errors import UnavailableError
from db.jobs import is_anything_moving
from db.journal_state import applied_offset
from jobs.failpoints import failpoint
from jobs.locks import try_lock
from jobs.paths import WorkspacePaths
from jobs.processes import host_name
from jobs.queue.hooks import Hooks
from jobs.queue.journal import apply_journal
from jobs.queue.starting import Starting
from jobs.queue.watching import Watching
from jobs.workspace import Workspace, open_workspace

TICK_SECONDS: Final = 0.2
FLOW_SECONDS: Final = 0.1  # between two rounds while attempts tell many things
FLOW_LASTS: Final = 1.0  # seconds after the last of them
TROUBLE_SECONDS: Final = 1.0
IDLE_SECONDS: Final = 30.0
LOOKERS_SECONDS: Final = 0.5
# What passes: somebody makes room, mounts the disk again, ends other processes.
PASSING: Final = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EROFS,
        errno.EIO,
        errno.ESTALE,
        errno.EAGAIN,
        errno.ENOMEM,
        errno.EMFILE,
        errno.ENFILE,
    }
)
_log: Final = logging.getLogger("supervisor")


class Supervisor:
    """The short loop. What it must not forget is in the database and in folders, never here."""

    def __init__(self, workspace: Workspace, *, stays: bool = False) -> None:
        self.workspace = workspace
        self.stays = stays
        self.watching = Watching(workspace)
        self.starting = Starting(workspace, self.watching)
        self.hooks = Hooks(workspace)
        self.heard = 0  # journal offset up to which requests have been carried out
        self.busy_at = time.monotonic()
        self.stopping = False
        self.flowed_at = -FLOW_LASTS  # when an attempt last told something

    def run(self) -> None:
        """Work until there has been nothing to do for a while, or until asked to stop."""
        trouble = ""
        while not self.stopping and not self.is_idle():
            try:
                self.work()
                trouble = ""
            except (UnavailableError, OSError) as error:
                if isinstance(error, OSError) and error.errno not in PASSING:
                    raise
                if str(error) != trouble:
                    trouble = str(error)
                    _log.error("waits: %s", trouble)
                self.busy_at = time.monotonic()
                time.sleep(TROUBLE_SECONDS)  # not until a runner ends: that could be at once
            else:
                flows = time.monotonic() - self.flowed_at < FLOW_LASTS
                self.wait(FLOW_SECONDS if flows else TICK_SECONDS)

    def work(self) -> None:
        """One round: take in, carry out, start. Each part can be cut off anywhere and repeated."""
        apply_journal(self.workspace)
        if self.watching.take_in_events():
            self.flowed_at = time.monotonic()
        ended = self.watching.finish_ended()
        self.hear_requests()
        self.starting.changed |= ended
        self.starting.look(again=ended)
        self.starting.make_room()
        self.watching.look_for_hung()
        self.watching.look_out()
        self.watching.stop_asked()
        self.starting.start_ready(self.heard)
        self.starting.tell_why()
        live = self.watching.watched or self.watching.out_of_sight
        if self.hooks.work() or self.starting.waiting or live:
            self.busy_at = time.monotonic()

    def hear_requests(self) -> None:
        """Carry out what the journal says since the last time."""
        with self.workspace.database.read() as connection:
            applied = applied_offset(connection)
        if applied != self.heard:
            self.watching.hear(self.heard)
            self.heard = applied
            self.starting.changed = True

    def is_idle(self) -> bool:
        """Whether nothing has run or waited for a while."""
        return not self.stays and time.monotonic() - self.busy_at > IDLE_SECONDS

    def wait(self, seconds: float) -> None:
        """Until a runner ends, or so many seconds have passed."""
        poller = select.poll()
        for runner in self.watching.runners():
            poller.register(runner, select.POLLIN)
        poller.poll(seconds * 1000)

    def stop(self, _signal: int, _frame: Any) -> None:
        """End after this round; what runs goes on and is adopted by the next supervisor."""
        self.stopping = True


def supervise(root: Path, ready: int, *, stays: bool = False) -> int:
    """Be the supervisor of `root`, unless there is one; `ready` is closed when there is."""
    paths = WorkspacePaths(root)
    while True:
        lock = try_lock(paths.supervisor_lock, LOOKERS_SECONDS)
        if lock is None:
            return 0
        me = {"pid": os.getpid(), "host": host_name(), "since": round(time.time(), 3)}
        os.ftruncate(lock, 0)
        os.write(lock, json.dumps(me).encode())
        failpoint("supervisor.locked")
        workspace = open_workspace(root)
        supervisor = Supervisor(workspace, stays=stays)
        signal.signal(signal.SIGTERM, supervisor.stop)
        apply_journal(workspace)
        supervisor.watching.adopt()
        if ready >= 0:
            os.close(ready)
            ready = -1
        supervisor.run()
        os.close(lock)
        # Somebody may have asked for work after the last round, and seen the lock still held.
        if supervisor.stopping or not _has_work(workspace):
            return 0


def _has_work(workspace: Workspace) -> bool:
    apply_journal(workspace)
    with workspace.database.read() as connection:
        return is_anything_moving(connection)


def main(arguments: list[str]) -> int:
    """Detach from whoever started this, unless `--foreground`; do not end when idle if `--stay`."""
    root, ready = Path(arguments[0]), int(arguments[1])
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if "--foreground" not in arguments:
        if os.fork():
            os._exit(0)
        os.setsid()
    return supervise(root, ready, stays="--stay" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
