"""Which queued jobs can start now, and why the others wait."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from db.records import Job

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


def judge(
    waiting: Sequence[Job],
    by_key: Mapping[str, Job],
    *,
    cuda: bool,
    device: Mapping[int, str],
    trouble: str = "",
) -> list[Verdict]:
    """A verdict for each waiting job, parents before children.

    `device` says by job id what a job needs ("cuda", "any" or, for a pack, "none"); `cuda` whether
    there is a GPU; `trouble` why that is not known, in which case nothing starts that may want one.
    """
    verdicts: dict[str, Verdict] = {}
    for job in sorted(waiting, key=lambda one: one.id):
        found = _judge(job, by_key, verdicts)
        verdicts[job.key] = found or _judge_device(job, cuda, device[job.id], trouble)
    return [verdicts[job.key] for job in waiting]


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


def _judge_device(job: Job, cuda: bool, device: str, trouble: str) -> Verdict:
    if trouble and device != "none":
        return Verdict(job, "queued", f"waits: the GPUs do not answer: {trouble}")
    if device == "cuda" and not cuda:
        return Verdict(job, "blocked", "needs a GPU: this machine shows none")
    return Verdict(job, "queued", "")
