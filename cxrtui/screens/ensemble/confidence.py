"""How sure the Ensemble screen can be of what it shows: intervals over other patients."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cxrtui.screens.ensemble.work import LoadedSplit, Pick
from jobs.scoring.bootstrap import (
    Interval,
    Resamples,
    few_positives,
    interval,
    mean_replicates,
    replicates,
)

RESAMPLES: Final = 500
_LABELS: Final = 4  # at a time: between them a key can end it
_KEPT: Final = 64  # picks whose replicates are kept: 7 MB of 26 labels


@dataclass(frozen=True, eq=False)
class Confidence:
    """Intervals of a pick, and of its difference to what it is compared with, if anything."""

    pick: Pick
    base: Pick | None
    map: Interval
    change: Interval | None  # of the mAP
    label_change: Interval | None  # (C,) of each label's AP
    is_noise: NDArray[np.bool_]  # (C,) labels whose difference may as well be none
    is_rare: NDArray[np.bool_]  # (C,) labels with too few positives for any of this


@dataclass(eq=False)
class Bootstrap:
    """The resamples of one split, and the replicates (R, C) of the picks that were asked for."""

    loaded: LoadedSplit
    _resamples: Resamples | None = None
    _replicates: dict[Pick, NDArray[np.float64]] = field(default_factory=dict)

    def confidence(
        self, pick: Pick, base: Pick | None, is_cancelled: Callable[[], bool]
    ) -> Confidence | None:
        """The intervals of a pick against a base; None if nobody wants to know any more."""
        own = self._of(pick, is_cancelled)
        other = None if base is None or base == pick else self._of(base, is_cancelled)
        if own is None or (other is None and base not in (None, pick)):
            return None
        rare = few_positives(self.loaded.targets, self.loaded.patient)
        noise, change, by_label = np.zeros(len(rare), dtype=np.bool_), None, None
        if other is not None:
            by_label = interval(own - other)
            noise = by_label.includes(0)
            change = interval(mean_replicates(own) - mean_replicates(other))
        return Confidence(pick, base, interval(mean_replicates(own)), change, by_label, noise, rare)

    def _of(self, pick: Pick, is_cancelled: Callable[[], bool]) -> NDArray[np.float64] | None:
        """The replicates of one pick."""
        if self._resamples is None:
            self._resamples = Resamples(self.loaded.patient, RESAMPLES)
        if pick not in self._replicates:
            loaded = self.loaded
            scores = loaded.scorer.probabilities(
                dict(pick.weights), pick.view_rule, pick.frontal_weight, pick.averaging
            )
            found = []
            for first in range(0, scores.shape[1], _LABELS):
                if is_cancelled():
                    return None
                some = slice(first, first + _LABELS)
                part = replicates(scores[:, some], loaded.targets[:, some], self._resamples)
                found.append(part)
            while len(self._replicates) >= _KEPT:
                del self._replicates[next(iter(self._replicates))]
            self._replicates[pick] = np.concatenate(found, axis=1)
        return self._replicates[pick]
