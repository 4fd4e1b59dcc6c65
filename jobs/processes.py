"""Processes told apart for certain, found again, and ended. Standard library only."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

ATTEMPT_VARIABLE: Final = "CXRTUI_ATTEMPT"
PATIENCE_SECONDS: Final = 10.0


class Identity(NamedTuple):
    """A process for certain: a pid alone is used again after a while, and after a boot."""

    host: str
    boot_id: str
    pid: int
    start_ticks: int

    def to_json(self) -> dict[str, Any]:
        """As written to `runner.json`."""
        return self._asdict()

    def lives(self) -> bool:
        """Whether this very process is there, on this host, and no zombie."""
        return (
            self.host == host_name()
            and self.boot_id == boot_id()
            and start_ticks(self.pid) == self.start_ticks
        )


def identity(pid: int) -> Identity:
    """The identity of a process that is there now. ProcessLookupError if it is not."""
    ticks = start_ticks(pid)
    if ticks is None:
        raise ProcessLookupError(f"no process {pid}")
    return Identity(host_name(), boot_id(), pid, ticks)


def host_name() -> str:
    """This host's name."""
    return os.uname().nodename


def boot_id() -> str:
    """Changes with every boot."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def start_ticks(pid: int) -> int | None:
    """When a process began, in clock ticks since the boot; None if it is gone or a zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text.rpartition(")")[2].split()  # the name before it may hold anything
    return None if fields[0] in "ZX" else int(fields[19])


def processes_of(attempt: str) -> list[int]:
    """Pids of all processes, not zombies, that carry an attempt's id in their environment."""
    return processes_with(ATTEMPT_VARIABLE, attempt)


def processes_with(variable: str, value: str) -> list[int]:
    """Pids of all other processes, not zombies, with this in their environment."""
    wanted = f"{variable}={value}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            environment = (entry / "environ").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if wanted in environment and start_ticks(int(entry.name)) is not None:
            found.append(int(entry.name))
    return found


def end_processes_of(attempt: str, patience: float = PATIENCE_SECONDS) -> list[int]:
    """KILL what carries an attempt's id until nothing does; what is left after `patience` seconds.

    A process may start another one while it is being looked for, so this is done again and again.
    """
    deadline = time.monotonic() + patience
    while (left := processes_of(attempt)) and time.monotonic() < deadline:
        for pid in left:
            _kill(pid)
        time.sleep(0.01)
    return left


def end_descendants(patience: float = PATIENCE_SECONDS) -> list[int]:
    """KILL and reap every descendant of this process; what is left after `patience` seconds.

    For a child subreaper: whoever loses its parent becomes our child, whatever it did to hide, so
    that without children there are no descendants. A killed process starts no other one.
    """
    deadline = time.monotonic() + patience
    while _reap_children():
        left = _kill_descendants()
        if time.monotonic() > deadline:
            return left
        time.sleep(0.001)
    return []


def _reap_children() -> bool:
    """Reap the children that have ended; whether there are others."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue
    except ChildProcessError:
        return False
    return True


def _kill_descendants() -> list[int]:
    """KILL those that are there, parents first; who they were."""
    killed: list[int] = []
    waiting = children(os.getpid())
    while waiting:
        pid = waiting.pop()
        waiting += children(pid)  # before it dies: they become ours then
        _kill(pid)
        killed.append(pid)
    return killed


def children(pid: int) -> list[int]:
    """Pids of the children of all threads of a process; none if it is gone."""
    threads = Path(f"/proc/{pid}/task")
    try:
        files = [thread / "children" for thread in threads.iterdir()]
        return [int(child) for file in files for child in file.read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
