"""A lineage as a figure shows it: what it is in words, its repeats, their mean, how it ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby, pairwise
from typing import Final, Literal

import numpy as np

from cxrtui.chart.smoothing import smooth
from cxrtui.lineages.curves import EPOCH_LOSS, VAL_LOSS, VAL_MAP, Curve
from cxrtui.lineages.growing import Floats

Series = Literal["train_loss", "val_loss", "val_map"]
SERIES: Final[Mapping[Series, tuple[str, str]]] = {  # as the database calls them
    "train_loss": EPOCH_LOSS,
    "val_loss": VAL_LOSS,
    "val_map": VAL_MAP,
}
TITLES: Final[Mapping[Series, str]] = {
    "train_loss": "train loss",
    "val_loss": "val loss",
    "val_map": "val mAP",
}


@dataclass(frozen=True)
class Phase:
    """One model of a lineage; it begins at the epoch at which its parent's epochs end."""

    model: str
    stage: str
    begin: int
    epochs: int
    image_size: int  # pixels a side
    batch_size: int
    oversampling_threshold: float | None

    @property
    def settings(self) -> str:
        """What a person tells lineages apart by: `320x320, batch 128`."""
        words = f"{self.image_size}x{self.image_size}, batch {self.batch_size}"
        if self.oversampling_threshold is not None:
            words += f", oversampling {self.oversampling_threshold:.2f}"
        return words


@dataclass(frozen=True, eq=False)
class Repeat:
    """The curves of one model's lineage: a point an epoch, as far as it is."""

    model: str
    curves: Mapping[Series, Curve]

    @property
    def has_points(self) -> bool:
        """Whether any epoch is done."""
        return any(curve.epoch.size for curve in self.curves.values())


@dataclass(frozen=True)
class Ending:
    """The last value that all repeats have: their mean, the least and the greatest."""

    epoch: float
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Reset:
    """The values on both sides of a stage's start; optimizer and schedule begin anew there."""

    stage: str
    before: float
    after: float


@dataclass(frozen=True, eq=False)
class Lineage:
    """A model with its ancestors, trained once or with several seeds; all repeats have points."""

    name: str
    phases: tuple[Phase, ...]
    repeats: tuple[Repeat, ...]

    @property
    def words(self) -> str:
        """`model2: 224x224, batch 256, then 320x320, batch 128`."""
        told = []
        for settings, phases in groupby(phase.settings for phase in self.phases):
            count = len(list(phases))
            told.append(settings if count == 1 else f"{settings} ({count} stages)")
        return f"{self.name}: {', then '.join(told)}"

    @property
    def end(self) -> int:
        """The epoch at which its last model is done."""
        return self.phases[-1].begin + self.phases[-1].epochs

    def lines(self, series: Series, smoothing: float = 0.0) -> tuple[Curve, ...]:
        """One curve a repeat; smoothing starts anew with each model, as the optimizer does."""
        return tuple(self._smoothed(repeat.curves[series], smoothing) for repeat in self.repeats)

    def mean(self, series: Series, smoothing: float = 0.0) -> Curve:
        """The mean of the repeats over the epochs that all of them have done."""
        return mean_curve(self.lines(series, smoothing))

    def ending(self, series: Series) -> Ending | None:
        """Where it has come to so far; None before the first epoch that all repeats have done."""
        common = _common_epochs(self.lines(series))
        if not common.size:
            return None
        last = [line.value[line.epoch == common[-1]][0] for line in self.lines(series)]
        return Ending(float(common[-1]), float(np.mean(last)), float(min(last)), float(max(last)))

    def resets(self, series: Series) -> tuple[Reset, ...]:
        """What each start of a stage does to a series, where its next epoch is done."""
        mean, found = self.mean(series), []
        for phase in self.phases[1:]:
            place = int(np.searchsorted(mean.epoch, phase.begin, side="right"))
            if 0 < place < mean.epoch.size:
                before, after = float(mean.value[place - 1]), float(mean.value[place])
                found.append(Reset(phase.stage, before, after))
        return tuple(found)

    def _smoothed(self, curve: Curve, weight: float) -> Curve:
        if not weight:
            return curve
        begins = [phase.begin for phase in self.phases[1:]]
        cuts = [0, *np.searchsorted(curve.epoch, begins, side="right"), curve.epoch.size]
        parts = [smooth(curve.value[first:last], weight) for first, last in pairwise(cuts)]
        return Curve(curve.epoch, np.concatenate(parts), curve.restarts)


def mean_curve(curves: Sequence[Curve]) -> Curve:
    """The mean of some curves over the epochs that they have in common; at least one curve."""
    common = _common_epochs(curves)
    values = [curve.value[np.isin(curve.epoch, common)] for curve in curves]
    return Curve(common, np.mean(values, axis=0), ())


def starts_of_stages(lineages: Sequence[Lineage]) -> dict[int, str]:
    """The epochs at which stages start after the first, and which: `{30: "stage2"}`."""
    found: dict[int, list[str]] = {}
    for lineage in lineages:
        for phase in lineage.phases[1:]:
            names = found.setdefault(phase.begin, [])
            if phase.stage not in names:
                names.append(phase.stage)
    return {epoch: " / ".join(found[epoch]) for epoch in sorted(found)}


def ending_words(lineage: Lineage) -> str:
    """`epoch 60: train loss 0.152, val loss 0.170, val mAP 0.298`; of repeats mean and range."""
    told, epoch = [], 0.0
    for series in SERIES:
        ending = lineage.ending(series)
        if ending is None:
            continue
        epoch = max(epoch, ending.epoch)
        spread = f" ({number(ending.low)} to {number(ending.high)})"
        spread = spread if len(lineage.repeats) > 1 else ""
        told.append(f"{TITLES[series]} {number(ending.value)}{spread}")
    if not told:
        return "no epoch that all repeats have done"
    repeats = f", mean of {len(lineage.repeats)} repeats" if len(lineage.repeats) > 1 else ""
    return f"epoch {epoch:g}{repeats}: {', '.join(told)}"


def number(value: float) -> str:
    """A loss or a mAP with three decimals."""
    return f"{value:.3f}" if np.isfinite(value) else "undefined"


def _common_epochs(curves: Sequence[Curve]) -> Floats:
    return reduce(np.intersect1d, (curve.epoch for curve in curves))
