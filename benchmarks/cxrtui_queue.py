"""No-op jobs through the queue of cxrtui."""

import itertools
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Self

from instants import gaps, jobs_a_second, percentiles, read_instants
from process_figures import peak_mib, processor_seconds, processor_share, seconds_of

from db.jobs import count_by_state
from jobs.durable import content_hash
from jobs.plan import add_entry
from jobs.planned import PlannedJob
from jobs.queue.ensure import (
    ensure_supervisor,
    stop_supervisor,
    supervisor_info,
    wait_for_no_supervisor,
)
from jobs.queue.journal import record
from jobs.recipe.schema import ModelSettings, RunSettings
from jobs.spec import KeptFile, TrainJob
from jobs.workspace import Workspace, WorkspaceSettings, make_workspace

PROGRAM: Final = Path(__file__).with_name("noop_program.py")
FREEZE: Final = {"kind": "freeze", "frozen": True}
THAW: Final = {"kind": "freeze", "frozen": False}
IDLE_SECONDS: Final = 10.0
CALM: Final = 0.5  # share of a core that a supervisor with nothing to do stays under
_CXRTUI: Final = (sys.executable, "-P", "-m", "cxrtui")
SOME: Final = 200  # jobs of a long queue that are run
MODELS: Final = 3  # of the recipe from which `queue add` takes one more
_RECIPE: Final = """
name = "small"
labels = ["Atelectasis", "Edema"]
[data.phantom]
train_images = 40
development_images = 16
test_images = 16
size = 32
least_share = 0.2
[run]
device = "any"
[defaults]
architecture = "test_efficientnet"
channels = 1
pre_weight = "none"
image_size = 32
batch_size = 16
[[stages]]
name = "stage1"
""" + "".join(f'[[models]]\nname = "m{number}"\nstage = "stage1"\n' for number in range(MODELS + 1))


class Queue:
    """A workspace whose jobs run the no-op program, in so many slots."""

    def __init__(self, root: Path, slots: int) -> None:
        recipe = root.with_suffix(".toml")
        recipe.write_text(_RECIPE)
        settings = WorkspaceSettings(str(recipe), cpu_slots=slots, keep_free_gib=0.0)
        self.workspace: Workspace = make_workspace(root, settings)
        self.slots = slots
        self.added = 0
        os.environ["CXRTUI_TEST_PROGRAM"] = str(PROGRAM)
        os.environ["CXRTUI_WORKSPACE"] = str(root)

    def add(self, count: int) -> float:
        """Queue so many jobs at once; seconds."""
        new = [planned_job(number) for number in range(self.added, self.added + count)]
        self.added += count
        start = time.perf_counter()
        record(self.workspace, add_entry(new, 0))
        return time.perf_counter() - start

    def supervisor(self) -> int:
        """The pid of its supervisor, started if there is none."""
        ensure_supervisor(self.workspace.paths)
        found = None
        while found is None:
            found = supervisor_info(self.workspace.paths)
        return found.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the supervisor."""
        stop_supervisor(self.workspace.paths)
        wait_for_no_supervisor(self.workspace.paths)

    def count(self, state: str) -> int:
        """Jobs in a state."""
        with self.workspace.database.read() as connection:
            return count_by_state(connection).get(state, 0)

    def attempts(self) -> list[Path]:
        """Folders of the attempts that have finished, in the order in which they began."""
        found = self.workspace.paths.root.glob("runs/bench/*/train/attempt-1/instants.txt")
        return sorted((one.parent for one in found), key=lambda one: read_instants([one]))


def short_queue(root: Path, jobs: int, slots: int) -> dict[str, Any]:
    """Run so many jobs to their end."""
    with Queue(root, slots) as queue:
        record(queue.workspace, FREEZE)
        adding = queue.add(jobs)
        pid = queue.supervisor()
        used = processor_seconds(pid)
        record(queue.workspace, THAW)
        _wait(lambda: queue.count("succeeded") == jobs, patience=jobs)
        used = processor_seconds(pid) - used
        attempts = queue.attempts()
        instants = read_instants(attempts)
        return {
            "gap_ms": gaps(instants, slots),
            "jobs_a_second": jobs_a_second(instants),
            "supervisor_ms_of_processor_a_job": round(1000 * used / jobs, 2),
            "supervisor_peak_mib": peak_mib(pid),
            "seconds_to_add_all_at_once": round(adding, 2),
            "where_the_time_goes_ms": _phases(attempts),
        }


def long_queue(root: Path, jobs: int, slots: int) -> dict[str, Any]:
    """What commands and the supervisor cost while so many jobs wait, and what a job costs then."""
    with Queue(root, slots) as queue:
        record(queue.workspace, FREEZE)
        seconds_of([*_CXRTUI, "queue", "add", "m0"])  # writes the phantom
        adding = queue.add(jobs)
        pid = queue.supervisor()
        _wait(lambda: processor_share(pid, 1.0) < CALM, patience=120)
        commands = _time_commands()
        _wait(lambda: processor_share(pid, 1.0) < CALM, patience=120)
        return {
            "seconds_of_whole_commands": commands,
            "seconds_to_add_all_at_once": round(adding, 2),
            "supervisor_idle_share_of_a_core": processor_share(pid, IDLE_SECONDS),
            "some_of_them": _run_some(queue, pid),
            "supervisor_peak_mib": peak_mib(pid),
        }


def _time_commands() -> dict[str, float]:
    """Seconds of each command, from the start of its process to its end: the least of three."""
    lines = {
        "queue add of one more": [("queue", "add", f"m{number + 1}") for number in range(MODELS)],
        "queue list": [("queue", "list")] * 3,
        "queue list --json": [("queue", "list", "--json")] * 3,
        "status": [("status",)] * 3,
        "--version": [("--version",)] * 3,
    }
    return {
        name: round(min(seconds_of([*_CXRTUI, *line]) for line in repeats), 2)
        for name, repeats in lines.items()
    }


def _run_some(queue: Queue, pid: int) -> dict[str, Any]:
    """Thaw, let a few run, freeze: what a job costs before so many others."""
    used = processor_seconds(pid)
    record(queue.workspace, THAW)
    _wait(lambda: len(queue.attempts()) >= SOME, patience=300)
    record(queue.workspace, FREEZE)
    _wait(lambda: queue.count("running") == 0, patience=60)
    instants = read_instants(queue.attempts())
    return {
        "jobs": len(instants),
        "gap_ms": gaps(instants, queue.slots),
        "jobs_a_second": jobs_a_second(instants),
        "supervisor_ms_of_processor_a_job": round(
            1000 * (processor_seconds(pid) - used) / len(instants), 2
        ),
    }


def planned_job(number: int) -> PlannedJob:
    """A job of the no-op program, another one for another number."""
    key, model = content_hash(["benchmark", number]), f"n{number}"
    spec = TrainJob(
        key=key,
        recipe="small",
        stage="stage1",
        model=model,
        pack="../pack",
        run=RunSettings(device="any"),
        meaning=1,
        targets={"train": KeptFile(path="../targets", sha256=key)},
        labels=("Atelectasis", "Edema"),
        settings=ModelSettings(image_size=32, batch_size=16),
    )
    return PlannedJob(
        key=key,
        kind=spec.kind,
        recipe=spec.recipe,
        stage=spec.stage,
        model=model,
        folder=f"runs/bench/{model}-{key[:8]}/train",
        needs=(),
        spec=spec.model_dump(mode="json"),
    )


def _phases(attempts: list[Path]) -> dict[str, float]:
    """Median milliseconds between what a job's files tell, by the times of their last change."""
    spans: dict[str, list[float]] = {}
    for folder in attempts:
        first, last = read_instants([folder])[0]
        marks = {
            "decided": (folder / "attempt.json").stat().st_mtime_ns,
            "runner has forked": (folder / "runner.json").stat().st_mtime_ns,
            "program's first line": first,
            "program's last line": last,
            "runner has written the result": (folder / "result.json").stat().st_mtime_ns,
        }
        names = list(marks)
        for before, after in itertools.pairwise(names):
            spans.setdefault(f"{before} → {after}", []).append((marks[after] - marks[before]) / 1e6)
    return {name: percentiles(values)["median"] for name, values in spans.items()}


def _wait(condition: Callable[[], bool], patience: float) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not so within {patience:.0f} s")
        time.sleep(0.2)
