"""Prints the log of a job's newest attempt, and follows it across attempts."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cxrtui.output import console
from cxrtui.show.plain import plain
from db.attempts import attempts_of
from db.jobs import job_by_id
from db.records import Attempt, Job
from jobs.errors import InputError
from jobs.paths import AttemptPaths
from jobs.workspace import Workspace

POLL_SECONDS: Final = 0.3


def print_log(workspace: Workspace, jobs: Sequence[Job], *, follow: bool) -> None:
    """The newest attempt of these jobs; with `follow`, until its job does not run any more."""
    tried = [(attempt, job) for job in jobs for attempt in _attempts(workspace, job)]
    if not tried:
        raise InputError(f"{jobs[0].name}: no attempt yet: it is {jobs[0].state} {jobs[0].reason}")
    attempt, job = max(tried, key=lambda pair: pair[0].started)
    number, offset = attempt.number, 0
    while True:
        moves = follow and _runs(workspace, job)
        offset = _print_from(_log(workspace, job, number), offset)
        newest = _attempts(workspace, job)[-1].number
        if newest != number:
            number, offset = newest, 0
            console.print(f"--- attempt {number}")
        elif not moves:
            return
        else:
            time.sleep(POLL_SECONDS)


def _attempts(workspace: Workspace, job: Job) -> list[Attempt]:
    with workspace.database.read() as connection:
        return attempts_of(connection, job.id)


def _runs(workspace: Workspace, job: Job) -> bool:
    with workspace.database.read() as connection:
        found = job_by_id(connection, job.id)
    return found is not None and found.state in ("queued", "running")


def _log(workspace: Workspace, job: Job, number: int) -> Path:
    return AttemptPaths(workspace.paths.job(job.folder) / f"attempt-{number}").log


def _print_from(log: Path, offset: int) -> int:
    if not log.exists():
        return offset
    with log.open("rb") as file:
        file.seek(offset)
        text = file.read()
    for line in text.decode(errors="replace").splitlines():
        console.print(plain(line), soft_wrap=True)
    return offset + len(text)
