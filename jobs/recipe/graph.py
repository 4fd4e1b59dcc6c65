"""Lineages, training order and queue targets of a checked recipe."""

from collections.abc import Iterable

from jobs.errors import InputError
from jobs.recipe.problem import nearest
from jobs.recipe.schema import Model, Recipe
from jobs.recipe.seeds import repeats


def lineage(recipe: Recipe, model: str) -> tuple[Model, ...]:
    """The model and all that it started from, the root first; KeyError for an unknown name."""
    by_name = {entry.name: entry for entry in recipe.models}
    line = [by_name[model]]
    while line[0].parent is not None:
        line.insert(0, by_name[line[0].parent])
    return tuple(line)


def parents_first(recipe: Recipe, names: Iterable[str]) -> list[Model]:
    """The named models and their ancestors in training order: by stage, then as in the recipe.

    A parent's stage is always an earlier one, so this order is topological.
    """
    wanted = {ancestor.name for name in names for ancestor in lineage(recipe, name)}
    stages = [stage.name for stage in recipe.stages]
    chosen = (model for model in recipe.models if model.name in wanted)
    return sorted(chosen, key=lambda model: stages.index(model.stage))


def children(recipe: Recipe, model: str | None) -> list[Model]:
    """Models that start from `model`; with None those that start from ImageNet or nothing."""
    return [entry for entry in recipe.models if entry.parent == model]


def resolve_target(recipe: Recipe, target: str) -> list[Model]:
    """The models of a stage, a model, an ensemble, or `all`; without their ancestors.

    In a recipe with seeds a name without a seed means all of its repeats. Optional models come
    only by their own name. InputError for an unknown target.
    """
    always = [model for model in recipe.models if not model.optional]
    if target == "all":
        return always
    if any(stage.name == target for stage in recipe.stages):
        return [model for model in always if model.stage == target]
    names = repeats(recipe, target)
    for ensemble in recipe.ensembles:
        if ensemble.name in names:
            names += ensemble.members
    models = [model for model in recipe.models if model.name in names]
    if not models:
        hint = nearest(target, target_names(recipe))
        raise InputError(f"recipe {recipe.name} has no '{target}'{hint}")
    return models


def target_names(recipe: Recipe) -> list[str]:
    """Everything that `resolve_target` knows."""
    stages = [stage.name for stage in recipe.stages]
    models = [name for model in recipe.models for name in (model.base, model.name)]
    return [*stages, *models, *(ensemble.name for ensemble in recipe.ensembles), "all"]
