"""Split parts off the training images, so that no patient is on both sides."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from jobs.data.table import ImageTable
from jobs.errors import InputError
from jobs.recipe.schema import DataSettings

SPLITS: Final = ("train", "val", "dev", "test")


def split_tables(given: dict[str, ImageTable], settings: DataSettings) -> dict[str, ImageTable]:
    """All four splits of a data set that is `given` in parts, of which only train must be there.

    Test and development, where they are missing, and then validation are split off train in
    turn. Test and development are shares of all patients of train, validation is one of those
    that are left. The same seed gives the same patients whatever the order of the rows.
    Raises InputError where there are too few patients.
    """
    tables = dict(given)
    whole = 1.0
    for split, share in (("test", settings.test_fraction), ("dev", settings.dev_fraction)):
        if split not in given:
            fraction = share / whole
            tables["train"], tables[split] = split_off(
                tables["train"], split, fraction, settings.val_seed
            )
            whole -= share
    tables["train"], tables["val"] = split_off(
        tables["train"], "val", settings.val_fraction, settings.val_seed
    )
    return {split: tables[split] for split in SPLITS}


def split_off(
    table: ImageTable, split: str, fraction: float, seed: int
) -> tuple[ImageTable, ImageTable]:
    """(what is left, `split`) with about `fraction` of the patients, and of each label's positives.

    Greedy, in the spirit of iterative stratification (Sechidis et al., 2011) with patients as
    units: from the rarest label to the commonest, its patients that are not placed yet are taken
    in random order until the split has its share of the label's positive images (at least one
    patient where there are two), the others stay; patients without a label fill it up at the end.
    The same seed gives the same patients whatever the order of the rows.
    """
    patients, owner = np.unique(table.patient, return_inverse=True)
    positives = np.zeros((len(patients), len(table.labels)), dtype=np.int64)
    np.add.at(positives, owner, table.targets)
    order = np.random.default_rng(seed).permutation(len(patients))
    chosen = np.empty(len(patients), dtype=bool)
    chosen[order] = _choose(positives[order], fraction)
    if not chosen.any() or chosen.all():
        raise InputError(f"{len(patients)} patients are too few to split {split} off {table.split}")
    taken = chosen[owner]
    return (
        table.take(np.flatnonzero(~taken), table.split),
        table.take(np.flatnonzero(taken), split),
    )


def _choose(positives: NDArray[np.int64], fraction: float) -> NDArray[np.bool_]:
    """Which patients (P,) are taken, given their positive images (P, C), in random order."""
    taken = np.zeros(len(positives), dtype=bool)
    open_ = np.ones(len(positives), dtype=bool)
    totals = positives.sum(axis=0)
    for label in np.argsort(totals, kind="stable"):
        candidates = np.flatnonzero(open_ & (positives[:, label] > 0))
        counts = positives[candidates, label]
        missing = fraction * totals[label] - positives[taken, label].sum()
        fitting = candidates[np.cumsum(counts) - counts / 2 <= missing]
        if not len(fitting) and len(candidates) > 1 and not positives[taken, label].any():
            fitting = candidates[:1]
        taken[fitting] = True
        open_[candidates] = False
    missing_patients = round(fraction * len(positives)) - int(taken.sum())
    taken[np.flatnonzero(open_)[: max(0, missing_patients)]] = True
    return taken
