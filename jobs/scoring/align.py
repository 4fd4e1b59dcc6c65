"""Predictions in the order of the targets that they are scored against."""

import numpy as np
from numpy.typing import NDArray

from jobs.data.table import ImageTable
from jobs.errors import DamagedError
from jobs.predictions import REMEDY, PredictionSet


def align(
    predictions: PredictionSet, table: ImageTable, model: str, remedy: str = REMEDY
) -> NDArray[np.float32]:
    """Probabilities (N, C) in the table's order of images and labels, found by their names.

    Raises DamagedError, naming `model`, the split and the `remedy`, if the images, the labels or
    the split are not exactly those of the table.
    """
    what = f"predictions of {model} for {table.split}"
    if predictions.split != table.split:
        raise DamagedError(f"{what} say that they are of split {predictions.split!r}; {remedy}")
    rows = _places(predictions.image, table.image, f"{what}: image", table.split, remedy)
    columns = _places(_names(predictions), _names(table), f"{what}: label", table.split, remedy)
    return np.ascontiguousarray(predictions.probabilities[rows][:, columns])


def _names(owner: PredictionSet | ImageTable) -> NDArray[np.str_]:
    return np.array(owner.labels, dtype=np.str_)


def _places(
    found: NDArray[np.str_], wanted: NDArray[np.str_], what: str, split: str, remedy: str
) -> NDArray[np.intp]:
    """Where each wanted name stands among the found ones; both must be the same set."""
    if np.array_equal(found, wanted):  # as programs write them: nothing has to be sorted
        return np.arange(wanted.size)
    missing = np.setdiff1d(wanted, found)
    if missing.size:
        raise DamagedError(f"{what} {missing[0]} and {missing.size - 1} more missing; {remedy}")
    extra = np.setdiff1d(found, wanted)
    if extra.size:
        raise DamagedError(f"{what} {extra[0]} is not in {split} ({extra.size} such); {remedy}")
    if found.size != wanted.size:
        raise DamagedError(f"{what}s: {found.size} found, expected {wanted.size}; {remedy}")
    order = np.argsort(found, kind="stable")
    return order[np.searchsorted(found, wanted, sorter=order)]
