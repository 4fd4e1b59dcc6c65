"""Makes sure that a supervisor runs, and tells which."""

import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from typing import Final

from jobs.errors import JobsError
from jobs.locks import is_locked
from jobs.paths import WorkspacePaths
from jobs.processes import host_name
from jobs.start import command

ENDING_SECONDS: Final = 30.0


@dataclass(frozen=True)
class SupervisorInfo:
    """Who supervises a workspace."""

    pid: int
    host: str
    since: float


def supervisor_info(paths: WorkspacePaths) -> SupervisorInfo | None:
    """The supervisor that runs now, or None."""
    if not is_locked(paths.supervisor_lock):
        return None
    try:
        return SupervisorInfo(**json.loads(paths.supervisor_lock.read_bytes()))
    except ValueError:
        return None  # it has the lock and has not yet said who it is


def ensure_supervisor(paths: WorkspacePaths, *, stay: bool = False) -> None:
    """Start a supervisor unless one runs; returns when one does. JobsError if none can start.

    One that is to `stay` does not end when there is nothing to do.
    """
    if is_locked(paths.supervisor_lock):
        return
    ready, told = os.pipe()
    options = ["--stay"] if stay else []
    with paths.supervisor_log.open("ab") as log:
        subprocess.run(
            command("jobs.queue.supervisor", str(paths.root), str(told), *options),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[told],
            env={**os.environ, "PYTHONSAFEPATH": "1"},
            check=False,
        )
    os.close(told)
    with os.fdopen(ready, "rb") as pipe:
        pipe.read()  # ends when the supervisor has the lock, or has died
    if not is_locked(paths.supervisor_lock):
        lines = paths.supervisor_log.read_text(errors="replace").strip().splitlines()
        said = lines[-1] if lines else "it said nothing"
        raise JobsError(f"{paths.supervisor_log}: the supervisor did not start: {said}")


def stop_supervisor(paths: WorkspacePaths) -> SupervisorInfo | None:
    """TERM to the supervisor of this host; what it started goes on. None if there is none."""
    info = supervisor_info(paths)
    if info is None:
        return None
    if info.host != host_name():
        raise JobsError(f"the supervisor runs on {info.host}, pid {info.pid}: stop it there")
    os.kill(info.pid, signal.SIGTERM)
    return info


def wait_for_no_supervisor(paths: WorkspacePaths) -> None:
    """Return when the lock is free. JobsError if it is not within half a minute."""
    deadline = time.monotonic() + ENDING_SECONDS
    while is_locked(paths.supervisor_lock):
        if time.monotonic() > deadline:
            raise JobsError(f"{paths.supervisor_log}: the supervisor does not end")
        time.sleep(0.05)
