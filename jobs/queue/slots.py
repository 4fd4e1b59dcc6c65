"""Where a job can run: one GPU, a share of the cores, or all cores where images are decoded."""

import os
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from jobs.gpus import Gpu
from jobs.locks import try_lock

Resource = Literal["network", "pack"]


def resource_of(kind: str) -> Resource:
    """Which slots a job of this kind can run on."""
    return "pack" if kind == "pack" else "network"


@dataclass(frozen=True)
class Slot:
    """A place for one job."""

    name: str
    threads: int
    gpu: Gpu | None = None
    resource: Resource = "network"

    def take(self) -> list[int] | None:
        """Descriptors of the locks that keep others away; None if somebody else is there."""
        if self.gpu is None:
            return []
        if self.gpu.processes or self.gpu.fault:
            return None
        descriptor = try_lock(self.gpu.lock)
        return None if descriptor is None else [descriptor]

    def obstacle(self) -> str:
        """Why it could not be taken, in a few words."""
        if self.gpu is None:
            return ""
        what = f"GPU {self.gpu.index}"
        if self.gpu.fault:
            return f"{what} has failed ({self.gpu.fault})"
        if self.gpu.processes:
            return f"{what} is used by {' and '.join(map(str, self.gpu.processes))}"
        return f"{what} is used by another workspace"

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

    Each has its share of the cores as threads. Packs have one slot of their own with all cores:
    decoding never waits for a GPU, nor keeps one waiting for long.
    """
    cores = len(os.sched_getaffinity(0))
    packing = Slot("cores", cores, resource="pack")
    if gpus:
        threads = max(1, cores // len(gpus))
        return [*(Slot(f"gpu:{gpu.uuid}", threads, gpu) for gpu in gpus), packing]
    count = cpu_slots or cores
    share = max(1, cores // count)
    return [*(Slot(f"cpu:{number}", share) for number in range(count)), packing]


def count_slots(gpus: list[Gpu], cpu_slots: int | None) -> dict[str, int]:
    """How many slots there are of each resource."""
    return Counter(slot.resource for slot in all_slots(gpus, cpu_slots))
