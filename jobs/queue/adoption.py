"""What a new supervisor (or a rebuild) finds in the folders of jobs and the database lacks."""

import json
import shutil

from db.attempts import add_attempt, attempts_of
from db.jobs import jobs
from db.records import AttemptStart
from jobs.paths import AttemptPaths, attempt_folders
from jobs.workspace import Workspace


def adopt_folders(workspace: Workspace) -> int:
    """Record every attempt that has a folder and no row; how many there were.

    A folder without `attempt.json` is not the queue's: a program run by hand made it, or it is
    empty, since its supervisor died while making it.
    """
    with workspace.database.read() as connection:
        known = {
            job: {attempt.number for attempt in attempts_of(connection, job.id)}
            for job in jobs(connection)
        }
    adopted = 0
    for job, numbers in known.items():
        for number, folder in attempt_folders(workspace.paths.job(job.folder)).items():
            if number in numbers:
                continue
            start = AttemptPaths(folder).start
            if not start.exists():
                if not AttemptPaths(folder).events.exists():
                    shutil.rmtree(folder)
                continue
            values = json.loads(start.read_bytes())
            began = AttemptStart(**{name: values[name] for name in AttemptStart.names()})
            with workspace.database.write() as connection:
                add_attempt(connection, job.id, began)
            adopted += 1
    return adopted
