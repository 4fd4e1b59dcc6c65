"""Starts queued jobs where there is a place for them, and says of the others why they wait."""

import logging
import os
import time
from collections.abc import Sequence
from typing import Final

from db.jobs import jobs, ready_jobs, set_states
from db.journal_state import is_frozen
from db.lists import spec_parts
from db.records import Job
from jobs.errors import InputError
from jobs.failpoints import failpoint
from jobs.gpus import GpuReport, look_at_gpus
from jobs.locks import is_locked
from jobs.queue.disk_guard import DiskRoom, look_for_room
from jobs.queue.hooks import tell_queue_end
from jobs.queue.launch import Order, launch
from jobs.queue.readiness import Verdict, device_verdict, gpus_of, judge
from jobs.queue.slots import KINDS, Place, Resource, Slot, all_slots, resource_of, take
from jobs.queue.watching import Watching
from jobs.recipe.schema import RunSettings
from jobs.workspace import Workspace
from jobs.xid import XidListener

LOOK_SECONDS: Final = 2.0  # between two looks at the GPUs, the disk and the settings
CANDIDATES: Final = 64  # jobs that are looked at for each kind of slot
TELL_SHARE: Final = 20  # to say why jobs wait takes at most one part in so many of the time
_log: Final = logging.getLogger("supervisor")


class Starting:
    """The machine as it was when last looked at, and what can start on it."""

    def __init__(self, workspace: Workspace, watching: Watching) -> None:
        self.workspace = workspace
        self.watching = watching
        self.runs: dict[int, RunSettings] = {}  # by job id
        self.report = GpuReport()
        self.xid = XidListener()
        self.slots: list[Slot] = []
        self.room = DiskRoom(0, 0)
        self.looked_at = -LOOK_SECONDS
        self.told_at, self.told_in = 0.0, 0.0
        self.changed = True  # since it was last said why jobs wait
        self.waiting = False  # a job is queued

    def look(self, *, again: bool = False) -> None:
        """Look at the settings, the GPUs and the disk, if the last look is old or was spoilt."""
        if not again and time.monotonic() - self.looked_at < LOOK_SECONDS:
            return
        self.looked_at = time.monotonic()
        before = (self.report, self.slots, self.room.is_short)
        try:
            self.workspace.reread_settings()
        except (InputError, OSError) as error:
            _log.error("%s; the settings from before stay", error)
        settings = self.workspace.settings
        self.report = self.xid.mark(look_at_gpus(settings.gpus))
        self.slots = all_slots(self.report.gpus, settings.cpu_slots)
        running = [watch.paths.folder for watch in self.watching.watched.values()]
        root, waits = self.workspace.paths.root, self.room.is_short
        self.room = look_for_room(root, settings.keep_free_gib, running, waits=waits)
        self.changed |= before != (self.report, self.slots, self.room.is_short)

    def make_room(self) -> None:
        """Stop what trains at a checkpoint, while there is still room for one."""
        if not self.room.is_dangerous:
            return
        for watch in self.watching.watched.values():
            if not watch.should_stop and watch.attempt.checkpoint >= 0:
                _log.warning("attempt %s is stopped: %s", watch.attempt.uid, self.room)
                watch.should_stop = True

    def start_ready(self, heard: int) -> None:
        """Start what can start; `heard` is how far the journal has been carried out."""
        with self.workspace.database.read() as connection:
            if self.room.is_short or is_frozen(connection):
                return
        for resource in KINDS:
            free = self._free(resource)
            if free:
                self._fill(resource, free, heard)

    def tell_why(self) -> None:
        """Say of every waiting job why it waits, if that may have changed."""
        if not self.changed or time.monotonic() - self.told_at < TELL_SHARE * self.told_in:
            return
        began = time.monotonic()
        self.changed = False
        with self.workspace.database.read() as connection:
            known = jobs(connection)
            frozen = is_frozen(connection)
        waiting = [job for job in known if job.state in ("queued", "blocked")]
        self._learn_runs(waiting)
        by_key = {job.key: job for job in known}
        verdicts = judge(waiting, by_key, self.runs, self.report)
        told = [self._reason(verdict, frozen) for verdict in verdicts]
        self.waiting = any(verdict.state == "queued" for verdict in told)
        self._write([one for one in told if one.is_news])
        self.told_at, self.told_in = time.monotonic(), time.monotonic() - began

    def _free(self, resource: Resource) -> list[Slot]:
        taken = self.watching.taken_slots
        return [one for one in self.slots if one.resource == resource and one.name not in taken]

    def _fill(self, resource: Resource, free: list[Slot], heard: int) -> None:
        with self.workspace.database.read() as connection:
            candidates = ready_jobs(connection, KINDS[resource], CANDIDATES)
        self._learn_runs(candidates)
        for job in candidates:
            if not device_verdict(job, self.runs[job.id], self.report).ready:
                continue
            count = gpus_of(job, self.runs[job.id]) if self.report.gpus else 1
            had = take(free, count)
            if had is not None:
                place, locks = had
                self._start(job, place, locks, heard)
                free = [slot for slot in free if slot not in place.slots]
            elif self._will_have(free, resource, count):
                return  # it has its turn before those behind it
            if not free:
                return

    def _will_have(self, free: Sequence[Slot], resource: Resource, count: int) -> bool:
        """Whether so many slots will be there once what we run ourselves has ended."""
        mine = sum(slot.resource == resource for slot in self.slots) - len(free)
        return mine + sum(not slot.obstacle() for slot in free) >= count

    def _start(self, job: Job, place: Place, locks: list[int], heard: int) -> None:
        try:
            started = launch(self.workspace, Order(job, self.runs[job.id], place, heard), locks)
        finally:
            for descriptor in locks:
                os.close(descriptor)
        self.changed = True
        if started is not None:
            attempt, process = started
            self.watching.add(attempt, process)
            _log.info("started %s, attempt %d, on %s", job.name, attempt.number, place.name)

    def _learn_runs(self, wanted: Sequence[Job]) -> None:
        unknown = [job.id for job in wanted if job.id not in self.runs]
        if unknown:
            with self.workspace.database.read() as connection:
                found = spec_parts(connection, unknown, ["run"])
            for job_id, spec in found.items():
                self.runs[job_id] = RunSettings.model_validate(spec["run"])

    def _reason(self, verdict: Verdict, frozen: bool) -> Verdict:
        """The verdict with what keeps a job that is ready from starting."""
        if not verdict.ready:
            return verdict
        job = verdict.job
        if frozen:
            return Verdict(job, "queued", "the queue is frozen")
        if self.room.is_short:
            return Verdict(job, "queued", f"waits for room on the disk: {self.room}")
        resource = resource_of(job.kind)
        found = "; ".join(filter(None, map(_obstacle, self._free(resource))))
        count = gpus_of(job, self.runs[job.id])
        wanted = f"{count} free GPUs" if count > 1 and self.report.gpus else "a free slot"
        return Verdict(job, "queued", f"waits for {wanted}" + (f": {found}" if found else ""))

    def _write(self, news: Sequence[Verdict]) -> None:
        if not news:
            return
        with self.workspace.database.write() as connection:
            set_states(connection, ((one.job.id, one.state, one.reason) for one in news))
            if any(verdict.state == "blocked" for verdict in news):
                tell_queue_end(self.workspace, connection)
        failpoint("supervisor.told")


def _obstacle(slot: Slot) -> str:
    """What keeps us off a slot that none of our own attempts has."""
    if slot.gpu is not None and not slot.obstacle() and is_locked(slot.gpu.lock):
        return f"GPU {slot.gpu.index} is used by another workspace"
    return slot.obstacle()
