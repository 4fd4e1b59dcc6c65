"""What a new supervisor (or a rebuild) finds in the folders of jobs and the database lacks."""

import json
import shutil
from pathlib import Path

from db.attempts import add_attempt, attempts_of
from db.jobs import jobs
from db.records import AttemptStart
from jobs.failpoints import failpoint
from jobs.paths import AttemptPaths, attempt_folders
from jobs.workspace import Workspace


def adopt_folders(workspace: Workspace) -> int:
    """Record every attempt that has a folder and no row; how many there were.

    A folder without `attempt.json` is not the queue's: a program run by hand made it, or it is
    empty, since its supervisor died while making it.
    """
    with workspace.database.read() as connection:
        found = jobs(connection)
        known = {
            (attempt.job_id, attempt.number)
            for job in found
            for attempt in attempts_of(connection, job.id)
        }
    begun = [
        (start, job.id)
        for job in found
        for number, folder in attempt_folders(workspace.paths.job(job.folder)).items()
        if (job.id, number) not in known and (start := _start_of(folder)) is not None
    ]
    for start, job_id in sorted(begun, key=lambda pair: pair[0].started):
        with workspace.database.write() as connection:
            add_attempt(connection, job_id, start)
        failpoint("supervisor.adopted")
    return len(begun)


def _start_of(folder: Path) -> AttemptStart | None:
    paths = AttemptPaths(folder)
    if not paths.start.exists():
        if not paths.events.exists():
            shutil.rmtree(folder)
        return None
    values = json.loads(paths.start.read_bytes())
    return AttemptStart(**{name: values[name] for name in AttemptStart.names()})
