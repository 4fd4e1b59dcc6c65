"""The points of attempts, and the curves that a model's lineage makes of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cxrtui.chart.smoothing import smooth
from cxrtui.lineages.axis import Axis, Clock, durations, length, places
from cxrtui.lineages.growing import (
    Floats,
    GrowingClock,
    GrowingPlaces,
    GrowingPoints,
    GrowingSmooth,
    Points,
)
from cxrtui.lineages.overview import AttemptView, ModelView, Overview
from cxrtui.lineages.seam import Piece, Seam, Stitched

SeriesKey = tuple[int, str, str]  # attempt id, split, name
TRAIN_LOSS = ("train", "loss")  # of single steps
EPOCH_LOSS = ("train", "epoch_loss")  # its mean over an epoch
VAL_LOSS = ("val", "loss")
VAL_MAP = ("val", "map")
_PORTION: Final = 2000  # points, which take a millisecond


def as_points(rows: Sequence[tuple[int, float, float | None, float]]) -> Points:
    """(step, epoch, value, time) of one series as the database has them; None becomes NaN."""
    # In portions, between which another thread gets its turn; exact for steps up to 2^53.
    portions = (rows[first : first + _PORTION] for first in range(0, len(rows), _PORTION))
    table = np.concatenate([np.empty((0, 4)), *(np.array(one, np.float64) for one in portions)])
    step, epoch, value, time = (column.copy() for column in table.T)
    return Points(step.astype(np.int64), epoch, value, time)


@dataclass(frozen=True, eq=False)
class Curve:
    """A line over the epochs of a whole lineage, and where later attempts took over."""

    epoch: Floats
    value: Floats
    restarts: tuple[float, ...]


@dataclass
class Curves:
    """All points that have arrived.

    The pieces of which curves were last made are kept: of a lineage only one model grows. Where a
    model has one attempt, its piece grows by what is new.
    """

    _series: dict[SeriesKey, GrowingPoints] = field(default_factory=dict)
    _smooth: dict[tuple[SeriesKey, float], GrowingSmooth] = field(default_factory=dict)
    _places: dict[SeriesKey, GrowingPlaces] = field(default_factory=dict)
    _times: dict[int, GrowingClock] = field(default_factory=dict)  # by attempt
    _pieces: dict[tuple[str, str, str], tuple[object, Piece]] = field(default_factory=dict)
    _clocks: dict[str, tuple[object, Clock]] = field(default_factory=dict)  # by model
    _seams: dict[tuple[str, str, str], Seam] = field(default_factory=dict)

    def add(self, key: SeriesKey, points: Points) -> None:
        """Append points whose steps are greater than all that are there."""
        self._series.setdefault(key, GrowingPoints()).append(points)

    def has_any(self, attempts: Iterable[AttemptView]) -> bool:
        """Whether any point of these attempts has arrived."""
        ids = {attempt.id for attempt in attempts}
        return any(key[0] in ids and len(points) > 0 for key, points in self._series.items())

    def best(self, attempts: Iterable[AttemptView]) -> float | None:
        """The greatest val mAP that the attempts of a training have reached."""
        found = (self._points((attempt.id, *VAL_MAP)).value for attempt in attempts)
        finite = [value[np.isfinite(value)] for value in found]
        return max((float(value.max()) for value in finite if value.size), default=None)

    def curve(
        self, overview: Overview, model: str, series: tuple[str, str], smoothing: float = 0.0
    ) -> Curve:
        """One series along a model's lineage; each model begins where its parent's epochs end."""
        line = self.stitched(overview, model, series, "epochs", smoothing)
        return Curve(line.x, line.value, line.restarts)

    def stitched(
        self,
        overview: Overview,
        model: str,
        series: tuple[str, str],
        axis: Axis,
        smoothing: float = 0.0,
    ) -> Stitched:
        """One series along a model's lineage; each model begins where its parent ended.

        Epochs, optimizer steps, images that the optimizer has seen, or seconds of training: time in
        which no attempt ran, and work that was done again, count for nothing. While nothing is new
        it is the same object.
        """
        lineage = overview.lineage(model)
        pieces = [self._piece(ancestor, series, axis, smoothing) for ancestor in lineage]
        return self._seams.setdefault((model, *series), Seam()).stitch(pieces)

    def smooth_ahead(self, model: ModelView, series: tuple[str, str], smoothing: float) -> None:
        """Be ready to be asked for a smoothing of one model's own part."""
        key = self._only(model.trainings, series)
        if key is not None:  # of several attempts nothing would be kept
            self._smoothed(self._points(key).value, model.trainings, series, smoothing)

    def _piece(
        self, model: ModelView, series: tuple[str, str], axis: Axis, smoothing: float
    ) -> Piece:
        counts = tuple(
            (attempt.id, *(self._count((attempt.id, *one)) for one in (series, TRAIN_LOSS)))
            for attempt in model.trainings
        )
        made_of = (counts, model.steps, model.epochs, model.batch_size, axis, smoothing)
        known = self._pieces.get((model.name, *series))
        if known is not None and known[0] == made_of:
            return known[1]
        clock = self._clock(model) if axis == "time" else _NO_CLOCK
        own, again = self._latest(model.trainings, series)
        piece = Piece(
            self._placed(axis, own, model, series, clock),
            self._smoothed(own.value, model.trainings, series, smoothing),
            places(axis, again.step, again.epoch, model, clock),
            length(axis, model, self._last_step(model.trainings), clock),
        )
        self._pieces[model.name, *series] = made_of, piece
        return piece

    def _smoothed(
        self,
        values: Floats,
        attempts: Sequence[AttemptView],
        series: tuple[str, str],
        weight: float,
    ) -> Floats:
        """Values smoothed; those of one attempt only grow, and so does their average."""
        key = self._only(attempts, series)
        if not weight or key is None:
            return smooth(values, weight) if weight else values
        known = self._smooth.get((key, weight))
        if known is None:
            known = self._smooth[key, weight] = GrowingSmooth(weight)
        return known.of(values)

    def _placed(
        self, axis: Axis, own: Points, model: ModelView, series: tuple[str, str], clock: Clock
    ) -> Floats:
        """Where the points lie; steps of one attempt only grow, and so do their places."""
        if axis == "time" and series == TRAIN_LOSS:
            return clock.seconds
        key = self._only(model.trainings, series)
        if axis not in ("steps", "images") or key is None:
            return places(axis, own.step, own.epoch, model, clock)
        worth = float(model.batch_size if axis == "images" else 1)
        known = self._places.get(key)
        if known is None or known.worth != worth:
            known = self._places[key] = GrowingPlaces(worth)
        return known.of(own.step)

    def _only(self, attempts: Iterable[AttemptView], series: tuple[str, str]) -> SeriesKey | None:
        """The only attempt of which points of a series have arrived, if it is only one."""
        told = [key for one in attempts if self._count(key := (one.id, *series))]
        return told[0] if len(told) == 1 else None

    def _count(self, key: SeriesKey) -> int:
        return len(self._series.get(key, ()))

    def _last_step(self, attempts: Iterable[AttemptView]) -> int:
        """The newest step whose train loss has arrived, 0 without any."""
        found = (self._points((attempt.id, *TRAIN_LOSS)).step[-1:] for attempt in attempts)
        return max((int(step[0]) for step in found if step.size), default=0)

    def _clock(self, model: ModelView) -> Clock:
        """How long the steps took whose points are shown, by the train loss."""
        counts = [(one.id, self._count((one.id, *TRAIN_LOSS))) for one in model.trainings]
        known = self._clocks.get(model.name)
        if known is None or known[0] != counts:
            known = self._clocks[model.name] = counts, self._made_clock(model)
        return known[1]

    def _made_clock(self, model: ModelView) -> Clock:
        parts = [
            (attempt, points)
            for attempt in model.trainings
            if len(points := self._points((attempt.id, *TRAIN_LOSS)))
        ]
        if not parts:
            return _NO_CLOCK
        if len(parts) == 1:
            ((attempt, points),) = parts
            known = self._times.setdefault(attempt.id, GrowingClock(attempt.started))
            return Clock(points.step, known.of(points.time))
        joined = _join([points for _, points in parts])
        took = np.concatenate(
            [durations(points.time, attempt.started) for attempt, points in parts]
        )
        kept = _latest_of_each_step(joined)
        return Clock(joined.step[kept], np.cumsum(took[kept]))

    def _latest(
        self, attempts: Iterable[AttemptView], series: tuple[str, str]
    ) -> tuple[Points, Points]:
        """One series of a job: at each step the latest attempt's point. And its restarts."""
        found = (self._points((attempt.id, *series)) for attempt in attempts)
        parts = [part for part in found if len(part)]
        if len(parts) < 2:
            return (parts[0] if parts else _NONE), _NONE
        first = np.zeros(1, np.intp)
        joined = _join(parts)
        return joined.at(_latest_of_each_step(joined)), _join([one.at(first) for one in parts[1:]])

    def _points(self, key: SeriesKey) -> Points:
        known = self._series.get(key)
        return _NONE if known is None else known.points


_NONE = Points(np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0))
_NO_CLOCK = Clock(_NONE.step, _NONE.time)


def _latest_of_each_step(points: Points) -> NDArray[np.intp]:
    """Places of the points that count, by step; of equal steps the latest comes last."""
    order = np.argsort(points.step, kind="stable")
    kept: NDArray[np.intp] = order[np.append(np.diff(points.step[order]) != 0, True)]
    return kept


def _join(parts: list[Points]) -> Points:
    return Points(
        np.concatenate([part.step for part in parts]),
        np.concatenate([part.epoch for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.time for part in parts]),
    )
