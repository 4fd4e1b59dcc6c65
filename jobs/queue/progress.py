"""How far each job is, read from the database: what `run-all` and `status` show."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from db.attempts import attempts_of
from db.jobs import jobs_by_key, requests_of
from db.points import latest_points
from db.records import Attempt, Job
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
    found = jobs_by_key(connection, keys)
    return [_progress(connection, found[key], now) for key in keys if key in found]


def _progress(connection: Connection, job: Job, now: float) -> JobProgress:
    attempts = attempts_of(connection, job.id)
    state = job.state
    if state != "blocked":
        state, _ = job_state(attempts, requests_of(connection, job.id))
    points = latest_points(connection, attempts[-1].id, _SERIES) if attempts else {}
    loss, rate, score = (points.get(series) for series in _SERIES)
    return JobProgress(
        job=job,
        state=state,
        attempts=len(attempts),
        step=attempts[-1].step if attempts else 0,
        steps=attempts[-1].steps if attempts else None,
        seconds=sum(_seconds(attempt, now) for attempt in attempts),
        epoch=loss.epoch if loss else None,
        loss=loss.value if loss else None,
        val_map=score.value if score else None,
        images_per_second=rate.value if rate else None,
    )


def _seconds(attempt: Attempt, now: float) -> float:
    return max(0.0, (attempt.ended or now) - attempt.started)
