"""One supervisor a workspace; what it started outlives it and is taken over."""

import json
import os
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from conftest import FAKE_PROGRAM, Command
from queue_rows import Jobs
from test_queue import wait_for

from jobs.paths import WorkspacePaths
from jobs.processes import Identity, host_name, identity
from jobs.queue.ensure import supervisor_info

FAKE = {"CXRTUI_TEST_PROGRAM": str(FAKE_PROGRAM)}


@pytest.fixture
def made(init: Callable[[Path], None], recipe: Path) -> None:
    init(recipe)


@pytest.fixture
def supervisor(workspace: Path) -> Callable[[], Identity]:
    def find() -> Identity:
        return identity(wait_for(lambda: supervisor_info(WorkspacePaths(workspace))).pid)

    return find


def test_a_killed_supervisors_job_goes_on_and_is_adopted(
    cxrtui: Command,
    made: None,
    workspace: Path,
    supervisor: Callable[[], Identity],
    queue: Callable[[], Jobs],
) -> None:
    cxrtui("run-all", "--detach", CXRTUI_FAKE="hang", **FAKE)
    runner_file = wait_for(lambda: list(workspace.glob("runs/*/*/train/attempt-1/runner.json")))[0]
    program = Identity(**json.loads(runner_file.read_text())["program"])
    first = supervisor()
    os.kill(first.pid, signal.SIGKILL)
    wait_for(lambda: not first.lives())
    assert program.lives()
    cxrtui("supervisor", "start")
    assert supervisor() != first
    assert program.lives()
    job = queue()["a train"]
    assert (job["state"], len(job["attempts"])) == ("running", 1)
    wait_for(lambda: queue()["a train"]["attempts"][0]["state"] == "running")
    cxrtui("queue", "cancel", "all")
    wait_for(lambda: queue()["a train"]["state"] == "cancelled")
    assert not program.lives()


def test_the_end_of_an_attempt_during_a_supervisors_absence_is_taken_in(
    cxrtui: Command,
    made: None,
    workspace: Path,
    supervisor: Callable[[], Identity],
    queue: Callable[[], Jobs],
) -> None:
    cxrtui("run-all", "--detach", CXRTUI_FAKE="hang", **FAKE)
    runner_file = wait_for(lambda: list(workspace.glob("runs/*/*/train/attempt-1/runner.json")))[0]
    first = supervisor()
    os.kill(first.pid, signal.SIGKILL)
    wait_for(lambda: not first.lives())
    runner = Identity(**json.loads(runner_file.read_text())["runner"])
    os.kill(runner.pid, signal.SIGTERM)
    wait_for(lambda: not runner.lives())
    cxrtui("supervisor", "start", **FAKE)
    wait_for(lambda: queue()["a predict"]["state"] == "succeeded")
    states = [attempt["state"] for attempt in queue()["a train"]["attempts"]]
    assert states == ["stopped", "succeeded"]


def test_an_attempt_of_another_host_is_unknown_and_never_assumed_dead(
    cxrtui: Command,
    made: None,
    workspace: Path,
    supervisor: Callable[[], Identity],
    queue: Callable[[], Jobs],
) -> None:
    def end_supervisor_and_move_attempt(host: str) -> None:
        one = supervisor()
        os.kill(one.pid, signal.SIGKILL)
        wait_for(lambda: not one.lives())
        with closing(sqlite3.connect(workspace / "cxrtui.sqlite3")) as connection, connection:
            connection.execute("UPDATE attempt SET host = ?", (host,))
        cxrtui("supervisor", "start", CXRTUI_FAKE="hang", **FAKE)

    cxrtui("queue", "add", "a", CXRTUI_FAKE="hang", **FAKE)
    wait_for(lambda: list(workspace.glob("runs/*/*/train/attempt-1/runner.json")))
    end_supervisor_and_move_attempt("elsewhere")
    job = queue()["a train"]
    assert (job["state"], [one["state"] for one in job["attempts"]]) == ("running", ["unknown"])
    assert "began on elsewhere" in job["attempts"][0]["reason"]
    cxrtui("queue", "give-up", "a")  # it still holds its lock: it lives, and is left alone
    end_supervisor_and_move_attempt(host_name())
    cxrtui("queue", "cancel", "a")
    wait_for(lambda: queue()["a train"]["state"] == "cancelled")
    assert [one["state"] for one in queue()["a train"]["attempts"]] == ["stopped"]


def test_an_attempt_of_a_host_that_is_given_up_is_tried_again(
    cxrtui: Command,
    made: None,
    workspace: Path,
    supervisor: Callable[[], Identity],
    queue: Callable[[], Jobs],
) -> None:
    cxrtui("queue", "add", "a", CXRTUI_FAKE="hang", **FAKE)
    runner_file = wait_for(lambda: list(workspace.glob("runs/*/*/train/attempt-1/runner.json")))[0]
    runner = Identity(**json.loads(runner_file.read_text())["runner"])
    for one in (supervisor(), runner):
        os.kill(one.pid, signal.SIGKILL)
        wait_for(lambda one=one: not one.lives())
    with closing(sqlite3.connect(workspace / "cxrtui.sqlite3")) as connection, connection:
        connection.execute("UPDATE attempt SET host = 'elsewhere'")
    cxrtui("supervisor", "start", **FAKE)
    job = queue()["a train"]
    assert [one["state"] for one in job["attempts"]] == ["unknown"]
    assert "give-up: a train" in cxrtui("queue", "give-up", "a").stdout
    wait_for(lambda: queue()["a predict"]["state"] == "succeeded")
    attempts = queue()["a train"]["attempts"]
    assert [one["state"] for one in attempts] == ["interrupted", "succeeded"]
    assert attempts[0]["reason"] == "elsewhere was given up"


def test_a_supervisor_survives_a_hang_up(
    cxrtui: Command, made: None, supervisor: Callable[[], Identity], queue: Callable[[], Jobs]
) -> None:
    cxrtui("supervisor", "start", **FAKE)
    first = supervisor()
    os.kill(first.pid, signal.SIGHUP)
    os.kill(first.pid, signal.SIGINT)
    cxrtui("queue", "add", "a")
    wait_for(lambda: queue()["a predict"]["state"] == "succeeded")
    assert first.lives()


def test_a_broken_workspace_toml_does_not_end_the_supervisor(
    cxrtui: Command,
    made: None,
    workspace: Path,
    supervisor: Callable[[], Identity],
    queue: Callable[[], Jobs],
) -> None:
    cxrtui("queue", "freeze")
    cxrtui("queue", "add", "a", **FAKE)
    first = supervisor()
    whole = (workspace / "workspace.toml").read_text()
    (workspace / "workspace.toml").write_text("recipe = 3")
    log = workspace / "supervisor.log"
    wait_for(
        lambda: "recipe: found 3: input should be a valid string; the settings" in log.read_text()
    )
    (workspace / "workspace.toml").write_text(whole)
    cxrtui("queue", "thaw")
    wait_for(lambda: queue()["a predict"]["state"] == "succeeded")
    assert first.lives()


def test_a_cuda_recipe_is_blocked_without_a_gpu_and_says_why(
    cxrtui: Command, recipe: Path, data_folder: Path, queue: Callable[[], Jobs]
) -> None:
    recipe.write_text(recipe.read_text().replace('device = "any"', 'device = "cuda"'))
    options = ("--recipe", str(recipe), "--data", str(data_folder))
    done = cxrtui("run-all", *options, check=False, CUDA_VISIBLE_DEVICES="", **FAKE)
    assert done.returncode == 1
    job = queue()["a train"]
    assert (job["state"], job["attempts"]) == ("blocked", [])
    assert job["reason"] == "needs a GPU: this machine shows none"
