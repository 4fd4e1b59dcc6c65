"""Queries on the numbers of attempts: losses, rates and scores over steps."""

from collections.abc import Sequence

from sqlalchemy import Connection, and_, or_, select
from sqlalchemy.dialects.sqlite import insert

from db.records import Point
from db.schema import point

_COLUMNS = [point.c[name] for name in Point.__dataclass_fields__]


def add_points(connection: Connection, points: Sequence[Point]) -> None:
    """Insert points; one that is there already stays as it is."""
    if points:
        rows = [{name: getattr(p, name) for name in Point.__dataclass_fields__} for p in points]
        connection.execute(insert(point).on_conflict_do_nothing(), rows)


def points_after(
    connection: Connection, attempt_id: int, split: str, name: str, step: int = -1
) -> list[Point]:
    """Points of one series of one attempt with a greater step, in the order of steps."""
    statement = (
        select(*_COLUMNS)
        .where(
            point.c.attempt_id == attempt_id,
            point.c.split == split,
            point.c.name == name,
            point.c.step > step,
        )
        .order_by(point.c.step)
    )
    return [Point(**row._mapping) for row in connection.execute(statement)]


def latest_points(
    connection: Connection, attempt_id: int, series: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], Point]:
    """The last point of each (split, name) that has one."""
    wanted = or_(*(and_(point.c.split == split, point.c.name == name) for split, name in series))
    statement = (
        select(*_COLUMNS)
        .where(point.c.attempt_id == attempt_id, wanted)
        .order_by(point.c.split, point.c.name, point.c.step)
    )
    rows = (Point(**row._mapping) for row in connection.execute(statement))
    return {(one.split, one.name): one for one in rows}
