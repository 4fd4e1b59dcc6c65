"""Starts an attempt: its folder, its record, its runner, in an order that a crash cannot spoil."""

import os
import shutil
import subprocess
import time
import uuid
from dataclasses import asdict
from pathlib import Path
from typing import Final

from db.attempts import add_attempt, attempt_by_id, attempts_of
from db.jobs import claim, job_spec
from db.journal_state import applied_offset
from db.records import Attempt, AttemptStart, Job
from jobs.durable import write_json
from jobs.failpoints import failpoint
from jobs.locks import try_lock
from jobs.paths import AttemptPaths, attempt_folders
from jobs.processes import ATTEMPT_VARIABLE, boot_id, host_name
from jobs.queue.memory import next_micro_batch, ran_out
from jobs.queue.slots import Slot
from jobs.start import command
from jobs.workspace import Workspace

PROGRAMS: Final = {kind: f"jobs.programs.{kind}" for kind in ("pack", "train", "predict")}


def launch(
    workspace: Workspace, job: Job, slot: Slot, slot_locks: list[int], grace_seconds: float
) -> tuple[Attempt, subprocess.Popen[bytes]] | None:
    """Start an attempt of a queued job; None if it is not queued any more.

    The attempt's lock is held before anybody can know of it, and is handed to the runner: there is
    no moment at which a living attempt is unlocked.
    """
    job_folder = workspace.paths.job(job.folder)
    number = max(attempt_folders(job_folder), default=0) + 1
    paths = AttemptPaths(job_folder / f"attempt-{number}")
    paths.folder.mkdir(parents=True)
    failpoint("supervisor.attempt-folder-made")
    lock = try_lock(paths.lock)
    if lock is None:
        raise RuntimeError(f"{paths.lock}: somebody holds the lock of a new attempt")
    try:
        attempt = _record(workspace, job, slot, paths, number, grace_seconds)
        if attempt is None:
            shutil.rmtree(paths.folder)
            return None
        process = _start_runner(paths, [lock, *slot_locks])
    finally:
        os.close(lock)
    failpoint("supervisor.runner-started")
    return attempt, process


def _record(
    workspace: Workspace,
    job: Job,
    slot: Slot,
    paths: AttemptPaths,
    number: int,
    grace_seconds: float,
) -> Attempt | None:
    """Write `attempt.json`, then the row: a folder without a row is adopted later."""
    with workspace.database.read() as connection:
        journal = applied_offset(connection)
        earlier = attempts_of(connection, job.id)
        micro_batch = next_micro_batch(job_spec(connection, job.id), earlier)
    start = AttemptStart(
        uid=uuid.uuid4().hex,
        number=number,
        journal=journal,
        slot=slot.name,
        host=host_name(),
        boot=boot_id(),
        gpu=slot.gpu.name if slot.gpu else "",
        gpu_bytes=slot.gpu.total_bytes if slot.gpu else None,
        started=round(time.time(), 3),
        micro_batch=micro_batch,
    )
    environment = {
        ATTEMPT_VARIABLE: start.uid,
        "PYTHONSAFEPATH": "1",
        **slot.environment(),
    }
    orders = {
        **asdict(start),
        "grace_seconds": grace_seconds,
        "command": _program(job.kind, paths.folder),
        "environment": environment,
        "halved": any(map(ran_out, earlier)),
    }
    write_json(paths.start, orders)
    failpoint("supervisor.attempt-written")
    with workspace.database.write() as connection:
        if not claim(connection, job.id):
            return None
        attempt = attempt_by_id(connection, add_attempt(connection, job.id, start))
    failpoint("supervisor.attempt-recorded")
    return attempt


def _program(kind: str, folder: Path) -> list[str]:
    """The program's command line; tests put one of their own in its place."""
    substitute = os.environ.get("CXRTUI_TEST_PROGRAM")
    if substitute is not None:
        return [*command(PROGRAMS[kind])[:2], substitute, str(folder)]
    return command(PROGRAMS[kind], str(folder))


def _start_runner(paths: AttemptPaths, locks: list[int]) -> subprocess.Popen[bytes]:
    with paths.log.open("ab") as log:
        return subprocess.Popen(
            command("jobs.runner", str(paths.folder), *map(str, locks)),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=locks,
            start_new_session=True,
            env={**os.environ, "PYTHONSAFEPATH": "1"},
        )
