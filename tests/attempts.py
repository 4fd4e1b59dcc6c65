"""Tiny jobs, and attempts on them in real processes that a test can kill.

The processes are forked from a server that has imported torch once, so that each costs little.
"""

import importlib
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from jobs.checkpoints import attempts
from jobs.data.labels import LABELS
from jobs.data.phantom import write_phantom
from jobs.data.reading import read_split
from jobs.events import read_events
from jobs.recipe.schema import DataSettings, ModelSettings, PhantomSettings, RunSettings
from jobs.spec import PredictJob, TrainJob

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["jobs.programs.loop", "jobs.programs.prediction"])
PHANTOM = PhantomSettings(
    train_images=72, development_images=20, test_images=20, size=64, floor=0.05
)
DATA = DataSettings(val_fraction=0.2, phantom=PHANTOM)
TINY = ModelSettings(
    architecture="test_efficientnet",
    channels=1,
    pre_weight="none",
    image_size=32,
    batch_size=8,
    epochs=2,
    max_lr=1e-2,
    drop_rate=0.2,
    oversampling_threshold=0.3,
)
EAGER = RunSettings(device="any", checkpoint_minutes=1e-9)  # a checkpoint at every step
CALM = RunSettings(device="any")


def write_data(folder: Path) -> Path:
    """The phantom that the tiny jobs use."""
    write_phantom(folder / "data", PHANTOM, processes=1)
    return folder / "data"


def shared_fields(root: Path, *splits: str) -> dict[str, Any]:
    """What train and predict jobs have in common."""
    fingerprints = {one: read_split(root, DATA, LABELS, one).fingerprint() for one in splits}
    return {
        "key": "0" * 64,
        "recipe": "tiny",
        "stage": "stage1",
        "model": "model0",
        "labels": LABELS,
        "data_root": str(root),
        "data": DATA,
        "fingerprints": fingerprints,
        "meaning": 1,
    }


def write_train_job(folder: Path, root: Path, run: RunSettings = CALM, **changed: Any) -> Path:
    """Make a train job's folder; `changed` are settings, or `cache` and `parent_job`."""
    own = {name: changed.pop(name) for name in ("parent_job",) if name in changed}
    cache = str(changed.pop("cache", root.parent / "cache"))
    settings = TINY.model_copy(update=changed)
    fields = shared_fields(root, "train", "val")
    folder.mkdir(parents=True)
    job = TrainJob(**fields, cache=cache, settings=settings, run=run, **own)
    (folder / "job.json").write_text(job.model_dump_json())
    return folder


def write_predict_job(folder: Path, root: Path, train_job: Path, **changed: Any) -> Path:
    """Make a predict job's folder for splits val, dev and test."""
    splits = ("val", "dev", "test")
    settings = TINY.model_copy(update=changed)
    folder.mkdir(parents=True)
    job = PredictJob(
        **shared_fields(root, *splits),
        cache=str(root.parent / "cache"),
        settings=settings,
        run=CALM,
        train_job=os.path.relpath(train_job, folder),
        splits=splits,
    )
    (folder / "job.json").write_text(job.model_dump_json())
    return folder


def next_attempt(job_folder: Path) -> Path:
    """Make the folder of the job's next attempt."""
    folder = job_folder / f"attempt-{len(attempts(job_folder)) + 1}"
    folder.mkdir()
    return folder


def start(
    program: str, attempt: Path, failpoint: str | None = None, kill_step: int | None = None
) -> ForkServerProcess:
    """Start a program on an attempt; its stdout and stderr go to `log.txt`.

    It kills itself at `failpoint`, or right after `kill_step`.
    """
    wanted = f"{failpoint}@{attempt}" if failpoint else None
    process = SERVER.Process(target=_child, args=(program, str(attempt), wanted, kill_step))
    process.start()
    return process


def run(program: str, job_folder: Path, **how: Any) -> int:
    """Make an attempt and run it to its end: exit code, or minus the signal."""
    process = start(program, next_attempt(job_folder), **how)
    process.join(60)
    assert process.exitcode is not None
    return process.exitcode


def log_of(job_folder: Path) -> str:
    """What the newest attempt printed."""
    return (attempts(job_folder)[-1] / "log.txt").read_text()


def events_of(job_folder: Path, kind: str) -> list[dict[str, Any]]:
    """Fields of all attempts' events of a kind, in their order."""
    return [
        event.fields
        for attempt in attempts(job_folder)
        for event in read_events(attempt / "events.jsonl")
        if event.kind == kind
    ]


def wait_for(condition: Callable[[], bool]) -> None:
    """Return when `condition` holds; it must within half a minute."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def _child(program: str, attempt: str, failpoint: str | None, kill_step: int | None) -> None:
    descriptor = os.open(Path(attempt) / "log.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", closefd=False)
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    if failpoint is not None:
        os.environ["CXRTUI_FAILPOINT"] = failpoint
    if kill_step is not None:
        _kill_after(kill_step)
    sys.exit(importlib.import_module(f"jobs.programs.{program}").main([attempt]))


def _kill_after(step: int) -> None:
    from jobs.programs.loop import Training

    original = Training.train_step

    def train_step(self: Training, rows: Any) -> Any:
        done = original(self, rows)
        if self.progress.step == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    # In a child of its own that is about to die: no other test sees the changed method.
    Training.train_step = train_step  # type: ignore[method-assign]
