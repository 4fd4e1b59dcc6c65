"""Queries over many jobs at once: one statement each, however many jobs there are."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, TableValuedAlias, and_, func, select

from db.jobs import as_job
from db.records import Attempt, Job, Point, Request
from db.schema import attempt, job, point, request

_ATTEMPT = [attempt.c[name] for name in Attempt.__dataclass_fields__]
_JOB = [job.c[name] for name in Job.__dataclass_fields__]
_SERIES = (point.c.attempt_id, point.c.split, point.c.name)
_POINT = [point.c[name] for name in Point._fields]
_REQUEST = [request.c[name] for name in Request.__dataclass_fields__]


def jobs_with_keys(connection: Connection, keys: Sequence[str]) -> list[Job]:
    """The jobs with these keys, in the order of the keys; unknown ones are left out."""
    statement = select(*_JOB).where(_among(job.c.key, keys))
    found = {}
    for row in connection.execute(statement):
        found[row.key] = as_job(row)
    return [found[key] for key in keys if key in found]


def attempts_of_jobs(connection: Connection, job_ids: Iterable[int]) -> dict[int, list[Attempt]]:
    """The attempts of these jobs by job id, first to last; a job without any has no entry."""
    statement = (
        select(*_ATTEMPT)
        .where(_among(attempt.c.job_id, job_ids))
        .order_by(attempt.c.job_id, attempt.c.number)
    )
    grouped: dict[int, list[Attempt]] = {}
    for row in connection.execute(statement):
        grouped.setdefault(row.job_id, []).append(Attempt(*row))
    return grouped


def requests_of_jobs(connection: Connection, job_ids: Iterable[int]) -> dict[int, list[Request]]:
    """What people asked of these jobs by job id, in the order of the journal."""
    statement = (
        select(request.c.job_id, *_REQUEST)
        .where(_among(request.c.job_id, job_ids))
        .order_by(request.c.journal)
    )
    grouped: dict[int, list[Request]] = {}
    for job_id, *values in connection.execute(statement):
        grouped.setdefault(job_id, []).append(Request(*values))
    return grouped


def points_after_steps(
    connection: Connection, steps: Mapping[tuple[int, str, str], int]
) -> dict[tuple[int, str, str], list[tuple[int, float, float | None, float]]]:
    """By (attempt id, split, name) the (step, epoch, value, time) of a series after a step.

    In the order of steps; a series without new points has no entry. For many series with few new
    points; a whole one is read faster by `points_after`.
    """
    keys = list(steps)
    asked = _each([*key, steps[key]] for key in keys)
    parts = [func.json_extract(asked.c.value, f"$[{place}]") for place in range(4)]
    statement = (
        select(asked.c.key, point.c.step, point.c.epoch, point.c.value, point.c.time)
        .select_from(asked)
        .join(point, and_(*(column == part for column, part in zip(_SERIES, parts, strict=False))))
        .where(point.c.step > parts[3])
    )
    found: dict[tuple[int, str, str], list[tuple[int, float, float | None, float]]] = {}
    for place, step, epoch, value, time in connection.execute(statement):
        found.setdefault(keys[place], []).append((step, epoch, value, time))
    for series in found.values():
        series.sort()  # which they are, the way SQLite reads them
    return found


def newest_points(
    connection: Connection, attempt_ids: Sequence[int], split: str, name: str
) -> dict[int, Point]:
    """The last point of one series of each of these attempts that has one."""
    wanted, earlier = _each(attempt_ids), point.alias()
    newest = select(func.max(earlier.c.step)).where(
        earlier.c.attempt_id == wanted.c.value, earlier.c.split == split, earlier.c.name == name
    )
    statement = (
        select(*_POINT)
        .select_from(wanted)
        .join(point, point.c.attempt_id == wanted.c.value)
        .where(
            point.c.split == split,
            point.c.name == name,
            point.c.step == newest.correlate(wanted).scalar_subquery(),
        )
    )
    return {row.attempt_id: Point(*row) for row in connection.execute(statement)}


def spec_parts(
    connection: Connection, job_ids: Iterable[int], parts: Sequence[str]
) -> dict[int, dict[str, Any]]:
    """These parts of what `job.json` says, by job id; None for a part that a job lacks."""
    taken = (part for name in parts for part in (name, func.json_extract(job.c.spec, f"$.{name}")))
    statement = select(job.c.id, func.json_object(*taken)).where(_among(job.c.id, job_ids))
    return {job_id: json.loads(text) for job_id, text in connection.execute(statement)}


def _among(column: ColumnElement[Any], values: Iterable[object]) -> ColumnElement[bool]:
    return column.in_(select(_each(values).c.value))


def _each(values: Iterable[object]) -> TableValuedAlias:
    """The values as a table: one parameter, where a list of them would soon be too long.

    `key` is the place of each among them.
    """
    return func.json_each(json.dumps(list(values))).table_valued("key", "value")
