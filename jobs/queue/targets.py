"""From what a person names to jobs that are in the queue."""

import difflib
from collections.abc import Sequence
from typing import Final

from db.jobs import jobs
from db.recipes import ensembles_of, recipe_named
from db.records import Job
from jobs.errors import InputError
from jobs.recipe.load import load_recipe
from jobs.workspace import Workspace

ALL: Final = "all"


def target_jobs(workspace: Workspace, targets: Sequence[str]) -> list[Job]:
    """The queued jobs that are meant by ids, models, `MODEL.KIND`, stages, ensembles or `all`.

    An ensemble, of the current recipe or saved, means the jobs of its members. InputError for a
    name that means no job, with the nearest that would.
    """
    with workspace.database.read() as connection:
        known = jobs(connection)
    names = {ALL}.union(*map(_names_of, known))
    wanted = {target for target in targets if target in names}
    members: set[tuple[str, str]] = set()
    if len(wanted) < len(set(targets)):
        ensembles = _ensembles(workspace)
        for target in set(targets) - wanted:
            if target not in ensembles:
                raise _unknown(target, [*names, *ensembles])
            members |= ensembles[target]
    return [
        job
        for job in known
        if ALL in wanted or (job.recipe, job.model) in members or wanted & _names_of(job)
    ]


def _names_of(job: Job) -> set[str]:
    return {str(job.id), job.model, job.stage, f"{job.model}.{job.kind}"}


def _ensembles(workspace: Workspace) -> dict[str, set[tuple[str, str]]]:
    """The (recipe, model) of the members of each ensemble that commands speak of now."""
    recipe = load_recipe(workspace.settings.recipe).recipe
    members: dict[str, Sequence[str]] = {one.name: one.members for one in recipe.ensembles}
    with workspace.database.read() as connection:
        record = recipe_named(connection, recipe.name)
        saved = ensembles_of(connection, record.id) if record is not None else []
    members.update({one.name: tuple(one.members) for one in saved})
    return {name: {(recipe.name, model) for model in one} for name, one in members.items()}


def _unknown(target: str, names: Sequence[str]) -> InputError:
    near = difflib.get_close_matches(target, names, n=3)
    hint = f": do you mean {' or '.join(near)}?" if near else ": see `cxrtui queue list`"
    return InputError(f"no job is called {target!r}{hint}")
