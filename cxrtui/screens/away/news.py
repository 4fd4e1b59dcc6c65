"""What happened to the jobs of a workspace while nobody looked at its dashboard."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from db.attempts import attempts_of
from db.jobs import job_by_id
from db.records import Attempt, Job
from db.since import AttemptMark, best_value, ended_since

_TOLD: Final = ("interrupted", "failed")  # ends of attempts after which a job is tried again


@dataclass(frozen=True)
class News:
    """What became of a job of which at least one attempt has ended."""

    name: str  # such as `model3 train`
    kind: str
    state: str  # of the job now; `retried` if it goes on after an attempt that broke off
    reason: str
    attempts: int
    val_map: float | None  # the best of a training


def read_news(connection: Connection, mark: AttemptMark) -> tuple[News, ...]:
    """A line for each job with attempts that ended since, in the order of their ends."""
    last: dict[int, Attempt] = {}
    for attempt in ended_since(connection, mark):
        last.pop(attempt.job_id, None)
        last[attempt.job_id] = attempt
    found = []
    for job_id, attempt in last.items():
        job = job_by_id(connection, job_id)
        if job is not None:
            found.append(_news(connection, job, attempt))
    return tuple(found)


def _news(connection: Connection, job: Job, last: Attempt) -> News:
    state, reason = job.state, job.reason
    if state in ("queued", "running") and last.state in _TOLD:
        state, reason = "retried", last.reason or last.state
    every = attempts_of(connection, job.id)
    score = None
    if job.kind == "train":
        score = best_value(connection, [one.id for one in every], "val", "map")
    return News(job.name, job.kind, state, reason, len(every), score)
