"""From a target to queued jobs: what `run-all`, `queue add` and `data pack` share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from cxrtui.output import errors
from cxrtui.show.bar import counting
from cxrtui.show.plain import plain
from jobs.errors import InputError
from jobs.paths import WorkspacePaths
from jobs.plan import (
    PlanLine,
    add_entry,
    again_entry,
    is_known,
    known_jobs,
    plan_lines,
    recipe_entry,
)
from jobs.planned import DataFacts, PlannedJob, PlannedRecipe, plan_jobs
from jobs.prepare import PreparedData, data_root, keep_targets, prepare_data
from jobs.queue.journal import record
from jobs.recipe.graph import resolve_target
from jobs.recipe.load import LoadedRecipe
from jobs.spec import KeptFile
from jobs.workspace import Workspace, WorkspaceSettings, open_workspace

_NOT_WRITTEN: Final = "not written yet"
_UNKNOWN: Final = DataFacts(
    Path(),
    KeptFile(path="", sha256=""),
    0,
    dict.fromkeys(("train", "val", "dev", "test"), _NOT_WRITTEN),
)

Choice = Callable[[PlannedRecipe], Sequence[PlannedJob]]


@dataclass(frozen=True)
class Plan:
    """What a target comes to, line by line."""

    recipe: LoadedRecipe
    lines: list[PlanLine]
    images: int  # in all splits; 0 where they are not written yet

    @property
    def keys(self) -> list[str]:
        """Keys of all jobs of the plan, also of those that need not run."""
        return [line.job.key for line in self.lines]


def of_targets(loaded: LoadedRecipe, targets: Sequence[str]) -> Choice:
    """What stages, models, ensembles or `all` need; InputError for an unknown one."""
    models = {model.name for target in targets for model in resolve_target(loaded.recipe, target)}
    return lambda planned: planned.of_models(loaded.recipe, models)


def of_packs(loaded: LoadedRecipe, sizes: Sequence[int]) -> Choice:
    """Packs of these sizes, of all that the recipe's models need if none is given; InputError."""
    all_models = {model.name for model in loaded.recipe.models if not model.optional}
    known = {model.settings.image_size for model in loaded.recipe.models}
    known |= {size for size in (loaded.recipe.data.pixels.master,) if size}
    for size in sizes:
        if size not in known:
            needed = ", ".join(map(str, sorted(known)))
            raise InputError(
                f"--size {size}: no model of recipe {loaded.recipe.name} is trained "
                f"at it: choose from {needed}"
            )
    if sizes:
        return lambda planned: planned.of_sizes(set(sizes))
    return lambda planned: [
        job for job in planned.of_models(loaded.recipe, all_models) if job.kind == "pack"
    ]


def preview(root: Path, settings: WorkspaceSettings, loaded: LoadedRecipe, choice: Choice) -> Plan:
    """The plan without writing anything: no workspace, no phantom, no jobs."""
    paths = WorkspacePaths(root)
    folder = data_root(paths, loaded.recipe, settings.data)
    to_write = loaded.recipe.data.phantom is not None and not folder.exists()
    facts = _UNKNOWN if to_write else prepare_data(folder, loaded.recipe).facts()
    wanted = choice(plan_jobs(loaded.recipe, replace(facts, root=folder)))
    known = known_jobs(open_workspace(root), wanted) if paths.database.is_file() else {}
    return Plan(loaded, plan_lines(wanted, known, root), facts.count)


def enqueue(workspace: Workspace, loaded: LoadedRecipe, choice: Choice, priority: int = 0) -> Plan:
    """Queue what was chosen and has not succeeded; durable when this comes back."""
    data = _prepare(workspace, loaded)
    kept = keep_targets(workspace.paths, data)
    facts = data.facts(kept)
    planned = plan_jobs(loaded.recipe, facts)
    wanted = choice(planned)
    known = known_jobs(workspace, wanted)
    lines = plan_lines(wanted, known, workspace.paths.root)
    about = recipe_entry(loaded.recipe, loaded.text, data.root, planned, kept)
    running = [line.job for line in lines if line.runs]
    lost = [job for job in running if job.key in known and known[job.key].state == "succeeded"]
    entries = [] if is_known(workspace, about) else [about]
    if running:
        entries.append(add_entry(running, priority))
    if lost:
        entries.append(again_entry(lost))
    if entries:
        record(workspace, *entries)
    return Plan(loaded, lines, facts.count)


def _prepare(workspace: Workspace, loaded: LoadedRecipe) -> PreparedData:
    root = data_root(workspace.paths, loaded.recipe, workspace.settings.data)
    with counting("writing phantom images", errors) as progress:
        data = prepare_data(root, loaded.recipe, progress)
    for file, rows in data.left_out.items():
        told = (
            f"{file}: {rows:,} rows cannot be used and are left out: `cxrtui data check` lists them"
        )
        errors.print(plain(told), soft_wrap=True)
    return data
