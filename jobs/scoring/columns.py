"""What choices score on one split, each worked out once, and with them a recipe's columns."""

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jobs.choice import Choice, column_choices
from jobs.data.table import ImageTable
from jobs.predictions import PredictionSet
from jobs.recipe.schema import Recipe
from jobs.scoring.align import align
from jobs.scoring.ap import average_precision
from jobs.scoring.bootstrap import Resamples, few_positives, replicates_until
from jobs.scoring.ensembles import average_members
from jobs.scoring.views import StudyGroups

Predictions = Callable[[str, str], PredictionSet | None]  # (member, split), None: not there yet
Key = tuple[tuple[tuple[str, float], ...], str, float, str]


class SplitScores:
    """Scores of choices on one split, with the recipe's labels in its order.

    Whoever asks for a choice, it is scored once and resampled once. DamagedError for predictions
    that are not of the table's images and labels.
    """

    def __init__(
        self,
        labels: Sequence[str],
        predictions: Predictions,
        table: ImageTable,
        resamples: int = 1000,
    ) -> None:
        """`resamples` is how often the patients are drawn anew for intervals."""
        self.table = table
        self.resamples = resamples
        self._predictions = predictions
        self._places = [table.labels.index(label) for label in labels]
        self._studies = StudyGroups(table.study, table.view)
        self._aligned: dict[str, NDArray[np.float32] | None] = {}
        self._aps: dict[Key, NDArray[np.float64]] = {}
        self._replicates: dict[Key, NDArray[np.float64]] = {}

    def missing(self, choice: Choice) -> tuple[str, ...]:
        """Its members that have no predictions yet."""
        return tuple(name for name in sorted(choice.weights) if self._member(name) is None)

    def ap(self, choice: Choice) -> NDArray[np.float64] | None:
        """AP (C,), NaN where undefined; None while predictions are missing."""
        if self.missing(choice):
            return None
        key = score_key(choice)
        if key not in self._aps:
            given = self._probabilities(choice)
            found = average_precision(given, self.table.targets, self.table.labels)
            self._aps[key] = found[self._places]
        return self._aps[key]

    def is_resampled(self, choice: Choice) -> bool:
        """Whether its replicates are worked out already."""
        return score_key(choice) in self._replicates

    def replicates(self, choice: Choice) -> NDArray[np.float64] | None:
        """AP in each resample (R, C), the same ones for every choice; None as with `ap`."""
        if self.missing(choice):
            return None
        self.resample(choice)
        return self._replicates[score_key(choice)]

    def resample(self, choice: Choice, is_cancelled: Callable[[], bool] = lambda: False) -> bool:
        """Work out its replicates, unless they are there; False if cancelled between two blocks."""
        if not self.is_resampled(choice):
            given = self._probabilities(choice)
            found = replicates_until(is_cancelled, given, self.table.targets, self._patients)
            if found is None:
                return False
            self._replicates[score_key(choice)] = found[:, self._places]
        return True

    @cached_property
    def few_positives(self) -> NDArray[np.bool_]:
        """(C,): labels with positives in so few patients that their intervals mean little."""
        return few_positives(self.table.targets, self.table.patient)[self._places]

    @cached_property
    def _patients(self) -> Resamples:
        return Resamples(self.table.patient, self.resamples)

    def _member(self, name: str) -> NDArray[np.float32] | None:
        if name not in self._aligned:
            found = self._predictions(name, self.table.split)
            self._aligned[name] = None if found is None else align(found, self.table, name)
        return self._aligned[name]

    def _probabilities(self, choice: Choice) -> NDArray[np.float32]:
        """(N, C) of a choice with all its members there."""
        # Sorted, so that the order of members in the recipe cannot change a last bit.
        weights = dict(sorted(choice.weights.items()))
        members = [member for name in weights if (member := self._member(name)) is not None]
        average = average_members(members, list(weights.values()), choice.averaging)
        return self._studies.apply(choice.view_rule, average, choice.frontal_weight)


def score_key(choice: Choice) -> Key:
    """Equal for choices that score the same, in whatever order they name their members."""
    members = tuple(sorted(choice.weights.items()))
    return members, choice.view_rule, choice.frontal_weight, choice.averaging


def repeat_scores(
    recipe: Recipe, scores: SplitScores | None
) -> list[tuple[NDArray[np.float64], ...] | None]:
    """AP (C,) of each repeat of each column; None for a column while any repeat is missing.

    Without `scores` the labels are unknown and every column is unfinished.
    """
    if scores is None:
        return [None] * len(recipe.columns)
    found: list[tuple[NDArray[np.float64], ...] | None] = []
    for column in recipe.columns:
        repeats = [scores.ap(choice) for choice in column_choices(recipe, column)]
        known = tuple(ap for ap in repeats if ap is not None)
        found.append(known if len(known) == len(repeats) else None)
    return found


def score_columns(recipe: Recipe, scores: SplitScores | None) -> list[NDArray[np.float64] | None]:
    """AP (C,) of each column, the mean over its repeats; None where unfinished."""
    return [
        None if repeats is None else np.mean(repeats, axis=0)
        for repeats in repeat_scores(recipe, scores)
    ]
