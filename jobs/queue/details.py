"""All that is known of a job: from the database, and from the folders of its attempts."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db.jobs import job_spec
from db.lists import attempts_of_jobs, jobs_with_keys, requests_of_jobs
from db.records import Attempt, Job, Request
from jobs.paths import attempt_folders
from jobs.provenance import read_provenance
from jobs.queue.progress import current_state
from jobs.workspace import Workspace


@dataclass(frozen=True)
class JobDetails:
    """One job in full."""

    job: Job
    state: str  # with requests taken into account that the supervisor has not carried out yet
    folder: Path
    needs: list[Job]  # those that are in the queue
    spec: dict[str, Any]  # what `job.json` says
    requests: list[Request]
    attempts: list[Attempt]
    provenance: dict[int, dict[str, Any]]  # by the attempt's number; empty where there is none


def details_of(workspace: Workspace, jobs: Sequence[Job]) -> list[JobDetails]:
    """Details of these jobs, in their order."""
    ids = [job.id for job in jobs]
    with workspace.database.read() as connection:
        attempts = attempts_of_jobs(connection, ids)
        requests = requests_of_jobs(connection, ids)
        needed = jobs_with_keys(connection, sorted({key for job in jobs for key in job.needs}))
        specs = {job_id: job_spec(connection, job_id) for job_id in ids}
    by_key = {job.key: job for job in needed}
    found = []
    for job in jobs:
        folder = workspace.paths.job(job.folder)
        tried, asked = attempts.get(job.id, []), requests.get(job.id, [])
        found.append(
            JobDetails(
                job=job,
                state=current_state(job, tried, asked),
                folder=folder,
                needs=[by_key[key] for key in job.needs if key in by_key],
                spec=specs[job.id],
                requests=asked,
                attempts=tried,
                provenance={
                    number: read_provenance(path)
                    for number, path in attempt_folders(folder).items()
                },
            )
        )
    return found
