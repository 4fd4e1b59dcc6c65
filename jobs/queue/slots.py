"""Where a job can run: on GPUs, on a share of the cores, or on all cores to decode images."""

import os
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final, Literal

from jobs.gpus import Gpu
from jobs.locks import try_lock

Resource = Literal["network", "pack"]

KINDS: Final[dict[Resource, tuple[str, ...]]] = {"network": ("train", "predict"), "pack": ("pack",)}


def resource_of(kind: str) -> Resource:
    """Which slots a job of this kind can run on."""
    return "pack" if kind == "pack" else "network"


@dataclass(frozen=True)
class Slot:
    """A GPU, or a share of the cores."""

    name: str
    threads: int
    gpu: Gpu | None = None
    resource: Resource = "network"

    def obstacle(self) -> str:
        """Why it cannot be taken, in a few words; "" if nothing is in the way."""
        return "" if self.gpu is None else self.gpu.obstacle


@dataclass(frozen=True)
class Place:
    """The slots that one attempt has to itself."""

    slots: tuple[Slot, ...]

    @property
    def name(self) -> str:
        """Such as `gpu:UUID+gpu:UUID`: see `slots_of`."""
        return "+".join(slot.name for slot in self.slots)

    @property
    def gpus(self) -> tuple[Gpu, ...]:
        """The GPUs, if the slots are such."""
        return tuple(slot.gpu for slot in self.slots if slot.gpu is not None)

    def environment(self) -> dict[str, str]:
        """Variables that keep a program within these slots."""
        threads = str(sum(slot.threads for slot in self.slots))
        return {
            "CUDA_VISIBLE_DEVICES": ",".join(gpu.uuid for gpu in self.gpus),
            "OMP_NUM_THREADS": threads,
            "MKL_NUM_THREADS": threads,
            "OPENBLAS_NUM_THREADS": threads,
        }


def slots_of(place: str) -> list[str]:
    """The names of a place's slots."""
    return place.split("+")


def take(slots: Sequence[Slot], count: int) -> tuple[Place, list[int]] | None:
    """The first `count` of these slots that can be had, and descriptors of their locks.

    None if there are too few: a GPU may be used by others, or locked by another workspace.
    """
    with ExitStack() as locks:
        taken: list[Slot] = []
        descriptors: list[int] = []
        for slot in slots:
            if slot.obstacle():
                continue
            if slot.gpu is not None:
                descriptor = try_lock(slot.gpu.lock)
                if descriptor is None:
                    continue
                locks.callback(os.close, descriptor)
                descriptors.append(descriptor)
            taken.append(slot)
            if len(taken) == count:
                locks.pop_all()
                return Place(tuple(taken)), descriptors
    return None


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
