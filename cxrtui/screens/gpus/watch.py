"""The thread that asks the machine how it is: its GPUs by NVML, or its cores where it has none.

NVML can take seconds, or never answer where a GPU has fallen off its bus. So nobody waits for this
thread: it only leaves its last answer where the feed picks it up, and it ends with the process.
"""

import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jobs.processes import ATTEMPT_VARIABLE

if TYPE_CHECKING:  # pynvml is slow to import
    from jobs.gpus import Gpu, GpuProcess, GpuReport

SAMPLE_SECONDS: Final = 2.0
NO_GPU_LOOKS: Final = 15  # where there is no driver, GPUs are looked for in one sample of so many
SILENT_SECONDS: Final = 10.0
_STEP: Final = 5  # per cent by which the cores are busier or less before that is told
_UNIT: Final = 1 << 30  # bytes of memory, likewise


@dataclass(frozen=True)
class UsedGpu:
    """A GPU, and which attempts' ids its processes carry; "" for a process of somebody else."""

    gpu: "Gpu"
    processes: tuple[tuple["GpuProcess", str], ...] = ()


@dataclass(frozen=True)
class Sample:
    """The machine at one moment."""

    gpus: tuple[UsedGpu, ...] = ()
    trouble: str = ""  # why it is not known how the GPUs are; then they are as they were last seen
    busy: int | None = None  # per cent of all cores; None where there are GPUs
    used_bytes: int = 0  # of the machine's memory
    total_bytes: int = 0


class MachineWatch:
    """Samples until it is stopped."""

    def __init__(self, only: str | None, seconds: float = SAMPLE_SECONDS) -> None:
        self._only = only
        self._seconds = seconds
        self._stop = threading.Event()
        self._asked: float | None = None  # since when an answer is waited for
        self._last: Sample | None = None
        self._looks = 0

    def start(self) -> None:
        """Begin; a thread that hangs in a driver must not keep the dashboard from ending."""
        threading.Thread(target=self._run, name="machine", daemon=True).start()

    def stop(self) -> None:
        """Sample no more."""
        self._stop.set()

    @property
    def sample(self) -> Sample | None:
        """What was found last, None before; GPUs that do not answer any more are its trouble."""
        asked = self._asked
        if asked is None or time.monotonic() - asked < SILENT_SECONDS:
            return self._last
        silent = f"no answer for {SILENT_SECONDS:.0f} s"
        return replace(self._last or Sample(), trouble=silent)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._asked = time.monotonic()
            self._last = self._look()
            self._asked = None
            self._stop.wait(self._seconds)

    def _look(self) -> Sample:
        last = self._last
        has_none = last is not None and not last.gpus and not last.trouble
        self._looks += 1
        if has_none and self._looks % NO_GPU_LOOKS:
            return _look_at_cores(last)
        from jobs.gpus import look_at_gpus

        report = look_at_gpus(self._only)
        if not report.gpus and not report.trouble:
            return _look_at_cores(last)
        return _gpu_sample(report, last)


def _gpu_sample(report: "GpuReport", last: Sample | None) -> Sample:
    if report.trouble and not report.gpus:
        return Sample(() if last is None else last.gpus, report.trouble)
    return Sample(tuple(map(_used, report.gpus)), report.trouble)


def _used(gpu: "Gpu") -> UsedGpu:
    return UsedGpu(gpu, tuple((process, attempt_of(process.pid)) for process in gpu.processes))


def attempt_of(pid: int) -> str:
    """The id of the attempt that a process belongs to; "" if it is of none that can be seen."""
    marker = f"{ATTEMPT_VARIABLE}=".encode()
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:  # gone meanwhile, or somebody else's
        return ""
    carried = (one.removeprefix(marker) for one in environment if one.startswith(marker))
    return next(carried, b"").decode(errors="replace")


def _look_at_cores(last: Sample | None) -> Sample:
    """A machine at rest looks the same each time, so that nothing is drawn again."""
    import psutil

    memory = psutil.virtual_memory()
    busy, used = round(psutil.cpu_percent()), memory.total - memory.available
    if last is not None and last.busy is not None:
        busy = steady(busy, last.busy, _STEP)
        used = steady(used, last.used_bytes, _UNIT)
    return Sample(busy=busy, used_bytes=used, total_bytes=memory.total)


def steady(value: int, told: int, step: int) -> int:
    """What was told last, until the value is a step away from it."""
    return told if abs(value - told) < step else value
