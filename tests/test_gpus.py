"""What NVML says, and what becomes of jobs when it says something else."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pynvml
import pytest
from conftest import FAKE_PROGRAM, Command
from queue_rows import Jobs
from test_queue import wait_for

from jobs import gpus
from jobs.durable import write_json
from jobs.gpus import GpuReport, look_at_gpus
from jobs.xid import XidListener

LOST = "GPU is lost"


class FakeNvml:
    """Stands for the driver: what each call answers, or the error that it raises."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **answers: Any) -> None:
        usual = {
            "nvmlInit": None,
            "nvmlShutdown": None,
            "nvmlDeviceGetCount": 2,
            "nvmlDeviceGetHandleByIndex": lambda index: index,
            "nvmlDeviceGetMemoryInfo": pynvml.c_nvmlMemory_t(total=80 << 30, used=1 << 30),
            "nvmlDeviceGetComputeRunningProcesses": (),
            "nvmlDeviceGetUUID": lambda index: f"GPU-{index}",
            "nvmlDeviceGetName": "NVIDIA H100",
            "nvmlDeviceGetTemperature": 41,
            "nvmlDeviceGetPowerUsage": 71_500,
            "nvmlDeviceGetUtilizationRates": pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED),
            "nvmlDeviceGetFieldValues": pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED),
            "nvmlDeviceGetHandleByUUID": lambda uuid: uuid,
            "nvmlEventSetCreate": object(),
            "nvmlDeviceRegisterEvents": None,
            "nvmlEventSetWait_v2": pynvml.NVMLError(pynvml.NVML_ERROR_TIMEOUT),
        }
        for name, answer in (usual | answers).items():
            monkeypatch.setattr(gpus.pynvml, name, self._answering(answer))
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)

    @staticmethod
    def _answering(answer: Any) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            if isinstance(answer, Exception):
                raise answer
            return answer(*arguments) if callable(answer) else answer

        return call


def test_a_gpu_tells_how_it_is_and_who_uses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = pynvml.c_nvmlProcessInfo_t(pid=os.getpid(), usedGpuMemory=3 * 10**9)
    FakeNvml(monkeypatch, nvmlDeviceGetComputeRunningProcesses=[mine])
    first, second = look_at_gpus().gpus
    assert (first.uuid, first.name, first.temperature, first.watts) == (
        "GPU-0", "NVIDIA H100", 41, 71.5,
    )  # fmt: skip
    assert first.utilisation is None
    assert (
        str(first.processes[0]) == f"pid {os.getpid()} of user {gpus.owner_of(os.getpid())}, 3 GB"
    )
    assert [gpu.index for gpu in look_at_gpus("1").gpus] == [second.index]


@pytest.mark.parametrize(
    ("call", "error", "trouble"),
    [
        ("nvmlInit", pynvml.NVML_ERROR_LIBRARY_NOT_FOUND, ""),
        ("nvmlInit", pynvml.NVML_ERROR_DRIVER_NOT_LOADED, ""),
        ("nvmlInit", pynvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH, "mismatch"),
        ("nvmlInit", pynvml.NVML_ERROR_TIMEOUT, "Timeout"),
        ("nvmlDeviceGetCount", pynvml.NVML_ERROR_UNKNOWN, "Unknown"),
    ],
)
def test_no_driver_is_no_gpu_but_an_error_is_trouble(
    monkeypatch: pytest.MonkeyPatch, call: str, error: int, trouble: str
) -> None:
    FakeNvml(monkeypatch, **{call: pynvml.NVMLError(error)})
    report = look_at_gpus()
    assert report.gpus == []
    assert trouble in report.trouble
    assert bool(report.trouble) == bool(trouble)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert look_at_gpus() == GpuReport()


def test_one_gpu_that_is_lost_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def handle(index: int) -> int:
        if index == 0:
            raise pynvml.NVMLError(pynvml.NVML_ERROR_GPU_IS_LOST)
        return index

    FakeNvml(monkeypatch, nvmlDeviceGetHandleByIndex=handle)
    report = look_at_gpus()
    assert [gpu.fault for gpu in report.gpus] == [LOST, ""]
    assert not report.trouble


def test_a_gpu_whose_driver_asks_for_a_reset_is_set_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    def told(handle: int, _fields: list[int]) -> Any:
        values = (pynvml.c_nvmlFieldValue_t * 1)()
        values[0].value.uiVal = 1 if handle == 1 else 0
        return values

    FakeNvml(monkeypatch, nvmlDeviceGetFieldValues=told)
    assert [gpu.fault for gpu in look_at_gpus().gpus] == [
        "", "its driver asks for a reset of the GPU",
    ]  # fmt: skip


def test_a_fatal_xid_sets_its_gpu_aside_and_others_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    events = [("GPU-0", 31), ("GPU-1", 79)]

    def wait(_events: object, _milliseconds: int) -> Any:
        if not events:
            raise pynvml.NVMLError(pynvml.NVML_ERROR_TIMEOUT)
        uuid, number = events.pop(0)
        return SimpleNamespace(device=uuid, eventData=number)

    FakeNvml(monkeypatch, nvmlEventSetWait_v2=wait, nvmlDeviceGetUUID=lambda of: _uuid(of))
    listener = XidListener()
    faults = [gpu.fault for gpu in listener.mark(look_at_gpus()).gpus]
    assert faults[0] == ""
    assert faults[1].startswith("Xid 79: reset it")
    assert [bool(gpu.fault) for gpu in listener.mark(look_at_gpus()).gpus] == [False, True]


def test_a_driver_without_events_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeNvml(monkeypatch, nvmlEventSetCreate=pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED))
    report = look_at_gpus()
    assert XidListener().mark(report) == report


def _uuid(of: int | str) -> str:
    return f"GPU-{of}" if isinstance(of, int) else of


def test_jobs_wait_while_the_gpus_do_not_answer_and_start_when_enough_are_free(
    cxrtui: Command,
    init: Callable[[Path], None],
    recipe: Path,
    queue: Callable[[], Jobs],
    tmp_path: Path,
) -> None:
    """Neither NVML that is silent, nor a GPU that others use, sends a job to the CPU."""
    said = tmp_path / "gpus.json"
    foreign = {"pid": 4711, "user": "1003", "bytes": 39 * 10**9}
    first, second = (
        {"index": index, "uuid": f"GPU-test-{os.getpid()}-{index}", "name": "fake"}
        | {"used_bytes": 0, "total_bytes": 80 << 30}
        for index in (0, 1)
    )
    write_json(said, {"trouble": "Timeout"})
    fake = {"CXRTUI_TEST_GPUS": str(said), "CXRTUI_TEST_PROGRAM": str(FAKE_PROGRAM)}

    def train() -> dict[str, Any]:
        return queue()["a train"]

    recipe.write_text(recipe.read_text().replace("[run]", "[run]\ngpus = 2"))
    init(recipe)
    cxrtui("queue", "add", "a", **fake)
    wait_for(lambda: "the GPUs do not answer: Timeout" in train()["reason"])
    write_json(said, {"gpus": [first]})
    wait_for(lambda: train()["reason"] == "needs 2 GPUs: this workspace can use 1")
    write_json(said, {"gpus": [{**first, "processes": [foreign]}, second]})
    used = "GPU 0 is used by pid 4711 of user 1003, 39 GB"
    wait_for(lambda: train()["reason"] == f"waits for 2 free GPUs: {used}")
    assert train()["attempts"] == []
    shown = cxrtui("status", **fake).stdout
    assert "GPU 0 fake: 0 of 80 GiB used, pid 4711 of user 1003, 39 GB" in shown
    write_json(said, {"gpus": [first, second]})
    wait_for(lambda: {job["state"] for job in queue().values()} == {"succeeded"})
    visible = {
        kind: json.loads(path.read_text())["environment"]["CUDA_VISIBLE_DEVICES"]
        for kind in ("train", "predict-*")
        for path in tmp_path.glob(f"workspace/runs/*/a-*/{kind}/attempt-1/attempt.json")
    }
    both = f"{first['uuid']},{second['uuid']}"
    assert visible == {"train": both, "predict-*": first["uuid"]}
