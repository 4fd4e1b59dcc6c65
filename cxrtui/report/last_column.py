"""The recipe's last finished column: whose curves and worst errors a report shows."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.choice import Choice, column_choices
from jobs.data.table import ImageTable
from jobs.loading import RecipeHoldings
from jobs.picking import make_scorer
from jobs.scores import SPLITS


@dataclass(frozen=True, eq=False)
class Scored:
    """The targets of one split, and what a choice says of them."""

    table: ImageTable
    probabilities: NDArray[np.float32]  # (N, C) in the order of the table


@dataclass(frozen=True, eq=False)
class LastColumn:
    """A column whose predictions of dev and test are there."""

    title: str
    choice: Choice  # with seeds that of the first one
    splits: Mapping[str, Scored]

    @property
    def are_probabilities(self) -> bool:
        """Whether its scores can be held against how often a label is there; ranks can't."""
        return self.choice.averaging != "ranks" or len(self.choice.weights) == 1


def last_column(holdings: RecipeHoldings) -> LastColumn | None:
    """The last column of the recipe that is whole on dev and test; None if there is none yet."""
    splits: list[str] = [split for split in SPLITS if split in holdings.targets]
    for column in reversed(holdings.recipe.columns):
        choices = column_choices(holdings.recipe, column)
        names = {name for choice in choices for name in choice.weights}
        if all(holdings.prediction_set(name, split) for name in names for split in splits):
            found = {split: _score(holdings, choices[0], split) for split in splits}
            return LastColumn(column.title, choices[0], found) if found else None
    return None


def _score(holdings: RecipeHoldings, choice: Choice, split: str) -> Scored:
    scorer = make_scorer(holdings, list(choice.weights), split)
    how = (choice.view_rule, choice.frontal_weight, choice.averaging)
    return Scored(holdings.targets[split], scorer.probabilities(choice.weights, *how))
