"""View rules: images of one study share what the model said of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from jobs.data.table import FRONTAL_VIEWS
from jobs.scoring.averaging import Scores

if TYPE_CHECKING:  # pydantic would take half of the start-up
    from jobs.recipe.schema import ViewRule

FRONTAL_WEIGHT: Final = 0.7  # CheXFusion's 7:3 of frontal to other views

GivenScores = Callable[[Scores], Scores]


class StudyGroups:
    """Which of N images belong to one study: worked out once, used at every keystroke.

    The rules, for each label by itself:
    - `none` changes nothing.
    - `frontal-mean` gives the PA and AP images of a study their mean; other views keep theirs.
    - `study-mean` gives every image of a study w x mean of its frontal images + (1 - w) x mean of
      its others, w being the frontal weight; a study of one kind only gets that kind's mean.
    An image without a study keeps its own, as does one that is alone in its study (under
    `frontal-mean`: the only frontal one). A missing view is not frontal.

    Sums are taken in float64 in row order, and rounded to float32 once. Another order of the rows
    can change the last bit of a study with three images or more, so callers that must not depend
    on it (`jobs.results`) put rows in the target table's order first.
    """

    def __init__(self, study: NDArray[np.str_], view: NDArray[np.str_]) -> None:
        """Texts (N,); study "" means no study, and a view "" is not frontal."""
        if study.shape != view.shape:
            raise ValueError(f"study is {study.shape} but view is {view.shape}")
        self.images = len(study)
        known = study != ""
        self._is_frontal = np.isin(view, sorted(FRONTAL_VIEWS))
        self._frontal = _numbered(study, known & self._is_frontal)
        self._study = _numbered(study, known)
        self._rules: dict[tuple[ViewRule, float], GivenScores] = {}

    def rule(self, name: ViewRule, frontal_weight: float = FRONTAL_WEIGHT) -> GivenScores:
        """What turns a label's scores (N,) into the given ones (N,); the input itself for `none`.

        Raises ValueError for an unknown rule or a weight outside 0 to 1.
        """
        if (name, frontal_weight) not in self._rules:
            self._rules[name, frontal_weight] = self._rule(name, frontal_weight)
        return self._rules[name, frontal_weight]

    def _rule(self, name: ViewRule, frontal_weight: float) -> GivenScores:
        if not 0 <= frontal_weight <= 1:
            raise ValueError(f"the frontal weight is {frontal_weight}, not within 0 and 1")
        if name == "none":
            return lambda scores: scores
        if name == "frontal-mean":
            return _sums(self._frontal, 1 / np.bincount(self._frontal)[self._frontal])
        if name == "study-mean":
            return _sums(self._study, self._shares(frontal_weight))
        raise ValueError(f"unknown view rule {name!r}")

    def apply(
        self,
        rule: ViewRule,
        probabilities: NDArray[np.float32],
        frontal_weight: float = FRONTAL_WEIGHT,
    ) -> NDArray[np.float32]:
        """(N, C) float32 after `rule`, of (N, C); the input itself for `none`.

        Raises ValueError as `rule` does, and for another number of rows.
        """
        if len(probabilities) != self.images:
            raise ValueError(f"{len(probabilities)} rows, but {self.images} images are grouped")
        given = self.rule(rule, frontal_weight)
        if rule == "none":
            return probabilities
        found = np.empty(probabilities.shape[::-1], dtype=np.float32)
        for label, scores in enumerate(probabilities.T):
            found[label] = given(scores)
        return found.T

    def _shares(self, frontal_weight: float) -> NDArray[np.float64]:
        """What each image (N,) adds to its study's mean; a study's shares add up to 1."""
        kind = 2 * self._study + self._is_frontal
        count = np.bincount(kind, minlength=2 * (int(self._study.max(initial=-1)) + 1))
        both = (count[0::2] > 0) & (count[1::2] > 0)
        weight = np.where(self._is_frontal, frontal_weight, 1 - frontal_weight)
        shares: NDArray[np.float64] = np.where(both[self._study], weight, 1.0) / count[kind]
        return shares


def apply_view_rule(
    rule: ViewRule,
    probabilities: NDArray[np.float32],
    study: NDArray[np.str_],
    view: NDArray[np.str_],
    frontal_weight: float = FRONTAL_WEIGHT,
) -> NDArray[np.float32]:
    """(N, C) float32: what each image is given after its study's views were put together.

    The rules are those of `StudyGroups`. Raises ValueError for an unknown rule, a weight outside
    0 to 1, or lengths that differ.
    """
    return StudyGroups(study, view).apply(rule, probabilities, frontal_weight)


def _numbered(study: NDArray[np.str_], together: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Numbers (N,) from 0 without gaps: one a study for the images `together`, one each else."""
    found = np.empty(len(study), dtype=np.intp)
    names, found[together] = np.unique(study[together], return_inverse=True)
    found[~together] = names.size + np.arange(np.count_nonzero(~together))
    return found


def _sums(group: NDArray[np.intp], share: NDArray[np.float64]) -> GivenScores:
    """Gives each image the sum of its group's scores by their shares."""

    def given(scores: Scores) -> Scores:
        sums = np.bincount(group, weights=scores * share)
        return sums.astype(np.float32).take(group)

    return given
