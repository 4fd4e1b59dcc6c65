"""The one process of a workspace that claims jobs, starts attempts and takes in what they tell.

`python .../start.py jobs.queue.supervisor WORKSPACE [--foreground]`
"""

import json
import logging
import os
import select
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from db.attempts import live_attempts, update_attempt
from db.jobs import job_by_id, job_spec, jobs, jobs_asked_since, requests_of, set_state
from db.journal_state import applied_offset, is_frozen
from db.records import Attempt, Job
from jobs.errors import InputError
from jobs.failpoints import failpoint
from jobs.gpus import GpuReport, look_at_gpus
from jobs.locks import try_lock
from jobs.paths import AttemptPaths, WorkspacePaths
from jobs.processes import end_processes_of, host_name
from jobs.queue.adoption import adopt_folders
from jobs.queue.endings import read_ending
from jobs.queue.history import asked_to_stop
from jobs.queue.intake import take_in
from jobs.queue.journal import apply_journal
from jobs.queue.launch import launch
from jobs.queue.readiness import Verdict, judge
from jobs.queue.settle import record_end, settle
from jobs.queue.slots import Slot, all_slots, resource_of
from jobs.queue.watch import Watch
from jobs.workspace import Workspace, open_workspace, read_settings

TICK_SECONDS: Final = 0.2
LOOK_SECONDS: Final = 2.0  # between two looks at the GPUs and the settings
IDLE_SECONDS: Final = 30.0
LOOKERS_SECONDS: Final = 0.5
_log = logging.getLogger("supervisor")


class Supervisor:
    """The short loop. What it must not forget is in the database and in folders, never here."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.settings = workspace.settings
        self.watched: dict[int, Watch] = {}  # by attempt id
        self.heard = 0  # journal offset up to which requests have been carried out
        self.busy_at = time.monotonic()
        self.run_settings: dict[int, dict[str, Any]] = {}  # by job id
        self.gpus = GpuReport()
        self.slots: list[Slot] = []
        self.looked_at = -LOOK_SECONDS
        self.stopping = False

    def run(self) -> None:
        """Work until there has been nothing to do for a while, or until asked to stop."""
        while not self.stopping and not self.is_idle():
            apply_journal(self.workspace)
            self.take_in_events()
            self.finish_ended()
            self.carry_out_requests()
            self.start_ready()
            self.wait()

    def adopt(self) -> None:
        """Watch what lives, also what an earlier supervisor started."""
        adopted = adopt_folders(self.workspace)
        with self.workspace.database.read() as connection:
            live = live_attempts(connection)
            open_jobs = jobs(connection, ("queued", "running", "blocked"))
        for attempt in live:
            paths = self._paths(attempt)
            if attempt.host == host_name() or paths.result.exists():
                self._watch(Watch(attempt, paths))
            else:
                self._lose_sight(attempt)
        for job in open_jobs:
            settle(self.workspace, job.id)
        _log.info("began: %d live attempts, %d of them without a row", len(live), adopted)

    def take_in_events(self) -> None:
        """What the living attempts told since the last time."""
        for watch in self.watched.values():
            watch.attempt = take_in(self.workspace, watch.attempt, watch.paths)

    def finish_ended(self) -> None:
        """Record the true end of attempts whose runner is gone."""
        for attempt_id, watch in list(self.watched.items()):
            if watch.has_ended() and self._finish(watch):
                watch.end()
                del self.watched[attempt_id]

    def carry_out_requests(self) -> None:
        """Give jobs the state that people asked for; stop attempts of those that should not run."""
        with self.workspace.database.read() as connection:
            asked = jobs_asked_since(connection, self.heard)
            self.heard = applied_offset(connection)
        for job_id in asked:
            settle(self.workspace, job_id)
        for watch in self.watched.values():
            with self.workspace.database.read() as connection:
                requests = requests_of(connection, watch.attempt.job_id)
            if asked_to_stop(watch.attempt, requests):
                watch.ask_to_stop()

    def start_ready(self) -> None:
        """Start queued jobs on free slots, and say of the others why they wait."""
        with self.workspace.database.read() as connection:
            waiting = jobs(connection, ("queued", "blocked"))
            if not waiting:
                return
            by_key = {job.key: job for job in jobs(connection)}
            for job in waiting:
                if job.id not in self.run_settings:
                    self.run_settings[job.id] = dict(job_spec(connection, job.id)["run"])
            frozen = is_frozen(connection)
        free = self._free_slots()
        device = {
            job.id: "none" if job.kind == "pack" else self.run_settings[job.id]["device"]
            for job in waiting
        }
        cuda, trouble = bool(self.gpus.gpus), self.gpus.trouble
        for verdict in judge(waiting, by_key, cuda=cuda, device=device, trouble=trouble):
            if verdict.state == "queued":
                self.busy_at = time.monotonic()
            if not verdict.ready:
                self._tell(verdict)
            elif frozen:
                self._tell(Verdict(verdict.job, "queued", "the queue is frozen"))
            elif not self._start(verdict.job, free):
                self._tell(Verdict(verdict.job, "queued", _obstacles(verdict.job, free)))

    def is_idle(self) -> bool:
        """Whether nothing has run or waited for a while."""
        if self.watched:
            self.busy_at = time.monotonic()
        return time.monotonic() - self.busy_at > IDLE_SECONDS

    def wait(self) -> None:
        """Until a runner ends, or a tick has passed."""
        poller = select.poll()
        for watch in self.watched.values():
            if watch.pidfd is not None:
                poller.register(watch.pidfd, select.POLLIN)
        poller.poll(TICK_SECONDS * 1000)

    def stop(self, _signal: int, _frame: Any) -> None:
        """End after this round; what runs goes on and is adopted by the next supervisor."""
        self.stopping = True

    def _start(self, job: Job, free: list[Slot]) -> bool:
        grace = self.run_settings[job.id]["grace_seconds"]
        for slot in free:
            if slot.resource != resource_of(job.kind):
                continue
            locks = slot.take()
            if locks is None:
                continue
            try:
                started = launch(self.workspace, job, slot, locks, grace)
            finally:
                for descriptor in locks:
                    os.close(descriptor)
            if started is not None:
                attempt, process = started
                self._watch(Watch(attempt, self._paths(attempt), process))
                _log.info("started %s, attempt %d, on %s", job.name, attempt.number, slot.name)
            free.remove(slot)
            return True
        return False

    def _watch(self, watch: Watch) -> None:
        watch.begin()
        self.watched[watch.attempt.id] = watch

    def _lose_sight(self, attempt: Attempt) -> None:
        """What runs on another host is never assumed dead: its job stays running."""
        reason = f"began on {attempt.host}, and cannot be seen from {host_name()}"
        with self.workspace.database.write() as connection:
            update_attempt(connection, attempt.id, state="unknown", reason=reason)
        _log.warning("attempt %d of job %d %s", attempt.number, attempt.job_id, reason)

    def _finish(self, watch: Watch) -> bool:
        """All events first, then what is left of its processes, then the end in one transaction.

        False if processes of the attempt do not end: it is not over before they have.
        """
        attempt = take_in(self.workspace, watch.attempt, watch.paths)
        if attempt.host == host_name():
            left = end_processes_of(attempt.uid)
            if left:
                _log.error("attempt %s: processes %s do not end", attempt.uid, left)
                return False
        ending = read_ending(watch.paths.folder)
        state = record_end(self.workspace, attempt, ending)
        said = f"{ending.state} {ending.reason}".strip()
        _log.info("attempt %d of job %d %s: %s", attempt.number, attempt.job_id, said, state)
        return True

    def _tell(self, verdict: Verdict) -> None:
        job = verdict.job
        if (job.state, job.reason) != (verdict.state, verdict.reason):
            with self.workspace.database.write() as connection:
                set_state(connection, job.id, verdict.state, verdict.reason)
            failpoint("supervisor.told")

    def _free_slots(self) -> list[Slot]:
        if time.monotonic() - self.looked_at >= LOOK_SECONDS:
            self.looked_at = time.monotonic()
            try:
                self.settings = read_settings(self.workspace.paths.settings)
            except InputError as error:
                _log.error("%s; the settings from before stay", error)
            self.gpus = look_at_gpus(self.settings.gpus)
            self.slots = all_slots(self.gpus.gpus, self.settings.cpu_slots)
        taken = {watch.attempt.slot for watch in self.watched.values()}
        return [slot for slot in self.slots if slot.name not in taken]

    def _paths(self, attempt: Attempt) -> AttemptPaths:
        with self.workspace.database.read() as connection:
            job = job_by_id(connection, attempt.job_id)
        if job is None:
            raise LookupError(f"attempt {attempt.uid} has no job")
        return AttemptPaths(self.workspace.paths.job(job.folder) / f"attempt-{attempt.number}")


def _obstacles(job: Job, free: Sequence[Slot]) -> str:
    """Why a job that is ready cannot start: what keeps us off each slot that we do not use."""
    slots = (slot for slot in free if slot.resource == resource_of(job.kind))
    found = "; ".join(filter(None, (slot.obstacle() for slot in slots)))
    return f"waits for a free slot: {found}" if found else "waits for a free slot"


def supervise(root: Path, ready: int) -> int:
    """Be the supervisor of `root`, unless there is one; `ready` is closed when there is."""
    paths = WorkspacePaths(root)
    while True:
        lock = try_lock(paths.supervisor_lock, LOOKERS_SECONDS)
        if lock is None:
            return 0
        me = {"pid": os.getpid(), "host": host_name(), "since": round(time.time(), 3)}
        os.ftruncate(lock, 0)
        os.write(lock, json.dumps(me).encode())
        failpoint("supervisor.locked")
        workspace = open_workspace(root)
        supervisor = Supervisor(workspace)
        signal.signal(signal.SIGTERM, supervisor.stop)
        apply_journal(workspace)
        supervisor.adopt()
        if ready >= 0:
            os.close(ready)
            ready = -1
        supervisor.run()
        os.close(lock)
        # Somebody may have asked for work after the last round, and seen the lock still held.
        if supervisor.stopping or not _has_work(workspace):
            return 0


def _has_work(workspace: Workspace) -> bool:
    apply_journal(workspace)
    with workspace.database.read() as connection:
        return bool(jobs(connection, ("queued", "running")))


def main(arguments: list[str]) -> int:
    """Detach from whoever started this, unless `--foreground`."""
    root, ready = Path(arguments[0]), int(arguments[1])
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if "--foreground" not in arguments:
        if os.fork():
            os._exit(0)
        os.setsid()
    return supervise(root, ready)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
