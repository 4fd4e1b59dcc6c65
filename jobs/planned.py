"""The jobs that a recipe comes to on given data, with their keys and what `job.json` will say."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from jobs.keys import PREDICTED_SPLITS, master_of, pack_key, predict_key, train_key
from jobs.paths import ROOT_FROM_JOB, pack_job_folder, pixels_folder, predict_folder, train_folder
from jobs.recipe.graph import parents_first
from jobs.recipe.schema import Model, Recipe
from jobs.spec import MEANINGS, JobSpec, KeptFile, PackJob, PredictJob, TrainJob

DATA_STAGE: Final = "data"  # where packs stand in a list by stage


@dataclass(frozen=True)
class PlannedJob:
    """A job that a recipe asks for."""

    key: str
    kind: str
    recipe: str
    stage: str
    model: str
    folder: str
    needs: tuple[str, ...]  # keys of jobs that must have succeeded
    spec: dict[str, Any]

    @property
    def name(self) -> str:
        """What a person calls it: `model3 train`, `320px pack`."""
        return f"{self.model} {self.kind}"


@dataclass(frozen=True)
class DataFacts:
    """What of the data goes into keys and jobs."""

    root: Path
    images: KeptFile  # the list of their paths
    count: int  # of images
    fingerprints: Mapping[str, str]  # by split
    targets: Mapping[str, KeptFile] = field(default_factory=dict)  # by split, when written


@dataclass(frozen=True)
class PlannedRecipe:
    """All jobs of a recipe."""

    packs: dict[int, PlannedJob]  # by size, a master before those that come from it
    trains: dict[str, PlannedJob]  # by model, parents first
    predicts: dict[str, PlannedJob]

    def of_models(
        self, recipe: Recipe, names: Collection[str], *, parents: bool = True
    ) -> list[PlannedJob]:
        """What these models need: packs, training of all ancestors, predictions of their own.

        Without `parents` only the models themselves are trained.
        """
        trained = [
            model for model in parents_first(recipe, names) if parents or model.name in names
        ]
        return [
            *self.of_sizes({model.settings.image_size for model in trained}),
            *(self.trains[model.name] for model in trained),
            *(job for name, job in self.predicts.items() if name in names),
        ]

    def of_sizes(self, sizes: Collection[int]) -> list[PlannedJob]:
        """The packs of these sizes, and the masters that they come from."""
        keys = {key for size in sizes for key in (self.packs[size].key, *self.packs[size].needs)}
        return [job for job in self.packs.values() if job.key in keys]


def plan_jobs(recipe: Recipe, data: DataFacts) -> PlannedRecipe:
    """Packs of every size, and a train job and a predict job of every model."""
    return _Planner(recipe, data).plan()


class _Planner:
    """Makes the jobs of one recipe, each with what it shares with the others."""

    def __init__(self, recipe: Recipe, data: DataFacts) -> None:
        self.recipe = recipe
        self.data = data
        self.packs: dict[int, PlannedJob] = {}
        self.trains: dict[str, PlannedJob] = {}
        self.predicts: dict[str, PlannedJob] = {}
        self.shared = {"recipe": recipe.name, "run": recipe.run}

    def plan(self) -> PlannedRecipe:
        models = parents_first(self.recipe, [model.name for model in self.recipe.models])
        sizes = {model.settings.image_size for model in models}
        masters = {master_of(size, self.recipe.data.pixels) for size in sizes}
        for size in sorted(sizes | {size for size in masters if size}, reverse=True):
            self.packs[size] = self._pack(size)
        for model in models:
            self.trains[model.name] = self._train(model)
            self.predicts[model.name] = self._predict(model)
        return PlannedRecipe(self.packs, self.trains, self.predicts)

    def _pack(self, size: int) -> PlannedJob:
        pixels = self.recipe.data.pixels
        key = pack_key(size, pixels, self.data.root, self.data.images.sha256)
        master = self.packs.get(master_of(size, pixels) or 0)
        spec = PackJob(
            key=key,
            stage=DATA_STAGE,
            model=f"{size}px",
            images=self.data.images,
            pack=_pixels(key, size),
            meaning=MEANINGS["pack"],
            data_root=str(self.data.root),
            size=size,
            pixels=pixels,
            master=None if master is None else str(master.spec["pack"]),
            **self.shared,
        )
        needs = () if master is None else (master.key,)
        return _job(spec, pack_job_folder(self.recipe.name, size, key), needs)

    def _train(self, model: Model) -> PlannedJob:
        parent = None if model.parent is None else self.trains[model.parent]
        pack = self.packs[model.settings.image_size]
        fingerprints = self.data.fingerprints
        pixels = self.recipe.data.pixels
        key = train_key(model, parent.key if parent else None, pixels, fingerprints)
        spec = TrainJob(
            key=key,
            targets=self._targets(("train", "val")),
            meaning=MEANINGS["train"],
            parent_job=f"{ROOT_FROM_JOB}/{parent.folder}" if parent else None,
            **self._of_model(model, pack),
        )
        needs = (pack.key,) if parent is None else (pack.key, parent.key)
        return _job(spec, train_folder(self.recipe.name, model.name, key), needs)

    def _predict(self, model: Model) -> PlannedJob:
        train, pack = self.trains[model.name], self.packs[model.settings.image_size]
        key = predict_key(train.key, self.data.fingerprints)
        spec = PredictJob(
            key=key,
            targets=self._targets(PREDICTED_SPLITS),
            meaning=MEANINGS["predict"],
            train_job="../train",
            **self._of_model(model, pack),
        )
        folder = predict_folder(self.recipe.name, model.name, train.key, key)
        return _job(spec, folder, (pack.key, train.key))

    def _of_model(self, model: Model, pack: PlannedJob) -> dict[str, Any]:
        return {
            "stage": model.stage,
            "model": model.name,
            "labels": self.recipe.labels,
            "pack": str(pack.spec["pack"]),
            "settings": model.settings,
            **self.shared,
        }

    def _targets(self, splits: tuple[str, ...]) -> dict[str, KeptFile]:
        return {split: file for split, file in self.data.targets.items() if split in splits}


def _pixels(key: str, size: int) -> str:
    return f"{ROOT_FROM_JOB}/{pixels_folder(size, key)}"


def _job(spec: JobSpec, folder: str, needs: tuple[str, ...]) -> PlannedJob:
    return PlannedJob(
        key=spec.key,
        kind=spec.kind,
        recipe=spec.recipe,
        stage=spec.stage,
        model=spec.model,
        folder=folder,
        needs=needs,
        spec=spec.model_dump(mode="json"),
    )
