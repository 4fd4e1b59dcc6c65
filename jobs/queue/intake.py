"""Takes what attempts tell into the database: exactly once, whatever dies when.

The numbers of an event and the byte offset behind it are written in one transaction.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from math import isfinite
from typing import Any, Final

from sqlalchemy import Connection

from db.attempts import update_attempt
from db.points import add_points
from db.predictions import add_prediction_set
from db.records import Attempt, Point, PredictionSetRecord
from jobs.events import Event, read_events
from jobs.failpoints import failpoint
from jobs.paths import AttemptPaths
from jobs.workspace import Workspace

BATCH: Final = 5000  # events of an attempt in one transaction
_CURVES: Final = ("loss", "lr", "images_per_second", "data_wait")  # of a `step` event
_LARGEST: Final = 2**53  # whole numbers over it are no steps and no bytes, and SQLite has a limit


def take_in(workspace: Workspace, attempt: Attempt, paths: AttemptPaths) -> Attempt:
    """Take in all whole lines of `events.jsonl` that are new; the attempt as it is then."""
    before = -1
    while before != attempt.offset:
        before = attempt.offset
        (attempt,) = take_in_round(workspace, [(attempt, paths)])
    return attempt


def take_in_round(
    workspace: Workspace, living: Sequence[tuple[Attempt, AttemptPaths]]
) -> list[Attempt]:
    """Take in the next batch of each attempt; the attempts as they are then, in their order.

    One transaction for all of them: to commit is to wait for the disk. No attempt can keep the
    others waiting, however fast it writes.
    """
    news = [
        list(islice(read_events(paths.events, attempt.offset), BATCH)) for attempt, paths in living
    ]
    if not any(news):
        return [attempt for attempt, _ in living]
    with workspace.database.write() as connection:
        attempts = [
            _record(workspace, connection, attempt, paths, events) if events else attempt
            for (attempt, paths), events in zip(living, news, strict=True)
        ]
    failpoint("supervisor.events-taken-in")
    return attempts


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
) -> Attempt:
    told = _Told(attempt.step, attempt.steps, attempt.checkpoint, attempt.gpu_peak)
    for event in events:
        try:
            if event.kind == "predictions":
                record = _prediction_set(workspace, attempt, paths, event.fields)
                aps = {label: _number(ap) for label, ap in event.fields["label_ap"].items()}
                add_prediction_set(connection, record, aps)
            else:
                _hear(told, attempt.id, event)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            continue  # telemetry can fail: a damaged event costs its own numbers and no more
    add_points(connection, told.points)
    values: dict[str, Any] = {
        "state": "running",
        "offset": events[-1].end,
        "seq": events[-1].seq,
        "step": told.step,
        "steps": told.steps,
        "checkpoint": told.checkpoint,
        "gpu_peak": told.gpu_peak,
    }
    update_attempt(connection, attempt.id, **values)
    return replace(attempt, **values)


def _hear(told: _Told, attempt_id: int, event: Event) -> None:
    fields = event.fields
    step = _whole(fields.get("step", 0))
    if event.kind in ("step", "epoch"):
        told.points += _points(attempt_id, event, step)
    told.step = max(told.step, step)
    if fields.get("gpu_peak") is not None:
        told.gpu_peak = max(told.gpu_peak or 0, _whole(fields["gpu_peak"]))
    match event.kind:
        case "started":
            told.steps = None if fields.get("steps") is None else _whole(fields["steps"])
            # An attempt begins where an earlier one left what is durable.
            told.checkpoint = max(told.checkpoint, step or -1)
        case "checkpoint":
            told.checkpoint = max(told.checkpoint, _whole(fields["step"]))


def _points(attempt_id: int, event: Event, step: int) -> list[Point]:
    """The numbers of an event; ValueError, TypeError or such if one of them is none."""
    fields, time = event.fields, event.time
    epoch = float(fields["epoch"])
    if not isfinite(epoch):
        raise ValueError(f"{epoch} is no number of epochs")
    return [
        Point(attempt_id, split, name, step, epoch, time, _number(value))
        for split, name, value in _series(event.kind, fields)
    ]


def _series(kind: str, fields: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """(split, name, value) of what a `step` or `epoch` event tells."""
    if kind == "step":
        for name in _CURVES:
            if name in fields:
                yield "train", name, fields[name]
        return
    yield "train", "epoch_loss", fields.get("train_loss")
    yield "val", "loss", fields.get("val_loss")
    yield "val", "map", fields.get("val_map")
    for label, ap in fields.get("label_ap", {}).items():
        yield "val", f"ap/{label}", ap


def _number(value: Any) -> float | None:
    """As it is kept: None where it is not finite."""
    return None if value is None or not isfinite(number := float(value)) else number


def _whole(value: Any) -> int:
    number = int(value)
    if not -1 <= number <= _LARGEST:
        raise ValueError(f"{number} is no number of steps or bytes")
    return number


def _prediction_set(
    workspace: Workspace, attempt: Attempt, paths: AttemptPaths, fields: dict[str, Any]
) -> PredictionSetRecord:
    path = paths.folder / fields["path"]
    return PredictionSetRecord(
        attempt_id=attempt.id,
        split=str(fields["split"]),
        path=str(path.relative_to(workspace.paths.root)),
        sha256=str(fields["sha256"]),
        rows=_whole(fields["rows"]),
    )
