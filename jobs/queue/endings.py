"""The true end of an attempt, read from its folder."""

import json
import signal
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.durable import sha256_file, write_json
from jobs.events import last_event, read_events
from jobs.exit_codes import FAILURES, NO_ROOM, STOPPED
from jobs.failpoints import failpoint
from jobs.paths import AttemptPaths
from jobs.processes import boot_id, host_name


@dataclass(frozen=True)
class Ending:
    """How an attempt ended; the fields are columns of `attempt`."""

    state: str
    reason: str
    ended: float
    exit_code: int | None = None
    signal: int | None = None
    peak_bytes: int | None = None


def find_ending(folder: Path) -> Ending:
    """The end of an attempt whose runner is gone.

    What cannot be found out a second time (whether the machine was started anew) is kept beside
    it, so that a rebuilt database says the same.
    """
    paths = AttemptPaths(folder)
    if not paths.result.exists() and not paths.verdict.exists():
        give_verdict(paths, _cause_of_death(paths), _last_sign(paths))
    return read_ending(folder)


def give_verdict(paths: AttemptPaths, reason: str, ended: float) -> None:
    """Keep why an attempt counts as interrupted, and when it ended if no result says so."""
    write_json(paths.verdict, {"reason": reason, "ended": ended})
    failpoint("supervisor.verdict-given")


def read_ending(folder: Path) -> Ending:
    """What the files of an ended attempt say; FileNotFoundError if they say nothing."""
    paths = AttemptPaths(folder)
    verdict = json.loads(paths.verdict.read_bytes()) if paths.verdict.exists() else None
    if not paths.result.exists():
        if verdict is None:
            raise FileNotFoundError(paths.result)
        return Ending("interrupted", verdict["reason"], verdict["ended"])
    result = json.loads(paths.result.read_bytes())
    state, reason = _judge(folder, result)
    if state == "stopped" and verdict is not None:
        state, reason = "interrupted", verdict["reason"]
    return Ending(
        state, reason, result["ended"], result["exit_code"], result["signal"], result["peak_bytes"]
    )


def _cause_of_death(paths: AttemptPaths) -> str:
    start = json.loads(paths.start.read_bytes())
    if start["host"] == host_name() and start["boot"] != boot_id():
        return f"{start['host']} was started anew while it ran"
    return "its runner died before it could tell how it ended"


def _last_sign(paths: AttemptPaths) -> float:
    """When its folder last changed; never before it began, also where the clock was set back."""
    signs = (paths.start, paths.runner, paths.events, paths.log)
    began = float(json.loads(paths.start.read_bytes())["started"])
    return max(began, *(path.stat().st_mtime for path in signs if path.exists()))


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
    # No room is no fault of the job: it is tried again when there is some.
    state = "interrupted" if code == NO_ROOM else "failed"
    return state, f"{what}: {said}" if said else what


def _fault_of_success(folder: Path) -> str | None:
    """Why exit code 0 is no success: no `finished` event at the end, or a damaged artifact."""
    last = last_event(AttemptPaths(folder).events)
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
    newest = deque(read_events(AttemptPaths(folder).events, kind="warning"), maxlen=1)
    return str(newest[0].fields.get("text", "")) if newest else ""


def _last_line(log: Path) -> str:
    """The last line of a log that says something, cut to a readable length."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 4096))
        lines = file.read().decode(errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else ""
