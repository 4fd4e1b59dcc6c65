"""How fast the jobs are that run now, and when each of them will be done."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from db.attempts import live_attempts
from db.jobs import job_by_id
from db.lists import attempts_of_jobs, newest_points
from db.records import Attempt, Point

_RATE: Final = ("train", "images_per_second")
_WAITING: Final = ("train", "data_wait")


@dataclass(frozen=True)
class JobSpeed:
    """What the newest step of a running job told; None where it told nothing."""

    model: str
    kind: str
    images_per_second: float | None
    waiting: float | None  # share of the time in which it waited for images
    seconds_left: float | None


def job_speeds(connection: Connection) -> tuple[JobSpeed, ...]:
    """One of each job with an attempt that is alive, wherever that is."""
    alive = live_attempts(connection)
    ids = [one.id for one in alive]
    rates, waits = (newest_points(connection, ids, *series) for series in (_RATE, _WAITING))
    tried = attempts_of_jobs(connection, [one.job_id for one in alive])
    found = []
    for one in alive:
        job, rate, wait = job_by_id(connection, one.job_id), rates.get(one.id), waits.get(one.id)
        if job is not None:
            left = None if rate is None else seconds_left(tried[job.id], rate.time)
            found.append(JobSpeed(job.model, job.kind, _value(rate), _value(wait), left))
    return tuple(found)


def seconds_left(attempts: list[Attempt], now: float) -> float | None:
    """As long as the rest takes at the speed of all attempts so far, work done again included."""
    newest = attempts[-1]
    if not newest.steps or not newest.step:
        return None
    spent = sum(max((one.ended or now) - one.started, 0.0) for one in attempts)
    return spent * max(newest.steps - newest.step, 0) / newest.step


def _value(point: Point | None) -> float | None:
    return None if point is None else point.value
