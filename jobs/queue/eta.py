"""When the queue will be done: measured speed, and a simulation of the slots."""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from db.lists import spec_parts
from db.recipes import recipe_named, targets_of
from jobs.queue.progress import MOVING, JobProgress
from jobs.queue.slots import Resource, resource_of

_PREDICT_COST = 0.35  # of a training pass over one image: no backward pass
_COST_PARTS = ("master", "settings", "targets")  # of job.json: see `job_cost`
SMALLER_COST = 0.05  # of decoding an image: it comes from a larger pack


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


@dataclass(frozen=True)
class Stretch:
    """What is left of a job, in seconds on its slots."""

    key: str
    needs: tuple[str, ...]
    resource: Resource
    seconds: float
    slots: int = 1


def eta_seconds(work: Sequence[Work], slots: Mapping[str, int]) -> float | None:
    """Seconds until all work is done on so many slots of each resource.

    None before the speed is known of all that is left.
    """
    left = [one for one in work if one.done < 1]
    speeds = {resource: _speed(work, resource) for resource in {one.resource for one in left}}
    if not all(speeds.values()):
        return None
    stretches = [
        Stretch(one.key, one.needs, one.resource, one.cost * (1 - one.done) / speeds[one.resource])
        for one in sorted(left, key=lambda one: not one.running)
    ]
    return finish_seconds(stretches, slots)


def finish_seconds(stretches: Sequence[Stretch], slots: Mapping[str, int]) -> float | None:
    """Seconds until all of these are done on so many slots of each resource.

    They start in their order, each when what it needs of the others is done and it has its slots;
    what has not enough of them yet keeps those behind it waiting. None if one never gets them.
    """
    missing, unlocks = _links(stretches)
    free = {one.resource: slots.get(one.resource, 0) for one in stretches}
    ready: dict[Resource, list[int]] = {resource: [] for resource in free}
    for number, one in enumerate(stretches):
        if not missing[number]:
            ready[one.resource].append(number)
    running: list[tuple[float, int]] = []  # when it ends, and its number
    now, done = 0.0, 0
    while True:
        for resource, queue in ready.items():
            while queue and stretches[queue[0]].slots <= free[resource]:
                number = heapq.heappop(queue)
                free[resource] -= stretches[number].slots
                heapq.heappush(running, (now + stretches[number].seconds, number))
        if not running:
            return now if done == len(stretches) else None
        now, number = heapq.heappop(running)
        done += 1
        free[stretches[number].resource] += stretches[number].slots
        for later in unlocks[number]:
            missing[later].discard(number)
            if not missing[later]:
                heapq.heappush(ready[stretches[later].resource], later)


def _links(stretches: Sequence[Stretch]) -> tuple[list[set[int]], list[list[int]]]:
    """By number, what each of them waits for, and what waits for it."""
    numbers = {one.key: number for number, one in enumerate(stretches)}
    missing = [{numbers[key] for key in one.needs if key in numbers} for one in stretches]
    unlocks: list[list[int]] = [[] for _ in stretches]
    for later, waits_for in enumerate(missing):
        for number in waits_for:
            unlocks[number].append(later)
    return missing, unlocks


def _speed(work: Sequence[Work], resource: str) -> float:
    """Cost done in a second of a slot; 0 before anything is measured."""
    measured = [one for one in work if one.resource == resource and one.done and one.seconds]
    spent = sum(one.seconds for one in measured)
    return sum(one.cost * one.done for one in measured) / spent if spent else 0.0


def work_of(connection: Connection, progress: Sequence[JobProgress]) -> list[Work]:
    """Costs of the jobs that move or have succeeded."""
    known = [one for one in progress if one.state in MOVING or one.state == "succeeded"]
    specs = spec_parts(connection, [one.job.id for one in known], _COST_PARTS)
    images = {name: _images(connection, name) for name in {one.job.recipe for one in known}}
    return [_work(one, specs[one.job.id], images[one.job.recipe]) for one in known]


def _images(connection: Connection, recipe: str) -> dict[str, int]:
    """How many images each split of a recipe has."""
    found = recipe_named(connection, recipe)
    targets = targets_of(connection, found.id) if found else {}
    return {split: target.rows for split, target in targets.items()}


def _work(one: JobProgress, spec: Mapping[str, Any], images: Mapping[str, int]) -> Work:
    job = one.job
    cost = job_cost(job.kind, spec, images)
    running = one.state == "running"
    return Work(job.key, job.needs, resource_of(job.kind), cost, one.fraction, one.seconds, running)


def job_cost(kind: str, spec: Mapping[str, Any], images: Mapping[str, int]) -> float:
    """Decoded images of a pack; images times pixels of a network."""
    if kind == "pack":
        return sum(images.values()) * (SMALLER_COST if spec["master"] else 1.0)
    settings = spec["settings"]
    passes = _PREDICT_COST * sum(images.get(split, 0) for split in spec["targets"])
    if kind == "train":
        passes = images.get("train", 1) + _PREDICT_COST * images.get("val", 0)
        passes *= settings["epochs"]
    return float(passes * settings["image_size"] ** 2)
