"""What torch can do here. It is asked in a process of its own: to import it takes seconds."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final

from jobs.gpus import Gpu
from jobs.locks import try_lock
from jobs.machine.finding import Finding

PATIENCE: Final = 180.0  # seconds; from a cold network disk torch takes its time
_INSTALL: Final = "install the torch that fits your driver: https://pytorch.org/get-started"
# Adds numbers on each GPU that it sees: to be there is not to work.
_ASK: Final = """
import json, sys, torch
said = {"version": torch.__version__, "build": torch.version.cuda or torch.version.hip,
        "works": [], "trouble": ""}
try:
    said["available"] = torch.cuda.is_available()
    if sys.argv[1] == "try":
        torch.cuda.init()
        for index in range(torch.cuda.device_count()):
            torch.ones(1000, device=f"cuda:{index}").sum().item()
            said["works"].append(torch.cuda.get_device_name(index))
except (RuntimeError, AssertionError) as error:
    said["trouble"] = str(error).splitlines()[0]
print(json.dumps(said))
"""


@dataclass(frozen=True)
class _Said:
    """What torch said of itself."""

    version: str
    build: str | None  # of CUDA
    works: list[str]  # names of the GPUs that have computed
    trouble: str
    available: bool = False


def look_at_torch(gpus: list[Gpu]) -> Iterator[Finding]:
    """Whether torch is there, and whether it computes on those of `gpus` that nobody uses.

    A GPU that somebody uses is left alone: the little that a trial takes could be what it lacks.
    """
    if find_spec("torch") is None:
        return  # the packages for training have said so
    with ExitStack() as stack:
        free = [gpu for gpu in gpus if not gpu.obstacle and _take(gpu, stack)]
        said = _ask([gpu.uuid for gpu in free])
    yield said if isinstance(said, Finding) else _judge(said, gpus, free)


def _take(gpu: Gpu, stack: ExitStack) -> bool:
    descriptor = try_lock(gpu.lock)
    if descriptor is not None:
        stack.callback(os.close, descriptor)
    return descriptor is not None


def _ask(free: list[str]) -> _Said | Finding:
    environment = {**os.environ, "PYTHONSAFEPATH": "1"}
    if free:
        environment["CUDA_VISIBLE_DEVICES"] = ",".join(free)
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-W", "ignore", "-c", _ASK, "try" if free else "look"],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        told = f"has not answered in {PATIENCE:.0f} s"
        return Finding("torch", "fault", told, "look at the GPUs with nvidia-smi: one may hang")
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        return Finding("torch", "fault", f"cannot be used: {last}", "install it again")
    return _Said(**json.loads(done.stdout))


def _judge(said: _Said, gpus: list[Gpu], free: list[Gpu]) -> Finding:
    what = f"{said.version}, " + (f"CUDA {said.build}" if said.build else "built without CUDA")
    if not gpus:
        return Finding("torch", "ok", what)
    if said.build is None:
        return Finding("torch", "fault", f"{what}: it cannot use the GPUs", _INSTALL)
    if said.trouble or not said.available:
        told = said.trouble or "CUDA does not work"
        return Finding("torch", "fault", f"{what}: {told}", _INSTALL)
    if not free:
        return Finding("torch", "ok", f"{what}; not tried on a GPU, since all are in use")
    return Finding("torch", "ok", f"{what}; computes on {', '.join(said.works)}")
