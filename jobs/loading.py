"""What a workspace has of a recipe: predictions and targets, each checked before use."""

from functools import cache, cached_property

from db.predictions import label_aps, prediction_sets
from db.recipes import ensembles_of, models_of, recipe_named, targets_of
from db.records import ModelRecord, PredictionSetRecord
from jobs.data.table import ImageTable
from jobs.errors import InputError
from jobs.predictions import PredictionSet, read_predictions
from jobs.recipe.load import parse_recipe
from jobs.recipe.schema import Recipe
from jobs.targets import read_targets
from jobs.workspace import Workspace


class RecipeHoldings:
    """The finished work of one recipe. Files are read once; DamagedError if one was changed."""

    def __init__(self, workspace: Workspace, name: str) -> None:
        self._workspace = workspace
        with workspace.database.read() as connection:
            found = recipe_named(connection, name)
            if found is None:
                raise InputError(
                    f"{workspace.paths.root}: recipe {name} has not been run here: "
                    "`cxrtui run-all` runs it"
                )
            self.id = found.id
            self.recipe: Recipe = parse_recipe(found.text, name)
            self.models: dict[str, ModelRecord] = {
                model.name: model for model in models_of(connection, found.id)
            }
            self._sets = {
                model.name: prediction_sets(connection, model.predict_key)
                for model in self.models.values()
            }
            self._targets = targets_of(connection, found.id)
            self.saved = {saved.name: saved for saved in ensembles_of(connection, found.id)}
        self.predictions = cache(self._predictions)

    def prediction_set(self, model: str, split: str) -> PredictionSetRecord | None:
        """What is recorded of a model's predictions of a split, if it has any."""
        return self._sets.get(model, {}).get(split)

    def label_aps(self, model: str, split: str) -> dict[str, float | None]:
        """AP by label of a model before any view rule; empty where it has no predictions."""
        record = self.prediction_set(model, split)
        if record is None:
            return {}
        with self._workspace.database.read() as connection:
            return label_aps(connection, record)

    @cached_property
    def targets(self) -> dict[str, ImageTable]:
        """The labels of each split."""
        root = self._workspace.paths.root
        return {
            split: read_targets(root / record.path, record.sha256)
            for split, record in self._targets.items()
        }

    def _predictions(self, model: str, split: str) -> PredictionSet | None:
        record = self.prediction_set(model, split)
        if record is None:
            return None
        return read_predictions(self._workspace.paths.root / record.path, record.sha256)
