"""From what a person names to jobs that are in the queue."""

import difflib
from collections.abc import Sequence
from typing import Final

from db.jobs import jobs
from db.recipes import ensembles_of, recipe_named
from db.records import Job
from jobs.errors import InputError
from jobs.recipe.graph import resolve_target
from jobs.recipe.load import load_recipe
from jobs.recipe.seeds import without_seed
from jobs.workspace import Workspace

ALL: Final = "all"


def target_jobs(workspace: Workspace, targets: Sequence[str]) -> list[Job]:
    """The queued jobs that are meant by ids, models, `MODEL.KIND`, stages, ensembles or `all`.

    An ensemble, of the current recipe or saved, means the jobs of its members; in a recipe with
    seeds a name without a seed means those of all its repeats. InputError for a
    name that means no job, with the nearest that would.
    """
    with workspace.database.read() as connection:
        known = jobs(connection)
    names = {ALL}.union(*map(_names_of, known))
    wanted = {target for target in targets if target in names}
    members: set[tuple[str, str]] = set()
    if len(wanted) < len(set(targets)):
        several = _several(workspace)
        for target in set(targets) - wanted:
            if target not in several:
                raise _unknown(target, [*names, *several])
            members |= several[target]
    return [
        job
        for job in known
        if ALL in wanted or (job.recipe, job.model) in members or wanted & _names_of(job)
    ]


def _names_of(job: Job) -> set[str]:
    return {str(job.id), job.model, job.stage, f"{job.model}.{job.kind}"}


def _several(workspace: Workspace) -> dict[str, set[tuple[str, str]]]:
    """The (recipe, model) of what means several models to commands now: ensembles, repeats."""
    recipe = load_recipe(workspace.settings.recipe).recipe
    with workspace.database.read() as connection:
        record = recipe_named(connection, recipe.name)
        saved = ensembles_of(connection, record.id) if record is not None else []
    names = {model.base for model in recipe.models if recipe.seeds}
    names |= {without_seed(recipe, ensemble.name) for ensemble in recipe.ensembles}
    names |= {ensemble.name for ensemble in recipe.ensembles}
    models = {name: [model.name for model in resolve_target(recipe, name)] for name in names}
    models.update({one.name: list(one.members) for one in saved})
    return {name: {(recipe.name, model) for model in some} for name, some in models.items()}


def _unknown(target: str, names: Sequence[str]) -> InputError:
    near = difflib.get_close_matches(target, names, n=3)
    hint = f": do you mean {' or '.join(near)}?" if near else ": see `cxrtui queue list`"
    return InputError(f"no job is called {target!r}{hint}")
