"""What the columns of a recipe score on one split."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from jobs.data.table import ImageTable
from jobs.predictions import PredictionSet
from jobs.recipe.schema import Column, Recipe, ViewRule
from jobs.scoring.align import align
from jobs.scoring.ap import average_precision
from jobs.scoring.ensembles import average_members
from jobs.scoring.views import FRONTAL_WEIGHT, StudyGroups

Predictions = Callable[[str, str], PredictionSet | None]  # (model, split), None: not there yet


def score_columns(
    recipe: Recipe, predictions: Predictions, table: ImageTable | None
) -> list[NDArray[np.float64] | None]:
    """AP (C,) of each column, in the recipe's order of labels; None where unfinished.

    Without a `table` the labels are unknown and every column is unfinished. Raises DamagedError
    for predictions that are not of the table's images and labels.
    """
    if table is None:
        return [None] * len(recipe.columns)
    studies = StudyGroups(table.study, table.view)
    places = [table.labels.index(label) for label in recipe.labels]
    aligned: dict[str, NDArray[np.float32] | None] = {}
    scores: list[NDArray[np.float64] | None] = []
    for column in recipe.columns:
        weights, rule, frontal_weight = _members(recipe, column)
        for model in weights.keys() - aligned.keys():
            found = predictions(model, table.split)
            aligned[model] = None if found is None else align(found, table, model)
        members = [member for model in weights if (member := aligned[model]) is not None]
        if len(members) < len(weights):
            scores.append(None)
            continue
        average = average_members(members, list(weights.values()))
        given = studies.apply(rule, average, frontal_weight)
        scores.append(average_precision(given, table.targets, table.labels)[places])
    return scores


def _members(recipe: Recipe, column: Column) -> tuple[dict[str, float], ViewRule, float]:
    """Weights by model, sorted so that their order in the recipe cannot change a last bit."""
    if column.model is not None:
        return {column.model: 1.0}, column.view_rule, FRONTAL_WEIGHT
    ensemble = next(one for one in recipe.ensembles if one.name == column.ensemble)
    weights = ensemble.weights or (1.0,) * len(ensemble.members)
    by_model = dict(sorted(zip(ensemble.members, weights, strict=True)))
    return by_model, ensemble.view_rule, ensemble.frontal_weight
