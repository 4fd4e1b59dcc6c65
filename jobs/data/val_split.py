"""Split validation off the training images, so that no patient is on both sides."""

import numpy as np
from numpy.typing import NDArray

from jobs.data.table import ImageTable


def split_validation(
    table: ImageTable, fraction: float, seed: int
) -> tuple[ImageTable, ImageTable]:
    """(train, val) with about `fraction` of the patients, and of each label's positives, in val.

    Greedy, in the spirit of iterative stratification (Sechidis et al., 2011) with patients as
    units: from the rarest label to the commonest, its patients that are not placed yet go to val
    in random order until val has its share of the label's positive images (at least one patient
    where there are two), the others to train; patients without a label fill val up at the end.
    The same seed gives the same patients whatever the order of the rows.
    """
    patients, owner = np.unique(table.patient, return_inverse=True)
    positives = np.zeros((len(patients), len(table.labels)), dtype=np.int64)
    np.add.at(positives, owner, table.targets)
    order = np.random.default_rng(seed).permutation(len(patients))
    chosen = np.empty(len(patients), dtype=bool)
    chosen[order] = _choose(positives[order], fraction)
    in_val = chosen[owner]
    return (
        table.take(np.flatnonzero(~in_val), "train"),
        table.take(np.flatnonzero(in_val), "val"),
    )


def _choose(positives: NDArray[np.int64], fraction: float) -> NDArray[np.bool_]:
    """Which patients (P,) go to val, given their positive images (P, C), in random order."""
    in_val = np.zeros(len(positives), dtype=bool)
    open_ = np.ones(len(positives), dtype=bool)
    totals = positives.sum(axis=0)
    for label in np.argsort(totals, kind="stable"):
        candidates = np.flatnonzero(open_ & (positives[:, label] > 0))
        counts = positives[candidates, label]
        missing = fraction * totals[label] - positives[in_val, label].sum()
        taken = candidates[np.cumsum(counts) - counts / 2 <= missing]
        if not len(taken) and len(candidates) > 1 and not positives[in_val, label].any():
            taken = candidates[:1]
        in_val[taken] = True
        open_[candidates] = False
    missing_patients = round(fraction * len(positives)) - int(in_val.sum())
    in_val[np.flatnonzero(open_)[: max(0, missing_patients)]] = True
    return in_val
