"""Precision over recall and reliability of each label: the numbers behind the small drawings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jobs.scoring.ap import average_precision

BINS: Final = 10
POINTS: Final = 120  # of a curve: more can't be seen at the size of the drawing

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LabelCurves:
    """One label on one split."""

    label: str
    images: int
    positives: int
    few: bool  # positives in so few patients that the curves say little
    ap: float
    brier: float  # mean of (probability - target)^2
    calibration_error: float
    recall: Values  # (T,) rising
    precision: Values  # (T,)
    predicted: Values  # (B,) mean probability of each bin, rising
    observed: Values  # (B,) share of positives in it

    @property
    def prevalence(self) -> float:
        """Share of positives: the AP of scores that say nothing."""
        return self.positives / self.images


def label_curves(
    labels: Sequence[str],
    probabilities: NDArray[np.float32],
    targets: NDArray[np.bool_],
    few: NDArray[np.bool_],
) -> dict[str, LabelCurves]:
    """The curves of every label that has positives and negatives.

    `probabilities` and `targets` are (N, C), `few` is (C,). The expected calibration error is the
    mean over all images of |mean probability - share of positives| of their bin, with bins that
    hold equally many images (Nixon et al., 2019, call it adaptive).
    """
    per_label = average_precision(probabilities, targets, labels)
    found = {}
    for place, label in enumerate(labels):
        target = targets[:, place]
        if target.any() and not target.all():
            scores = probabilities[:, place].astype(np.float64)
            found[label] = _curves(label, scores, target, bool(few[place]), per_label[place])
    return found


def _curves(
    label: str, scores: Values, target: NDArray[np.bool_], few: bool, ap: float
) -> LabelCurves:
    recall, precision = _precision_recall(scores, target)
    predicted, observed, counts = _reliability(scores, target)
    return LabelCurves(
        label=label,
        images=len(target),
        positives=int(target.sum()),
        few=few,
        ap=float(ap),
        brier=float(np.mean((scores - target) ** 2)),
        calibration_error=float(np.average(np.abs(predicted - observed), weights=counts)),
        recall=recall,
        precision=precision,
        predicted=predicted,
        observed=observed,
    )


def _precision_recall(scores: Values, target: NDArray[np.bool_]) -> tuple[Values, Values]:
    """Rising recall, and the precision where it is reached: what AP is the mean of."""
    from sklearn.metrics import precision_recall_curve

    precision, recall, _ = precision_recall_curve(target, scores)
    levels, first = np.unique(recall[::-1], return_index=True)
    kept = np.unique(np.linspace(0, len(levels) - 1, min(POINTS, len(levels))).astype(np.intp))
    return levels[kept], precision[::-1][first][kept]


def _reliability(scores: Values, target: NDArray[np.bool_]) -> tuple[Values, Values, Values]:
    """Mean probability, share of positives and number of images of each bin that has any."""
    from sklearn.calibration import calibration_curve

    observed, predicted = calibration_curve(target, scores, n_bins=BINS, strategy="quantile")
    inner = np.percentile(scores, np.linspace(0, 100, BINS + 1)[1:-1])
    counts = np.bincount(np.searchsorted(inner, scores)).astype(np.float64)
    return predicted, observed, counts[counts > 0]
