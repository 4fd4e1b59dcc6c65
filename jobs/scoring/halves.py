"""Patients in two halves, so that what is picked on the one can be judged on the other."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jobs.choice import Choice
from jobs.data.table import ImageTable
from jobs.scoring.ap import average_precision, mean_ap
from jobs.scoring.bootstrap import Resamples, mean_replicates, replicates
from jobs.scoring.ensembles import EnsembleScorer
from jobs.scoring.views import StudyGroups


class Halves(NamedTuple):
    """Rows of the images of each half, ascending; no patient is in both."""

    chosen: NDArray[np.intp]
    other: NDArray[np.intp]


def split_halves(patient: NDArray[np.str_], targets: NDArray[np.bool_], seed: int = 0) -> Halves:
    """Halves of the patients (N,) such that labels (N, C) occur in both, as far as it goes.

    After Sechidis et al., On the Stratification of Multi-label Data (2011), in a simple form: the
    labels are gone through from the one with the fewest patients; those of its patients that have
    no half yet come, in an order drawn by `seed`, to the half that has fewer patients with that
    label, else fewer patients. The patients without a label then fill the smaller half. So the
    rarest label of two patients or more is in both halves; a more frequent one can only miss a
    half if all of its patients have a rarer label.
    Raises ValueError for fewer than two patients.
    """
    owner = np.unique(patient, return_inverse=True)[1]
    patients = int(owner.max(initial=-1)) + 1
    if patients < 2:
        raise ValueError("halves need at least two patients")
    has = np.zeros((patients, targets.shape[1]), dtype=np.bool_)
    np.logical_or.at(has, owner, targets)
    drawn = np.random.default_rng(seed).permutation(patients)
    half = np.full(patients, -1)
    for label in np.argsort(has.sum(axis=0), kind="stable"):
        _deal(half, drawn[has[drawn, label]], has[:, label])
    _deal(half, drawn, np.zeros(patients, dtype=np.bool_))
    return Halves(np.flatnonzero(half[owner] == 0), np.flatnonzero(half[owner] == 1))


class HalfScorer:
    """One half of the patients: scores choices on its images and the labels of both halves."""

    def __init__(
        self,
        members: Mapping[str, NDArray[np.float32]],
        table: ImageTable,
        rows: NDArray[np.intp],
        labels: NDArray[np.bool_],
    ) -> None:
        """Members (N, C) of the whole table by name, the half's rows, and the labels (C,)."""
        self.patient = table.patient[rows]
        self._targets = table.targets[rows][:, labels]
        own = {name: member[rows][:, labels] for name, member in members.items()}
        studies = StudyGroups(table.study[rows], table.view[rows])
        self._scorer = EnsembleScorer(own, self._targets, studies)

    def map(self, choice: Choice) -> float:
        """Mean AP; ranks, where they are averaged, are among the half's images."""
        return mean_ap(average_precision(self._probabilities(choice), self._targets))

    def replicates(self, choice: Choice, resamples: Resamples) -> NDArray[np.float64]:
        """Mean AP (R,) in each resample of the half's patients."""
        found = replicates(self._probabilities(choice), self._targets, resamples)
        return mean_replicates(found)

    def _probabilities(self, choice: Choice) -> NDArray[np.float32]:
        return self._scorer.probabilities(
            choice.weights, choice.view_rule, choice.frontal_weight, choice.averaging
        )


def _deal(half: NDArray[np.intp], dealt: NDArray[np.intp], has: NDArray[np.bool_]) -> None:
    """Give each that has no half yet to the half with fewer that have it, else with fewer."""
    having = [int((has & (half == side)).sum()) for side in (0, 1)]
    sizes = [int((half == side).sum()) for side in (0, 1)]
    for one in dealt[half[dealt] < 0]:
        side = min((0, 1), key=lambda side: (having[side], sizes[side]))
        half[one] = side
        having[side] += int(has[one])
        sizes[side] += 1
