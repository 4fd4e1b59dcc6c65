"""What the dashboard takes while it is left open: an hour's worth of events replayed beneath it.

`measure()` answers a dictionary; run as a script it prints that as JSON.

An hour of a server with eight GPUs: 8 jobs of 3 steps a second, one event of 3 numbers each, are
86,400 events. They are taken in as a supervisor takes them in, as fast as `PACE` allows, while the
dashboard shows the curves that they lengthen.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from loaded_workspace import JOBS, make_loaded
from long_history import add_jobs
from process_figures import processor_seconds, processor_share
from watched_terminal import WatchedTerminal, has

HOUR: Final = 8 * 3 * 3600  # events
PACE: Final = 2500  # a second
IDLE_SECONDS: Final = 20.0
POUR: Final = Path(__file__).with_name("pour_events.py")
_READY: Final = 20.0
_CALM: Final = 10.0  # seconds for the start to be over


def measure() -> dict[str, Any]:
    """Shares of one core, MiB, frames a second."""
    with tempfile.TemporaryDirectory(prefix="week-") as name:
        root = Path(name) / "workspace"
        workspace = make_loaded(root, whole=False)
        add_jobs(workspace.paths.database, JOBS)
        workspace.database.close()
        line = [sys.executable, "-P", "-m", "cxrtui", "--workspace", str(root), "--no-supervisor"]
        with WatchedTerminal(line) as terminal:
            terminal.wait(has("model7"), _READY)
            time.sleep(_CALM)
            return {
                "idle": {**_frames(terminal, IDLE_SECONDS), **memory_mib(terminal.pid)},
                "hour": _hour(root, terminal),
                "afterwards_idle_processor": processor_share(terminal.pid, IDLE_SECONDS / 2),
            }


def _frames(terminal: WatchedTerminal, seconds: float) -> dict[str, Any]:
    terminal.look()
    frames, shown = terminal.frames, terminal.shown
    share = processor_share(terminal.pid, seconds)
    terminal.look()
    return {
        "processor": share,
        "frames_a_second": round((terminal.frames - frames) / seconds, 2),
        "bytes_a_second": round((terminal.shown - shown) / seconds),
    }


def _hour(root: Path, terminal: WatchedTerminal) -> dict[str, Any]:
    wal, largest = root / "cxrtui.sqlite3-wal", 0
    began, before = time.monotonic(), processor_seconds(terminal.pid)
    terminal.look()
    frames, shown = terminal.frames, terminal.shown
    with _pouring(root) as told:
        for events in told:
            largest = max(largest, wal.stat().st_size)
            terminal.look()
            if events >= HOUR:
                break
    took = time.monotonic() - began
    return {
        "events": events,
        "seconds": round(took, 1),
        "processor": round((processor_seconds(terminal.pid) - before) / took, 3),
        "frames_a_second": round((terminal.frames - frames) / took, 2),
        "bytes_a_second": round((terminal.shown - shown) / took),
        "wal_mib": round(largest / 2**20, 1),
        **memory_mib(terminal.pid),
    }


@contextmanager
def _pouring(root: Path) -> Iterator[Iterator[int]]:
    """Events that have been taken in so far, a few times a second."""
    line = [sys.executable, "-P", str(POUR), str(root), str(PACE)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield map(int, process.stdout)
        finally:
            process.kill()


def memory_mib(pid: int) -> dict[str, float | int]:
    """Memory and threads of a process: all that is resident, and its share of what is shared."""
    found: dict[str, float | int] = {}
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    for name, field in (("rss_mib", "Rss:"), ("pss_mib", "Pss:")):
        told = next(line for line in rollup if line.startswith(field))
        found[name] = round(int(told.split()[1]) / 1024, 1)
    found["threads"] = len(list(Path(f"/proc/{pid}/task").iterdir()))
    return found


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1))
