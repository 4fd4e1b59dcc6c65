"""What a workspace has of a recipe: predictions and targets, each checked before use."""

from collections.abc import Iterable
from functools import cache, cached_property

from db.imports import imports_of
from db.predictions import label_aps, prediction_sets
from db.recipes import ensembles_of, models_of, recipe_named, targets_of
from db.records import ImportedSetRecord, ModelRecord, PredictionSetRecord
from jobs.data.table import ImageTable
from jobs.durable import content_hash
from jobs.errors import InputError
from jobs.predictions import REMEDY, PredictionSet, read_predictions
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
            self.data_root = found.data_root
            self.models: dict[str, ModelRecord] = {
                model.name: model for model in models_of(connection, found.id)
            }
            self._sets = {
                model.name: prediction_sets(connection, model.predict_key)
                for model in self.models.values()
            }
            self.imports: dict[str, dict[str, ImportedSetRecord]] = {
                name: sets
                for name, sets in imports_of(connection, found.id).items()
                if name not in self.models
            }
            self._targets = targets_of(connection, found.id)
            self.saved = {saved.name: saved for saved in ensembles_of(connection, found.id)}
        self.predictions = cache(self._predictions)
        self.table = cache(self._table)  # the labels of one of the splits

    @property
    def members(self) -> tuple[str, ...]:
        """What can be a member of an ensemble: models with predictions, then imports."""
        return (*(name for name in self.models if self._sets[name]), *self.imports)

    def member_key(self, name: str) -> str:
        """Hash of all that decides what a model or an import predicts; KeyError for neither."""
        if name in self.models:
            return self.models[name].predict_key
        return import_key(self.imports[name].values())

    def prediction_set(
        self, name: str, split: str
    ) -> PredictionSetRecord | ImportedSetRecord | None:
        """What is recorded of the predictions of a model or an import, if it has any."""
        if name in self.imports:
            return self.imports[name].get(split)
        return self._sets.get(name, {}).get(split)

    def label_aps(self, model: str, split: str) -> dict[str, float | None]:
        """AP by label of a model before any view rule; empty where it has no predictions."""
        record = self._sets.get(model, {}).get(split)
        if record is None:
            return {}
        with self._workspace.database.read() as connection:
            return label_aps(connection, record)

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits whose labels are known."""
        return tuple(self._targets)

    @cached_property
    def targets(self) -> dict[str, ImageTable]:
        """The labels of each split."""
        return {split: self.table(split) for split in self.splits}

    def remedy(self, name: str) -> str:
        """What a person does about damaged predictions of a model or an import."""
        if name not in self.imports:
            return REMEDY
        return f"import it again with `cxrtui ensemble import {name} FILE`"

    def _table(self, split: str) -> ImageTable:
        record = self._targets[split]
        return read_targets(self._workspace.paths.root / record.path, record.sha256)

    def _predictions(self, name: str, split: str) -> PredictionSet | None:
        record = self.prediction_set(name, split)
        if record is None:
            return None
        path = self._workspace.paths.root / record.path
        return read_predictions(path, record.sha256, self.remedy(name))


def import_key(sets: Iterable[ImportedSetRecord]) -> str:
    """The key of an import: the hash of its files, by split."""
    return content_hash({"kind": "import", "splits": {one.split: one.sha256 for one in sets}})
