"""Where a job can run: one GPU, or a share of the cores."""

import os
from dataclasses import dataclass

from jobs.gpus import Gpu
from jobs.locks import try_lock


@dataclass(frozen=True)
class Slot:
    """A place for one job."""

    name: str
    threads: int
    gpu: Gpu | None = None

    def take(self) -> list[int] | None:
        """Descriptors of the locks that keep others away; None if somebody else is there."""
        if self.gpu is None:
            return []
        if self.gpu.pids:
            return None
        descriptor = try_lock(self.gpu.lock)
        return None if descriptor is None else [descriptor]

    def environment(self) -> dict[str, str]:
        """Variables that keep a program within this slot."""
        threads = str(self.threads)
        return {
            "CUDA_VISIBLE_DEVICES": "" if self.gpu is None else self.gpu.uuid,
            "OMP_NUM_THREADS": threads,
            "MKL_NUM_THREADS": threads,
            "OPENBLAS_NUM_THREADS": threads,
        }


def all_slots(gpus: list[Gpu], cpu_slots: int | None) -> list[Slot]:
    """A slot for each GPU; on a machine without any `cpu_slots`, by default one for each core.

    Each has its share of the cores as threads.
    """
    cores = len(os.sched_getaffinity(0))
    if gpus:
        threads = max(1, cores // len(gpus))
        return [Slot(f"gpu:{gpu.uuid}", threads, gpu) for gpu in gpus]
    count = cpu_slots or cores
    return [Slot(f"cpu:{number}", max(1, cores // count)) for number in range(count)]
