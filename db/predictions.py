"""Queries on prediction sets."""

from collections.abc import Mapping

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from db.records import PredictionSetRecord
from db.schema import attempt, job, label_ap, prediction_set


def add_prediction_set(
    connection: Connection,
    *,
    attempt_id: int,
    job_id: int,
    split: str,
    path: str,
    sha256: str,
    rows: int,
    aps: Mapping[str, float | None],
) -> None:
    """Record what an attempt predicted, with its AP a label before any view rule."""
    values = {"attempt_id": attempt_id, "job_id": job_id, "split": split, "path": path}
    statement = insert(prediction_set).values(**values, sha256=sha256, rows=rows)
    set_id = connection.execute(statement.returning(prediction_set.c.id)).scalar_one()
    for label, value in aps.items():
        row = {"prediction_set_id": set_id, "view_rule": "none", "label": label, "value": value}
        connection.execute(insert(label_ap).values(row))


def prediction_sets(connection: Connection, predict_key: str) -> dict[str, PredictionSetRecord]:
    """By split, what the succeeded attempt of the predict job with that key left."""
    columns = [
        prediction_set.c[field] if field != "model" else job.c.model
        for field in PredictionSetRecord.__dataclass_fields__
    ]
    statement = (
        select(*columns)
        .join(job, job.c.id == prediction_set.c.job_id)
        .join(attempt, attempt.c.id == prediction_set.c.attempt_id)
        .where(job.c.key == predict_key, attempt.c.state == "succeeded")
        .order_by(attempt.c.number)
    )
    return {row.split: PredictionSetRecord(*row) for row in connection.execute(statement)}


def label_aps(connection: Connection, prediction_set_id: int) -> dict[str, float | None]:
    """AP by label of a prediction set, before any view rule."""
    statement = select(label_ap.c.label, label_ap.c.value).where(
        label_ap.c.prediction_set_id == prediction_set_id, label_ap.c.view_rule == "none"
    )
    return dict(connection.execute(statement).tuples().all())
