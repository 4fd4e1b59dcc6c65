"""Queries on attempts: the processes that work on jobs."""

from sqlalchemy import ColumnElement, Connection, Row, insert, select, true, update

from db.records import Attempt, AttemptStart
from db.schema import attempt

LIVE_STATES = ("starting", "running", "unknown")
_COLUMNS = [attempt.c[name] for name in Attempt.__dataclass_fields__]


def add_attempt(connection: Connection, job_id: int, start: AttemptStart) -> int:
    """Record an attempt that is about to start; answers its id."""
    statement = insert(attempt).values(
        job_id=job_id,
        state="starting",
        reason="",
        offset=0,
        seq=-1,
        step=0,
        checkpoint=-1,
        **{name: getattr(start, name) for name in AttemptStart.names()},
    )
    return int(connection.execute(statement.returning(attempt.c.id)).scalar_one())


def attempts_of(connection: Connection, job_id: int) -> list[Attempt]:
    """The attempts of a job, first to last."""
    return _attempts(connection, attempt.c.job_id == job_id)


def live_attempts(connection: Connection) -> list[Attempt]:
    """Attempts that have not ended, as far as the database knows."""
    return _attempts(connection, attempt.c.state.in_(LIVE_STATES))


def all_attempts(connection: Connection) -> list[Attempt]:
    """Every attempt, by job and number."""
    return _attempts(connection, true())


def attempt_by_id(connection: Connection, attempt_id: int) -> Attempt:
    """One attempt that is known to be there."""
    return _attempts(connection, attempt.c.id == attempt_id)[0]


def update_attempt(connection: Connection, attempt_id: int, **values: object) -> None:
    """Set columns of an attempt."""
    connection.execute(update(attempt).where(attempt.c.id == attempt_id).values(**values))


def _attempts(connection: Connection, condition: ColumnElement[bool]) -> list[Attempt]:
    statement = select(*_COLUMNS).where(condition).order_by(attempt.c.job_id, attempt.c.number)
    return [_attempt(row) for row in connection.execute(statement)]


def _attempt(row: Row[tuple[object, ...]]) -> Attempt:
    return Attempt(**row._mapping)
