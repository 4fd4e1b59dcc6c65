"""Queries on prediction sets."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from db.records import PredictionSetRecord
from db.schema import attempt, job, label_ap, prediction_set


def add_prediction_set(
    connection: Connection, record: PredictionSetRecord, aps: Mapping[str, float | None]
) -> None:
    """Record what an attempt predicted, with its AP by label before any view rule.

    If a split is told again, what was told last counts.
    """
    connection.execute(insert(prediction_set).prefix_with("OR REPLACE").values(vars(record)))
    shared = {"attempt_id": record.attempt_id, "split": record.split, "view_rule": "none"}
    if aps:
        rows = [{**shared, "label": label, "value": value} for label, value in aps.items()]
        connection.execute(insert(label_ap).prefix_with("OR REPLACE"), rows)


def prediction_sets(connection: Connection, predict_key: str) -> dict[str, PredictionSetRecord]:
    """By split, what the succeeded attempt of the predict job with that key left."""
    columns = [prediction_set.c[field] for field in PredictionSetRecord.__dataclass_fields__]
    statement = (
        select(*columns)
        .join(attempt, attempt.c.id == prediction_set.c.attempt_id)
        .join(job, job.c.id == attempt.c.job_id)
        .where(job.c.key == predict_key, attempt.c.state == "succeeded")
        .order_by(attempt.c.number)
    )
    return {row.split: PredictionSetRecord(*row) for row in connection.execute(statement)}


def predicted_splits(connection: Connection, predict_keys: Sequence[str]) -> dict[str, set[str]]:
    """By key of a predict job, the splits that its succeeded attempt predicted, if any."""
    statement = (
        select(job.c.key, prediction_set.c.split)
        .join(attempt, attempt.c.id == prediction_set.c.attempt_id)
        .join(job, job.c.id == attempt.c.job_id)
        .where(job.c.key.in_(predict_keys), attempt.c.state == "succeeded")
    )
    found: dict[str, set[str]] = {}
    for key, split in connection.execute(statement):
        found.setdefault(key, set()).add(split)
    return found


def label_aps(connection: Connection, record: PredictionSetRecord) -> dict[str, float | None]:
    """AP by label of a prediction set, before any view rule."""
    statement = select(label_ap.c.label, label_ap.c.value).where(
        label_ap.c.attempt_id == record.attempt_id,
        label_ap.c.split == record.split,
        label_ap.c.view_rule == "none",
    )
    return {row.label: row.value for row in connection.execute(statement)}
