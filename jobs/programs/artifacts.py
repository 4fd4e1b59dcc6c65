"""The files that an attempt ends with, and the event that names them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from safetensors.torch import save

from jobs.durable import sha256_file, write_atomic
from jobs.events import EventWriter
from jobs.failpoints import failpoint
from jobs.programs.state import TrainingState, weights_of
from jobs.recipe.schema import ModelSettings

WEIGHTS: Final = "weights.safetensors"


def describe(attempt: Path, name: str) -> dict[str, Any]:
    """A file of the attempt's folder as the `finished` event names it."""
    path = attempt / name
    return {"path": name, "sha256": sha256_file(path), "bytes": path.stat().st_size}


def finish_training(
    state: TrainingState, settings: ModelSettings, attempt: Path, events: EventWriter
) -> None:
    """Write the weights that the model ends with and tell so."""
    weights = state.best if settings.keep == "best" else weights_of(state.network)
    write_atomic(attempt / WEIGHTS, save(weights))
    failpoint("train.before-finished")
    tell_finished(events, [describe(attempt, WEIGHTS)], WEIGHTS)
    failpoint("train.finished")


def tell_finished(
    events: EventWriter, artifacts: Sequence[dict[str, Any]], weights: str | None
) -> None:
    """Append the last event of an attempt, on the disk when this returns."""
    events.write("finished", artifacts=list(artifacts), weights=weights)
    events.sync()
