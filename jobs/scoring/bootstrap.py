"""Confidence by the bootstrap over patients: what average precision would be with other patients.

Images of one patient resemble each other, so patients are what is drawn (a cluster bootstrap).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

FEW_PATIENTS: Final = 10  # positives of fewer patients: the interval is not to be trusted
_BLOCK: Final = 128  # resamples at a time: the draws of a block stay in the processor's cache
_RUNS: Final = 64  # thresholds that are worked on side by side
_THREADS: Final = 4


class Resamples:
    """How often each patient is drawn, the same for the same patients, count and seed.

    A resample draws as many patients as there are, with replacement, and an image counts as often
    as its patient. Results of several choices over one `Resamples` are paired: their difference
    is a replicate of the difference. A longer run begins with the resamples of a shorter one.
    Keeps one byte a patient and resample: 6 MB for a thousand of 6,000 patients.
    """

    def __init__(self, patient: NDArray[np.str_], count: int = 1000, seed: int = 0) -> None:
        """Patients (N,) of the images; ValueError for none, or for fewer than one resample."""
        if not len(patient) or count < 1:
            raise ValueError(f"{count} resamples of {len(patient)} images: nothing to draw")
        names, self.owner = np.unique(patient, return_inverse=True)  # (N,) each image's patient
        self.count, self.patients = count, len(names)
        generator = np.random.default_rng(seed)
        self.blocks: list[NDArray[np.uint8]] = []  # each (patients, resamples)
        for start in range(0, count, _BLOCK):
            drawn = [self._draw(generator) for _ in range(min(_BLOCK, count - start))]
            self.blocks.append(np.ascontiguousarray(np.array(drawn).T))
        # (patients,) the most that each is drawn: bounds every sum of images
        self.most = np.max([block.max(axis=1) for block in self.blocks], axis=0).astype(np.int64)

    def _draw(self, generator: np.random.Generator) -> NDArray[np.uint8]:
        """(patients,) how often each is drawn: more than 255 times does not happen."""
        taken = generator.integers(self.patients, size=self.patients)
        return np.bincount(taken, minlength=self.patients).astype(np.uint8)


@dataclass(frozen=True, eq=False)
class Interval:
    """The 95 % interval of one value, or of (K,) values; NaN where nothing is known."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def includes(self, value: float) -> NDArray[np.bool_]:
        """Whether `value` cannot be ruled out; an unknown bound rules out nothing."""
        return ~((value < self.low) | (value > self.high))


def replicates(
    probabilities: NDArray[np.float32], targets: NDArray[np.bool_], resamples: Resamples
) -> NDArray[np.float64]:
    """AP of each label in each resample, (R, C) float64, of (N, C) scores and targets.

    It is `average_precision` of the images repeated as often as they were drawn; NaN where no
    positive was. Raises ValueError for shapes or types that do not fit, and for a score that is
    NaN or infinite.
    """
    return np.concatenate(list(replicate_blocks(probabilities, targets, resamples)))


def replicates_until(
    is_cancelled: Callable[[], bool],
    probabilities: NDArray[np.float32],
    targets: NDArray[np.bool_],
    resamples: Resamples,
) -> NDArray[np.float64] | None:
    """The same; None if it is cancelled between two blocks."""
    blocks = []
    for block in replicate_blocks(probabilities, targets, resamples):
        if is_cancelled():
            return None
        blocks.append(block)
    return np.concatenate(blocks)


def replicate_blocks(
    probabilities: NDArray[np.float32], targets: NDArray[np.bool_], resamples: Resamples
) -> Iterator[NDArray[np.float64]]:
    """The same, some resamples (B, C) at a time: whoever stops asking has cancelled the rest."""
    _check(probabilities, targets, resamples)
    threads = min(_THREADS, len(os.sched_getaffinity(0)))
    with ThreadPoolExecutor(threads) as pool:
        labels = list(pool.map(_Thresholds, probabilities.T, targets.T, repeat(resamples)))
        for drawn in resamples.blocks:
            found = np.empty((drawn.shape[1], len(labels)))
            found.T[:] = list(pool.map(_Thresholds.scores, labels, repeat(drawn)))
            yield found


def mean_replicates(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """mAP (R,) of replicates (R, C), over the labels that have an AP; NaN where none has."""
    defined = ~np.isnan(values)
    having = defined.sum(axis=1)
    sums = np.where(defined, values, 0.0).sum(axis=1)
    return np.where(having, sums / np.maximum(having, 1), np.nan)


def interval(values: NDArray[np.float64]) -> Interval:
    """The 95 % percentile interval of replicates (R,), or of each column of (R, K).

    Efron & Tibshirani, An Introduction to the Bootstrap (1993), chapter 13: the 2.5th and the
    97.5th percentile. NaN are left out; of nothing but NaN the interval is NaN.
    """
    known = np.sort(values, axis=0)  # NaN come last
    last = (~np.isnan(known)).sum(axis=0) - 1
    return Interval(_quantile(known, last, 0.025), _quantile(known, last, 0.975))


def few_positives(targets: NDArray[np.bool_], patient: NDArray[np.str_]) -> NDArray[np.bool_]:
    """(C,) labels with positives in fewer than FEW_PATIENTS patients, of (N, C) and (N,)."""
    owner = np.unique(patient, return_inverse=True)[1]
    having = [len(np.unique(owner[positive])) for positive in targets.T]
    return np.array(having, dtype=np.int64) < FEW_PATIENTS


class _Thresholds:
    """A label's images counted by the positive scores, which are the thresholds of its AP.

    A row of the matrix counts the images of each patient from one threshold up to the one above;
    times the draws it gives the weighted images there. First come the rows of all images, then
    those of the positives alone. Images below the lowest positive never matter.
    """

    def __init__(
        self, scores: NDArray[np.float32], positive: NDArray[np.bool_], resamples: Resamples
    ) -> None:
        thresholds = np.unique(scores[positive])
        # The thresholds are cut into runs, and the rows are ordered by the place in the run, so
        # that one addition carries all runs a threshold further.
        self._length = max(1, round(len(thresholds) / _RUNS))
        self._runs = -(-len(thresholds) // self._length)
        rank = len(thresholds) - np.searchsorted(thresholds, scores, side="right")
        images, hits = np.flatnonzero(rank < len(thresholds)), np.flatnonzero(positive)
        run, place = np.divmod(rank, self._length)
        row = place * self._runs + run
        half = self._length * self._runs
        self._counts = _count_matrix(
            np.concatenate([row[images], row[hits] + half]),
            resamples.owner[np.concatenate([images, hits])],
            (2 * half, resamples.patients),
            resamples.most,
        )

    def scores(self, drawn: NDArray[np.uint8]) -> NDArray[np.float64]:
        """AP (B,) in each resample of the draws (patients, B); NaN without a positive."""
        size = drawn.shape[1]
        if not self._runs:
            return np.full(size, np.nan)
        product = self._counts @ drawn.astype(self._counts.dtype)
        added = product.reshape(2, self._length, self._runs, size)
        ends = np.cumsum(added.sum(axis=1, dtype=np.float64), axis=1)
        above = np.zeros((2, self._runs, size))  # images, and positives, at or above
        above[:, 1:] = ends[:, :-1]
        above[0] += np.finfo(np.float64).tiny  # where nothing is drawn yet 0 / tiny is 0
        here, precision = np.empty_like(above), np.empty((self._runs, size))
        total = np.zeros((self._runs, size))
        for place in range(self._length):
            np.copyto(here, added[:, place])
            above += here
            np.divide(above[1], above[0], out=precision)
            precision *= here[1]
            total += precision
        positives = ends[1, -1]
        return np.where(positives, total.sum(axis=0) / np.maximum(positives, 1), np.nan)


def _count_matrix(
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
    shape: tuple[int, int],
    most: NDArray[np.int64],
) -> csr_array:
    """How often each place is named, in the quickest type that no product can overflow."""
    from scipy.sparse import csr_array

    counts = csr_array((np.ones(len(rows), dtype=np.int64), (rows, columns)), shape=shape)
    largest = int((counts @ most).max(initial=0))
    exact = np.uint16 if largest < 1 << 16 else np.float32 if largest < 1 << 24 else np.float64
    return counts.astype(exact)


def _quantile(
    ordered: NDArray[np.float64], last: NDArray[np.intp], share: float
) -> NDArray[np.float64]:
    """Between two neighbours, linearly, as numpy has it; `last` is the place of the largest."""
    place = np.maximum(last, 0) * share
    below = np.floor(place).astype(np.intp)
    above = np.minimum(below + 1, np.maximum(last, 0))
    low = np.take_along_axis(ordered, below[None], axis=0)[0]
    high = np.take_along_axis(ordered, above[None], axis=0)[0]
    found: NDArray[np.float64] = low + (place - below) * (high - low)
    return found


def _check(
    probabilities: NDArray[np.float32], targets: NDArray[np.bool_], resamples: Resamples
) -> None:
    if probabilities.dtype != np.float32 or targets.dtype != np.bool_:
        raise ValueError(f"expected float32 and bool, got {probabilities.dtype}, {targets.dtype}")
    expected = (len(resamples.owner), targets.shape[-1])
    if probabilities.shape != expected or targets.shape != expected:
        raise ValueError(f"expected two {expected}, got {probabilities.shape} and {targets.shape}")
    if not np.isfinite(probabilities).all():
        raise ValueError("a score is NaN or infinite")
