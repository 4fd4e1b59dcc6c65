"""Processes told apart for certain, found again, and ended. Standard library only."""

import os
import signal
import socket
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

ATTEMPT_VARIABLE: Final = "CXRTUI_ATTEMPT"


@dataclass(frozen=True)
class Identity:
    """A process for certain: a pid alone is used again after a while, and after a boot."""

    host: str
    boot_id: str
    pid: int
    start_ticks: int

    def to_json(self) -> dict[str, Any]:
        """As written to `runner.json`."""
        return asdict(self)

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
    return socket.gethostname()


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
    wanted = f"{ATTEMPT_VARIABLE}={attempt}".encode()
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


def end_processes_of(attempt: str, patience: float = 10.0) -> list[int]:
    """KILL what carries an attempt's id until nothing does; what is left after `patience` seconds.

    A process may start another one while it is being looked for, so this is done again and again.
    """
    deadline = time.monotonic() + patience
    while (left := processes_of(attempt)) and time.monotonic() < deadline:
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.01)
    return left
