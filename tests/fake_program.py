"""A program of an attempt without torch, that can be told to misbehave.

It keeps the contract of the real ones: same job.json, same events, same artifacts, and its
results are a function of the job's key. A pack job is left to the real program, which needs no
torch either. CXRTUI_FAKE says what to do wrong in training and predicting, as words:
crash (exit 1), hang, ignore-term, escape (a child in a session of its own that ignores TERM),
signal-once (KILL itself in the first attempt), hungry (out of memory above 16 images at once),
starved (out of memory always), not-finished (exit 0 without `finished`).
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from jobs.checkpoints import publish
from jobs.durable import sha256_file, write_atomic
from jobs.events import EventWriter
from jobs.failpoints import failpoint
from jobs.predictions import PredictionSet, write_predictions
from jobs.programs import pack
from jobs.spec import PackJob, PredictJob, TrainJob, read_job
from jobs.targets import read_targets

STEPS, EPOCHS = 6, 2


def main(folder: Path) -> int:
    job = read_job(folder.parent / "job.json")
    if isinstance(job, PackJob):
        return pack.main([str(folder)])
    wrong = os.environ.get("CXRTUI_FAKE", "").split()
    events = EventWriter(folder / "events.jsonl")
    events.write("started", model=job.model, device="cpu", steps=STEPS * EPOCHS, step=0, samples=0)
    events.flush()
    print("fake", job.kind, job.model, flush=True)
    failpoint(f"{job.kind}.started")
    if "signal-once" in wrong and folder.name == "attempt-1":
        os.kill(os.getpid(), signal.SIGKILL)
    if "ignore-term" in wrong:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if "escape" in wrong:
        code = (
            "import signal, time; signal.signal(15, signal.SIG_IGN); "
            "print('out', flush=True); time.sleep(600)"
        )
        child = subprocess.Popen(
            [sys.executable, "-c", code, str(folder)],
            start_new_session=True,
            stdout=subprocess.PIPE,
        )
        child.stdout.readline()
        events.write("warning", text="escaped")
        events.flush()
    code = misbehave(folder, wrong)
    if code is not None:
        return code
    artifacts = (
        train(job, folder, events) if isinstance(job, TrainJob) else predict(job, folder, events)
    )
    failpoint(f"{job.kind}.before-finished")
    if "not-finished" not in wrong:
        events.write("finished", artifacts=artifacts, weights="weights.bin")
    events.close()
    failpoint(f"{job.kind}.finished")
    return 0


def misbehave(folder: Path, wrong: list[str]) -> int | None:
    """The exit code of a program that ends badly; None if it goes on."""
    if runs_out_of_memory(folder, wrong):
        return 76
    if "crash" in wrong:
        print("ValueError: told to crash", file=sys.stderr)
        return 1
    if "hang" in wrong:
        stop = []
        if "ignore-term" not in wrong:
            signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
        while not stop:
            time.sleep(0.02)
        return 75
    return None


def runs_out_of_memory(folder: Path, wrong: list[str]) -> bool:
    images = json.loads((folder / "attempt.json").read_bytes())["micro_batch"]
    hungry = "starved" in wrong or ("hungry" in wrong and images > 16)
    if hungry:
        print(f"CUDA out of memory with {images} images")
    return hungry


def train(job: TrainJob, folder: Path, events: EventWriter) -> list[dict[str, object]]:
    for epoch in range(1, EPOCHS + 1):
        for step in range(1, STEPS + 1):
            done = (epoch - 1) * STEPS + step
            events.write(
                "step", step=done, epoch=done / STEPS, loss=1 / done, lr=0.1, images_per_second=9.0
            )
        aps = dict.fromkeys(job.labels, 0.1 * epoch)
        step = epoch * STEPS
        events.write(
            "epoch", epoch=epoch, step=step, train_loss=1 / step, val_loss=1.1 / step,
            val_map=0.1 * epoch, label_ap=aps,
        )  # fmt: skip
        events.sync()
        failpoint("train.events-flushed")
        checkpoint = folder / "checkpoints" / f"step-{step}"
        checkpoint.mkdir(parents=True)
        for part in ("model", "tensors", "state"):
            write_atomic(checkpoint / f"{part}.bin", f"{job.key} {step}".encode())
            failpoint(f"train.checkpoint-{part}-written")
        publish(checkpoint, step)
        failpoint("train.checkpoint-published")
        events.write("checkpoint", step=step, epoch=epoch, path=f"checkpoints/step-{step}")
    path = folder / "weights.bin"
    write_atomic(path, job.key.encode())
    return [artifact(folder, path)]


def predict(job: PredictJob, folder: Path, events: EventWriter) -> list[dict[str, object]]:
    artifacts = []
    (folder / "predictions").mkdir()
    for split, file in job.targets.items():
        table = read_targets(folder.parent / file.path, file.sha256)
        rng = np.random.default_rng(int(job.key[:8], 16))
        probabilities = rng.random(table.targets.shape, dtype=np.float32)
        path = folder / "predictions" / f"{split}.parquet"
        names = (table.labels, table.image, table.study, table.patient, table.view)
        sha256 = write_predictions(path, PredictionSet(split, *names, probabilities))
        events.write(
            "predictions", split=split, path=f"predictions/{split}.parquet", sha256=sha256,
            rows=len(table), label_ap=dict.fromkeys(job.labels, 0.5),
        )  # fmt: skip
        events.flush()
        failpoint("predict.split-written")
        artifacts.append(artifact(folder, path))
    return artifacts


def artifact(folder: Path, path: Path) -> dict[str, object]:
    return {
        "path": str(path.relative_to(folder)),
        "sha256": sha256_file(path),
        "bytes": path.stat().st_size,
    }


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
