"""From a target to queued jobs: what `run-all`, `queue add` and `data pack` share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from cxrtui.output import errors
from cxrtui.show.bar import counting
from cxrtui.show.plain import plain
from db.records import Job
from jobs.errors import InputError
from jobs.paths import WorkspacePaths
from jobs.plan import (
    PlanLine,
    add_entry,
    again_entry,
    is_known,
    known_jobs,
    plan_lines,
    priority_entry,
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
Prepare = Callable[[Workspace, LoadedRecipe], PreparedData]


@dataclass(frozen=True)
class Plan:
    """What a target comes to, line by line."""

    recipe: LoadedRecipe
    lines: list[PlanLine]
    images: int  # in all splits; 0 where they are not written yet
    data: PreparedData | None = None  # None where they are not written yet

    @property
    def keys(self) -> list[str]:
        """Keys of all jobs of the plan, also of those that need not run."""
        return [line.job.key for line in self.lines]


def of_targets(loaded: LoadedRecipe, targets: Sequence[str], *, parents: bool = True) -> Choice:
    """What stages, models, ensembles or `all` need; InputError for an unknown one.

    Without `parents` the training of their ancestors is left out.
    """
    models = {model.name for target in targets for model in resolve_target(loaded.recipe, target)}
    return lambda planned: planned.of_models(loaded.recipe, models, parents=parents)


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


@dataclass(frozen=True)
class Prospect:
    """All that a recipe could have queued. To read the data takes long, to choose does not."""

    recipe: LoadedRecipe
    planned: PlannedRecipe
    images: int
    data: PreparedData | None
    root: Path

    def plan(self, workspace: Workspace | None, choice: Choice) -> Plan:
        """The plan of a choice, as the queue of the workspace is now; InputError."""
        lines, _ = _lines(workspace, self.root, self.planned, choice)
        return Plan(self.recipe, lines, self.images, self.data)


def prospect(root: Path, settings: WorkspaceSettings, loaded: LoadedRecipe) -> Prospect:
    """What could be queued, without writing anything: no workspace, no phantom. InputError."""
    folder = data_root(WorkspacePaths(root), loaded.recipe, settings.data)
    to_write = loaded.recipe.data.phantom is not None and not folder.exists()
    data = None if to_write else prepare_data(folder, loaded.recipe)
    facts = _UNKNOWN if data is None else data.facts()
    planned = plan_jobs(loaded.recipe, replace(facts, root=folder))
    return Prospect(loaded, planned, facts.count, data, root)


def preview(root: Path, settings: WorkspaceSettings, loaded: LoadedRecipe, choice: Choice) -> Plan:
    """The plan without writing anything: no workspace, no phantom, no jobs."""
    found = prospect(root, settings, loaded)
    workspace = open_workspace(root) if WorkspacePaths(root).database.is_file() else None
    return found.plan(workspace, choice)


def prepare_and_tell(workspace: Workspace, loaded: LoadedRecipe) -> PreparedData:
    """Read the data, and tell on stderr how far that is and what is left out of them."""
    root = data_root(workspace.paths, loaded.recipe, workspace.settings.data)
    with counting("writing phantom images", errors) as progress:
        data = prepare_data(root, loaded.recipe, progress)
    for told in left_out_lines(data):
        errors.print(plain(told), soft_wrap=True)
    return data


def left_out_lines(data: PreparedData) -> list[str]:
    """A line for each file of the data with rows that cannot be used."""
    return [
        f"{file}: {rows:,} rows cannot be used and are left out: `cxrtui data check` lists them"
        for file, rows in data.left_out.items()
    ]


def enqueue(
    workspace: Workspace,
    loaded: LoadedRecipe,
    choice: Choice,
    priority: int | None = None,
    approve: Callable[[Plan], None] = lambda plan: None,
    prepare: Prepare = prepare_and_tell,
) -> Plan:
    """Queue what was chosen and has not succeeded; durable when this comes back.

    `approve` is shown the plan first: if it raises, nothing is queued. A `priority` that is given
    counts also for those that are in the queue already. `prepare` reads the data.
    """
    data = prepare(workspace, loaded)
    kept = keep_targets(workspace.paths, data)
    facts = data.facts(kept)
    planned = plan_jobs(loaded.recipe, facts)
    lines, known = _lines(workspace, workspace.paths.root, planned, choice)
    plan = Plan(loaded, lines, facts.count, data)
    approve(plan)
    about = recipe_entry(loaded.recipe, loaded.text, data.root, planned, kept)
    running = [line.job for line in lines if line.runs]
    lost = [job for job in running if job.key in known and known[job.key].state == "succeeded"]
    entries = [] if is_known(workspace, about) else [about]
    if running:
        entries.append(add_entry(running, priority or 0))
    if running and priority is not None:
        entries.append(priority_entry(running, priority))
    if lost:
        entries.append(again_entry(lost))
    if entries:
        record(workspace, *entries)
    return plan


def _lines(
    workspace: Workspace | None, root: Path, planned: PlannedRecipe, choice: Choice
) -> tuple[list[PlanLine], dict[str, Job]]:
    """What is to become of the jobs that are chosen, and the jobs that are known by key.

    InputError where one needs a model that is neither chosen, nor in the queue, nor trained.
    """
    wanted = choice(planned)
    asked = [*wanted, *planned.trains.values()]
    known = known_jobs(workspace, asked) if workspace is not None else {}
    lines = plan_lines(wanted, known, root)
    trains = {job.key: job for job in planned.trains.values()}
    for line in lines:
        missing = set(line.job.needs) - {job.key for job in wanted} if line.runs else ()
        for key in missing:
            _refuse_hopeless(line.job, trains[key], known.get(key))
    return lines, known


def _refuse_hopeless(job: PlannedJob, parent: PlannedJob, found: Job | None) -> None:
    """InputError unless `parent`, which is not chosen, has succeeded or is still to run."""
    told = f"{job.model} starts from {parent.model}, which"
    if found is None:
        raise InputError(f"{told} is not in the queue: add it too, or leave out --no-parents")
    if found.state in ("failed", "cancelled"):
        remedy = f"`cxrtui queue retry {parent.model}`, or leave out --no-parents"
        raise InputError(f"{told} is {found.state}: {remedy}")
