"""The scores of a recipe: what its columns and comparisons share on each split."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jobs.choice import Choice
from jobs.data.labels import Group
from jobs.data.table import ImageTable
from jobs.recipe.schema import Recipe
from jobs.scoring.columns import Predictions, SplitScores, score_key
from jobs.scoring.groups import GROUPS, label_groups

SPLITS: Final = ("dev", "test")
RESAMPLES: Final = 1000  # of the patients


class RecipeScores:
    """Scores on `dev` and `test`; every choice is scored and resampled once, whoever asks."""

    def __init__(
        self,
        recipe: Recipe,
        predictions: Predictions,
        targets: Mapping[str, ImageTable],
        resamples: int = RESAMPLES,
    ) -> None:
        """`targets` has the splits whose labels are known; with `train` labels have a group."""
        self.recipe = recipe
        self.resamples = resamples
        self.targets = targets
        self.splits = {
            split: SplitScores(recipe.labels, predictions, targets[split], resamples)
            for split in SPLITS
            if split in targets
        }

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Head, medium or tail of each label; empty where training prevalence is unknown."""
        train = self.targets.get("train")
        if train is None or not len(train):
            return ()
        places = [train.labels.index(label) for label in self.recipe.labels]
        return label_groups(train.targets[:, places], len(train))

    @cached_property
    def label_sets(self) -> dict[str, NDArray[np.bool_]]:
        """The labels (C,) that means are taken over: `all`, and each group that has any."""
        names = np.array(self.groups, dtype=np.str_)
        found = {"all": np.ones(len(self.recipe.labels), dtype=np.bool_)}
        found.update({group: names == group for group in GROUPS if group in self.groups})
        return found

    def resample(
        self,
        choices: Iterable[Choice],
        told: Callable[[int, int], None] | None = None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> bool:
        """Resample these choices on every split where they are finished; False if cancelled.

        What is there already is not made again; `told` is called with (done, of) before each.
        """
        wanted = list({score_key(choice): choice for choice in choices}.values())
        work = [
            (scores, choice)
            for scores in self.splits.values()
            for choice in wanted
            if not scores.is_resampled(choice) and not scores.missing(choice)
        ]
        for done, (scores, choice) in enumerate(work):
            if told is not None:
                told(done, len(work))
            if not scores.resample(choice, is_cancelled):
                return False
        return True
