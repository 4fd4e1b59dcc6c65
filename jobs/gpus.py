"""The GPUs of this machine, by NVML: which are there, how they are, and who uses them."""

import json
import os
import pwd
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pynvml

# Where tests say what NVML would: a JSON file with the fields of `GpuReport`.
TEST_VARIABLE = "CXRTUI_TEST_GPUS"
# Of the whole machine: a user's or a scheduler's own TMPDIR would hide it from the others.
LOCK_FOLDER = Path("/tmp")
# Drivers, monitors and desktops keep this much; more without a process in sight is somebody's.
OWNERLESS_BYTES = 2 << 30

_NO_DRIVER = (
    pynvml.NVML_ERROR_LIBRARY_NOT_FOUND,
    pynvml.NVML_ERROR_DRIVER_NOT_LOADED,
)
_RECOVERY = {
    pynvml.NVML_GPU_RECOVERY_ACTION_GPU_RESET: "its driver asks for a reset of the GPU",
    pynvml.NVML_GPU_RECOVERY_ACTION_NODE_REBOOT: "its driver asks for a reboot",
    pynvml.NVML_GPU_RECOVERY_ACTION_DRAIN_AND_RESET: "its driver asks for a reset of the GPU",
    pynvml.NVML_GPU_RECOVERY_ACTION_BUS_RESET: "its driver asks for a reset of the bus",
    pynvml.NVML_GPU_RECOVERY_ACTION_SYSTEM_REBOOT: "its driver asks for a reboot",
}


@dataclass(frozen=True)
class GpuProcess:
    """A process that computes on a GPU."""

    pid: int
    user: str  # name or number of its owner; "" where it cannot be seen from here
    bytes: int | None  # of the GPU's memory

    def __str__(self) -> str:
        owner = f" of user {self.user}" if self.user else ""
        memory = f", {self.bytes / 1e9:.0f} GB" if self.bytes else ""
        return f"pid {self.pid}{owner}{memory}"


@dataclass(frozen=True)
class Gpu:
    """One GPU as it is now; what it does not tell is None."""

    index: int
    uuid: str
    name: str
    used_bytes: int
    total_bytes: int
    processes: tuple[GpuProcess, ...] = ()
    utilisation: int | None = None  # per cent of the last moment in which it computed
    temperature: int | None = None  # degrees Celsius
    watts: float | None = None
    fault: str = ""  # why it cannot be used

    @property
    def is_held_by_nobody(self) -> bool:
        """Whether so much of its memory is in use that somebody must, and no process in sight."""
        return not self.processes and self.used_bytes > OWNERLESS_BYTES

    @property
    def obstacle(self) -> str:
        """Why it cannot be taken, in a few words; "" if nothing that can be seen is in the way."""
        what = f"GPU {self.index}"
        if self.fault:
            return f"{what} is set aside ({self.fault})"
        if self.processes:
            return f"{what} is used by {' and '.join(map(str, self.processes))}"
        if self.is_held_by_nobody:
            return f"{what} holds {self.used_bytes / 1e9:.0f} GB that no process in sight owns"
        return ""

    @property
    def vitals(self) -> list[str]:
        """How busy, how hot, how hungry it is; what it does not tell is left out."""
        told = (
            (self.utilisation, "{:.0f}% busy"),
            (self.temperature, "{:.0f} °C"),
            (self.watts, "{:.0f} W"),
        )
        return [form.format(value) for value, form in told if value is not None]

    @property
    def lock(self) -> Path:
        """The machine-wide lock of this GPU, for all workspaces and users."""
        return LOCK_FOLDER / f"cxrtui-gpu-{self.uuid}.lock"


@dataclass(frozen=True)
class GpuReport:
    """What NVML said: "there is none" and "it does not answer" are not the same."""

    gpus: list[Gpu] = field(default_factory=list)
    trouble: str = ""  # why it is not known which GPUs there are


def look_at_gpus(only: str | None = None) -> GpuReport:
    """The GPUs that may be used; none where there is no driver.

    `only` (such as "0,1") and an inherited `CUDA_VISIBLE_DEVICES` choose by index or UUID; where
    that is empty or -1, there is no GPU, whatever NVML says.
    """
    report = _ask()
    for choice in (os.environ.get("CUDA_VISIBLE_DEVICES"), only):
        if choice is not None:
            names = [name.strip() for name in choice.split(",")]
            chosen = [gpu for gpu in report.gpus if _is_named(gpu, names)]
            wants_none = not set(names) - {"", "-1"}
            report = GpuReport(chosen, "" if wants_none else report.trouble)
    return report


def _ask() -> GpuReport:
    if TEST_VARIABLE in os.environ:
        return _read_report(Path(os.environ[TEST_VARIABLE]))
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError as error:
        return GpuReport() if error.value in _NO_DRIVER else GpuReport(trouble=str(error))
    try:
        return GpuReport([_gpu(index) for index in range(pynvml.nvmlDeviceGetCount())])
    except pynvml.NVMLError as error:
        pynvml.nvmlShutdown()  # the next look begins anew; else NVML stays open, as it is slow to
        return GpuReport(trouble=str(error))


def _gpu(index: int) -> Gpu:
    """One GPU; it has a fault where it is there and cannot be asked."""
    try:
        handle = pynvml.nvmlDeviceGetHandleByIndex(index)
        memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
        running = pynvml.nvmlDeviceGetComputeRunningProcesses(handle)
        uuid, name = pynvml.nvmlDeviceGetUUID(handle), pynvml.nvmlDeviceGetName(handle)
    except pynvml.NVMLError as error:
        return Gpu(index, f"lost-{index}", "GPU", 0, 0, fault=str(error))
    celsius = _told(pynvml.nvmlDeviceGetTemperature, handle, pynvml.NVML_TEMPERATURE_GPU)
    milliwatts = _told(pynvml.nvmlDeviceGetPowerUsage, handle)
    rates = _told(pynvml.nvmlDeviceGetUtilizationRates, handle)
    return Gpu(
        index,
        _text(uuid),
        _text(name),
        int(memory.used),
        int(memory.total),
        tuple(GpuProcess(one.pid, owner_of(one.pid), one.usedGpuMemory) for one in running),
        None if rates is None else int(rates.gpu),
        None if celsius is None else int(celsius),
        None if milliwatts is None else milliwatts / 1000,
        _fault(handle),
    )


def _fault(handle: Any) -> str:
    """What the driver says must be done before this GPU can be used again; "" if nothing."""
    asked = [pynvml.NVML_FI_DEV_GET_GPU_RECOVERY_ACTION]
    told = _told(pynvml.nvmlDeviceGetFieldValues, handle, asked)
    if told is None or told[0].nvmlReturn != pynvml.NVML_SUCCESS:
        return ""
    return _RECOVERY.get(told[0].value.uiVal, "")


def _told(ask: Any, *arguments: Any) -> Any:
    """What not every GPU tells; None if this one does not."""
    try:
        return ask(*arguments)
    except pynvml.NVMLError:
        return None


def owner_of(pid: int) -> str:
    """Name, else number, of a process's user; "" where the process cannot be seen."""
    try:
        user = Path(f"/proc/{pid}").stat().st_uid
    except OSError:
        return ""
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


def _read_report(path: Path) -> GpuReport:
    said = json.loads(path.read_bytes())
    gpus = [
        Gpu(**{**gpu, "processes": tuple(GpuProcess(**one) for one in gpu.get("processes", ()))})
        for gpu in said.get("gpus", ())
    ]
    return GpuReport(gpus, said.get("trouble", ""))


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _is_named(gpu: Gpu, names: list[str]) -> bool:
    return any(name == str(gpu.index) or (name and gpu.uuid.startswith(name)) for name in names)
