"""The GPUs as NVML sees them, and what keeps jobs off them."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from jobs.gpus import Gpu, GpuReport
from jobs.machine.finding import Finding, gib
from jobs.provenance import DRIVER, driver_version

HOT: Final = 87  # degrees Celsius; about where data centre GPUs begin to slow down


def look_at_gpu_state(report: GpuReport, driver: Path = DRIVER) -> Iterator[Finding]:
    """The driver, each GPU, and `CUDA_VISIBLE_DEVICES`."""
    found = driver_version(driver)
    if found is not None:
        yield Finding("NVIDIA driver", "ok", found)
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    if chosen is not None:
        yield _visible(chosen, report)
    if report.trouble:
        advice = "run nvidia-smi; after an update of the driver the machine must boot"
        yield Finding("GPUs", "fault", f"they do not answer: {report.trouble}", advice)
    elif not report.gpus:
        advice = 'device = "any" in a recipe lets its jobs run on the processor'
        told = 'none: jobs of a recipe with device = "cuda" wait'
        yield Finding("GPUs", "warning", told, advice)
    yield from map(_gpu, report.gpus)


def _visible(chosen: str, report: GpuReport) -> Finding:
    topic = "CUDA_VISIBLE_DEVICES"
    if report.gpus:
        return Finding(topic, "ok", f"{chosen}: no other GPU is used")
    return Finding(
        topic, "warning", f"{chosen!r} leaves no GPU", f"unset {topic}, if that is wrong"
    )


def _gpu(gpu: Gpu) -> Finding:
    topic = f"GPU {gpu.index}"
    if gpu.fault:
        told = f"{gpu.name} is set aside: {gpu.fault}"
        return Finding(topic, "fault", told, "look at `dmesg`; reset the GPU, or boot the machine")
    told = "; ".join([_state(gpu), *map(str, gpu.processes)])
    if gpu.temperature is not None and gpu.temperature >= HOT:
        return Finding(topic, "warning", f"{told}: hot", "it slows down: look at its cooling")
    if gpu.is_held_by_nobody:
        told = f"{told}: in use by no process that can be seen"
        return Finding(topic, "warning", told, "look for it in other containers, and at nvidia-smi")
    return Finding(topic, "ok", told)


def _state(gpu: Gpu) -> str:
    used = f"{gpu.name}, {gib(gpu.used_bytes)} of {gib(gpu.total_bytes)} used"
    return ", ".join([used, *gpu.vitals])
