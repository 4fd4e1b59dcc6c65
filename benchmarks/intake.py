"""From an event that an attempt writes to a number that others can read: prints one JSON document.

`python benchmarks/intake.py [--seconds 60] [--attempts 8] [--events 5000]`; see `docs/queue.md`.
Real attempts, through the queue, write events at a steady pace; a dashboard shows their curves;
this process reads the database as the dashboard does, only more often.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
from process_figures import peak_mib, processor_seconds
from terminal import Terminal

from db.attempts import all_attempts
from db.jobs import count_by_state
from db.points import points_after
from jobs.durable import content_hash
from jobs.events import EventWriter
from jobs.plan import add_entry
from jobs.planned import PlannedJob
from jobs.queue.ensure import (
    ensure_supervisor,
    stop_supervisor,
    supervisor_info,
    wait_for_no_supervisor,
)
from jobs.queue.journal import record
from jobs.recipe.load import load_recipe
from jobs.recipe.schema import RunSettings
from jobs.workspace import Workspace, WorkspaceSettings, make_workspace

PROGRAM: Final = Path(__file__).with_name("steady_program.py")
POLL_SECONDS: Final = 0.005
LEAD_SECONDS: Final = 8.0  # in which all attempts and the dashboard get ready
_RECIPE: Final = """
name = "bench"
labels = ["Atelectasis", "Edema"]
[run]
device = "any"
[defaults]
channels = 1
pre_weight = "none"
image_size = 32
batch_size = 16
[[stages]]
name = "stage1"
"""


def main() -> None:
    """Run it in a folder of its own, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--attempts", type=int, default=8)
    parser.add_argument("--events", type=float, default=5000.0, help="a second, of all attempts")
    parser.add_argument("--no-dashboard", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="intake-") as name:
        root = Path(name) / "workspace"
        workspace = _make(root, chosen.attempts)
        _queue(workspace, chosen.attempts, chosen.events / chosen.attempts, chosen.seconds)
        with _supervised(workspace) as pid, _dashboard(root, chosen) as dashboard:
            print(json.dumps(_figures(workspace, pid, dashboard), indent=1))


def _make(root: Path, attempts: int) -> Workspace:
    models = [f'[[models]]\nname = "m{number}"\nstage = "stage1"\n' for number in range(attempts)]
    recipe = root.with_suffix(".toml")
    recipe.write_text(_RECIPE + "".join(models))
    settings = WorkspaceSettings(str(recipe), cpu_slots=attempts, keep_free_gib=0.0)
    workspace = make_workspace(root, settings)
    models = [
        {
            "name": model.name,
            "stage": model.stage,
            "parent": None,
            "optional": False,
            "settings": model.settings.model_dump(),
            "train_key": content_hash(["train", model.name]),
            "predict_key": content_hash(["predict", model.name]),
        }
        for model in load_recipe(str(recipe)).recipe.models
    ]
    entry = {"kind": "recipe", "name": "bench", "version": "1", "text": "", "data_root": ""}
    record(workspace, {**entry, "stages": ["stage1"], "models": models, "targets": []})
    return workspace


def _queue(workspace: Workspace, attempts: int, rate: float, seconds: float) -> None:
    pace = {"rate": rate, "seconds": seconds, "begin": time.time() + LEAD_SECONDS}
    new = [
        PlannedJob(
            key=content_hash(["train", f"m{number}"]),
            kind="train",
            recipe="bench",
            stage="stage1",
            model=f"m{number}",
            folder=f"runs/bench/m{number}-0/train",
            needs=(),
            spec={"run": RunSettings(device="any").model_dump(), "provenance": pace},
        )
        for number in range(attempts)
    ]
    record(workspace, add_entry(new, 0))


@contextmanager
def _supervised(workspace: Workspace) -> Iterator[int]:
    os.environ["CXRTUI_TEST_PROGRAM"] = str(PROGRAM)
    ensure_supervisor(workspace.paths)
    try:
        while (found := supervisor_info(workspace.paths)) is None:
            continue
        yield found.pid
    finally:
        stop_supervisor(workspace.paths)
        wait_for_no_supervisor(workspace.paths)


@contextmanager
def _dashboard(root: Path, chosen: argparse.Namespace) -> Iterator[Terminal | None]:
    """A real dashboard in a terminal of its own, with the losses of all models in its chart."""
    if chosen.no_dashboard:
        yield None
        return
    line = [sys.executable, "-P", "-m", "cxrtui", "-w", str(root), "--no-supervisor"]
    with Terminal(line) as dashboard:
        typing = threading.Timer(LEAD_SECONDS / 2, dashboard.type, [" j" * chosen.attempts])
        typing.start()
        yield dashboard
        typing.join()


def _figures(workspace: Workspace, pid: int, dashboard: Terminal | None) -> dict[str, Any]:
    reader = _Reader(workspace)
    used = {one: processor_seconds(one) for one in _pids(pid, dashboard)}
    began = time.monotonic()
    reader.read_to_the_end()
    seconds = time.monotonic() - began
    share = {one: (processor_seconds(one) - before) / seconds for one, before in used.items()}
    folders = sorted(workspace.paths.root.glob("runs/bench/*/train/attempt-1"))
    told = [json.loads((folder / "told.json").read_bytes()) for folder in folders]
    lag = np.concatenate([np.asarray(one) for one in reader.lags.values()])
    figures: dict[str, Any] = {
        "machine": platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "attempts": len(told),
        "events": sum(one["count"] for one in told),
        "events_a_second": round(sum(one["count"] / one["seconds"] for one in told)),
        "lost": sum(one["count"] for one in told) - reader.stored()[0],
        "sum_is_off_by": sum(one["sum"] for one in told) - reader.stored()[1],
        "lag_ms": _marks(1000 * lag),
        "cost_of_an_event_us": {
            name: float(np.median([one["cost_us"][place] for one in told]))
            for place, name in enumerate(("median", "p99", "most"))
        },
        "cost_of_events_without_pause_us": _cost_without_pause(workspace.paths.root),
        "greatest_wal_mib": round(reader.wal / 2**20, 2),
        "database_mib": round(workspace.paths.database.stat().st_size / 2**20, 1),
        "supervisor_share_of_a_core": round(share[pid], 3),
        "supervisor_peak_mib": peak_mib(pid),
    }
    if dashboard is not None:
        figures["dashboard_share_of_a_core"] = round(share[dashboard.pid], 3)
        figures["dashboard_has_shown_bytes"] = dashboard.shown
    return figures


def _cost_without_pause(folder: Path, count: int = 50_000) -> float:
    """Microseconds of one event, written one after the other: the processor stays warm."""
    events = EventWriter(folder / "trial.jsonl")
    began = time.perf_counter()
    for step in range(count):
        events.write("step", step=step, epoch=0.5, loss=0.25, lr=1e-3, images_per_second=1.0)
    cost = 1e6 * (time.perf_counter() - began) / count
    events.close()
    return round(cost, 2)


def _pids(pid: int, dashboard: Terminal | None) -> list[int]:
    return [pid] if dashboard is None else [pid, dashboard.pid]


class _Reader:
    """Reads what is new of each attempt, and how long after it was written that is."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.lags: dict[int, list[float]] = {}  # by attempt id, seconds
        self.wal = 0
        self._seen: dict[int, int] = {}
        self._wal = workspace.paths.database.with_name(workspace.paths.database.name + "-wal")

    def read_to_the_end(self) -> None:
        """Return when no job is left and everything has been read."""
        version, done = -1, False
        with self.workspace.database.read() as connection:
            while not done:
                if self._wal.exists():
                    self.wal = max(self.wal, self._wal.stat().st_size)
                now = int(connection.exec_driver_sql("PRAGMA data_version").scalar_one())
                if now == version:
                    time.sleep(POLL_SECONDS)
                    continue
                version = now
                done = not count_by_state(connection).keys() & {"queued", "running"}
                for attempt in all_attempts(connection):
                    seen = self._seen.get(attempt.id, -1)
                    found = points_after(connection, attempt.id, "train", "loss", seen)
                    moment = time.time()
                    if found:
                        self._seen[attempt.id] = found[-1][0]
                        lags = self.lags.setdefault(attempt.id, [])
                        lags += [moment - (value or 0.0) for _, _, value, _ in found]

    def stored(self) -> tuple[int, float]:
        """(how many, sum) of the steps that are in the database."""
        with self.workspace.database.read() as connection:
            steps = [
                value or 0.0
                for attempt in all_attempts(connection)
                for _, _, value, _ in points_after(connection, attempt.id, "train", "lr")
            ]
        return len(steps), sum(steps)


def _marks(values: np.ndarray) -> dict[str, float]:
    marks = {"median": 50, "p99": 99, "most": 100}
    return {name: round(float(np.percentile(values, mark)), 1) for name, mark in marks.items()}


if __name__ == "__main__":
    main()
