"""Works out how sure one can be of a pick, and of its difference to another."""

from collections.abc import Callable
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cxrtui.screens.ensemble.confidence import Confidence
from cxrtui.screens.ensemble.split import SplitPredictions
from cxrtui.screens.ensemble.work import Pick
from jobs.scoring.bootstrap import (
    Resamples,
    few_positives,
    interval,
    mean_replicates,
    replicate_blocks,
)

RESAMPLES: Final = 500
_LABELS: Final = 2  # at a time: what can be kept when a key ends it
_KEPT: Final = 64  # picks whose replicates are kept: 7 MB of 26 labels

GoOn = Callable[[], None]  # called often; what it raises ends the work


class Bootstrap:
    """The resamples of one split, and the replicates (R, C) of the picks that were asked for."""

    def __init__(self, split: SplitPredictions) -> None:
        self._split = split
        self._parts: dict[Pick, list[NDArray[np.float64]]] = {}  # some labels each

    def confidence(self, pick: Pick, base: Pick | None, go_on: GoOn) -> Confidence:
        """The intervals of a pick against a base."""
        own = self._replicates(pick, go_on)
        other = None if base is None or base == pick else self._replicates(base, go_on)
        rare = self._rare
        noise, change, by_label = np.zeros(len(rare), dtype=np.bool_), None, None
        if other is not None:
            by_label = interval(own - other)
            noise = by_label.includes(0)
            change = interval(mean_replicates(own) - mean_replicates(other))
        return Confidence(pick, base, interval(mean_replicates(own)), change, by_label, noise, rare)

    @cached_property
    def _rare(self) -> NDArray[np.bool_]:
        return few_positives(self._split.targets, self._split.patient)

    @cached_property
    def _resamples(self) -> Resamples:
        return Resamples(self._split.patient, RESAMPLES)

    def _replicates(self, pick: Pick, go_on: GoOn) -> NDArray[np.float64]:
        """The replicates (R, C) of one pick; labels that were done before it was ended are kept."""
        targets = self._split.targets
        parts = self._parts.pop(pick, [])  # and back, as the newest
        self._parts[pick] = parts
        while len(self._parts) > _KEPT:
            del self._parts[next(iter(self._parts))]
        done = sum(part.shape[1] for part in parts)
        if done < targets.shape[1]:
            scores = self._split.probabilities(pick, go_on)
        for first in range(done, targets.shape[1], _LABELS):
            some = slice(first, first + _LABELS)
            blocks = []
            for block in replicate_blocks(scores[:, some], targets[:, some], self._resamples):
                go_on()
                blocks.append(block)
            parts.append(np.concatenate(blocks))
        return np.concatenate(parts, axis=1)
