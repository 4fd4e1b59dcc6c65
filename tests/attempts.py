"""Tiny jobs, and attempts on them in real processes that a test can kill.

The processes are forked from a server that has imported torch once, so that each costs little.
"""

import importlib
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from jobs.checkpoints import attempts
from jobs.data.labels import LABELS
from jobs.data.phantom.write import write_phantom
from jobs.data.pixels.packing import build_pack
from jobs.data.reading import read_dataset
from jobs.durable import sha256_file
from jobs.events import read_events
from jobs.recipe.schema import (
    DataSettings,
    ModelSettings,
    PhantomSettings,
    PixelSettings,
    RunSettings,
)
from jobs.spec import KeptFile, PackJob, PredictJob, TrainJob
from jobs.targets import write_targets

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(
    [
        "jobs.programs.loop",
        "jobs.programs.prediction",
        "jobs.programs.train",
        "jobs.programs.rank",
        "jobs.data.phantom.write",  # this module needs these three
        "jobs.data.pixels.packing",
        "jobs.data.reading",
        "pandas",  # by pyarrow, when it first makes or reads an array
    ]
)
PHANTOM = PhantomSettings(
    train_images=72, development_images=20, test_images=20, size=64, least_share=0.05
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
    """The phantom that the tiny jobs use, with its tables beside it and a pack of its images."""
    root = folder / "data"
    write_phantom(root, PHANTOM, processes=1)
    tables = read_dataset(root, DATA, LABELS)
    (folder / "targets").mkdir()
    for split, table in tables.items():
        write_targets(folder / f"targets/{split}.parquet", table)
    paths = np.concatenate([table.path for table in tables.values()])
    (folder / "images.txt").write_text("".join(f"{path}\n" for path in sorted(paths)))
    build_pack(folder / "pack", root, paths, TINY.image_size, PixelSettings())
    return root


def shared_fields(root: Path, *splits: str) -> dict[str, Any]:
    """What all jobs have in common."""
    targets = {split: kept(root.parent / f"targets/{split}.parquet") for split in splits}
    return {
        "key": "0" * 64,
        "recipe": "tiny",
        "stage": "stage1",
        "model": "model0",
        "meaning": 1,
        **({"targets": targets} if splits else {}),
    }


def kept(path: Path) -> KeptFile:
    """A file that a job refers to."""
    return KeptFile(path=str(path), sha256=sha256_file(path))


def write_train_job(folder: Path, root: Path, run: RunSettings = CALM, **changed: Any) -> Path:
    """Make a train job's folder; `changed` are settings, or `pack` and `parent_job`."""
    own = {name: changed.pop(name) for name in ("parent_job",) if name in changed}
    fields = shared_fields(root, "train", "val")
    fields["pack"] = str(changed.pop("pack", root.parent / "pack"))
    settings = TINY.model_copy(update=changed)
    job = TrainJob(**fields, labels=LABELS, settings=settings, run=run, **own)
    return write_job(folder, job)


def write_predict_job(folder: Path, root: Path, train_job: Path, **changed: Any) -> Path:
    """Make a predict job's folder for splits val, dev and test."""
    job = PredictJob(
        **shared_fields(root, "val", "dev", "test"),
        labels=LABELS,
        pack=str(root.parent / "pack"),
        settings=TINY.model_copy(update=changed),
        run=CALM,
        train_job=os.path.relpath(train_job, folder),
    )
    return write_job(folder, job)


def write_pack_job(folder: Path, root: Path, **changed: Any) -> Path:
    """Make the folder of a job that packs all splits in its folder `pixels`."""
    fields = shared_fields(root) | {"images": kept(root.parent / "images.txt")}
    fields |= {"pack": "pixels", "size": TINY.image_size, "pixels": PixelSettings()}
    fields |= {"data_root": str(root), "run": CALM}
    return write_job(folder, PackJob(**(fields | changed)))


def write_job(folder: Path, job: PackJob | TrainJob | PredictJob) -> Path:
    """Make a job's folder."""
    folder.mkdir(parents=True)
    (folder / "job.json").write_text(job.model_dump_json())
    return folder


def next_attempt(job_folder: Path) -> Path:
    """Make the folder of the job's next attempt."""
    folder = job_folder / f"attempt-{len(attempts(job_folder)) + 1}"
    folder.mkdir()
    return folder


def start(
    program: str,
    attempt: Path,
    failpoint: str | None = None,
    kill_step: int | None = None,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> ForkServerProcess:
    """Start a program on an attempt; its stdout and stderr go to `log.txt`.

    It kills itself at `failpoint`, or right after `kill_step`.
    """
    wanted = f"{failpoint}@{attempt}" if failpoint else None
    given = (program, str(attempt), wanted, kill_step, dict(environment))
    process = SERVER.Process(target=_child, args=given)
    process.start()
    return process


def run(program: str, job_folder: Path, **how: Any) -> int:
    """Make an attempt and run it to its end: exit code, or minus the signal."""
    process = start(program, next_attempt(job_folder), **how)
    process.join(120)
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
    """Return when `condition` holds; it must within a minute."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def become_program(attempt: Path, **environment: str) -> None:
    """In a child: stdout and stderr go to the attempt's `log.txt`, and it computes on one core."""
    descriptor = os.open(attempt / "log.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", closefd=False)
    os.environ.update({"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", **environment})


def _child(
    program: str,
    attempt: str,
    failpoint: str | None,
    kill_step: int | None,
    environment: dict[str, str],
) -> None:
    become_program(Path(attempt), **environment)
    if failpoint is not None:
        os.environ["CXRTUI_FAILPOINT"] = failpoint
    if kill_step is not None:
        _kill_after(kill_step)
    sys.exit(importlib.import_module(f"jobs.programs.{program}").main([attempt]))


def _kill_after(step: int) -> None:
    from jobs.programs.loop import Training

    original = Training.train_step

    def train_step(self: Training, rows: Any, pixels: Any) -> Any:
        done = original(self, rows, pixels)
        if self.progress.step == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    # In a child of its own that is about to die: no other test sees the changed method.
    Training.train_step = train_step  # type: ignore[method-assign]
