"""Queries on the numbers of attempts: losses, rates and scores over steps."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, select

from db.records import Point
from db.schema import point

# Not built by SQLAlchemy, which would make a dictionary of each point.
_INSERT: Final = (
    f"INSERT INTO point ({', '.join(Point._fields)}) "
    f"VALUES ({', '.join('?' * len(Point._fields))}) ON CONFLICT DO NOTHING"
)


def add_points(connection: Connection, points: Sequence[Point]) -> None:
    """Insert points; one that is there already stays as it is."""
    if points:
        connection.exec_driver_sql(_INSERT, list(points))


def points_after(
    connection: Connection, attempt_id: int, split: str, name: str, step: int = -1
) -> list[tuple[int, float, float | None, float]]:
    """(step, epoch, value, time) of a series of one attempt after a step, in the order of steps."""
    statement = (
        select(point.c.step, point.c.epoch, point.c.value, point.c.time)
        .where(
            point.c.attempt_id == attempt_id,
            point.c.split == split,
            point.c.name == name,
            point.c.step > step,
        )
        .order_by(point.c.step)
    )
    return [
        (step, epoch, value, time) for step, epoch, value, time in connection.execute(statement)
    ]
