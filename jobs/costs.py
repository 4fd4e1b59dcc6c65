"""What models took to train: images seen, pixels, hours, alone and along a lineage."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from db.lists import attempts_of_jobs, jobs_with_keys
from db.records import Attempt, Job, ModelRecord
from jobs.events import read_events
from jobs.paths import AttemptPaths
from jobs.queue.slots import slots_of
from jobs.recipe.graph import lineage
from jobs.recipe.schema import Recipe
from jobs.workspace import Workspace

_HOUR: Final = 3600.0


@dataclass(frozen=True)
class Cost:
    """What the training of a model took, or of several models together.

    Images count as often as they were trained on, as far as the training is, also where
    oversampling repeats them; what was done again after an interruption counts once. Pixels are
    images times the area that the network saw. Hours are those of all attempts, also of those
    that were interrupted, from start to end (or to now), times the GPUs that they had. Packing
    and prediction are not in it.
    """

    images: float | None  # None: not told yet
    pixels: float | None
    hours: float
    on_gpu: bool  # all of it, so that the hours are GPU-hours
    finished: bool


def model_costs(
    workspace: Workspace, models: Iterable[ModelRecord], now: float | None = None
) -> dict[str, Cost]:
    """By model, of each whose training has begun; models with one key share their job."""
    known = list(models)
    moment = time.time() if now is None else now
    with workspace.database.read() as connection:
        keys = list(dict.fromkeys(model.train_key for model in known))
        jobs = {job.key: job for job in jobs_with_keys(connection, keys)}
        attempts = attempts_of_jobs(connection, [job.id for job in jobs.values()])
    found = {}
    for model in known:
        job = jobs.get(model.train_key)
        if job is not None and job.id in attempts:
            images = _images(workspace, job, attempts[job.id])
            area = int(model.settings["image_size"]) ** 2
            found[model.name] = Cost(
                images=images,
                pixels=None if images is None else images * area,
                hours=sum(_hours(attempt, moment) for attempt in attempts[job.id]),
                on_gpu=all(_gpus(attempt) for attempt in attempts[job.id]),
                finished=job.state == "succeeded",
            )
    return found


def lineage_cost(recipe: Recipe, costs: Mapping[str, Cost], model: str) -> Cost | None:
    """A model and all that it started from; None while one of them has not begun."""
    names = [one.name for one in lineage(recipe, model)]
    if any(name not in costs for name in names):
        return None
    return total_cost([costs[name] for name in names])


def total_cost(costs: Sequence[Cost]) -> Cost:
    """Several costs together; images and pixels are None where those of any are."""
    return Cost(
        images=_sum([cost.images for cost in costs]),
        pixels=_sum([cost.pixels for cost in costs]),
        hours=sum(cost.hours for cost in costs),
        on_gpu=all(cost.on_gpu for cost in costs),
        finished=all(cost.finished for cost in costs),
    )


def mean_cost(costs: Sequence[Cost]) -> Cost | None:
    """The mean over repeats; None of none."""
    if not costs:
        return None
    whole, share = total_cost(costs), 1 / len(costs)
    return replace(
        whole,
        images=None if whole.images is None else whole.images * share,
        pixels=None if whole.pixels is None else whole.pixels * share,
        hours=whole.hours * share,
    )


def _images(workspace: Workspace, job: Job, attempts: Sequence[Attempt]) -> float | None:
    """What the newest attempt that said so will see in the whole job, times the share done."""
    for attempt in reversed(attempts):
        folder = workspace.paths.job(job.folder) / f"attempt-{attempt.number}"
        started = next(read_events(AttemptPaths(folder).events, kind="started"), None)
        if started is not None:
            samples = float(started.fields["samples"])
            share = 1.0 if job.state == "succeeded" else attempt.step / (attempt.steps or 1)
            return samples * share
    return None


def _hours(attempt: Attempt, now: float) -> float:
    """GPU-hours, or hours on the CPU, of an attempt to its end or to now."""
    ended = now if attempt.ended is None else attempt.ended
    return max(0.0, ended - attempt.started) * max(1, _gpus(attempt)) / _HOUR


def _gpus(attempt: Attempt) -> int:
    return sum(slot.startswith("gpu:") for slot in slots_of(attempt.slot))


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None
