"""Average precision of many labels at once, exact and quick enough for a keystroke."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

_THREADS: Final = 4
_LARGE: Final = 200_000  # scores; below it starting threads costs more than it saves


def average_precision(
    probabilities: NDArray[np.float32],
    targets: NDArray[np.bool_],
    labels: Sequence[str] | None = None,
) -> NDArray[np.float64]:
    """Per-label AP, (C,) float64, of (N, C) float32 scores and (N, C) bool targets.

    AP = sum_n (R_n - R_{n-1}) P_n over the distinct thresholds n, as scikit-learn's
    `average_precision_score` has it (no interpolation). A positive adds 1/P to the recall at its
    own threshold, so AP is the mean over the positives of the precision there: only their ranks
    are looked up. A label without positives is NaN, one with positives only is 1.0.

    Raises ValueError for other shapes or types, and, naming the label, for a NaN or infinity.
    """
    if probabilities.dtype != np.float32 or targets.dtype != np.bool_:
        raise ValueError(f"expected float32 and bool, got {probabilities.dtype}, {targets.dtype}")
    if probabilities.ndim != 2 or probabilities.shape != targets.shape:
        raise ValueError(f"expected two (N, C), got {probabilities.shape} and {targets.shape}")
    scores = np.ascontiguousarray(probabilities.T)
    positive = np.ascontiguousarray(targets.T)
    _refuse_not_finite(scores, labels)
    threads = min(_THREADS, len(os.sched_getaffinity(0))) if scores.size >= _LARGE else 1
    if threads == 1:
        return np.array(_each_label(scores, positive), dtype=np.float64)
    found = np.empty(len(scores), dtype=np.float64)
    # numpy sorts and searches without the interpreter lock. Striped, since labels often come
    # with the frequent ones, which take longer, together.
    stripes = [slice(first, None, threads) for first in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        each = pool.map(lambda stripe: _each_label(scores[stripe], positive[stripe]), stripes)
        for stripe, values in zip(stripes, each, strict=True):
            found[stripe] = values
    return found


def mean_ap(per_label: ArrayLike) -> float:
    """Unweighted mean over the labels that have an AP; NaN if none has."""
    values = np.asarray(per_label, dtype=np.float64)
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if defined.size else float("nan")


def _each_label(scores: NDArray[np.float32], positive: NDArray[np.bool_]) -> list[float]:
    return [_one_label(score, own) for score, own in zip(scores, positive, strict=True)]


def _one_label(scores: NDArray[np.float32], positive: NDArray[np.bool_]) -> float:
    hits = np.sort(scores[positive])
    if not hits.size:
        return float("nan")
    below = np.searchsorted(np.sort(scores), hits, side="left")
    # Positives that tie stand at one threshold: all of them count from the first one's rank.
    rank = np.arange(hits.size)
    first = np.maximum.accumulate(np.where(np.diff(below, prepend=-1) != 0, rank, 0))
    return float(np.mean((hits.size - first) / (scores.size - below)))


def _refuse_not_finite(scores: NDArray[np.float32], labels: Sequence[str] | None) -> None:
    wrong = np.flatnonzero(~np.isfinite(scores).all(axis=1))
    if wrong.size:
        column = int(wrong[0])
        name = f"column {column}" if labels is None else f"label {labels[column]!r}"
        raise ValueError(f"{name} has a score that is NaN or infinite")
