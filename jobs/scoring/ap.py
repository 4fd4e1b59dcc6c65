"""Average precision of many labels at once, exact and quick enough for a keystroke."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jobs.scoring.threads import each_label

_CELLS: Final = 1 << 14  # of the table of thresholds, which stays in the processor's cache


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

    Recall rises only where a positive is, so only the positives' scores are thresholds: they
    alone are sorted, and every score is counted at the highest threshold that it reaches.
    """
    if not positives.size:
        return float("nan")
    thresholds = np.sort(scores.take(positives))
    thresholds = thresholds[np.append(True, thresholds[1:] != thresholds[:-1])]
    reached = _reached(scores, thresholds)
    # From the highest threshold down; at [0] are the scores that reach none.
    images = np.bincount(reached, minlength=thresholds.size + 1)[:0:-1]
    hits = np.bincount(reached.take(positives), minlength=thresholds.size + 1)[:0:-1]
    precision = np.cumsum(hits) / np.cumsum(images)
    return float((hits * precision).sum() / positives.size)


def _reached(scores: NDArray[np.float32], thresholds: NDArray[np.float32]) -> NDArray[np.intp]:
    """How many of the rising thresholds each score reaches (`np.searchsorted`, side "right").

    A binary search for all scores at once. It starts from a table: the thresholds' range is cut
    into equal cells, and the table tells how many thresholds lie in lower cells. What is left to
    search are the thresholds of the score's own cell: two or three steps instead of fourteen.
    """
    low, high = float(thresholds[0]), float(thresholds[-1])
    scale = _CELLS / (high - low) if high > low else 0.0

    def cell(values: NDArray[np.float32]) -> NDArray[np.intp]:
        # None of these steps falls where a value rises, however it is rounded.
        places = np.clip(values, thresholds[0], thresholds[-1]).astype(np.float64)
        places -= low
        places *= scale
        return places.astype(np.intp)

    held = np.bincount(cell(thresholds))
    most = int(held.max())
    reached = (np.cumsum(held) - held).take(cell(scores))
    padded = np.append(thresholds, np.full(most, np.inf, dtype=np.float32))
    step = 1 << (most.bit_length() - 1)
    while step:
        reaches = padded[step - 1 :].take(reached) <= scores
        reached += np.multiply(reaches, step, dtype=np.min_scalar_type(step))
        step >>= 1
    return reached
