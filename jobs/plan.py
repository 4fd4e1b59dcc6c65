"""Which planned jobs must still run, and how they are told to the journal."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from db.lists import jobs_with_keys
from db.recipes import recipe_named
from db.records import Job, TargetSetRecord
from jobs.data.pixels.pack import MANIFEST
from jobs.durable import content_hash
from jobs.paths import WorkspacePaths
from jobs.planned import PlannedJob, PlannedRecipe
from jobs.recipe.schema import Recipe
from jobs.workspace import Workspace


@dataclass(frozen=True)
class PlanLine:
    """What is to become of a planned job, and why."""

    job: PlannedJob
    runs: bool
    reason: str


def plan_lines(
    wanted: Sequence[PlannedJob], known: Mapping[str, Job], root: Path
) -> list[PlanLine]:
    """Which of the wanted jobs must run, given the jobs of workspace `root` that are known by key.

    A pack that no job needs any more is left out, unless it is there already.
    """
    lines = [_line(job, known.get(job.key), root) for job in wanted]
    if all(line.job.kind == "pack" for line in lines):
        return lines
    kept: list[PlanLine] = []
    needed: set[str] = set()
    for line in reversed(lines):  # what needs a job stands behind it
        if line.job.kind != "pack" or not line.runs or line.job.key in needed:
            kept.append(line)
            needed.update(line.job.needs if line.runs else ())
    return kept[::-1]


def _line(job: PlannedJob, found: Job | None, root: Path) -> PlanLine:
    if found is None:
        return PlanLine(job, True, "not run yet with these settings and data")
    if found.state == "succeeded":
        if is_lost(job, root):
            return PlanLine(job, True, "its pack is gone: is made again")
        return PlanLine(job, False, f"succeeded already (key {job.key[:8]})")
    if found.state in ("queued", "running", "blocked"):
        reason = f"{found.state} already" + (f": {found.reason}" if found.reason else "")
        return PlanLine(job, True, reason)
    return PlanLine(job, True, f"{found.state} before: goes on")


def is_lost(job: PlannedJob, root: Path) -> bool:
    """Whether a pack is not on the disk: it lies in the cache, which a person may delete."""
    folder = WorkspacePaths(root).beside(job.folder, str(job.spec.get("pack")))
    return job.kind == "pack" and not (folder / MANIFEST).is_file()


def known_jobs(workspace: Workspace, wanted: Sequence[PlannedJob]) -> dict[str, Job]:
    """The jobs of the workspace that have the keys of these."""
    with workspace.database.read() as connection:
        found = jobs_with_keys(connection, [job.key for job in wanted])
    return {job.key: job for job in found}


def recipe_entry(
    recipe: Recipe,
    text: str,
    data_root: Path,
    planned: PlannedRecipe,
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
            "train_key": planned.trains[model.name].key,
            "predict_key": planned.predicts[model.name].key,
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


def again_entry(jobs: Sequence[PlannedJob]) -> dict[str, Any]:
    """The journal entry that makes succeeded jobs run again."""
    keys = [job.key for job in jobs]
    return {"kind": "request", "verb": "retry", "keys": keys, "value": None}


def priority_entry(jobs: Sequence[PlannedJob], priority: int) -> dict[str, Any]:
    """The journal entry that gives jobs a priority, also those that were in the queue before."""
    keys = [job.key for job in jobs]
    return {"kind": "request", "verb": "priority", "keys": keys, "value": priority}


def is_known(workspace: Workspace, entry: dict[str, Any]) -> bool:
    """Whether a recipe entry says what the workspace knows already."""
    with workspace.database.read() as connection:
        found = recipe_named(connection, entry["name"])
    return found is not None and found.version == entry["version"]
