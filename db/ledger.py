"""What is known of the GPU memory that jobs took: a query over attempts, no table of its own."""

from dataclasses import dataclass

from sqlalchemy import Boolean, Connection, Integer, String, func, select
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
        func.max(func.coalesce(attempt.c.exit_code == out_of_memory, 0), type_=Boolean()),
        func.max(attempt.c.state == "succeeded", type_=Boolean()),
    )
    statement = (
        select(*settings, *found)
        .join(job, job.c.id == attempt.c.job_id)
        .where(attempt.c.gpu != "", attempt.c.micro_batch.is_not(None))
        .group_by(*settings)
        .order_by(*settings)
    )
    return [PeakRecord(*row) for row in connection.execute(statement)]


def _setting(name: str, kind: type[String] | type[Integer]) -> ColumnElement[object]:
    return func.json_extract(job.c.spec, f"$.settings.{name}", type_=kind())
