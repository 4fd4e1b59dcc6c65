"""Average precision of many labels at once, exact and quick enough for a keystroke."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jobs.scoring.threads import each_label


def average_precision(
    probabilities: NDArray[np.float32],
    targets: NDArray[np.bool_],
    labels: Sequence[str] | None = None,
) -> NDArray[np.float64]:
    """Per-label AP, (C,) float64, of (N, C) float32 scores and (N, C) bool targets.

    AP = sum_n (R_n - R_{n-1}) P_n over the distinct thresholds n, as scikit-learn's
    `average_precision_score` has it (no interpolation). A label without positives is NaN, one
    with positives only is 1.0.

    Raises ValueError for other shapes or types, and, naming the label, for a NaN or infinity.
    """
    if probabilities.dtype != np.float32 or targets.dtype != np.bool_:
        raise ValueError(f"expected float32 and bool, got {probabilities.dtype}, {targets.dtype}")
    if probabilities.ndim != 2 or probabilities.shape != targets.shape:
        raise ValueError(f"expected two (N, C), got {probabilities.shape} and {targets.shape}")

    def score(label: int) -> float:
        scores = np.ascontiguousarray(probabilities[:, label])
        if not np.isfinite(scores).all():
            name = f"column {label}" if labels is None else f"label {labels[label]!r}"
            raise ValueError(f"{name} has a score that is NaN or infinite")
        return label_ap(scores, np.flatnonzero(targets[:, label]))

    images, count = probabilities.shape
    return np.array(each_label(score, count, images), dtype=np.float64)


def mean_ap(per_label: ArrayLike) -> float:
    """Unweighted mean over the labels that have an AP; NaN if none has."""
    values = np.asarray(per_label, dtype=np.float64)
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if defined.size else float("nan")


def label_ap(scores: NDArray[np.float32], positives: NDArray[np.intp]) -> float:
    """AP of one label's finite scores (N,), `positives` being the rows that have it.

    A positive adds 1/P to the recall at its own score, so AP is the mean over the positives of
    the precision there. Only their ranks are looked up, among all scores and among themselves;
    those that tie stand at one threshold and get the same.
    """
    if not positives.size:
        return float("nan")
    hits = np.sort(scores.take(positives))
    first = np.flatnonzero(np.append(True, hits[1:] != hits[:-1]))  # of those that tie
    tied = np.diff(first, append=hits.size)
    below = np.searchsorted(np.sort(scores), hits.take(first))
    precision = (hits.size - first) / (scores.size - below)
    return float((tied * precision).sum() / hits.size)
