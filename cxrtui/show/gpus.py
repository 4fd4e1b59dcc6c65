"""The GPUs of this machine in lines."""

from collections.abc import Iterator

from jobs.gpus import Gpu, GpuReport


def gpu_lines(report: GpuReport) -> Iterator[str]:
    """A line for each GPU, and one for what keeps them from being known."""
    if report.trouble:
        yield f"the GPUs do not answer: {report.trouble}"
    yield from map(_line, report.gpus)


def _line(gpu: Gpu) -> str:
    if gpu.fault:
        return f"GPU {gpu.index} is set aside: {gpu.fault}"
    used, total = gpu.used_bytes / 2**30, gpu.total_bytes / 2**30
    parts = [f"GPU {gpu.index} {gpu.name}: {used:.0f} of {total:.0f} GiB used", *gpu.vitals]
    if gpu.processes:
        parts.append("; ".join(map(str, gpu.processes)))
    return ", ".join(parts)
