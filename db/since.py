"""Queries on what has happened to attempts since somebody last looked."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, func, or_, select

from db.attempts import LIVE_STATES
from db.records import Attempt
from db.schema import attempt, point


class AttemptMark(NamedTuple):
    """All attempts up to the newest were seen; of these some had not ended yet."""

    newest: float  # when the newest began, seconds since 1970; 0 without any
    alive: tuple[str, ...]  # their ids, which outlast a rebuild of the database


def attempt_mark(connection: Connection) -> AttemptMark:
    """What there is now."""
    newest = connection.execute(select(func.max(attempt.c.started))).scalar()
    alive = select(attempt.c.uid).where(attempt.c.state.in_(LIVE_STATES)).order_by(attempt.c.uid)
    return AttemptMark(newest or 0.0, tuple(connection.execute(alive).scalars()))


def ended_since(connection: Connection, mark: AttemptMark) -> list[Attempt]:
    """The attempts that have ended since, by their end."""
    columns = [attempt.c[name] for name in Attempt.__dataclass_fields__]
    alive = select(func.json_each(json.dumps(mark.alive)).table_valued("value").c.value)
    statement = (
        select(*columns)
        .where(or_(attempt.c.started > mark.newest, attempt.c.uid.in_(alive)))
        .where(attempt.c.ended.is_not(None))
        .order_by(attempt.c.ended, attempt.c.id)
    )
    return [Attempt(*row) for row in connection.execute(statement)]


def best_value(
    connection: Connection, attempt_ids: Sequence[int], split: str, name: str
) -> float | None:
    """The greatest value of one series of these attempts; None without any."""
    statement = select(func.max(point.c.value)).where(
        point.c.attempt_id.in_(attempt_ids), point.c.split == split, point.c.name == name
    )
    value = connection.execute(statement).scalar()
    return None if value is None else float(value)
