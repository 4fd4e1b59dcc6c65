"""Makes the database again from what is durable beside it: the journal and the folders of runs."""

import os
import time
from pathlib import Path

from db.attempts import live_attempts
from db.database import Database
from db.jobs import jobs
from jobs.errors import InputError
from jobs.locks import is_locked, try_lock
from jobs.paths import AttemptPaths, WorkspacePaths
from jobs.queue.adoption import adopt_folders
from jobs.queue.endings import find_ending
from jobs.queue.intake import take_in
from jobs.queue.journal import apply_journal
from jobs.queue.settle import record_end, settle
from jobs.workspace import Workspace, read_settings


def rebuild_database(root: Path) -> Path | None:
    """Replace the database of a workspace; where the old one is kept, if there was one.

    InputError while a supervisor runs. What still runs is taken in by the next supervisor.
    """
    paths = WorkspacePaths(root)
    if not paths.settings.is_file():
        raise InputError(f"{root}: no workspace here")
    lock = try_lock(paths.supervisor_lock, patience=0.5)
    if lock is None:
        raise InputError(f"{root}: a supervisor runs: end it first with `cxrtui supervisor stop`")
    try:
        new = paths.database.with_suffix(".rebuilt")
        _remove(new)
        workspace = Workspace(paths, read_settings(paths.settings), Database(new))
        fill_database(workspace)
        _checkpoint(workspace)
        return _put_in_place(new, paths.database)
    finally:
        os.close(lock)


def fill_database(workspace: Workspace) -> None:
    """Bring an empty database to what the journal and the folders of runs say."""
    apply_journal(workspace)
    adopt_folders(workspace)
    _take_in_all(workspace)


def _take_in_all(workspace: Workspace) -> None:
    """Everything that attempts told, the ends of those that have ended, and the jobs' states."""
    with workspace.database.read() as connection:
        attempts = live_attempts(connection)
        folders = {job.id: workspace.paths.job(job.folder) for job in jobs(connection)}
    for attempt in attempts:
        paths = AttemptPaths(folders[attempt.job_id] / f"attempt-{attempt.number}")
        ended = not is_locked(paths.lock)
        attempt = take_in(workspace, attempt, paths)
        if ended:
            record_end(workspace, attempt, find_ending(paths.folder), tell=False)
    for job_id in folders:
        settle(workspace, job_id)


def _checkpoint(workspace: Workspace) -> None:
    with workspace.database.read() as connection:
        connection.exec_driver_sql("PRAGMA query_only = 0")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    workspace.database.close()


def _put_in_place(new: Path, database: Path) -> Path | None:
    kept = None
    if database.exists():
        kept = database.with_name(f"{database.name}.{time.strftime('%Y%m%d-%H%M%S')}")
        database.rename(kept)
        for suffix in ("-wal", "-shm"):
            side = Path(f"{database}{suffix}")
            if side.exists():
                side.rename(f"{kept}{suffix}")
    new.rename(database)
    return kept


def _remove(database: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{database}{suffix}").unlink(missing_ok=True)
