"""A workspace for fault tests, ready to train, and what must hold in it at the end.

A plugin, as `fault_session`. Its programs need no torch: see `faults/fault_program.py`.
"""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest
from conftest import command_lines, hear_signals
from made_once import made_once

from jobs.crash.chain import EPOCH_STEPS, states
from jobs.crash.program import last_state
from jobs.locks import is_locked
from jobs.paths import AttemptPaths, WorkspacePaths, attempt_folders
from jobs.processes import Identity, identity, processes_of
from jobs.queue.ensure import supervisor_info

TRAIN_LOSS: Final = "split = 'train' AND name = 'loss'"
PROGRAM: Final = Path(__file__).parent / "faults" / "fault_program.py"
EPOCHS: Final = {"a": 3, "b": 3, "long": 60}
RECIPE: Final = """
name = "faults"
labels = ["Atelectasis", "Cardiomegaly", "Edema", "Nodule"]
[data]
val_fraction = 0.2
[run]
device = "any"
grace_seconds = 1.0
[defaults]
architecture = "none"
pre_weight = "none"
image_size = 32
batch_size = 16
[[stages]]
name = "stage1"
""" + "".join(
    f'[[models]]\nname = "{name}"\nstage = "stage1"\nepochs = {epochs}\nseed = {seed}\n'
    for seed, (name, epochs) in enumerate(EPOCHS.items())
)


class FaultWorkspace:
    """A workspace with a pack, whose jobs run the fault program."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.paths = WorkspacePaths(root)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Begin a `cxrtui` command on this workspace."""
        return subprocess.Popen(
            [sys.executable, "-m", "cxrtui", "--workspace", str(self.root), *arguments],
            cwd=self.root.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "CXRTUI_TEST_PROGRAM": str(PROGRAM), **environment},
            preexec_fn=hear_signals,
        )

    def run(
        self, *arguments: str, check: bool = True, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """A `cxrtui` command from its beginning to its end."""
        with self.start(*arguments, **environment) as begun:
            output, errors = begun.communicate(timeout=180)
        if check and begun.returncode:
            pytest.fail(f"cxrtui {arguments}: exit {begun.returncode}\n{output}\n{errors}")
        return subprocess.CompletedProcess(begun.args, begun.returncode, output, errors)

    def add(self, *models: str, fault: str = "", **environment: str) -> None:
        """Queue models; their first attempts have a fault."""
        self.run("queue", "add", *models, CXRTUI_FAULT=fault, **environment)

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """What the database says."""
        address = f"file:{self.paths.database}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=30)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query, values)]

    def jobs(self) -> dict[str, dict[str, Any]]:
        """The jobs by "model kind"."""
        return {f"{job['model']} {job['kind']}": job for job in self.rows("SELECT * FROM job")}

    def tries(self, name: str = "a train") -> list[dict[str, Any]]:
        """The attempts of a job, oldest first."""
        query = "SELECT * FROM attempt WHERE job_id = ? ORDER BY number"
        return self.rows(query, self.jobs()[name]["id"])

    def attempt(self, name: str = "a train", number: int = 1) -> AttemptPaths:
        """The files of an attempt, whether they are there or not."""
        return AttemptPaths(self.root / self.jobs()[name]["folder"] / f"attempt-{number}")

    def wait_for_state(self, name: str, state: str, seconds: float = 60) -> None:
        """Wait until a job has a state; fail if it fails instead."""

        def is_there() -> bool:
            job = self.jobs()[name]
            assert state == "failed" or job["state"] != "failed", job["reason"]
            return bool(job["state"] == state)

        wait_for(is_there, seconds, lambda: f"{name} {state}: {self.jobs()[name]}")

    def wait_for_success(self, *models: str, seconds: float = 60) -> None:
        """Wait until models are trained and predicted."""
        for model in models:
            for kind in ("train", "predict"):
                self.wait_for_state(f"{model} {kind}", "succeeded", seconds)

    def wait_for_text(self, path: Path, text: str) -> None:
        """Wait until a file says something."""
        wait_for(lambda: path.exists() and text.encode() in path.read_bytes())

    def wait_for_steps(self, name: str, count: int = 1, number: int = 1) -> None:
        """Wait until an attempt of a job has told so many steps of the whole job."""
        wait_for(
            lambda: any(t["number"] == number and t["step"] >= count for t in self.tries(name))
        )

    def process(self, role: str, name: str = "a train", number: int = 1) -> Identity:
        """The runner or the program of an attempt, as soon as it is there."""
        path = self.attempt(name, number).runner
        wait_for(path.exists)
        return Identity(**json.loads(path.read_bytes())[role])

    def supervisor(self) -> Identity:
        """The supervisor, as soon as it is there."""
        return identity(wait_for(lambda: supervisor_info(self.paths)).pid)

    def open_gate(self) -> None:
        """Let programs that are `gated` come to their end."""
        (self.root / "gate").touch()

    def end_supervisor(self) -> None:
        """TERM to the supervisor, if there is one, and wait until it is gone."""
        info = supervisor_info(self.paths)
        if info is not None:
            one = identity(info.pid)
            os.kill(one.pid, signal.SIGTERM)
            wait_for(lambda: not one.lives())

    def kill(self, one: Identity) -> None:
        """KILL a process and wait until it is gone."""
        os.kill(one.pid, signal.SIGKILL)
        wait_for(lambda: not one.lives())

    def assert_sound(self, *models: str) -> None:
        """Nothing lost, nothing twice, nothing left running; `models` are trained as unbroken."""
        for job in self.jobs().values():
            for number, folder in attempt_folders(self.root / job["folder"]).items():
                self._assert_ended(AttemptPaths(folder))
                self._assert_taken_in(job, number, AttemptPaths(folder))
        for model in models:
            self._assert_trained(model)
        assert command_lines(f"{self.root}/runs/") == []

    def _assert_ended(self, paths: AttemptPaths) -> None:
        assert processes_of(json.loads(paths.start.read_bytes())["uid"]) == []
        assert not is_locked(paths.lock)

    def _assert_taken_in(self, job: dict[str, Any], number: int, paths: AttemptPaths) -> None:
        """Every loss of every whole line is in the database, once, and no other."""
        (attempt,) = self.rows(
            "SELECT * FROM attempt WHERE job_id = ? AND number = ?", job["id"], number
        )
        assert attempt["ended"] >= attempt["started"]
        query = f"SELECT step, value FROM point WHERE attempt_id = ? AND {TRAIN_LOSS}"
        had = Counter((row["step"], row["value"]) for row in self.rows(query, attempt["id"]))
        told = Counter(losses(paths.events)) if paths.events.exists() else Counter()
        assert had == told

    def _assert_trained(self, model: str) -> None:
        """The weights are those of training that nothing disturbed."""
        job = self.jobs()[f"{model} train"]
        assert job["state"] == "succeeded"
        steps = EPOCHS[model] * EPOCH_STEPS
        *_, expected = states(job["key"], "", steps)
        assert last_state(self.root / job["folder"]) == expected
        told = {
            row["step"]
            for row in self.rows(
                "SELECT point.step FROM point JOIN attempt ON attempt.id = attempt_id "
                f"WHERE job_id = ? AND {TRAIN_LOSS}",
                job["id"],
            )
        }
        assert told == set(range(1, steps + 1))


def losses(events: Path) -> list[tuple[int, float]]:
    """(step, loss) of the whole lines that are `step` events of training."""
    *whole, _torn = events.read_bytes().split(b"\n")
    found = []
    for line in whole:
        event = json.loads(line)
        if event["kind"] == "step" and "loss" in event:
            found.append((event["step"], event["loss"]))
    return found


def wait_for(
    what: Callable[[], Any],
    seconds: float = 60.0,
    about: Callable[[], str] = lambda: "waited in vain",
) -> Any:
    """The first true answer; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (answer := what()):
        if time.monotonic() > deadline:
            pytest.fail(about())
        time.sleep(0.02)
    return answer


@pytest.fixture(scope="session")
def packed(tmp_path_factory: pytest.TempPathFactory, data_folder: Path) -> Path:
    """A workspace whose images are packed, to be copied."""

    def make(folder: Path) -> None:
        folder.mkdir()
        (folder / "faults.toml").write_text(RECIPE)
        workspace = FaultWorkspace(folder / "workspace")
        workspace.run("init", "--recipe", str(folder / "faults.toml"), "--data", str(data_folder))
        workspace.run("data", "pack")
        workspace.end_supervisor()

    return made_once(tmp_path_factory.getbasetemp(), "packed", make) / "workspace"


@pytest.fixture
def faulty(packed: Path, workspace: Path) -> FaultWorkspace:
    """A copy of it, for one test, which ends its supervisor."""
    return copy_of(packed, workspace)


def copy_of(packed: Path, root: Path) -> FaultWorkspace:
    """A workspace of its own."""
    shutil.copytree(packed, root, dirs_exist_ok=True)
    return FaultWorkspace(root)
