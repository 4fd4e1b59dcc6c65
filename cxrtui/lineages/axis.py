"""What the x axis of a curve can be, and where the points of one model lie on it."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from cxrtui.lineages.overview import ModelView

Floats = NDArray[np.float64]
Axis = Literal["epochs", "steps", "images", "time"]
AXES: Final[tuple[Axis, ...]] = ("epochs", "steps", "images", "time")
_UNITS: Final = ((2 * 3600.0, "hours", 3600.0), (120.0, "minutes", 60.0), (0.0, "seconds", 1.0))


@dataclass(frozen=True, eq=False)
class Clock:
    """For steps (N,) of a model, ascending, how many seconds of training (N,) they are worth."""

    step: NDArray[np.int64]
    seconds: Floats

    @property
    def end(self) -> float:
        """Seconds of training so far."""
        return float(self.seconds[-1]) if self.seconds.size else 0.0


def durations(time: Floats, started: float) -> Floats:
    """(N,) seconds that each point of an attempt took since the one before it, or the start.

    A clock of the machine that was set back takes none.
    """
    seconds: Floats = np.maximum(np.diff(time, prepend=started), 0.0)
    return seconds


def places(
    axis: Axis, step: NDArray[np.int64], epoch: Floats, model: ModelView, clock: Clock
) -> Floats:
    """(N,) where points of a model lie on an axis that begins with this model.

    Only the axis of time looks at the clock.
    """
    if axis == "epochs":
        return epoch
    if axis != "time":
        return step.astype(np.float64) * (model.batch_size if axis == "images" else 1)
    if not step.size or not clock.step.size:
        return np.zeros(step.size)
    if np.array_equal(step, clock.step):
        return clock.seconds
    seconds: Floats = np.interp(step, clock.step, clock.seconds)
    return seconds


def length(axis: Axis, model: ModelView, last_step: int, clock: Clock) -> float:
    """How much of an axis a model takes: all of its training; of time what has passed so far.

    `last_step` is the newest step of which points have arrived, 0 without any.
    """
    if axis == "epochs":
        return float(model.epochs)
    if axis == "time":
        return clock.end
    steps = max(model.steps or 0, last_step)
    return steps * float(model.batch_size if axis == "images" else 1)


def unit(axis: Axis, end: float) -> tuple[str, float]:
    """How an axis of that length is titled, and what one of its numbers is worth."""
    if axis != "time":
        return axis, 1.0
    return next((name, worth) for least, name, worth in _UNITS if end >= least)
