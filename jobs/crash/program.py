"""The program of the crash test: keeps the contract of `train` and `predict` without torch.

It reads `job.json`, tells events, publishes checkpoints and goes on from the newest whole one; its
weights are those of `jobs.crash.chain`. A pack job is left to the real program. The standard
library only: it must begin as fast as it is killed.
"""

import json
import os
import signal
import time
from pathlib import Path
from typing import Any, Final

from jobs.checkpoints import (
    attempts,
    checkpoint_folder,
    finished_weights,
    newest_whole_checkpoint,
    prune,
    publish,
)
from jobs.crash.chain import EPOCH_STEPS, PREDICT_STEPS, first_state, loss_of, next_state, states
from jobs.durable import sha256_file, write_atomic
from jobs.events import EventWriter
from jobs.exit_codes import STOPPED
from jobs.start import command

STEP_SECONDS: Final = 0.0015
WRITE_SECONDS: Final = 0.003  # between the files of a checkpoint: real ones are large
WEIGHTS: Final = "weights.txt"
SPLITS: Final = ("val", "dev", "test")


def run(folder: Path) -> int:
    """Work on the attempt in `folder`; the exit code."""
    job = json.loads((folder.parent / "job.json").read_bytes())
    if job["kind"] == "pack":
        line = command("jobs.programs.pack", str(folder))
        os.execv(line[0], line)
    workers = Workers()
    if job["kind"] == "predict":
        code = predict(job, folder, workers)
    else:
        code = Training(job, folder, workers).run()
    workers.end_first()
    return code


class Workers:
    """Two children; the second has a session of its own, and nobody ends it but the runner."""

    def __init__(self) -> None:
        self.pids = [_fork(own_session=False), _fork(own_session=True)]

    def replace_dead(self) -> None:
        """Start another one for each that has died."""
        while self.pids:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            place = self.pids.index(pid)
            self.pids[place] = _fork(own_session=place == 1)

    def end_first(self) -> None:
        """End the one that a program is expected to end."""
        os.kill(self.pids[0], signal.SIGKILL)
        os.waitpid(self.pids[0], 0)


class Training:
    """One attempt to train."""

    def __init__(self, job: dict[str, Any], folder: Path, workers: Workers) -> None:
        self.folder = folder
        self.workers = workers
        self.steps = int(job["settings"]["epochs"]) * EPOCH_STEPS
        self.stop = False
        signal.signal(signal.SIGTERM, self._ask_to_stop)
        parent = job["parent_job"]
        weights = finished_weights(folder.parent / parent).read_text() if parent else ""
        self.step, self.state = 0, first_state(job["key"], weights)
        newest = newest_whole_checkpoint(folder.parent)
        if newest is not None:
            self.step = int((newest / "step.txt").read_text())
            self.state = (newest / "state.txt").read_text()
        self.events = EventWriter(folder / "events.jsonl")

    def run(self) -> int:
        """Train to the end, or until asked to stop; the exit code."""
        self.events.write("started", device="cpu", steps=self.steps, step=self.step, samples=0)
        self.events.flush()
        while self.step < self.steps:
            self._train_step()
            if self.step % EPOCH_STEPS == 0:
                self._tell_epoch()
            if self.stop or self.step % EPOCH_STEPS == 0:
                self._save()
            if self.stop:
                self.events.close()
                return STOPPED
        write_atomic(self.folder / WEIGHTS, self.state.encode())
        time.sleep(WRITE_SECONDS)
        _tell_finished(self.events, self.folder, [WEIGHTS])
        return 0

    def _train_step(self) -> None:
        time.sleep(STEP_SECONDS)
        self.workers.replace_dead()
        self.step += 1
        self.state = next_state(self.state, self.step)
        self.events.write("step", step=self.step, epoch=self._epoch(), loss=loss_of(self.state))

    def _tell_epoch(self) -> None:
        value = loss_of(self.state)
        self.events.write(
            "epoch", epoch=round(self._epoch()), step=self.step, train_loss=value, val_loss=value,
            val_map=value, label_ap={},
        )  # fmt: skip

    def _save(self) -> None:
        self.events.sync()
        folder = checkpoint_folder(self.folder, self.step)
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in (("state.txt", self.state), ("step.txt", str(self.step))):
            write_atomic(folder / name, text.encode())
            time.sleep(WRITE_SECONDS)
        publish(folder, self.step)
        path = str(folder.relative_to(self.folder))
        self.events.write("checkpoint", step=self.step, epoch=self._epoch(), path=path)
        self.events.flush()
        prune(self.folder)

    def _epoch(self) -> float:
        return self.step / EPOCH_STEPS

    def _ask_to_stop(self, _signal: int, _frame: Any) -> None:
        self.stop = True


def predict(job: dict[str, Any], folder: Path, workers: Workers) -> int:
    """A file for each split, all a function of the trained weights; the exit code."""
    events = EventWriter(folder / "events.jsonl")
    events.write("started", device="cpu", steps=PREDICT_STEPS, step=0, samples=0)
    events.flush()
    weights = finished_weights(folder.parent / job["train_job"]).read_text()
    *_, last = states(job["key"], weights, PREDICT_STEPS)
    for _ in range(PREDICT_STEPS):
        time.sleep(STEP_SECONDS)
        workers.replace_dead()
    (folder / "predictions").mkdir()
    names = [f"predictions/{split}.txt" for split in SPLITS]
    for split, name in zip(SPLITS, names, strict=True):
        write_atomic(folder / name, last.encode())
        sha256 = sha256_file(folder / name)
        events.write("predictions", split=split, path=name, sha256=sha256, rows=1, label_ap={})
    _tell_finished(events, folder, names)
    return 0


def last_state(job_folder: Path) -> str | None:
    """What the newest attempt of a job ended with; None if it has not written it."""
    for name in (WEIGHTS, f"predictions/{SPLITS[-1]}.txt"):
        path = attempts(job_folder)[-1] / name
        if path.exists():
            return path.read_text()
    return None


def _tell_finished(events: EventWriter, folder: Path, names: list[str]) -> None:
    artifacts = [
        {
            "path": name,
            "sha256": sha256_file(folder / name),
            "bytes": (folder / name).stat().st_size,
        }
        for name in names
    ]
    events.write("finished", artifacts=artifacts, weights=names[0])
    events.close()
    time.sleep(WRITE_SECONDS)


def _fork(*, own_session: bool) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if own_session:
            os.setsid()
        while True:
            signal.pause()
    finally:
        os._exit(1)
