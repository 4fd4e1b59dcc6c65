"""Runs the commands that the workspace's owner wants at the end of a job and of the queue.

What is to be run is written in the transaction that makes it true, and taken out when it has been
run: a command runs at least once, whatever dies when. See docs/hooks.md for its variables.
"""

import logging
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection

from db.attempts import attempts_of
from db.jobs import count_by_state, is_anything_moving, job_by_id
from db.outbox import OutboxRecord, count_try, first, put, remove
from jobs.failpoints import failpoint
from jobs.paths import AttemptPaths
from jobs.workspace import Workspace

JOB_END: Final = "job_end"
QUEUE_END: Final = "queue_end"
PATIENCE_SECONDS: Final = 60.0
TRIES: Final = 3
_ENDED: Final = ("succeeded", "failed", "cancelled")
_log = logging.getLogger("supervisor")


def tell_end(workspace: Workspace, connection: Connection, job_id: int) -> None:
    """Ask for the commands of a job's end, if it has ended, and of the queue's."""
    found = job_by_id(connection, job_id)
    if workspace.settings.on_job_end and found is not None and found.state in _ENDED:
        tried = attempts_of(connection, job_id)
        newest = AttemptPaths(workspace.paths.job(found.folder) / f"attempt-{tried[-1].number}")
        spent = sum(one.ended - one.started for one in tried if one.ended is not None)
        told = {
            "JOB": found.id,
            "NAME": found.name,
            "MODEL": found.model,
            "KIND": found.kind,
            "STAGE": found.stage,
            "RECIPE": found.recipe,
            "STATE": found.state,
            "REASON": found.reason,
            "ATTEMPTS": len(tried),
            "SECONDS": round(spent),
            "LOG": newest.log,
        }
        put(connection, JOB_END, _variables(workspace, JOB_END, told))
    tell_queue_end(workspace, connection)


def tell_queue_end(workspace: Workspace, connection: Connection) -> None:
    """Ask for the command of the queue's end, if nothing moves any more."""
    if workspace.settings.on_queue_end and not is_anything_moving(connection):
        counts = count_by_state(connection)
        states = (*_ENDED, "blocked", "held", "paused")
        told = {state.upper(): counts.get(state, 0) for state in states}
        put(connection, QUEUE_END, _variables(workspace, QUEUE_END, told))


def _variables(workspace: Workspace, event: str, told: Mapping[str, object]) -> dict[str, str]:
    about = {"EVENT": event, "WORKSPACE": workspace.paths.root, **told}
    return {f"CXRTUI_{name}": str(value).replace("\0", "") for name, value in about.items()}


class Hooks:
    """Runs what is in the outbox, one command at a time, beside the queue."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.running: tuple[OutboxRecord, subprocess.Popen[bytes], float] | None = None

    def work(self) -> bool:
        """Start the next command, or look after the one that runs; whether there is any."""
        if self.running is not None:
            self._look_after(*self.running)
        if self.running is None:
            with self.workspace.database.read() as connection:
                record = first(connection)
            if record is not None:
                self._begin(record)
        return self.running is not None

    def _begin(self, record: OutboxRecord) -> None:
        settings = self.workspace.settings
        command = settings.on_job_end if record.event == JOB_END else settings.on_queue_end
        if not command:
            self._done(record)
            return
        with self.workspace.paths.hook_log.open("ab") as log:
            process = subprocess.Popen(
                ["/bin/sh", "-c", command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.workspace.paths.root,
                env={**os.environ, **record.values},
                start_new_session=True,
            )
        failpoint("supervisor.hook-started")
        self.running = record, process, time.monotonic() + PATIENCE_SECONDS

    def _look_after(
        self, record: OutboxRecord, process: subprocess.Popen[bytes], deadline: float
    ) -> None:
        code = process.poll()
        if code is None and time.monotonic() > deadline:
            os.killpg(process.pid, signal.SIGKILL)
            code = process.wait()
        if code is None:
            return
        if code == 0 or record.tries + 1 >= TRIES:
            self._done(record)
        else:
            with self.workspace.database.write() as connection:
                count_try(connection, record.id)
        if code != 0:
            told = f"try {record.tries + 1} of {TRIES}"
            _log.warning("the command of %s ended with %d, %s", record.event, code, told)
        self.running = None

    def _done(self, record: OutboxRecord) -> None:
        with self.workspace.database.write() as connection:
            remove(connection, record.id)
        failpoint("supervisor.hook-done")
