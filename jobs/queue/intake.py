"""Takes what attempts tell into the database: exactly once, whatever dies when.

The numbers of an event and the byte offset behind it are written in one transaction.
"""

from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection

from db.attempts import attempt_by_id, update_attempt
from db.points import add_points
from db.predictions import add_prediction_set
from db.records import Attempt, Point, PredictionSetRecord
from jobs.events import Event, read_events
from jobs.failpoints import failpoint
from jobs.paths import AttemptPaths
from jobs.workspace import Workspace

BATCH: Final = 2000  # events in one transaction


def take_in(workspace: Workspace, attempt: Attempt, paths: AttemptPaths) -> Attempt:
    """Take in all whole lines of `events.jsonl` that are new; the attempt as it is then."""
    while events := list(islice(read_events(paths.events, attempt.offset), BATCH)):
        with workspace.database.write() as connection:
            _record(workspace, connection, attempt, paths, events)
            attempt = attempt_by_id(connection, attempt.id)
        failpoint("supervisor.events-taken-in")
    return attempt


@dataclass
class _Told:
    """What a batch of events says of the attempt itself."""

    step: int
    steps: int | None
    checkpoint: int
    gpu_peak: int | None
    points: list[Point] = field(default_factory=list)


def _record(
    workspace: Workspace,
    connection: Connection,
    attempt: Attempt,
    paths: AttemptPaths,
    events: list[Event],
) -> None:
    told = _Told(attempt.step, attempt.steps, attempt.checkpoint, attempt.gpu_peak)
    for event in events:
        try:
            if event.kind == "predictions":
                _record_predictions(workspace, connection, attempt, paths, event.fields)
            else:
                _hear(told, attempt.id, event)
        except (KeyError, TypeError, ValueError):
            continue  # telemetry can fail: a damaged event costs its own numbers and no more
    add_points(connection, told.points)
    update_attempt(
        connection,
        attempt.id,
        state="running",
        offset=events[-1].end,
        seq=events[-1].seq,
        step=told.step,
        steps=told.steps,
        checkpoint=told.checkpoint,
        gpu_peak=told.gpu_peak,
    )


def _hear(told: _Told, attempt_id: int, event: Event) -> None:
    fields = event.fields
    told.step = max(told.step, int(fields.get("step", 0)))
    if fields.get("gpu_peak") is not None:
        told.gpu_peak = max(told.gpu_peak or 0, int(fields["gpu_peak"]))
    match event.kind:
        case "started":
            told.steps = fields.get("steps")
            # An attempt begins where an earlier one left what is durable.
            told.checkpoint = max(told.checkpoint, int(fields.get("step", 0)) or -1)
        case "checkpoint":
            told.checkpoint = max(told.checkpoint, int(fields["step"]))
        case "step":
            for name in fields.keys() & {"loss", "lr", "images_per_second"}:
                told.points.append(_point(attempt_id, event, "train", name, fields[name]))
        case "epoch":
            told.points += [
                _point(attempt_id, event, "train", "epoch_loss", fields.get("train_loss")),
                _point(attempt_id, event, "val", "loss", fields.get("val_loss")),
                _point(attempt_id, event, "val", "map", fields.get("val_map")),
            ]
            for label, ap in fields.get("label_ap", {}).items():
                told.points.append(_point(attempt_id, event, "val", f"ap/{label}", ap))


def _point(attempt_id: int, event: Event, split: str, name: str, value: float | None) -> Point:
    step, epoch = int(event.fields["step"]), float(event.fields["epoch"])
    return Point(attempt_id, split, name, step, epoch, event.time, value)


def _record_predictions(
    workspace: Workspace,
    connection: Connection,
    attempt: Attempt,
    paths: AttemptPaths,
    fields: dict[str, Any],
) -> None:
    path = paths.folder / fields["path"]
    record = PredictionSetRecord(
        attempt_id=attempt.id,
        split=fields["split"],
        path=str(path.relative_to(workspace.paths.root)),
        sha256=fields["sha256"],
        rows=fields["rows"],
    )
    add_prediction_set(connection, record, fields["label_ap"])
