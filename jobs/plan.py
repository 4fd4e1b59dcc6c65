"""From a recipe and its data to jobs with keys: which there are, and which must still run."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from db.jobs import jobs_by_key
from db.recipes import recipe_named
from db.records import Job, TargetSetRecord
from jobs.durable import content_hash
from jobs.keys import PREDICTED_SPLITS, predict_key, train_key
from jobs.paths import predict_folder, train_folder
from jobs.recipe.graph import parents_first
from jobs.recipe.schema import Model, Recipe
from jobs.spec import MEANINGS, PredictJob, TrainJob
from jobs.workspace import Workspace

_CACHE_FROM_JOB: Final = "../../../../cache"
_PACKAGES: Final = ("cxrtui", "numpy", "safetensors", "timm", "torch", "torchvision")


@dataclass(frozen=True)
class PlannedJob:
    """A job that a recipe asks for."""

    key: str
    kind: str
    recipe: str
    stage: str
    model: str
    folder: str
    needs: str | None
    spec: dict[str, Any]

    @property
    def name(self) -> str:
        """What a person calls it: `model3 train`."""
        return f"{self.model} {self.kind}"


@dataclass(frozen=True)
class PlanLine:
    """What is to become of a planned job, and why."""

    job: PlannedJob
    runs: bool
    reason: str


def plan_jobs(
    recipe: Recipe, data_root: Path, fingerprints: Mapping[str, str]
) -> dict[str, tuple[PlannedJob, PlannedJob]]:
    """By model name (all of them, parents first), its train job and its predict job."""
    planned: dict[str, tuple[PlannedJob, PlannedJob]] = {}
    provenance = _provenance()
    for model in parents_first(recipe, [model.name for model in recipe.models]):
        parent = None if model.parent is None else planned[model.parent][0]
        trained = train_key(model, parent.key if parent else None, fingerprints)
        predicted = predict_key(trained, fingerprints)
        shared = {
            "recipe": recipe.name,
            "stage": model.stage,
            "model": model.name,
            "labels": recipe.labels,
            "data_root": str(data_root),
            "data": recipe.data,
            "cache": _CACHE_FROM_JOB,
            "settings": model.settings,
            "run": recipe.run,
            "provenance": provenance,
        }
        train = TrainJob(
            key=trained,
            fingerprints={split: fingerprints[split] for split in ("train", "val")},
            meaning=MEANINGS["train"],
            parent_job=f"../../../../{parent.folder}" if parent else None,
            **shared,
        )
        predict = PredictJob(
            key=predicted,
            fingerprints={split: fingerprints[split] for split in PREDICTED_SPLITS},
            meaning=MEANINGS["predict"],
            train_job="../train",
            splits=PREDICTED_SPLITS,
            **shared,
        )
        folder = train_folder(recipe.name, model.name, trained)
        planned[model.name] = (
            _job(train, folder, parent.key if parent else None),
            _job(predict, predict_folder(recipe.name, model.name, trained, predicted), trained),
        )
    return planned


def plan_lines(wanted: Sequence[PlannedJob], known: Mapping[str, Job]) -> list[PlanLine]:
    """Which of the wanted jobs must run, given the jobs that are known by key."""
    lines = []
    for job in wanted:
        found = known.get(job.key)
        if found is None:
            lines.append(PlanLine(job, True, "not run yet with these settings and data"))
        elif found.state == "succeeded":
            lines.append(PlanLine(job, False, f"succeeded already (key {job.key[:8]})"))
        elif found.state in ("queued", "running", "blocked"):
            reason = f"{found.state} already" + (f": {found.reason}" if found.reason else "")
            lines.append(PlanLine(job, True, reason))
        else:
            lines.append(PlanLine(job, True, f"{found.state} before: goes on"))
    return lines


def wanted_jobs(
    recipe: Recipe, models: Sequence[Model], planned: Mapping[str, tuple[PlannedJob, PlannedJob]]
) -> list[PlannedJob]:
    """Train jobs of the models and their ancestors, then predict jobs of the models themselves."""
    names = {model.name for model in models}
    trains = [planned[model.name][0] for model in parents_first(recipe, names)]
    return [*trains, *(planned[name][1] for name in planned if name in names)]


def known_jobs(workspace: Workspace, wanted: Sequence[PlannedJob]) -> dict[str, Job]:
    """The jobs of the workspace that have the keys of these."""
    with workspace.database.read() as connection:
        return jobs_by_key(connection, [job.key for job in wanted])


def recipe_entry(
    recipe: Recipe,
    text: str,
    data_root: Path,
    planned: Mapping[str, tuple[PlannedJob, PlannedJob]],
    targets: Sequence[TargetSetRecord],
) -> dict[str, Any]:
    """The journal entry that makes a recipe, as it is now, known to the workspace."""
    models = [
        {
            "name": model.name,
            "stage": model.stage,
            "parent": model.parent,
            "optional": model.optional,
            "settings": model.settings.model_dump(),
            "train_key": planned[model.name][0].key,
            "predict_key": planned[model.name][1].key,
        }
        for model in recipe.models
    ]
    entry = {
        "kind": "recipe",
        "name": recipe.name,
        "text": text,
        "data_root": str(data_root),
        "stages": [stage.name for stage in recipe.stages],
        "models": models,
        "targets": [asdict(target) for target in targets],
    }
    return {**entry, "version": content_hash(entry)}


def add_entry(jobs: Sequence[PlannedJob], priority: int) -> dict[str, Any]:
    """The journal entry that queues jobs."""
    return {"kind": "add", "jobs": [asdict(job) for job in jobs], "priority": priority}


def is_known(workspace: Workspace, entry: dict[str, Any]) -> bool:
    """Whether a recipe entry says what the workspace knows already."""
    with workspace.database.read() as connection:
        found = recipe_named(connection, entry["name"])
    return found is not None and found.version == entry["version"]


def _job(spec: TrainJob | PredictJob, folder: str, needs: str | None) -> PlannedJob:
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


def _provenance() -> dict[str, Any]:
    packages = {}
    for name in _PACKAGES:
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            continue
    return {"packages": packages}
