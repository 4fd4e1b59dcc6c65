"""When the queue will be done: measured speed, and a simulation of the slots."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from db.jobs import job_spec
from db.recipes import recipe_named, targets_of
from jobs.queue.progress import MOVING, JobProgress

_PREDICT_COST = 0.35  # of a training pass over one image: no backward pass


@dataclass(frozen=True)
class Work:
    """A job as a cost: images times pixels, in any unit."""

    key: str
    needs: str | None
    cost: float
    done: float  # share
    seconds: float  # spent so far
    running: bool


def eta_seconds(work: Sequence[Work], slots: int) -> float | None:
    """Seconds until all work is done on so many slots; None before any speed is known.

    Jobs start in their order as slots become free and what they need is done.
    """
    measured = [one for one in work if one.done > 0 and one.seconds > 0]
    spent = sum(one.seconds for one in measured)
    if not spent or slots < 1:
        return None
    speed = sum(one.cost * one.done for one in measured) / spent
    ends: dict[str, float] = {one.key: 0.0 for one in work if one.done >= 1}
    free = [0.0] * slots
    for one in sorted(work, key=lambda one: not one.running):
        if one.done >= 1:
            continue
        begin = max(heapq.heappop(free), ends.get(one.needs or "", 0.0))
        ends[one.key] = begin + one.cost * (1 - one.done) / speed
        heapq.heappush(free, ends[one.key])
    return max(ends.values(), default=0.0)


def work_of(connection: Connection, progress: Sequence[JobProgress]) -> list[Work]:
    """Costs of the jobs that move or have succeeded."""
    rows: dict[str, dict[str, int]] = {}
    return [
        _work(connection, one, rows)
        for one in progress
        if one.state in MOVING or one.state == "succeeded"
    ]


def _work(connection: Connection, one: JobProgress, rows: dict[str, dict[str, int]]) -> Work:
    job = one.job
    if job.recipe not in rows:
        found = recipe_named(connection, job.recipe)
        targets = targets_of(connection, found.id) if found else {}
        rows[job.recipe] = {split: target.rows for split, target in targets.items()}
    spec = job_spec(connection, job.id)
    settings = spec["settings"]
    images = rows[job.recipe]
    if job.kind == "train":
        passes = images.get("train", 1) + _PREDICT_COST * images.get("val", 0)
        cost = settings["epochs"] * passes
    else:
        cost = _PREDICT_COST * sum(images.get(split, 0) for split in spec["splits"])
    cost *= settings["image_size"] ** 2
    return Work(job.key, job.needs, cost, one.fraction, one.seconds, one.state == "running")
