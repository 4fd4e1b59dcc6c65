"""From what was measured to hours, bytes and the time of the end. Pure arithmetic."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from jobs.data.pixels.chunks import needed_bytes
from jobs.planned import PlannedJob
from jobs.preflight.amounts import Amounts
from jobs.preflight.setting import Trial
from jobs.preflight.wanted import ranks_of
from jobs.queue.eta import SMALLER_COST, Stretch, finish_seconds
from jobs.queue.slots import resource_of

CHECKPOINTS_WHILE_TRAINING: Final = 3  # two are kept, and a third is written before one goes
_ROW_BYTES: Final = 160  # of a prediction set, beside its probabilities


@dataclass(frozen=True)
class Forecast:
    """What the jobs of a plan take; what is not known is None."""

    seconds: Mapping[str, float | None]  # by job key, of its slots
    ranks: Mapping[str, int]  # GPUs that it runs on at once, by key of a job with a network
    finish: float | None  # seconds from now until all is done
    packs: int  # bytes on the disk
    runs: int | None  # bytes of checkpoints, weights and predictions, when they are most

    @property
    def slot_seconds(self) -> float | None:
        """Seconds of one GPU, or of one share of the cores, that all networks take."""
        return self._sum(self.ranks)

    def taken_by(self, jobs: Iterable[PlannedJob]) -> float | None:
        """The same of some of the networks."""
        return self._sum(job.key for job in jobs)

    def _sum(self, keys: Iterable[str]) -> float | None:
        total = 0.0
        for key in keys:
            seconds = self.seconds[key]
            if seconds is None:
                return None
            total += seconds * self.ranks[key]
        return total


def forecast(
    jobs: Sequence[PlannedJob],
    amounts: Amounts,
    trials: Mapping[str, Trial],
    decode_rate: float | None,
    slots: Mapping[str, int],
    gpus: int,
) -> Forecast:
    """What these jobs take: `trials` by job key, images decoded a second, slots and GPUs there are.

    A job that has been begun is counted as if it began anew.
    """
    seconds = {
        job.key: pack_seconds(job, amounts, decode_rate)
        if job.kind == "pack"
        else network_seconds(job, amounts, trials.get(job.key), ranks_of(job, gpus))
        for job in jobs
    }
    networks = [job for job in jobs if job.kind != "pack"]
    ranks = {job.key: ranks_of(job, gpus) for job in networks}
    stretches = [
        Stretch(job.key, job.needs, resource_of(job.kind), taken, ranks.get(job.key, 1))
        for job in jobs
        if (taken := seconds[job.key]) is not None
    ]
    return Forecast(
        seconds=seconds,
        ranks=ranks,
        finish=finish_seconds(stretches, slots) if len(stretches) == len(jobs) else None,
        packs=sum(
            needed_bytes(amounts.images, job.spec["size"]) for job in jobs if job.kind == "pack"
        ),
        runs=runs_bytes(networks, amounts, trials, slots.get("network", 1)),
    )


def network_seconds(
    job: PlannedJob, amounts: Amounts, trial: Trial | None, ranks: int
) -> float | None:
    """Of a train or predict job; n GPUs are taken to train n times as fast, at the most."""
    if trial is None:
        return None
    seconds = trial.startup_seconds + amounts.predicted(job) / trial.predict_rate
    if job.kind == "train":
        if trial.train_rate is None:
            return None
        seconds += amounts.trained(job) / (trial.train_rate * ranks)
    return seconds


def pack_seconds(job: PlannedJob, amounts: Amounts, decode_rate: float | None) -> float | None:
    """Of a pack job on all cores."""
    if decode_rate is None:
        return None
    return amounts.images / decode_rate * (SMALLER_COST if job.spec["master"] else 1.0)


def runs_bytes(
    networks: Sequence[PlannedJob], amounts: Amounts, trials: Mapping[str, Trial], slots: int
) -> int | None:
    """The most bytes that checkpoints, weights and predictions will take at once."""
    if any(job.key not in trials for job in networks):
        return None
    total, extra = 0, []
    for job in networks:
        trial = trials[job.key]
        if job.kind == "train":
            kept = int(job.spec["run"]["keep_checkpoints"])
            total += trial.weights_bytes + kept * trial.checkpoint_bytes
            extra.append(max(0, CHECKPOINTS_WHILE_TRAINING - kept) * trial.checkpoint_bytes)
        else:
            row = 4 * len(job.spec["labels"]) + _ROW_BYTES
            total += amounts.predicted(job) * row
    return total + sum(sorted(extra, reverse=True)[:slots])
