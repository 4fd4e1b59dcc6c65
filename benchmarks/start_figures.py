"""From `cxrtui` to its first screen in a terminal, above a long queue and long curves.

`measure()` answers a dictionary; run as a script it prints that as JSON.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from loaded_workspace import make_loaded
from long_history import add_history, add_jobs
from process_figures import seconds_of
from watched_terminal import WatchedTerminal, has

JOBS: Final = 10_000
POINTS: Final = 10_000_000
TIMES: Final = 7
_FRAME: Final = r"cxrtui .*/"  # the first frame: the application's name and the workspace
_MODELS: Final = r"model7"  # the first that holds something of the database


def measure(times: int = TIMES) -> dict[str, Any]:
    """Medians of so many starts, in seconds, after one that is not counted."""
    with tempfile.TemporaryDirectory(prefix="start-") as name:
        root = Path(name) / "workspace"
        workspace = make_loaded(root, whole=False)
        add_jobs(workspace.paths.database, JOBS)
        points = add_history(workspace.paths.database, POINTS)
        workspace.database.close()
        size = workspace.paths.database.stat().st_size
        line = [sys.executable, "-P", "-m", "cxrtui", "--workspace", str(root), "--no-supervisor"]
        _start(line)
        starts = [_start(line) for _ in range(times)]
        commands = {
            "cxrtui --help": _median([*line[:4], "--help"], times),
            "cxrtui status": _median([*line[:-1], "status"], 3),
        }
    bare = _median([sys.executable, "-c", "pass"], times)
    first, models = (statistics.median(column) for column in zip(*starts, strict=True))
    return {
        "jobs": JOBS,
        "points": points,
        "database_mib": round(size / 2**20),
        "python_c_pass_s": round(bare, 3),
        "first_paint_s": round(first, 3),
        "first_paint_over_python_s": round(first - bare, 3),
        "models_shown_s": round(models, 3),
        "commands_s": {name: round(seconds, 3) for name, seconds in commands.items()},
    }


def _start(line: Sequence[str]) -> tuple[float, float]:
    """Seconds to the first frame, and to the models."""
    began = time.perf_counter()
    with WatchedTerminal(line) as terminal:
        terminal.wait(has(_FRAME))
        first = time.perf_counter() - began
        terminal.wait(has(_MODELS))
        return first, time.perf_counter() - began


def _median(line: Sequence[str], times: int) -> float:
    return statistics.median(seconds_of(line) for _ in range(times))


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1))
