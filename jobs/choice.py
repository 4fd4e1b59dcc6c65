"""A choice of members with weights and a view rule: what it is, and how it is kept."""

from dataclasses import dataclass

from jobs.recipe.schema import Recipe, ViewRule
from jobs.scoring.views import FRONTAL_WEIGHT


@dataclass(frozen=True)
class Choice:
    """Members with weights, and how views are unified."""

    weights: dict[str, float]
    view_rule: ViewRule
    frontal_weight: float = FRONTAL_WEIGHT


def recipe_choices(recipe: Recipe) -> dict[str, Choice]:
    """The ensembles of a recipe by name."""
    found = {}
    for one in recipe.ensembles:
        weights = one.weights or (1.0,) * len(one.members)
        by_model = dict(zip(one.members, weights, strict=True))
        found[one.name] = Choice(by_model, one.view_rule, one.frontal_weight)
    return found


def ensemble_entry(recipe: str, name: str, choice: Choice) -> dict[str, object]:
    """The journal entry that saves a choice as an ensemble."""
    return {
        "kind": "ensemble",
        "recipe": recipe,
        "name": name,
        "view_rule": choice.view_rule,
        "frontal_weight": choice.frontal_weight,
        "members": choice.weights,
    }
