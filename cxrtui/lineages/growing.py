"""Series that only ever grow: what is there already is neither copied nor worked out again."""

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from cxrtui.chart.smoothing import Smoother
from cxrtui.lineages.axis import durations

Floats = NDArray[np.float64]
_LEAST_ROOM: Final = 1024
_Number = TypeVar("_Number", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Points:
    """Points (N,) of one series of one attempt in the order of steps; NaN: not finite."""

    step: NDArray[np.int64]
    epoch: Floats
    value: Floats
    time: Floats  # seconds since 1970

    def __len__(self) -> int:
        return len(self.step)

    def at(self, places: NDArray[np.intp]) -> "Points":
        """Some of the points."""
        return Points(self.step[places], self.epoch[places], self.value[places], self.time[places])


class Buffer(Generic[_Number]):
    """An array with room behind its end; arrays that were handed out stay as they were."""

    def __init__(self, kind: type[_Number], room: int = _LEAST_ROOM) -> None:
        self._room: NDArray[_Number] = np.empty(room, kind)
        self._size = 0

    def append(self, new: NDArray[_Number]) -> None:
        """Put these behind its end."""
        size = self._size + len(new)
        if size > len(self._room):
            room = np.empty(2 * size, self._room.dtype)
            room[: self._size] = self._room[: self._size]
            self._room = room
        self._room[self._size : size] = new
        self._size = size

    @property
    def array(self) -> NDArray[_Number]:
        """What there is, not copied."""
        return self._room[: self._size]


class GrowingPoints:
    """The points of one series of one attempt, as they arrive."""

    def __init__(self) -> None:
        self._step = Buffer(np.int64)
        self._epoch, self._value, self._time = (Buffer(np.float64) for _ in range(3))

    def append(self, points: Points) -> None:
        """Take points whose steps are greater than all that are there."""
        self._step.append(points.step)
        self._epoch.append(points.epoch)
        self._value.append(points.value)
        self._time.append(points.time)

    def __len__(self) -> int:
        return len(self._step.array)

    @property
    def points(self) -> Points:
        """All that have arrived, not copied."""
        return Points(self._step.array, self._epoch.array, self._value.array, self._time.array)


class GrowingSmooth:
    """The moving average of values that grow at their end."""

    def __init__(self, weight: float) -> None:
        self._smoother = Smoother(weight)
        self._done = Buffer(np.float64)

    def of(self, values: Floats) -> Floats:
        """`smooth(values, weight)`, of values that begin with those of the call before."""
        self._done.append(self._smoother.go_on(values[len(self._done.array) :]))
        return self._done.array


class GrowingPlaces:
    """Steps that grow at their end, as what each of them is worth."""

    def __init__(self, worth: float) -> None:
        self.worth = worth
        self._done = Buffer(np.float64)

    def of(self, step: NDArray[np.int64]) -> Floats:
        """`step * worth`, of steps that begin with those of the call before."""
        new = step[len(self._done.array) :]
        self._done.append(new.astype(np.float64) * self.worth)
        return self._done.array


class GrowingClock:
    """Seconds of training at the points of one attempt, which grow at their end."""

    def __init__(self, started: float) -> None:
        self._before = started  # seconds since 1970, of the last point so far
        self._done = Buffer(np.float64)

    def of(self, time: Floats) -> Floats:
        """The sum of `durations` up to each point; times begin with those of the call before."""
        done = self._done.array
        new = time[len(done) :]
        if new.size:
            took = np.append(done[-1:], durations(new, self._before))
            self._done.append(np.cumsum(took)[-new.size :])
            self._before = float(new[-1])
        return self._done.array
