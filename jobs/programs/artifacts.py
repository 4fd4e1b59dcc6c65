"""The files that an attempt ends with, and the event that names them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jobs.durable import sha256_file
from jobs.events import EventWriter


def describe(attempt: Path, name: str) -> dict[str, Any]:
    """A file of the attempt's folder as the `finished` event names it."""
    path = attempt / name
    return {"path": name, "sha256": sha256_file(path), "bytes": path.stat().st_size}


def tell_finished(
    events: EventWriter,
    artifacts: Sequence[dict[str, Any]],
    weights: str | None = None,
    gpu_peak: int | None = None,
) -> None:
    """Append the last event of an attempt, on the disk when this returns."""
    events.write("finished", artifacts=list(artifacts), weights=weights, gpu_peak=gpu_peak)
    events.sync()
