"""The poster's table of models for a recipe: settings, scores so far, and what each took."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jobs.costs import Cost, lineage_cost, mean_cost
from jobs.recipe.graph import lineage
from jobs.recipe.schema import Model, ModelSettings, Recipe
from jobs.recipe.seeds import repeats


@dataclass(frozen=True)
class ModelScores:
    """Mean average precision of a model on two splits, as far as it has run."""

    val: float | None = None
    dev: float | None = None


@dataclass(frozen=True)
class StageRow:
    """A model as the recipe's file names it; with seeds all of its repeats."""

    model: str
    stage: str
    pre_weight: str  # "imagenet", "none", or a model as the recipe's file names it
    optional: bool
    settings: ModelSettings  # of its first repeat
    val: tuple[float | None, ...]  # mAP of each repeat
    dev: tuple[float | None, ...]
    cost: Cost | None  # mean over the repeats that have begun
    lineage: Cost | None  # with all that it started from


@dataclass(frozen=True)
class Saving:
    """A lineage in stages beside one that is large from the start; means over the seeds."""

    staged: str
    large: str
    staged_sizes: tuple[int, ...]  # image size of each stage
    large_sizes: tuple[int, ...]
    staged_cost: Cost
    large_cost: Cost
    staged_val: float  # mAP at the end
    large_val: float


def stage_rows(
    recipe: Recipe,
    scores: Mapping[str, ModelScores] | None = None,
    costs: Mapping[str, Cost] | None = None,
) -> tuple[StageRow, ...]:
    """One row a model of the recipe's file; scores and costs by the names of repeats."""
    by_base: dict[str, list[Model]] = {}
    for model in recipe.models:
        by_base.setdefault(model.base, []).append(model)
    return tuple(_row(recipe, models, scores or {}, costs or {}) for models in by_base.values())


def mean_score(scores: Sequence[float | None]) -> float | None:
    """The mean over the repeats; None while that of any is missing."""
    known = [score for score in scores if score is not None]
    return sum(known) / len(known) if known and len(known) == len(scores) else None


def spread_of(scores: Sequence[float | None]) -> float | None:
    """Their standard deviation over the repeats; None with fewer than two."""
    known = [score for score in scores if score is not None]
    return statistics.stdev(known) if len(known) > 1 else None


def saving(recipe: Recipe, rows: Sequence[StageRow]) -> Saving | None:
    """What stage training saves: the first lineage of the recipe's figure against the second.

    None without two of them, and before both are trained and scored.
    """
    names = recipe.figure.lineages[:2] if recipe.figure is not None else ()
    if len(names) < 2:
        return None
    staged, large = (next(row for row in rows if row.model == name) for name in names)
    staged_val, large_val = mean_score(staged.val), mean_score(large.val)
    if staged.lineage is None or large.lineage is None or staged_val is None or large_val is None:
        return None
    return Saving(
        staged=staged.model,
        large=large.model,
        staged_sizes=_sizes(recipe, staged.model),
        large_sizes=_sizes(recipe, large.model),
        staged_cost=staged.lineage,
        large_cost=large.lineage,
        staged_val=staged_val,
        large_val=large_val,
    )


def _sizes(recipe: Recipe, base: str) -> tuple[int, ...]:
    line = lineage(recipe, repeats(recipe, base)[0])
    return tuple(model.settings.image_size for model in line)


def _row(
    recipe: Recipe,
    models: Sequence[Model],
    scores: Mapping[str, ModelScores],
    costs: Mapping[str, Cost],
) -> StageRow:
    first = models[0]
    bases = {model.name: model.base for model in recipe.models}
    found = [scores.get(model.name, ModelScores()) for model in models]
    along = (lineage_cost(recipe, costs, model.name) for model in models)
    return StageRow(
        model=first.base,
        stage=first.stage,
        pre_weight=bases.get(first.settings.pre_weight, first.settings.pre_weight),
        optional=first.optional,
        settings=first.settings,
        val=tuple(one.val for one in found),
        dev=tuple(one.dev for one in found),
        cost=mean_cost([costs[model.name] for model in models if model.name in costs]),
        lineage=mean_cost([cost for cost in along if cost is not None]),
    )
