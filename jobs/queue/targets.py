"""From what a person names to jobs that are in the queue."""

import difflib
from collections.abc import Sequence

from db.jobs import jobs
from db.records import Job
from jobs.errors import InputError
from jobs.workspace import Workspace


def target_jobs(workspace: Workspace, targets: Sequence[str]) -> list[Job]:
    """The queued jobs that are meant by ids, models, stages, `MODEL.KIND` or `all`.

    InputError for a name that means no job, with the nearest that would.
    """
    with workspace.database.read() as connection:
        known = jobs(connection)
    names = {str(job.id) for job in known} | {"all"}
    for job in known:
        names |= {job.model, job.stage, f"{job.model}.{job.kind}"}
    for target in targets:
        if target not in names:
            near = difflib.get_close_matches(target, names, n=3)
            hint = f": do you mean {' or '.join(near)}?" if near else ": see `cxrtui queue list`"
            raise InputError(f"no job is called {target!r}{hint}")
    return [job for job in known if any(_means(target, job) for target in targets)]


def _means(target: str, job: Job) -> bool:
    return target in ("all", str(job.id), job.model, job.stage, f"{job.model}.{job.kind}")
