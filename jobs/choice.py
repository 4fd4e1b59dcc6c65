"""A choice of members: their weights, how they are averaged, how views are unified, its key."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum

from jobs.durable import content_hash
from jobs.recipe.schema import Averaging, Column, Recipe, ViewRule
from jobs.recipe.seeds import repeats
from jobs.scoring.views import FRONTAL_WEIGHT


@dataclass(frozen=True)
class Choice:
    """Members with weights, how views are unified, and what is averaged over the members."""

    weights: dict[str, float]
    view_rule: ViewRule
    frontal_weight: float = FRONTAL_WEIGHT  # of study-mean
    averaging: Averaging = "probabilities"


def recipe_choices(recipe: Recipe) -> dict[str, Choice]:
    """The ensembles of a recipe by name; with seeds each repeat of them."""
    found = {}
    for one in recipe.ensembles:
        weights = one.weights or (1.0,) * len(one.members)
        by_model = dict(zip(one.members, weights, strict=True))
        found[one.name] = Choice(by_model, one.view_rule, one.frontal_weight, one.averaging)
    return found


def choice_of(recipe: Recipe, name: str) -> Choice:
    """A model alone, or an ensemble of the recipe; KeyError for a name that is neither."""
    if any(model.name == name for model in recipe.models):
        return Choice({name: 1.0}, "none")
    return recipe_choices(recipe)[name]


def column_choices(recipe: Recipe, column: Column) -> tuple[Choice, ...]:
    """What a column of the result table scores: one choice, or with seeds one a seed."""
    if column.model is not None:
        models = repeats(recipe, column.model)
        return tuple(Choice({model: 1.0}, column.view_rule) for model in models)
    known = recipe_choices(recipe)
    return tuple(known[name] for name in repeats(recipe, str(column.ensemble)))


def ensemble_key(choice: Choice, member_keys: Mapping[str, str]) -> str:
    """Hex SHA-256 of all that decides what a choice predicts; so not of its members' names.

    Only the ratio of weights counts; members with one key are one member. KeyError for a member
    without a key.
    """
    total = fsum(choice.weights.values())
    weights: dict[str, list[float]] = {}
    for name, weight in choice.weights.items():
        weights.setdefault(member_keys[name], []).append(weight)
    decides: dict[str, object] = {
        "members": {key: fsum(of_key) / total for key, of_key in weights.items()},
        "averaging": choice.averaging,
        "view_rule": choice.view_rule,
    }
    if choice.view_rule == "study-mean":
        decides["frontal_weight"] = choice.frontal_weight
    return content_hash(decides)


def ensemble_entry(
    recipe: str, name: str, choice: Choice, member_keys: Mapping[str, str]
) -> dict[str, object]:
    """The journal entry that saves a choice as an ensemble, with its members' keys as of now."""
    return {
        "kind": "ensemble",
        "recipe": recipe,
        "name": name,
        "averaging": choice.averaging,
        "view_rule": choice.view_rule,
        "frontal_weight": choice.frontal_weight,
        "members": choice.weights,
        "member_keys": {member: member_keys[member] for member in choice.weights},
        "key": ensemble_key(choice, member_keys),
    }
