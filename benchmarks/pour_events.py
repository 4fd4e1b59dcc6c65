"""Writes events of running attempts and takes them in as a supervisor does, until it is ended.

`pour_events.py WORKSPACE EVENTS_A_SECOND`; prints a line once the first have been taken in.
"""

import sys
import time
from pathlib import Path
from typing import Final

import numpy as np

from db.attempts import live_attempts
from db.jobs import jobs
from jobs.events import EventWriter
from jobs.paths import AttemptPaths
from jobs.queue.intake import take_in_round
from jobs.workspace import open_workspace

_ROUND: Final = 0.2  # seconds between two transactions


def main(root: Path, rate: float) -> None:
    """Every attempt that runs goes on from its last step."""
    workspace = open_workspace(root)
    with workspace.database.read() as connection:
        attempts = live_attempts(connection)
        folders = {job.id: job.folder for job in jobs(connection)}
    paths = [
        AttemptPaths(workspace.paths.job(folders[one.job_id]) / f"attempt-{one.number}")
        for one in attempts
    ]
    writers = [EventWriter(one.events) for one in paths]
    steps = [one.step for one in attempts]
    noise, told, began = np.random.default_rng(0), 0, time.monotonic()
    while True:
        due = int((time.monotonic() - began) * rate)
        for number in range(told, due):
            place = number % len(attempts)
            steps[place] += 1
            writers[place].write(
                "step",
                step=steps[place],
                epoch=steps[place] * 30 / 200_000,
                loss=float(0.2 + noise.normal(0, 0.02)),
                lr=0.001,
                images_per_second=400.0,
            )
        told = due
        for writer in writers:
            writer.flush()
        attempts = take_in_round(workspace, list(zip(attempts, paths, strict=True)))
        print(told, flush=True)
        time.sleep(_ROUND)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
