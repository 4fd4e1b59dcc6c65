"""A recipe's comparisons put to the test: what showed, what was contradicted, what stayed open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from jobs.choice import Choice, choice_of
from jobs.confidence import Estimate, Sampled, sampled
from jobs.recipe.schema import Comparison, Recipe
from jobs.recipe.seeds import repeats
from jobs.scores import RecipeScores
from jobs.scoring.columns import SplitScores

Verdict = Literal["shown", "contradicted", "not shown"]


@dataclass(frozen=True)
class SplitComparison:
    """Choice minus control on one split, in the mean AP over the group's labels."""

    seeds: tuple[Estimate, ...]  # one a repeat
    mean: Estimate  # over the repeats, in the same resamples
    rose: int  # labels whose AP, in the mean over the repeats, is higher for the choice
    rose_of: int
    verdict: Verdict


@dataclass(frozen=True)
class ComparisonResult:
    """A claim with what each split says of it; a split that cannot say anything yet is left out."""

    comparison: Comparison
    seeds: tuple[int, ...]  # of the repeats; empty for a recipe without seeds
    splits: Mapping[str, SplitComparison]
    missing: Mapping[str, tuple[str, ...]]  # by split: models without predictions yet


def compare_all(scores: RecipeScores) -> tuple[ComparisonResult, ...]:
    """Every comparison of the recipe, in its order, on each split with labels."""
    return tuple(_compare(scores, comparison) for comparison in scores.recipe.comparisons)


def comparison_choices(recipe: Recipe) -> list[Choice]:
    """All that the comparisons of a recipe score."""
    names = (name for one in recipe.comparisons for name in (one.choice, one.control))
    return [choice for name in names for choice in _choices(recipe, name)]


def verdict(seeds: Sequence[Estimate], mean: Estimate, margin: float | None = None) -> Verdict:
    """What the difference says of the claim that it is above 0, or below `margin` in size.

    Above 0 is shown where the interval of the mean over the seeds is, and the difference of every
    seed; it is contradicted where that interval is below 0. With a margin the claim is shown where
    the interval is within it, and contradicted where all of the interval is outside.
    """
    if margin is None:
        if mean.low > 0 and all(seed.value > 0 for seed in seeds):
            return "shown"
        return "contradicted" if mean.high < 0 else "not shown"
    if -margin < mean.low and mean.high < margin:
        return "shown"
    return "contradicted" if mean.low > margin or mean.high < -margin else "not shown"


def _compare(scores: RecipeScores, comparison: Comparison) -> ComparisonResult:
    recipe = scores.recipe
    choices = _choices(recipe, comparison.choice)
    controls = _choices(recipe, comparison.control)
    labels = scores.label_sets.get(comparison.group)
    found, missing = {}, {}
    for name, split in scores.splits.items():
        lacking = {model for one in (*choices, *controls) for model in split.missing(one)}
        if lacking:
            missing[name] = tuple(model.name for model in recipe.models if model.name in lacking)
        elif labels is not None:
            tested = _on_split(split, choices, controls, labels, comparison.margin)
            if tested is not None:
                found[name] = tested
    return ComparisonResult(comparison, recipe.seeds, found, missing)


def _on_split(
    split: SplitScores,
    choices: Sequence[Choice],
    controls: Sequence[Choice],
    labels: NDArray[np.bool_],
    margin: float | None,
) -> SplitComparison | None:
    """None if no label of the group has an AP on this split."""
    pairs = [
        _difference(split, [choice], [control])
        for choice, control in zip(choices, controls, strict=True)
    ]
    whole = _difference(split, choices, controls)
    seeds = [estimate for pair in pairs if (estimate := pair.mean_of(labels)) is not None]
    mean = whole.mean_of(labels)
    if mean is None:
        return None
    changes = whole.ap[labels]
    known = changes[~np.isnan(changes)]
    rose = int((known > 0).sum())
    return SplitComparison(tuple(seeds), mean, rose, known.size, verdict(seeds, mean, margin))


def _difference(
    split: SplitScores, choices: Sequence[Choice], controls: Sequence[Choice]
) -> Sampled:
    one, other = sampled(split, choices), sampled(split, controls)
    if one is None or other is None:
        raise LookupError("compared before all predictions are there")
    return one.minus(other)


def _choices(recipe: Recipe, name: str) -> list[Choice]:
    return [choice_of(recipe, repeat) for repeat in repeats(recipe, name)]
