"""How far each job is, read from the database: what `run-all` and `status` show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from db.lists import attempts_of_jobs, jobs_with_keys, newest_points, requests_of_jobs
from db.records import Attempt, Job, Point, Request
from jobs.queue.history import job_state

MOVING: Final = ("queued", "running")
_SERIES: Final = (("train", "loss"), ("train", "images_per_second"), ("val", "map"))


@dataclass(frozen=True)
class JobProgress:
    """A job as it is now; numbers are None before they are known."""

    job: Job
    state: str  # with requests taken into account that the supervisor has not carried out yet
    attempts: int
    step: int
    steps: int | None
    seconds: float  # spent in all attempts
    epoch: float | None
    loss: float | None
    val_map: float | None
    images_per_second: float | None

    @property
    def fraction(self) -> float:
        """Share of the steps done, 0 to 1."""
        if self.state == "succeeded":
            return 1.0
        return min(1.0, self.step / self.steps) if self.steps else 0.0


def progress_of(connection: Connection, keys: Sequence[str], now: float) -> list[JobProgress]:
    """The jobs with these keys, in their order."""
    return progress_of_jobs(connection, jobs_with_keys(connection, keys), now)


def progress_of_jobs(connection: Connection, jobs: Sequence[Job], now: float) -> list[JobProgress]:
    """These jobs, in their order; so many queries for all of them, not for each."""
    ids = [job.id for job in jobs]
    attempts = attempts_of_jobs(connection, ids)
    requests = requests_of_jobs(connection, ids)
    newest = [tried[-1].id for tried in attempts.values()]
    points = [newest_points(connection, newest, *series) for series in _SERIES]
    return [
        _progress(job, attempts.get(job.id, ()), requests.get(job.id, ()), points, now)
        for job in jobs
    ]


def current_state(job: Job, attempts: Sequence[Attempt], requests: Sequence[Request]) -> str:
    """A job's state, also where the supervisor has not carried out yet what was asked."""
    state, _ = job_state(attempts, requests)
    return "blocked" if (job.state, state) == ("blocked", "queued") else state


def _progress(
    job: Job,
    attempts: Sequence[Attempt],
    requests: Sequence[Request],
    points: Sequence[Mapping[int, Point]],
    now: float,
) -> JobProgress:
    last = attempts[-1] if attempts else None
    loss, rate, score = (series.get(last.id) if last else None for series in points)
    return JobProgress(
        job=job,
        state=current_state(job, attempts, requests),
        attempts=len(attempts),
        step=last.step if last else 0,
        steps=last.steps if last else None,
        seconds=sum(_seconds(attempt, now) for attempt in attempts),
        epoch=loss.epoch if loss else None,
        loss=loss.value if loss else None,
        val_map=score.value if score else None,
        images_per_second=rate.value if rate else None,
    )


def _seconds(attempt: Attempt, now: float) -> float:
    return max(0.0, (attempt.ended or now) - attempt.started)
