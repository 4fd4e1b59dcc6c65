"""What a process has used: read from /proc."""

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(pid: int) -> float:
    """Seconds of processor time of a process, without its children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def processor_share(pid: int, seconds: float) -> float:
    """Share of one core that a process takes over so many seconds."""
    before = processor_seconds(pid)
    time.sleep(seconds)
    return round((processor_seconds(pid) - before) / seconds, 4)


def peak_mib(pid: int) -> float:
    """The most memory that a process has held, in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return round(int(line.split()[1]) / 1024, 1)
    raise LookupError(f"/proc/{pid}/status does not tell its peak")


def seconds_of(line: Sequence[str], environment: dict[str, str] | None = None) -> float:
    """Seconds of a whole command, its output thrown away."""
    start = time.perf_counter()
    subprocess.run(line, stdout=subprocess.DEVNULL, env=environment, check=True)
    return time.perf_counter() - start
