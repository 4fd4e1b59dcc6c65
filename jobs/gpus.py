"""The GPUs of this machine, by NVML: which are there, and which are free."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pynvml


@dataclass(frozen=True)
class Gpu:
    """One GPU as it is now."""

    index: int
    uuid: str
    name: str
    used_bytes: int
    total_bytes: int
    pids: tuple[int, ...]  # processes that compute on it

    @property
    def lock(self) -> Path:
        """The machine-wide lock of this GPU, for all workspaces and users."""
        return Path(tempfile.gettempdir()) / f"cxrtui-gpu-{self.uuid}.lock"


def list_gpus(only: str | None = None) -> list[Gpu]:
    """The GPUs that may be used; none where there is no driver.

    `only` (such as "0,1") and an inherited `CUDA_VISIBLE_DEVICES` choose by index or UUID.
    """
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return []
    try:
        gpus = [_gpu(index) for index in range(pynvml.nvmlDeviceGetCount())]
    except pynvml.NVMLError:
        return []
    finally:
        pynvml.nvmlShutdown()
    for choice in (os.environ.get("CUDA_VISIBLE_DEVICES"), only):
        if choice is not None:
            names = [name.strip() for name in choice.split(",")]
            gpus = [gpu for gpu in gpus if _is_named(gpu, names)]
    return gpus


def _gpu(index: int) -> Gpu:
    handle = pynvml.nvmlDeviceGetHandleByIndex(index)
    memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
    running = pynvml.nvmlDeviceGetComputeRunningProcesses(handle)
    return Gpu(
        index,
        _text(pynvml.nvmlDeviceGetUUID(handle)),
        _text(pynvml.nvmlDeviceGetName(handle)),
        int(memory.used),
        int(memory.total),
        tuple(process.pid for process in running),
    )


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _is_named(gpu: Gpu, names: list[str]) -> bool:
    return any(name == str(gpu.index) or (name and gpu.uuid.startswith(name)) for name in names)
