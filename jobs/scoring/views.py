"""View rules: images of one study share what the model said of them."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from jobs.data.table import FRONTAL_VIEWS
from jobs.recipe.schema import ViewRule

FRONTAL_WEIGHT: Final = 0.7  # CheXFusion's 7:3 of frontal to other views


class _Rows:
    """Some rows, in runs of one study each, and the studies' row means."""

    def __init__(self, rows: NDArray[np.intp], study: NDArray[np.intp]) -> None:
        """Rows (M,) of the images; study (N,) gives each image's study number."""
        self.rows = rows[np.argsort(study[rows], kind="stable")]
        self.studies, self._starts, self.run, self.counts = np.unique(
            study[self.rows], return_index=True, return_inverse=True, return_counts=True
        )

    def means(self, probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
        """(number of studies, C), summed in float64 in row order."""
        if not self.rows.size:
            return np.zeros((0, probabilities.shape[1]))
        values = probabilities[self.rows].astype(np.float64)
        sums: NDArray[np.float64] = np.add.reduceat(values, self._starts, axis=0)
        return sums / self.counts[:, None]


class StudyGroups:
    """Which of N images belong to one study: worked out once, used at every keystroke.

    Sums are taken in float64 and rounded to float32 once. A study's rows are added in row order:
    another order of the rows can change the last bit of a study with three images or more, so
    callers that must not depend on it (`jobs.results`) put rows in the target table's order first.
    """

    def __init__(self, study: NDArray[np.str_], view: NDArray[np.str_]) -> None:
        """Texts (N,); study "" means no study, and a view "" is not frontal."""
        if study.shape != view.shape:
            raise ValueError(f"study is {study.shape} but view is {view.shape}")
        self._images = len(study)
        number: NDArray[np.intp] = np.unique(study, return_inverse=True)[1]
        known = study != ""
        frontal = np.isin(view, sorted(FRONTAL_VIEWS))
        self._frontal = _in_company(number, known & frontal)
        self._all = _in_company(number, known)
        together = np.zeros(self._images, dtype=np.bool_)
        together[self._all.rows] = True
        self._fronts = _Rows(np.flatnonzero(together & frontal), number)
        self._others = _Rows(np.flatnonzero(together & ~frontal), number)

    def apply(
        self,
        rule: ViewRule,
        probabilities: NDArray[np.float32],
        frontal_weight: float = FRONTAL_WEIGHT,
    ) -> NDArray[np.float32]:
        """(N, C) float32 after `rule`; the input itself for `none`. See `apply_view_rule`."""
        if len(probabilities) != self._images:
            raise ValueError(f"{len(probabilities)} rows, but {self._images} images are grouped")
        if not 0 <= frontal_weight <= 1:
            raise ValueError(f"the frontal weight is {frontal_weight}, not within 0 and 1")
        if rule == "none":
            return probabilities
        if rule == "frontal-mean":
            return _give(probabilities, self._frontal, self._frontal.means(probabilities))
        if rule == "study-mean":
            means = self._study_means(probabilities, frontal_weight)
            return _give(probabilities, self._all, means)
        raise ValueError(f"unknown view rule {rule!r}")

    def _study_means(
        self, probabilities: NDArray[np.float32], frontal_weight: float
    ) -> NDArray[np.float64]:
        studies = self._all.studies
        has_front = np.isin(studies, self._fronts.studies)
        has_other = np.isin(studies, self._others.studies)
        weight = np.where(has_front & has_other, frontal_weight, has_front)[:, None]
        means = np.zeros((len(studies), probabilities.shape[1]))
        means[has_front] = weight[has_front] * self._fronts.means(probabilities)
        means[has_other] += (1 - weight[has_other]) * self._others.means(probabilities)
        return means


def apply_view_rule(
    rule: ViewRule,
    probabilities: NDArray[np.float32],
    study: NDArray[np.str_],
    view: NDArray[np.str_],
    frontal_weight: float = FRONTAL_WEIGHT,
) -> NDArray[np.float32]:
    """(N, C) float32: what each image is given after its study's views were put together.

    `none` changes nothing. `frontal-mean` gives the PA and AP images of a study their mean; other
    views keep theirs. `study-mean` gives every image of a study w x mean of the frontal ones +
    (1 - w) x mean of the others, w being `frontal_weight`; a study with one kind only gets that
    kind's mean. An image without a study keeps its own; a missing view is not frontal.
    Raises ValueError for an unknown rule, a weight outside 0 to 1, or lengths that differ.
    """
    return StudyGroups(study, view).apply(rule, probabilities, frontal_weight)


def _in_company(number: NDArray[np.intp], chosen: NDArray[np.bool_]) -> _Rows:
    """The chosen images whose study has at least two of them: nothing else can change."""
    size = np.bincount(number[chosen], minlength=int(number.max(initial=-1)) + 1)
    return _Rows(np.flatnonzero(chosen & (size[number] > 1)), number)


def _give(
    probabilities: NDArray[np.float32], to: _Rows, means: NDArray[np.float64]
) -> NDArray[np.float32]:
    given = probabilities.copy()
    given[to.rows] = means.astype(np.float32)[to.run]
    return given
