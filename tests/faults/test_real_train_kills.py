"""The real `train` is killed at random moments; what it ends with is what an unbroken run does."""

import json
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import ONE_MODEL, Command

from jobs.checkpoints import finished_weights
from jobs.crash.killing import kill
from jobs.events import read_events
from jobs.paths import attempt_folders
from jobs.processes import Identity

KILLS = 50
STATES = ("start-up", "steps", "checkpoint")
START_SECONDS = 4.0  # about as long as torch takes
STEP_SECONDS = 0.8
DEADLINE = 900.0

RECIPE = (
    ONE_MODEL.replace("epochs = 3", "epochs = 160").replace(
        "[run]", "[run]\ncheckpoint_minutes = 0.000000001"
    )
    + """
[[models]]
name = "b"
stage = "stage1"
seed = 1
"""
)


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "two.toml"
    path.write_text(RECIPE)
    return path


class Killer:
    """Kills the newest attempt of a job, each at a moment and in a state that were drawn."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.kills: Counter[str] = Counter()
        self._plans: dict[Path, tuple[str, float]] = {}
        self._since: dict[Path, float] = {}

    def look(self, job_folder: Path) -> None:
        """Kill the program if its time has come."""
        folders = list(attempt_folders(job_folder).values())
        if not folders or not (folders[-1] / "runner.json").exists():
            return
        attempt = folders[-1]
        if attempt not in self._plans:
            self._plans[attempt] = self.chance.choice(STATES), self.chance.random()
            self._since[attempt] = time.monotonic()
        wanted, share = self._plans[attempt]
        state, now = state_of(attempt), time.monotonic()
        if wanted == "start-up":
            due = state == wanted and now - self._since[attempt] >= share * START_SECONDS
        elif state == "start-up":
            self._since[attempt] = now
            due = False
        else:
            late = now - self._since[attempt] >= share * STEP_SECONDS
            due = late and state == wanted
        if due and kill(program_of(attempt)):
            self.kills[state] += 1
            self._plans[attempt] = "nothing", 0.0


def state_of(attempt: Path) -> str:
    """What an attempt that runs is doing."""
    if not any(event.kind == "step" for event in read_events(attempt / "events.jsonl")):
        return "start-up"
    saving = (
        not (folder / "manifest.json").exists() for folder in attempt.glob("checkpoints/step-*")
    )
    return "checkpoint" if any(saving) else "steps"


def program_of(attempt: Path) -> Identity:
    return Identity(**json.loads((attempt / "runner.json").read_text())["program"])


def job_folders(workspace: Path) -> dict[str, Path]:
    return {path.parent.name[:1]: path for path in workspace.glob("runs/*/*/train")}


def ends(workspace: Path) -> dict[str, Any]:
    """Of each model: its weights, and what is told of each epoch by the attempt that told last."""
    found = {}
    for model, folder in job_folders(workspace).items():
        epochs = {
            event.fields["epoch"]: event.fields
            for attempt in attempt_folders(folder).values()
            for event in read_events(attempt / "events.jsonl")
            if event.kind == "epoch"
        }
        for fields in epochs.values():
            fields.pop("gpu_peak", None)
        found[model] = finished_weights(folder).read_bytes(), epochs
    return found


@pytest.mark.long  # test_faults.py has a short form
def test_real_training_ends_as_if_nothing_had_been(
    seed: int,
    tell: Callable[[str], None],
    recipe: Path,
    data_folder: Path,
    cxrtui: Command,
    workspace: Path,
    tmp_path: Path,
) -> None:
    whole = tmp_path / "whole"
    chosen = ("--recipe", str(recipe), "--data", str(data_folder))
    for root in (whole, workspace):
        cxrtui("--workspace", str(root), "init", *chosen)
        settings = root / "workspace.toml"
        settings.write_text(settings.read_text() + "cpu_slots = 2\n")
    cxrtui("--workspace", str(whole), "run-all")
    cxrtui("--workspace", str(whole), "supervisor", "stop")

    cxrtui("run-all", "--detach")
    killer, deadline, given_up = Killer(random.Random(seed)), time.monotonic() + DEADLINE, 0
    while killer.kills.total() < KILLS:
        assert time.monotonic() < deadline, killer.kills
        until = time.monotonic() + 5
        while time.monotonic() < until:
            for folder in job_folders(workspace).values():
                killer.look(folder)
            time.sleep(0.002)
        listed = json.loads(cxrtui("queue", "list", "--json").stdout)
        failed = [job for job in listed if job["state"] == "failed"]
        assert all(job["reason"].startswith("interrupted 3 times") for job in failed)
        if failed:
            given_up += len(failed)
            cxrtui("queue", "retry", *(str(job["id"]) for job in failed))
        trains = [job["state"] for job in listed if job["kind"] == "train"]
        assert trains != ["succeeded"] * 2, f"only {killer.kills.total()} kills: train for longer"
    cxrtui("run-all")
    assert ends(workspace) == ends(whole)
    counts = ", ".join(f"{state} {killer.kills[state]}" for state in STATES)
    tell(f"{killer.kills.total()} kills of real training: {counts}; given up {given_up} times")
    assert all(killer.kills[state] for state in STATES)
