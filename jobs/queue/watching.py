"""All attempts that live: what they tell, how they end, and which of them should."""

import logging
import subprocess
import time
from collections.abc import Iterable
from typing import Final

from db.attempts import live_attempts, update_attempt
from db.jobs import job_by_id, job_spec, jobs, jobs_asked_since, requests_of, set_state
from db.records import Attempt
from jobs.failpoints import failpoint
from jobs.locks import is_locked
from jobs.paths import AttemptPaths
from jobs.processes import end_processes_of, host_name
from jobs.queue.adoption import adopt_folders
from jobs.queue.endings import find_ending, give_verdict
from jobs.queue.history import asked_to_stop, given_up
from jobs.queue.intake import take_in, take_in_round
from jobs.queue.settle import record_end, settle
from jobs.queue.slots import slots_of
from jobs.queue.watch import Watch
from jobs.recipe.schema import RunSettings
from jobs.workspace import Workspace

_log: Final = logging.getLogger("supervisor")


class Watching:
    """What it must not forget is in the database and in folders, never here."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.watched: dict[int, Watch] = {}  # by attempt id
        self.out_of_sight: list[Watch] = []  # begun on other hosts

    def adopt(self) -> None:
        """Watch what lives, also what an earlier supervisor started."""
        adopted = adopt_folders(self.workspace)
        with self.workspace.database.read() as connection:
            live = live_attempts(connection)
            open_jobs = jobs(connection, ("queued", "running", "blocked"))
        for attempt in live:
            watch = self._watch_of(attempt)
            if attempt.host == host_name() or watch.paths.result.exists():
                self.watched[attempt.id] = watch
            else:
                self._lose_sight(watch)
        for job in open_jobs:
            settle(self.workspace, job.id)
        _log.info("began: %d live attempts, %d of them without a row", len(live), adopted)

    def add(self, attempt: Attempt, process: subprocess.Popen[bytes] | None) -> None:
        """Watch an attempt that has just been started; without a process it could not be."""
        self.watched[attempt.id] = self._watch_of(attempt, process)

    @property
    def taken_slots(self) -> set[str]:
        """Names of the slots in use."""
        places = (watch.attempt.slot for watch in self.watched.values())
        return {name for place in places for name in slots_of(place)}

    def take_in_events(self) -> bool:
        """What the living attempts told since the last time; whether they told anything."""
        living = [(watch.attempt, watch.paths) for watch in self.watched.values()]
        told = take_in_round(self.workspace, living)
        for watch, attempt in zip(self.watched.values(), told, strict=True):
            watch.take_pulse(attempt)
        return any(before is not after for (before, _), after in zip(living, told, strict=True))

    def finish_ended(self) -> bool:
        """Record the true end of attempts whose runner is gone; whether there were any."""
        before = len(self.watched)
        for watch in list(self.watched.values()):
            if watch.has_ended() and self._finish(watch):
                watch.end()
                del self.watched[watch.attempt.id]
        return len(self.watched) < before

    def hear(self, offset: int) -> None:
        """Carry out what people asked at or after this offset of the journal."""
        with self.workspace.database.read() as connection:
            asked = jobs_asked_since(connection, offset)
        for job_id in asked:
            settle(self.workspace, job_id)
        for watch in self.watched.values():
            with self.workspace.database.read() as connection:
                requests = requests_of(connection, watch.attempt.job_id)
            watch.should_stop |= asked_to_stop(watch.attempt, requests)

    def stop_asked(self) -> None:
        """TERM to those that should not run; a runner that has just begun is asked again."""
        for watch in self.watched.values():
            if watch.should_stop:
                watch.ask_to_stop()

    def look_for_hung(self) -> None:
        """Say which attempts make no step any more; end them where the recipe says so."""
        for watch in self.watched.values():
            silence = watch.silence()
            if silence is None and watch.told_hung:
                self._say_of_job(watch, "")
            elif silence is not None and not watch.told_hung:
                reason = (
                    f"hung? {_span(silence)} without a step, usually {_span(watch.pulse.usual)}"
                )
                self._say_of_job(watch, reason)
                if watch.run.hung == "end":
                    give_verdict(watch.paths, reason, time.time())
                    watch.should_stop = True

    def look_out(self) -> None:
        """Whether attempts of other hosts have ended, or were given up by a person."""
        for watch in list(self.out_of_sight):
            with self.workspace.database.read() as connection:
                requests = requests_of(connection, watch.attempt.job_id)
            if given_up(watch.attempt, requests) and not is_locked(watch.paths.lock):
                give_verdict(watch.paths, f"{watch.attempt.host} was given up", time.time())
            if watch.paths.result.exists() or watch.paths.verdict.exists():
                self.out_of_sight.remove(watch)
                self.watched[watch.attempt.id] = watch

    def runners(self) -> Iterable[int]:
        """Descriptors that become readable when a runner ends."""
        return (watch.pidfd for watch in self.watched.values() if watch.pidfd is not None)

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
        ending = find_ending(watch.paths.folder)
        state = record_end(self.workspace, attempt, ending)
        said = f"{ending.state} {ending.reason}".strip()
        _log.info("attempt %d of job %d %s: %s", attempt.number, attempt.job_id, said, state)
        return True

    def _lose_sight(self, watch: Watch) -> None:
        """What runs on another host is never assumed dead: its job stays running."""
        attempt = watch.attempt
        reason = f"began on {attempt.host}, and cannot be seen from {host_name()}"
        with self.workspace.database.write() as connection:
            update_attempt(connection, attempt.id, state="unknown", reason=reason)
        self.out_of_sight.append(watch)
        _log.warning("attempt %d of job %d %s", attempt.number, attempt.job_id, reason)

    def _say_of_job(self, watch: Watch, reason: str) -> None:
        watch.told_hung = bool(reason)
        with self.workspace.database.write() as connection:
            set_state(connection, watch.attempt.job_id, "running", reason)
        if reason:
            _log.warning(
                "attempt %d of job %d: %s", watch.attempt.number, watch.attempt.job_id, reason
            )
        failpoint("supervisor.told")

    def _watch_of(self, attempt: Attempt, process: subprocess.Popen[bytes] | None = None) -> Watch:
        with self.workspace.database.read() as connection:
            job = job_by_id(connection, attempt.job_id)
            if job is None:
                raise LookupError(f"attempt {attempt.uid} has no job")
            run = RunSettings.model_validate(job_spec(connection, job.id)["run"])
        folder = self.workspace.paths.job(job.folder) / f"attempt-{attempt.number}"
        return Watch(attempt, AttemptPaths(folder), run, process)


def _span(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.1f} s"
