"""A program that writes step events at a steady pace, and keeps what it wrote and what it cost.

`steady_program.py FOLDER`: the pace stands in `job.json`, under `provenance`. In each event `loss`
is the moment of writing (Unix seconds, finer than `time`) and `lr` the step, so that what arrives
can be counted and added up.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

from jobs.durable import write_json
from jobs.events import EventWriter


def main(folder: Path) -> None:
    """Write all events, then `told.json`."""
    pace = json.loads((folder.parent / "job.json").read_bytes())["provenance"]
    steps = round(pace["rate"] * pace["seconds"])
    events = EventWriter(folder / "events.jsonl")
    events.write("started", model="steady", device="cpu", steps=steps, step=0, samples=0)
    wait_until(pace["begin"])
    cost = np.empty(steps)
    used, began = time.process_time(), time.time()
    for step in range(1, steps + 1):
        wait_until(began + step / pace["rate"])
        now, before = time.time(), time.perf_counter()
        events.write(
            "step", step=step, epoch=step / steps, loss=now, lr=float(step), images_per_second=1.0
        )
        cost[step - 1] = 1e6 * (time.perf_counter() - before)
    told = {
        "count": steps,
        "sum": float(steps * (steps + 1) // 2),
        "seconds": time.time() - began,
        "processor_seconds": time.process_time() - used,
        "cost_us": [round(float(np.percentile(cost, mark)), 2) for mark in (50, 99, 100)],
    }
    events.write("finished", artifacts=[], weights=None)
    events.close()
    write_json(folder / "told.json", told)


def wait_until(moment: float) -> None:
    """Sleep until a moment of the clock; not at all if it has passed."""
    left = moment - time.time()
    if left > 0:
        time.sleep(left)


if __name__ == "__main__":
    main(Path(sys.argv[-1]))
