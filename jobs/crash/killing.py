"""Finds processes of a crash test for certain, and kills them. Linux only, as all of the queue."""

import os
import select
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from jobs.processes import Identity, identity, processes_with

MARK: Final = "CXRTUI_CRASH_TEST"  # in the environment of all that a crash test starts
_PATIENCE: Final = 10.0


def kill(one: Identity) -> bool:
    """KILL this very process and wait until it has died; False if it was gone already."""
    try:
        descriptor = os.pidfd_open(one.pid)
    except ProcessLookupError:
        return False
    try:
        # What the descriptor refers to can no more be another process.
        if not one.lives():
            return False
        signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        poller = select.poll()
        poller.register(descriptor, select.POLLIN)
        if not poller.poll(_PATIENCE * 1000):
            raise TimeoutError(f"process {one.pid} does not die")
    except ProcessLookupError:
        return False
    finally:
        os.close(descriptor)
    return True


def find(pid: int) -> Identity | None:
    """The identity of a process, or None if it is gone."""
    try:
        return identity(pid)
    except ProcessLookupError:
        return None


def parent(pid: int) -> int | None:
    """The pid of a process's parent; None if it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(text.rpartition(")")[2].split()[1])


def arguments(pid: int) -> list[str]:
    """The command line of a process; empty if it is gone."""
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return line.decode(errors="replace").split("\0")[:-1]


def started_by(root: Path) -> list[Identity]:
    """All processes, not zombies, that the crash test in `root` has started."""
    return [one for pid in processes_with(MARK, str(root)) if (one := find(pid)) is not None]


def supervisors_of(root: Path) -> list[Identity]:
    """Processes that are, or are about to be, the supervisor of a workspace."""
    return [
        one
        for pid in _pids()
        if {"jobs.queue.supervisor", str(root)} <= set(arguments(pid))
        and (one := find(pid)) is not None
    ]


def end_all(root: Path) -> None:
    """KILL whatever the crash test in `root` has started, until nothing is left."""
    deadline = time.monotonic() + _PATIENCE
    while left := started_by(root):
        for one in left:
            kill(one)
        if time.monotonic() > deadline:
            raise TimeoutError(f"processes {[one.pid for one in left]} do not end")


def _pids() -> Iterator[int]:
    for name in os.listdir("/proc"):  # noqa: PTH208  (a Path for each would be felt here)
        if name.isdigit():
            yield int(name)
