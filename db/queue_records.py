"""The whole queue in one statement, for a screen that looks at it again and again."""

from typing import NamedTuple

from sqlalchemy import Connection, and_, func, select

from db.schema import attempt, job, request


class QueueRecord(NamedTuple):
    """A job, what its attempts come to, and the newest of them; a tuple, quick to compare."""

    id: int
    key: str
    recipe: str
    stage: str
    model: str
    kind: str
    state: str
    reason: str
    priority: int
    attempts: int | None
    seconds: float | None  # in attempts that have ended
    attempt: str | None  # the newest one's state, and so on
    slot: str | None
    started: float | None
    ended: float | None
    exit_code: int | None
    signal: int | None
    attempt_reason: str | None
    step: int | None
    steps: int | None
    asked: int | None  # the journal's offset of the newest request


def queue_records(connection: Connection) -> list[QueueRecord]:
    """Every job in the order in which they would start."""
    tried = (
        select(
            attempt.c.job_id,
            func.count().label("attempts"),
            func.sum(attempt.c.ended - attempt.c.started).label("seconds"),
            func.max(attempt.c.number).label("number"),
        )
        .group_by(attempt.c.job_id)
        .subquery()
    )
    asked = (
        select(request.c.job_id, func.max(request.c.journal).label("journal"))
        .group_by(request.c.job_id)
        .subquery()
    )
    is_newest = and_(attempt.c.job_id == tried.c.job_id, attempt.c.number == tried.c.number)
    own = ("id", "key", "recipe", "stage", "model", "kind", "state", "reason", "priority")
    ends = ("state", "slot", "started", "ended", "exit_code", "signal", "reason", "step", "steps")
    statement = (
        select(
            *(job.c[name] for name in own),
            tried.c.attempts,
            tried.c.seconds,
            *(attempt.c[name] for name in ends),
            asked.c.journal,
        )
        .outerjoin_from(job, tried, tried.c.job_id == job.c.id)
        .outerjoin(attempt, is_newest)
        .outerjoin(asked, asked.c.job_id == job.c.id)
        .order_by(job.c.priority.desc(), job.c.id)
    )
    return [QueueRecord._make(row) for row in connection.execute(statement)]
