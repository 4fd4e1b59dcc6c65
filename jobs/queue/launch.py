"""Starts an attempt: its folder, its record, its runner, in an order that a crash cannot spoil."""

import logging
import os
import shutil
import subprocess
import time
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from db.attempts import add_attempt, attempt_by_id, attempts_of
from db.jobs import claim, job_spec
from db.ledger import ledger
from db.records import Attempt, AttemptStart, Job
from jobs.durable import write_json
from jobs.exit_codes import OUT_OF_MEMORY
from jobs.failpoints import failpoint
from jobs.locks import try_lock
from jobs.paths import AttemptPaths, attempt_folders
from jobs.processes import ATTEMPT_VARIABLE, boot_id, host_name
from jobs.queue.memory import next_micro_batch, wanted_micro_batch
from jobs.queue.slots import Place
from jobs.recipe.schema import RunSettings
from jobs.start import command
from jobs.workspace import Workspace

_log: Final = logging.getLogger("supervisor")
PROGRAMS: Final = {kind: f"jobs.programs.{kind}" for kind in ("pack", "train", "predict")}


@dataclass(frozen=True)
class Order:
    """What is to be started, and where."""

    job: Job
    run: RunSettings
    place: Place
    heard: int  # offset up to which the journal has been carried out


def launch(
    workspace: Workspace, order: Order, locks: list[int]
) -> tuple[Attempt, subprocess.Popen[bytes] | None] | None:
    """Start an attempt of a queued job; None if it is not queued any more.

    `locks` keep others off the place. The attempt's lock is held before anybody can know of it, and
    is handed to the runner: there is no moment at which a living attempt is unlocked. An attempt
    whose runner cannot be started has no process: it has ended before it began.
    """
    job_folder = workspace.paths.job(order.job.folder)
    number = max(attempt_folders(job_folder), default=0) + 1
    paths = AttemptPaths(job_folder / f"attempt-{number}")
    paths.folder.mkdir(parents=True)
    failpoint("supervisor.attempt-folder-made")
    lock = try_lock(paths.lock)
    if lock is None:
        raise RuntimeError(f"{paths.lock}: somebody holds the lock of a new attempt")
    try:
        attempt = _record_or_remove(workspace, order, paths, number)
        if attempt is None:
            return None
        try:
            process = _start_runner(paths, [lock, *locks])
        except OSError as error:
            _log.error("attempt %s: its runner cannot be started: %s", attempt.uid, error)
            return attempt, None
    finally:
        os.close(lock)
    failpoint("supervisor.runner-started")
    return attempt, process


def _record_or_remove(
    workspace: Workspace, order: Order, paths: AttemptPaths, number: int
) -> Attempt | None:
    """The attempt on record; if that cannot be, nothing of it is left."""
    attempt = None
    try:
        attempt = _record(workspace, order, paths, number)
    finally:
        if attempt is None:
            shutil.rmtree(paths.folder)
    return attempt


def _record(workspace: Workspace, order: Order, paths: AttemptPaths, number: int) -> Attempt | None:
    """Write `attempt.json`, then the row: a folder without a row is adopted later."""
    job, place = order.job, order.place
    with workspace.database.read() as connection:
        earlier = attempts_of(connection, job.id)
        spec = job_spec(connection, job.id)
        known = ledger(connection, OUT_OF_MEMORY) if place.gpus else []
    gpu = place.gpus[0] if place.gpus else None
    gpu_bytes = gpu.total_bytes if gpu else None
    micro_batch = next_micro_batch(spec, earlier, known, len(place.gpus), gpu_bytes)
    start = AttemptStart(
        uid=uuid.uuid4().hex,
        number=number,
        journal=order.heard,
        slot=place.name,
        host=host_name(),
        boot=boot_id(),
        gpu=gpu.name if gpu else "",
        gpu_bytes=gpu_bytes,
        started=round(time.time(), 3),
        micro_batch=micro_batch,
    )
    environment = {
        ATTEMPT_VARIABLE: start.uid,
        "PYTHONSAFEPATH": "1",
        **place.environment(),
    }
    orders = {
        **asdict(start),
        "grace_seconds": order.run.grace_seconds,
        "command": _program(job.kind, paths.folder),
        "environment": environment,
        "halved": micro_batch != wanted_micro_batch(spec, len(place.gpus)),
    }
    # The runner syncs it once the program runs: a GPU does not wait for a disk.
    write_json(paths.start, orders, sync=False)
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
            command("jobs.runner", str(paths.folder), *map(str, locks), bare=True),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=locks,
            start_new_session=True,
            env={**os.environ, "PYTHONSAFEPATH": "1"},
        )
