"""Decodes images once: `python -P jobs/start.py jobs.programs.pack ATTEMPT` (or a job.json)."""

import sys
import time
from pathlib import Path
from typing import Final

import numpy as np

from jobs.data.pixels.pack import MANIFEST, Pack
from jobs.data.pixels.packing import build_pack
from jobs.durable import write_atomic
from jobs.events import EventWriter
from jobs.programs.artifacts import describe, tell_finished
from jobs.programs.attempt import open_attempt, path_from, read_attempt_job, read_tables
from jobs.programs.endings import Stop, leave, run_program, use_threads
from jobs.spec import PackJob

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
    """Read the job's tables, pack their images, and name a copy of the manifest as artifact."""
    attempt = open_attempt(argv)
    job = read_attempt_job(attempt, PackJob)
    tables = read_tables(job, attempt)
    paths = np.unique(np.concatenate([table.path for table in tables.values()]))
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


def finish(made: Pack, attempt: Path, events: EventWriter) -> None:
    """Tell that the pack is made; its manifest, copied, stands for it in the attempt."""
    write_atomic(attempt / MANIFEST, (made.folder / MANIFEST).read_bytes())
    tell_finished(events, [describe(attempt, MANIFEST)], None)
    print(f"packed {len(made.path):,} images of {made.size} px in {made.folder}", flush=True)


def main(argv: list[str]) -> int:
    """Run the program; its exit code, as `jobs.programs.endings` has it."""
    return run_program(pack, argv)


if __name__ == "__main__":
    leave(main(sys.argv[1:]))
