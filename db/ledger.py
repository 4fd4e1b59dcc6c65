"""What is known of the GPU memory that jobs took: a query over attempts, no table of its own."""

from dataclasses import dataclass

from sqlalchemy import Connection, Integer, String, func, select
from sqlalchemy.sql.elements import ColumnElement

from db.schema import attempt, job


@dataclass(frozen=True)
class PeakRecord:
    """What attempts with the same settings on the same kind of GPU came to."""

    kind: str  # train or predict
    architecture: str
    channels: int
    image_size: int
    micro_batch: int  # images at once
    gpu: str
    gpu_bytes: int
    peak: int | None  # bytes, the most that any of them told
    ran_out: bool  # one of them ended for want of memory
    fitted: bool  # one of them succeeded


def ledger(connection: Connection, out_of_memory: int) -> list[PeakRecord]:
    """All that is known, by settings and GPU; `out_of_memory` is the exit code that says so."""
    settings = (
        job.c.kind,
        _setting("architecture", String),
        _setting("channels", Integer),
        _setting("image_size", Integer),
        attempt.c.micro_batch,
        attempt.c.gpu,
        attempt.c.gpu_bytes,
    )
    found = (
        func.max(attempt.c.gpu_peak),
        func.max(func.coalesce(attempt.c.exit_code == out_of_memory, 0)),
        func.max(attempt.c.state == "succeeded"),
    )
    statement = (
        select(*settings, *found)
        .join(job, job.c.id == attempt.c.job_id)
        .where(attempt.c.gpu != "", attempt.c.micro_batch.is_not(None))
        .group_by(*settings)
        .order_by(*settings)
    )
    rows = [list(row) for row in connection.execute(statement)]
    return [PeakRecord(*row[:-2], bool(row[-2]), bool(row[-1])) for row in rows]


def _setting(name: str, kind: type[String] | type[Integer]) -> ColumnElement[object]:
    return func.json_extract(job.c.spec, f"$.settings.{name}", type_=kind())
