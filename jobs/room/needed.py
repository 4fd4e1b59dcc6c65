"""Which jobs something still needs: a recipe as it is now, a saved ensemble, or another job."""

from collections.abc import Iterable, Sequence, Set
from typing import Final

from sqlalchemy import Connection

from db.lists import attempts_of_jobs, requests_of_jobs
from db.recipes import asked_keys, members_without_model
from db.records import Job
from jobs.queue.history import job_state

ENDED: Final = ("succeeded", "failed", "cancelled")


def needed_keys(connection: Connection, known: Iterable[Job], roots: Iterable[str]) -> set[str]:
    """`roots`, what recipes and saved ensembles ask for, and all that the jobs of these need."""
    known = list(known)
    members = members_without_model(connection)
    of_members = {job.key for job in known if (job.recipe, job.model) in members}
    needs = {job.key: job.needs for job in known}
    found: set[str] = set()
    waiting = [*roots, *asked_keys(connection), *of_members]
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting += needs.get(key, ())
    return found


def superseded(connection: Connection, known: Sequence[Job], ended: Set[int]) -> list[Job]:
    """Train and predict jobs that have `ended` (ids) and that nothing needs any more."""
    moving = [job.key for job in known if job.id not in ended]
    needed = needed_keys(connection, known, moving)
    return [job for job in known if job.key not in needed and job.kind != "pack"]


def ended_jobs(connection: Connection, known: Iterable[Job]) -> set[int]:
    """Ids of jobs of which nothing runs or waits, also after what was asked a moment ago."""
    known = list(known)
    ids = [job.id for job in known]
    attempts = attempts_of_jobs(connection, ids)
    requests = requests_of_jobs(connection, ids)
    found = set()
    for job in known:
        state, _ = job_state(attempts.get(job.id, ()), requests.get(job.id, ()))
        if job.state in ENDED and state in ENDED:
            found.add(job.id)
    return found
