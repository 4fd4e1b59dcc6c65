"""Decodes images once: `python -P jobs/start.py jobs.programs.pack ATTEMPT` (or a job.json)."""

import hashlib
import sys
import time
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jobs.data.pixels.pack import MANIFEST, UNREADABLE, Pack
from jobs.data.pixels.packing import build_pack
from jobs.durable import write_atomic
from jobs.errors import DamagedError
from jobs.events import EventWriter
from jobs.programs.artifacts import describe, tell_finished
from jobs.programs.attempt import open_attempt, path_from, read_attempt_job
from jobs.programs.endings import Stop, leave, run_program, use_threads
from jobs.spec import KeptFile, PackJob

TELL_SECONDS: Final = 1.0


class Teller:
    """Tells of the images as they are packed: at first, about once a second, and at the end."""

    def __init__(self, events: EventWriter, name: str) -> None:
        self._events = events
        self._name = name
        self._told: tuple[float, int] | None = None  # when, and how many there were

    def __call__(self, done: int, total: int) -> None:
        """`done` of `total` images are packed."""
        now = time.monotonic()
        if self._told is None:
            self._begin(done, total)
            self._told = now, done
        elif done == total or now - self._told[0] >= TELL_SECONDS:
            rate = (done - self._told[1]) / max(now - self._told[0], 1e-3)
            self._events.write(
                "step", step=done, epoch=done / total, images_per_second=round(rate, 1)
            )
            self._told = now, done

    def _begin(self, done: int, total: int) -> None:
        steps = {"steps": total, "step": done, "samples": total}
        self._events.write("started", model=self._name, device="cpu", **steps)
        self._events.sync()


def pack(argv: list[str], stop: Stop) -> None:
    """Read the job's list of images, pack them, and name a copy of the manifest as artifact."""
    attempt = open_attempt(argv)
    job = read_attempt_job(attempt, PackJob)
    paths = read_images(attempt, job.images)
    events = EventWriter(attempt / "events.jsonl")
    try:
        made = build_pack(
            path_from(attempt, job.pack),
            Path(job.data_root),
            paths,
            job.size,
            job.pixels,
            None if job.master is None else path_from(attempt, job.master),
            Teller(events, job.model),
            stop.check,
            job.run.workers or use_threads(),
        )
        finish(made, attempt, events)
    finally:
        events.close()


def read_images(attempt: Path, kept: KeptFile) -> NDArray[np.str_]:
    """The paths (M,) of the images. Raises DamagedError if they are not what was kept."""
    path = path_from(attempt, kept.path)
    try:
        listed = path.read_bytes()
    except OSError as error:
        raise DamagedError(f"{path}: {error.strerror}; queue the job again") from error
    if hashlib.sha256(listed).hexdigest() != kept.sha256:
        raise DamagedError(f"{path}: is not as it was written; queue the job again")
    return np.array(listed.decode().split("\n")[:-1], dtype=np.str_)


def finish(made: Pack, attempt: Path, events: EventWriter) -> None:
    """Tell that the pack is made; its manifest, copied, stands for it in the attempt."""
    lacking = int(made.is_lacking.sum())
    if lacking:
        told = f"{lacking:,} of {len(made.path):,} images cannot be read"
        events.write("warning", text=f"{told}: {made.folder / UNREADABLE} lists them")
        print(f"{told}: {made.folder / UNREADABLE} lists them", flush=True)
    write_atomic(attempt / MANIFEST, (made.folder / MANIFEST).read_bytes())
    tell_finished(events, [describe(attempt, MANIFEST)])
    print(f"packed {len(made.path):,} images of {made.size} px in {made.folder}", flush=True)


def main(argv: list[str]) -> int:
    """Run the program; its exit code, as `jobs.programs.endings` has it."""
    return run_program(pack, argv)


if __name__ == "__main__":
    leave(main(sys.argv[1:]))
