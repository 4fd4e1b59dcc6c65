"""When the queue will be done: measured speed, and a simulation of the slots."""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from db.jobs import job_spec
from db.recipes import recipe_named, targets_of
from jobs.queue.progress import MOVING, JobProgress
from jobs.queue.slots import Resource, resource_of

_PREDICT_COST = 0.35  # of a training pass over one image: no backward pass
_SMALLER_COST = 0.05  # of decoding an image: it comes from a larger pack


@dataclass(frozen=True)
class Work:
    """A job as a cost, in any unit that is the same for all jobs of its resource."""

    key: str
    needs: tuple[str, ...]
    resource: Resource
    cost: float
    done: float  # share
    seconds: float  # spent so far
    running: bool


def eta_seconds(work: Sequence[Work], slots: Mapping[str, int]) -> float | None:
    """Seconds until all work is done on so many slots of each resource.

    None before the speed is known of all that is left. Jobs start in their order as slots become
    free and what they need is done.
    """
    left = [one for one in work if one.done < 1]
    speeds = {resource: _speed(work, resource) for resource in {one.resource for one in left}}
    if not all(speeds.values()) or not all(slots.get(resource) for resource in speeds):
        return 0.0 if work and not left else None
    ends = {one.key: 0.0 for one in work if one.done >= 1}
    free = {resource: [0.0] * slots[resource] for resource in speeds}
    for one in sorted(left, key=lambda one: not one.running):
        begin = max(
            heapq.heappop(free[one.resource]), *(ends.get(key, 0.0) for key in one.needs), 0
        )
        ends[one.key] = begin + one.cost * (1 - one.done) / speeds[one.resource]
        heapq.heappush(free[one.resource], ends[one.key])
    return max(ends.values(), default=0.0)


def _speed(work: Sequence[Work], resource: str) -> float:
    """Cost done in a second of a slot; 0 before anything is measured."""
    measured = [one for one in work if one.resource == resource and one.done and one.seconds]
    spent = sum(one.seconds for one in measured)
    return sum(one.cost * one.done for one in measured) / spent if spent else 0.0


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
    cost = _cost(job.kind, job_spec(connection, job.id), rows[job.recipe])
    running = one.state == "running"
    return Work(job.key, job.needs, resource_of(job.kind), cost, one.fraction, one.seconds, running)


def _cost(kind: str, spec: dict[str, Any], images: dict[str, int]) -> float:
    """Decoded images of a pack; images times pixels of a network."""
    if kind == "pack":
        return sum(images.values()) * (_SMALLER_COST if spec["master"] else 1.0)
    settings = spec["settings"]
    passes = _PREDICT_COST * sum(images.get(split, 0) for split in spec["targets"])
    if kind == "train":
        passes = images.get("train", 1) + _PREDICT_COST * images.get("val", 0)
        passes *= settings["epochs"]
    return float(passes * settings["image_size"] ** 2)
