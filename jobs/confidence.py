"""How sure a recipe's scores are: intervals over patients, of scores and of their differences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.choice import Choice, column_choices
from jobs.recipe.schema import Recipe
from jobs.scores import RecipeScores
from jobs.scoring.ap import mean_ap
from jobs.scoring.bootstrap import interval, mean_replicates
from jobs.scoring.columns import SplitScores


@dataclass(frozen=True)
class Estimate:
    """A score or a difference, and its 95 % interval over the patients of the split."""

    value: float
    low: float
    high: float

    @property
    def is_within_noise(self) -> bool:
        """Of a difference: the interval includes 0; an unknown bound rules nothing out."""
        return not (self.low > 0 or self.high < 0)


@dataclass(frozen=True)
class Estimates:
    """Of each label with an AP, and of the means over `all`, `head`, `medium` and `tail`."""

    labels: Mapping[str, Estimate]
    means: Mapping[str, Estimate]


@dataclass(frozen=True)
class SplitConfidence:
    """One entry a column; None where it is unfinished."""

    columns: tuple[Estimates | None, ...]
    differences: tuple[Estimates | None, ...]  # from the column before; the first has None
    few_positives: tuple[str, ...]  # labels whose intervals mean little


@dataclass(frozen=True)
class Confidence:
    """Intervals of the columns, by split; all are of the same resamples, so they are paired."""

    resamples: int
    names: tuple[str, ...]  # of the means: `all`, and the groups that have labels
    splits: Mapping[str, SplitConfidence]


@dataclass(frozen=True, eq=False)
class Sampled:
    """AP (C,) of some repeats in the mean, and that mean in each resample (R, C)."""

    ap: NDArray[np.float64]
    replicates: NDArray[np.float64]

    def minus(self, other: "Sampled") -> "Sampled":
        """The paired difference."""
        return Sampled(self.ap - other.ap, self.replicates - other.replicates)

    def mean_of(self, labels: NDArray[np.bool_]) -> Estimate | None:
        """The mean over some labels (C,); None if none of them has an AP."""
        value = mean_ap(self.ap[labels])
        if np.isnan(value):
            return None
        found = interval(mean_replicates(self.replicates[:, labels]))
        return Estimate(value, float(found.low), float(found.high))


def confidence(scores: RecipeScores) -> Confidence:
    """Intervals of every finished column, of its labels and means, and of what it changed.

    Scores of repeats are averaged in each resample: the interval says what other patients would
    change, not what other seeds would.
    """
    by_split = {split: _split(scores, found) for split, found in scores.splits.items()}
    return Confidence(scores.resamples, tuple(scores.label_sets), by_split)


def all_column_choices(recipe: Recipe) -> list[Choice]:
    """What the columns of a recipe score, every repeat."""
    return [choice for column in recipe.columns for choice in column_choices(recipe, column)]


def sampled(scores: SplitScores, choices: Sequence[Choice]) -> Sampled | None:
    """The mean over these choices; None while predictions of any are missing."""
    aps, replicates = [], []
    for choice in choices:
        ap, drawn = scores.ap(choice), scores.replicates(choice)
        if ap is None or drawn is None:
            return None
        aps.append(ap)
        replicates.append(drawn)
    return Sampled(np.mean(aps, axis=0), np.mean(replicates, axis=0))


def estimates(scores: RecipeScores, found: Sampled) -> Estimates:
    """Intervals of each label with an AP, and of the means over the recipe's sets of labels."""
    by_label = interval(found.replicates)
    each = zip(scores.recipe.labels, found.ap, by_label.low, by_label.high, strict=True)
    means = {name: found.mean_of(labels) for name, labels in scores.label_sets.items()}
    return Estimates(
        labels={
            label: Estimate(float(ap), float(low), float(high))
            for label, ap, low, high in each
            if not np.isnan(ap)
        },
        means={name: mean for name, mean in means.items() if mean is not None},
    )


def _split(scores: RecipeScores, split: SplitScores) -> SplitConfidence:
    recipe = scores.recipe
    found = [sampled(split, column_choices(recipe, column)) for column in recipe.columns]
    pairs = zip([None, *found], found, strict=False)
    changes = [
        None if one is None or before is None else one.minus(before) for before, one in pairs
    ]
    few = zip(recipe.labels, split.few_positives, strict=True)
    return SplitConfidence(
        columns=tuple(_known(scores, one) for one in found),
        differences=tuple(_known(scores, one) for one in changes),
        few_positives=tuple(label for label, is_few in few if is_few),
    )


def _known(scores: RecipeScores, found: Sampled | None) -> Estimates | None:
    return None if found is None else estimates(scores, found)
