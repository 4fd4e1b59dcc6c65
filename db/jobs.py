"""Queries on jobs and on what people asked of them."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, exists, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from db.records import Job, NewJob, Request
from db.schema import attempt, job, label_ap, point, prediction_set, request

_COLUMNS = [job.c[name] for name in Job.__dataclass_fields__]


def add_job(connection: Connection, new: NewJob) -> bool:
    """Insert a queued job; False if a job with its key is there already."""
    values = {name: getattr(new, name) for name in NewJob.__dataclass_fields__}
    statement = upsert(job).values(state="queued", reason="", **values).on_conflict_do_nothing()
    return connection.execute(statement).rowcount == 1


def add_request(connection: Connection, key: str, asked: Request) -> None:
    """Record a request for the job with `key`; for an unknown key nothing is done."""
    job_id = connection.execute(select(job.c.id).where(job.c.key == key)).scalar()
    if job_id is not None:
        connection.execute(
            insert(request).values(
                journal=asked.journal,
                job_id=job_id,
                verb=asked.verb,
                value=asked.value,
                time=asked.time,
            )
        )


def set_state(connection: Connection, job_id: int, state: str, reason: str) -> None:
    """Give a job a state and the reason for it. Only the supervisor does."""
    connection.execute(update(job).where(job.c.id == job_id).values(state=state, reason=reason))


def set_states(connection: Connection, states: Iterable[tuple[int, str, str]]) -> None:
    """Give many jobs, by id, a state and the reason for it."""
    rows = [{"of": job_id, "state": state, "reason": reason} for job_id, state, reason in states]
    connection.execute(update(job).where(job.c.id == bindparam("of")), rows)


def claim(connection: Connection, job_id: int) -> bool:
    """Turn a queued job into a running one; False if it is not queued any more."""
    statement = (
        update(job)
        .where(job.c.id == job_id, job.c.state == "queued")
        .values(state="running", reason="")
        .returning(job.c.id)
    )
    return connection.execute(statement).first() is not None


def set_priority(connection: Connection, key: str, priority: int) -> None:
    """Higher goes first."""
    connection.execute(update(job).where(job.c.key == key).values(priority=priority))


def jobs(connection: Connection, states: Iterable[str] | None = None) -> list[Job]:
    """All jobs, or those in `states`, in the order in which they would start."""
    statement = select(*_COLUMNS).order_by(job.c.priority.desc(), job.c.id)
    if states is not None:
        statement = statement.where(job.c.state.in_(list(states)))
    return [as_job(row) for row in connection.execute(statement)]


def ready_jobs(connection: Connection, kinds: Sequence[str], limit: int) -> list[Job]:
    """The first queued jobs of these kinds that have all they need, in the order of their start."""
    need = func.json_each(job.c.needs).table_valued("value").alias("need")
    parent = job.alias("parent")
    done = exists().where(parent.c.key == need.c.value, parent.c.state == "succeeded")
    missing = select(need.c.value).where(~done).correlate(job).exists()
    statement = (
        select(*_COLUMNS)
        .where(job.c.state == "queued", job.c.kind.in_(kinds), ~missing)
        .order_by(job.c.priority.desc(), job.c.id)
        .limit(limit)
    )
    return [as_job(row) for row in connection.execute(statement)]


def is_anything_moving(connection: Connection) -> bool:
    """Whether a job runs, or waits for its turn."""
    moving = select(job.c.id).where(job.c.state.in_(("queued", "running"))).limit(1)
    return connection.execute(moving).first() is not None


def forget_jobs(connection: Connection, keys: Sequence[str]) -> None:
    """Delete jobs, and with them all that is known of their attempts."""
    ids = select(job.c.id).where(job.c.key.in_(keys))
    attempts = select(attempt.c.id).where(attempt.c.job_id.in_(ids))
    for table in (label_ap, prediction_set, point):
        connection.execute(delete(table).where(table.c.attempt_id.in_(attempts)))
    for table in (attempt, request):
        connection.execute(delete(table).where(table.c.job_id.in_(ids)))
    connection.execute(delete(job).where(job.c.key.in_(keys)))


def keys_asked_since(connection: Connection, offset: int) -> set[str]:
    """Keys of jobs with requests at or after a journal offset."""
    statement = select(job.c.key).join(request, request.c.job_id == job.c.id)
    return set(connection.execute(statement.where(request.c.journal >= offset)).scalars())


def job_specs(connection: Connection) -> dict[int, dict[str, Any]]:
    """What `job.json` says, by the id of the job."""
    rows = connection.execute(select(job.c.id, job.c.spec))
    return {row.id: dict(row.spec) for row in rows}


def job_by_id(connection: Connection, job_id: int) -> Job | None:
    """One job by its id."""
    row = connection.execute(select(*_COLUMNS).where(job.c.id == job_id)).first()
    return None if row is None else as_job(row)


def job_spec(connection: Connection, job_id: int) -> dict[str, Any]:
    """What `job.json` of a job says."""
    spec = connection.execute(select(job.c.spec).where(job.c.id == job_id)).scalar_one()
    return dict(spec)


def requests_of(connection: Connection, job_id: int) -> list[Request]:
    """What people asked of a job, in the order of the journal."""
    columns = [request.c[name] for name in Request.__dataclass_fields__]
    statement = select(*columns).where(request.c.job_id == job_id).order_by(request.c.journal)
    return [Request(*row) for row in connection.execute(statement)]


def jobs_asked_since(connection: Connection, offset: int) -> list[int]:
    """Ids of jobs with requests at or after a journal offset."""
    statement = select(request.c.job_id).where(request.c.journal >= offset).distinct()
    return list(connection.execute(statement).scalars())


def count_by_state(connection: Connection) -> dict[str, int]:
    """How many jobs are in each state that has any."""
    statement = select(job.c.state, func.count().label("jobs")).group_by(job.c.state)
    return {row.state: row.jobs for row in connection.execute(statement)}


def as_job(row: Row[Any]) -> Job:
    """A row with the columns of `Job`."""
    return Job(**{**row._mapping, "needs": tuple(row._mapping["needs"])})
