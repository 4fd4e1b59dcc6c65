"""Which queued jobs can start now, and why the others wait."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from db.records import Job
from jobs.gpus import GpuReport
from jobs.recipe.schema import RunSettings

_HOPELESS: Final = ("failed", "cancelled", "blocked")


@dataclass(frozen=True)
class Verdict:
    """What is to become of a queued or blocked job."""

    job: Job
    state: str  # queued or blocked
    reason: str

    @property
    def ready(self) -> bool:
        """Nothing stands in its way but a free slot."""
        return self.state == "queued" and not self.reason

    @property
    def is_news(self) -> bool:
        """The job does not say so yet."""
        return (self.job.state, self.job.reason) != (self.state, self.reason)


def judge(
    waiting: Sequence[Job],
    by_key: Mapping[str, Job],
    runs: Mapping[int, RunSettings],
    report: GpuReport,
) -> list[Verdict]:
    """A verdict for each waiting job; `runs` are the run settings of each by job id."""
    verdicts: dict[str, Verdict] = {}
    for job in sorted(waiting, key=lambda one: one.id):  # parents were queued before children
        found = _judge(job, by_key, verdicts)
        verdicts[job.key] = found or device_verdict(job, runs[job.id], report)
    return [verdicts[job.key] for job in waiting]


def gpus_of(job: Job, run: RunSettings) -> int:
    """How many GPUs a job wants where there are any; a pack, which wants none, has one slot."""
    return run.gpus if job.kind == "train" else 1


def device_verdict(job: Job, run: RunSettings, report: GpuReport) -> Verdict:
    """Whether this machine has what a job needs.

    While the GPUs do not answer nothing starts that may want one: it would train on the CPU.
    """
    if job.kind == "pack":
        return Verdict(job, "queued", "")
    if report.trouble:
        return Verdict(job, "queued", f"waits: the GPUs do not answer: {report.trouble}")
    if run.device == "cuda" and not report.gpus:
        return Verdict(job, "blocked", "needs a GPU: this machine shows none")
    count = gpus_of(job, run)
    if report.gpus and count > len(report.gpus):
        told = f"needs {count} GPUs: this workspace can use {len(report.gpus)}"
        return Verdict(job, "blocked", told)
    return Verdict(job, "queued", "")


def _judge(job: Job, by_key: Mapping[str, Job], verdicts: Mapping[str, Verdict]) -> Verdict | None:
    """What the jobs that it needs have to say; None if nothing."""
    if not by_key.keys() >= set(job.needs):
        return Verdict(job, "blocked", "a job that it needs is not in the queue")
    needed = [by_key[key] for key in job.needs if by_key[key].state != "succeeded"]
    for parent in needed:
        state = verdicts[parent.key].state if parent.key in verdicts else parent.state
        if state in _HOPELESS:
            return Verdict(job, "blocked", f"{parent.name} {state}")
    return Verdict(job, "queued", f"needs {needed[0].name}") if needed else None
