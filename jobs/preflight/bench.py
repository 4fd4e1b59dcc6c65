"""Where settings are tried: on a GPU that nobody uses, or on a share of the cores."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from jobs.gpus import look_at_gpus
from jobs.queue.slots import Slot, all_slots, count_slots, take
from jobs.workspace import WorkspaceSettings


@dataclass(frozen=True)
class Bench:
    """A device, and how a process is kept on it."""

    device: str  # the GPU's model, or the CPU with its threads
    slots: Mapping[str, int]  # of this machine, by resource
    cores: int  # that decode images
    gpus: int  # that this workspace can use
    environment: Mapping[str, str] = field(default_factory=dict)
    locks: tuple[int, ...] = ()
    obstacle: str = ""  # why nothing can be tried now


@contextmanager
def bench(settings: WorkspaceSettings, *, needs_gpu: bool) -> Iterator[Bench]:
    """The first slot that is free; other workspaces and users stay away from its GPU meanwhile."""
    report = look_at_gpus(settings.gpus)
    slots = all_slots(report.gpus, settings.cpu_slots)
    network = [slot for slot in slots if slot.resource == "network"]
    device = report.gpus[0].name if report.gpus else _cpu(network[0].threads)
    here = Bench(
        device,
        count_slots(report.gpus, settings.cpu_slots),
        cores=sum(slot.threads for slot in slots if slot.resource == "pack"),
        gpus=len(report.gpus),
    )
    if report.trouble:
        yield replace(here, obstacle=f"the GPUs do not answer: {report.trouble}")
        return
    if needs_gpu and not report.gpus:
        yield replace(here, obstacle="this machine shows no GPU")
        return
    taken = take(network, 1)
    if taken is None:
        yield replace(here, obstacle=f"no GPU is free: {_obstacles(network)}")
        return
    place, locks = taken
    if place.gpus:
        here = replace(here, device=place.gpus[0].name)
    try:
        yield replace(here, environment=place.environment(), locks=tuple(locks))
    finally:
        for descriptor in locks:
            os.close(descriptor)


def _cpu(threads: int) -> str:
    return f"the CPU, {threads} thread{'s' if threads > 1 else ''} a job"


def _obstacles(slots: Sequence[Slot]) -> str:
    found = (
        slot.obstacle() or f"GPU {slot.gpu.index} is used by a queue"
        for slot in slots
        if slot.gpu is not None
    )
    return "; ".join(found)
