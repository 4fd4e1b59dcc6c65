"""From a target to queued jobs: what `run-all` and `queue add` share."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cxrtui.output import errors
from cxrtui.show.bar import counting
from jobs.paths import WorkspacePaths
from jobs.plan import (
    PlanLine,
    add_entry,
    is_known,
    known_jobs,
    plan_jobs,
    plan_lines,
    recipe_entry,
    wanted_jobs,
)
from jobs.prepare import PreparedData, data_root, keep_targets, prepare_data
from jobs.queue.journal import record
from jobs.recipe.graph import resolve_target
from jobs.recipe.load import LoadedRecipe
from jobs.recipe.schema import Model
from jobs.workspace import Workspace, WorkspaceSettings, open_workspace

_UNKNOWN_DATA = dict.fromkeys(("train", "val", "dev", "test"), "not written yet")


@dataclass(frozen=True)
class Plan:
    """What a target comes to, line by line."""

    recipe: LoadedRecipe
    lines: list[PlanLine]

    @property
    def keys(self) -> list[str]:
        """Keys of all jobs of the plan, also of those that need not run."""
        return [line.job.key for line in self.lines]


def preview(
    root: Path, settings: WorkspaceSettings, loaded: LoadedRecipe, targets: Sequence[str]
) -> Plan:
    """The plan without writing anything: no workspace, no phantom, no jobs."""
    paths = WorkspacePaths(root)
    folder = data_root(paths, loaded.recipe, settings.data)
    to_write = loaded.recipe.data.phantom is not None and not folder.exists()
    fingerprints = _UNKNOWN_DATA if to_write else prepare_data(folder, loaded.recipe).fingerprints
    planned = plan_jobs(loaded.recipe, folder, fingerprints)
    wanted = wanted_jobs(loaded.recipe, _models(loaded, targets), planned)
    known = known_jobs(open_workspace(root), wanted) if paths.database.is_file() else {}
    return Plan(loaded, plan_lines(wanted, known))


def enqueue(
    workspace: Workspace, loaded: LoadedRecipe, targets: Sequence[str], priority: int = 0
) -> Plan:
    """Queue what the targets need and has not succeeded; durable when this comes back."""
    models = _models(loaded, targets)
    data = _prepare(workspace, loaded)
    planned = plan_jobs(loaded.recipe, data.root, data.fingerprints)
    wanted = wanted_jobs(loaded.recipe, models, planned)
    lines = plan_lines(wanted, known_jobs(workspace, wanted))
    about = recipe_entry(
        loaded.recipe, loaded.text, data.root, planned, keep_targets(workspace.paths, data)
    )
    running = [line.job for line in lines if line.runs]
    entries = [] if is_known(workspace, about) else [about]
    if running:
        entries.append(add_entry(running, priority))
    if entries:
        record(workspace, *entries)
    return Plan(loaded, lines)


def _models(loaded: LoadedRecipe, targets: Sequence[str]) -> list[Model]:
    chosen = [model for target in targets for model in resolve_target(loaded.recipe, target)]
    return list({model.name: model for model in chosen}.values())


def _prepare(workspace: Workspace, loaded: LoadedRecipe) -> PreparedData:
    root = data_root(workspace.paths, loaded.recipe, workspace.settings.data)
    with counting("writing phantom images", errors) as progress:
        return prepare_data(root, loaded.recipe, progress)
