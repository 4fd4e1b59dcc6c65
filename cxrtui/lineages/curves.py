"""The points of attempts, and the curves that a model's lineage makes of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cxrtui.chart.smoothing import smooth
from cxrtui.lineages.overview import AttemptView, Overview

SeriesKey = tuple[int, str, str]  # attempt id, split, name
TRAIN_LOSS = ("train", "loss")  # of single steps
EPOCH_LOSS = ("train", "epoch_loss")  # its mean over an epoch
VAL_LOSS = ("val", "loss")
VAL_MAP = ("val", "map")
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Points:
    """Points (N,) of one series of one attempt in the order of steps; NaN: not finite."""

    step: NDArray[np.int64]
    epoch: Floats
    value: Floats

    def __len__(self) -> int:
        return len(self.step)


def as_points(rows: Sequence[tuple[int, float, float | None]]) -> Points:
    """(step, epoch, value) of one series as the database has them; None becomes NaN."""
    table = np.array(rows, np.float64).reshape(-1, 3)  # exact for steps up to 2^53
    return Points(table[:, 0].astype(np.int64), table[:, 1].copy(), table[:, 2].copy())


@dataclass(frozen=True, eq=False)
class Curve:
    """A line over the epochs of a whole lineage, and where later attempts took over."""

    epoch: Floats
    value: Floats
    restarts: tuple[float, ...]


@dataclass
class Curves:
    """All points that have arrived. Arrays of a series are joined when they are asked for."""

    _parts: dict[SeriesKey, list[Points]] = field(default_factory=dict)

    def add(self, key: SeriesKey, points: Points) -> None:
        """Append points whose steps are greater than all that are there."""
        self._parts.setdefault(key, []).append(points)

    def has_any(self, attempts: Iterable[AttemptView]) -> bool:
        """Whether any point of these attempts has arrived."""
        ids = {attempt.id for attempt in attempts}
        return any(key[0] in ids and any(map(len, parts)) for key, parts in self._parts.items())

    def best(self, attempts: Iterable[AttemptView]) -> float | None:
        """The greatest val mAP that the attempts of a training have reached."""
        found = (self._series((attempt.id, *VAL_MAP)).value for attempt in attempts)
        finite = [value[np.isfinite(value)] for value in found]
        return max((float(value.max()) for value in finite if value.size), default=None)

    def curve(
        self, overview: Overview, model: str, series: tuple[str, str], smoothing: float = 0.0
    ) -> Curve:
        """One series along a model's lineage; each model begins where its parent's epochs end."""
        offset = 0
        epochs, values, restarts = [np.empty(0)], [np.empty(0)], []
        for ancestor in overview.lineage(model):
            own, again = self._latest([(one.id, *series) for one in ancestor.trainings])
            epochs.append(own.epoch + offset)
            values.append(smooth(own.value, smoothing) if smoothing else own.value)
            restarts += [offset + epoch for epoch in again]
            offset += ancestor.epochs
        return Curve(np.concatenate(epochs), np.concatenate(values), tuple(restarts))

    def _latest(self, keys: list[SeriesKey]) -> tuple[Points, list[float]]:
        """One series of a job: at each step the latest attempt's point. And its restarts."""
        parts = [part for key in keys if len(part := self._series(key))]
        if len(parts) < 2:
            return (parts[0] if parts else _NONE), []
        joined = _join(parts)
        order = np.argsort(joined.step, kind="stable")  # of equal steps the latest comes last
        last = np.append(np.diff(joined.step[order]) != 0, True)
        kept = order[last]
        points = Points(joined.step[kept], joined.epoch[kept], joined.value[kept])
        return points, [float(part.epoch[0]) for part in parts[1:]]

    def _series(self, key: SeriesKey) -> Points:
        parts = self._parts.get(key)
        if parts is None:
            return _NONE
        if len(parts) > 1:
            parts[:] = [_join(parts)]
        return parts[0]


_NONE = Points(np.empty(0, np.int64), np.empty(0), np.empty(0))


def _join(parts: list[Points]) -> Points:
    return Points(
        np.concatenate([part.step for part in parts]),
        np.concatenate([part.epoch for part in parts]),
        np.concatenate([part.value for part in parts]),
    )
