"""What the machine is used for: which of our jobs have which of its GPUs or slots, and who else."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from cxrtui.screens.gpus.watch import Sample, UsedGpu
from cxrtui.screens.run.speed import JobSpeed
from db.attempts import live_attempts
from db.jobs import job_by_id
from db.lists import newest_points
from jobs.processes import boot_id, host_name

_RATE: Final = ("train", "images_per_second")


@dataclass(frozen=True)
class RunningJob:
    """A job that has slots of this machine."""

    uid: str  # of its attempt
    name: str  # such as `model3 train`
    slots: tuple[str, ...]
    images_per_second: float | None = None

    @property
    def words(self) -> str:
        """What it is and how fast, such as `model3 train 412 img/s`."""
        rate = self.images_per_second
        return self.name if rate is None else f"{self.name} {rate:,.0f} img/s"


@dataclass(frozen=True)
class Machine:
    """The machine and what runs on it: what the GPU panel shows."""

    sample: Sample
    jobs: tuple[RunningJob, ...] = ()
    slots: int = 1  # for jobs that train or predict
    speeds: tuple[JobSpeed, ...] = ()  # of all jobs that run, also on other machines

    def speed(self, model: str) -> JobSpeed | None:
        """Of the job of a model; None if none of them runs."""
        return next((one for one in self.speeds if one.model == model), None)

    def jobs_on(self, used: UsedGpu) -> list[RunningJob]:
        """Our jobs on a GPU: it is their slot, or a process of theirs computes there."""
        slot, uids = f"gpu:{used.gpu.uuid}", {uid for _, uid in used.processes}
        return [job for job in self.jobs if slot in job.slots or job.uid in uids]

    def others_on(self, used: UsedGpu) -> list[str]:
        """Who else computes on a GPU, such as `pid 4711 alice`.

        From within a container processes cannot be seen: next to a job of ours they are its own.
        """
        ours = self.jobs_on(used)
        known = {job.uid for job in ours}
        return [
            f"pid {process.pid} {process.user}".strip()
            for process, uid in used.processes
            if uid not in known and (process.user or not ours)
        ]

    @property
    def places(self) -> int:
        """How many GPUs there are; without any, how many slots of its cores."""
        return len(self.sample.gpus) or self.slots

    @property
    def used_places(self) -> int:
        """How many of them are in use, by whomever."""
        if self.sample.gpus:
            return sum(bool(one.processes or self.jobs_on(one)) for one in self.sample.gpus)
        return sum(not slot.startswith("cores") for job in self.jobs for slot in job.slots)


def running_jobs(connection: Connection) -> tuple[RunningJob, ...]:
    """The jobs with an attempt that lives on this machine since its last boot, by their slots."""
    # Imported late: it needs pynvml.
    from jobs.queue.slots import slots_of

    here = (host_name(), boot_id())
    alive = [one for one in live_attempts(connection) if (one.host, one.boot) == here]
    rates = newest_points(connection, [one.id for one in alive], *_RATE)
    found = []
    for attempt in alive:
        job = job_by_id(connection, attempt.job_id)
        if job is not None:
            rate = rates[attempt.id].value if attempt.id in rates else None
            slots = tuple(slots_of(attempt.slot))
            found.append(RunningJob(attempt.uid, job.name, slots, rate))
    return tuple(sorted(found, key=lambda job: job.slots))
