"""Repeat-factor sampling of rare labels.

Gupta, Dollár and Girshick, "LVIS: A Dataset for Large Vocabulary Instance Segmentation" (2019),
section "Repeat Factor Sampling".
"""

import numpy as np
from numpy.typing import NDArray


def repeat_factors(targets: NDArray[np.bool_], threshold: float) -> NDArray[np.float64]:
    """How often each image is seen in an epoch on average, (N,) >= 1, from (N, C) targets.

    f(c) is the share of images positive for label c, r(c) = max(1, sqrt(threshold / f(c))), and
    an image takes the largest r of its positive labels; without one it is seen once.
    """
    share = targets.mean(axis=0, dtype=np.float64)
    by_label = np.ones_like(share)
    present = share > 0
    by_label[present] = np.maximum(1.0, np.sqrt(threshold / share[present]))
    factors: NDArray[np.float64] = np.where(targets, by_label, 1.0).max(axis=1, initial=1.0)
    return factors


def repeat_counts(
    factors: NDArray[np.float64], generator: np.random.Generator
) -> NDArray[np.int64]:
    """Whole repeats of this epoch, (N,), whose expectation is `factors`: stochastic rounding."""
    whole = np.floor(factors)
    up = generator.random(factors.shape) < factors - whole
    return whole.astype(np.int64) + up
