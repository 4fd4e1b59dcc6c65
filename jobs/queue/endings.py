"""The true end of an attempt, read from its folder."""

import json
import signal
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.durable import sha256_file
from jobs.events import read_events
from jobs.exit_codes import FAILURES, STOPPED
from jobs.paths import AttemptPaths


@dataclass(frozen=True)
class Ending:
    """How an attempt ended; the fields are columns of `attempt`."""

    state: str
    reason: str
    ended: float
    exit_code: int | None = None
    signal: int | None = None
    peak_bytes: int | None = None


def read_ending(folder: Path) -> Ending:
    """The end of an attempt whose runner is gone.

    Without a result it was interrupted, when its folder last showed a sign of life.
    """
    paths = AttemptPaths(folder)
    if not paths.result.exists():
        signs = (paths.start, paths.runner, paths.events, paths.log)
        last = max((path.stat().st_mtime for path in signs if path.exists()), default=0.0)
        return Ending("interrupted", "its runner died before it could tell how it ended", last)
    result = json.loads(paths.result.read_bytes())
    state, reason = _judge(folder, result)
    return Ending(
        state, reason, result["ended"], result["exit_code"], result["signal"], result["peak_bytes"]
    )


def _judge(folder: Path, result: dict[str, Any]) -> tuple[str, str]:
    code, number = result["exit_code"], result["signal"]
    if number is not None:
        if result["asked_to_stop"]:
            return "stopped", "killed after its grace"
        return "interrupted", f"killed by {signal.Signals(number).name}"
    if code == 0:
        fault = _fault_of_success(folder)
        return ("succeeded", _warning(folder)) if fault is None else ("failed", fault)
    if code == STOPPED:
        return "stopped", "stopped at a checkpoint"
    what = FAILURES.get(code, f"exit code {code}")
    said = _last_line(AttemptPaths(folder).log)
    return "failed", f"{what}: {said}" if said else what


def _fault_of_success(folder: Path) -> str | None:
    """Why exit code 0 is no success: no `finished` event at the end, or a damaged artifact."""
    newest = deque(read_events(AttemptPaths(folder).events), maxlen=1)
    last = newest[0] if newest else None
    if last is None or last.kind != "finished":
        return "exit code 0 but its events do not end with `finished`"
    for artifact in last.fields["artifacts"]:
        path = folder / artifact["path"]
        if not path.is_file():
            return f"exit code 0 but {artifact['path']} is missing"
        if sha256_file(path) != artifact["sha256"]:
            return f"exit code 0 but {artifact['path']} is not what was written"
    return None


def _warning(folder: Path) -> str:
    """The last warning that the program told, if any: a success may have something to say."""
    events = read_events(AttemptPaths(folder).events)
    return str(
        next(iter(deque((e.fields.get("text", "") for e in events if e.kind == "warning"), 1)), "")
    )


def _last_line(log: Path) -> str:
    """The last line of a log that says something, cut to a readable length."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 4096))
        lines = file.read().decode(errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else ""
