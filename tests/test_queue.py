"""The queue as a person uses it: real commands, a real supervisor, a fake program."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import FAKE_PROGRAM, Command, command_lines, hear_signals

from jobs.paths import WorkspacePaths
from jobs.queue.ensure import supervisor_info

FAKE = {"CXRTUI_TEST_PROGRAM": str(FAKE_PROGRAM)}


def wait_for(what: Callable[[], Any], seconds: float = 30.0) -> Any:
    """The first true answer; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := what():
            return answer
        time.sleep(0.05)
    pytest.fail("waited in vain")


def listed(cxrtui: Command) -> dict[str, dict[str, Any]]:
    """What a person is told of the queue, by "model kind"."""
    jobs = json.loads(cxrtui("queue", "list", "--json").stdout)
    return {f"{job['model']} {job['kind']}": job for job in jobs}


@pytest.fixture
def one(init: Callable[[Path], None], recipe: Path) -> None:
    """A workspace of one model."""
    init(recipe)


@pytest.fixture
def three(init: Callable[[Path], None], chain: Path) -> None:
    """A workspace of three models, each the parent of the next."""
    init(chain)


def test_a_stage_brings_its_missing_parents_along(cxrtui: Command, three: None) -> None:
    plan = json.loads(cxrtui("queue", "add", "stage3", "--dry-run", "--json").stdout)
    assert [(line["model"], line["kind"]) for line in plan] == [
        ("32px", "pack"), ("a", "train"), ("b", "train"), ("c", "train"), ("c", "predict"),
    ]  # fmt: skip
    assert listed(cxrtui) == {}


def test_a_failed_job_blocks_its_children_and_run_all_exits_with_1(
    cxrtui: Command, three: None, queue: Callable[[], Any]
) -> None:
    done = cxrtui("run-all", check=False, CXRTUI_FAKE="crash", **FAKE)
    assert done.returncode == 1
    jobs = listed(cxrtui)
    assert jobs["a train"]["state"] == "failed"
    assert jobs["a train"]["reason"] == "exit code 1: ValueError: told to crash"
    assert jobs["a train"]["attempts"][0]["exit_code"] == 1
    assert (jobs["b train"]["state"], jobs["b train"]["reason"]) == ("blocked", "a train failed")
    assert jobs["c train"]["state"] == "blocked"
    cxrtui("supervisor", "stop")
    cxrtui("run-all", **FAKE)
    assert {job["state"] for job in queue().values()} == {"succeeded"}


def test_a_success_without_a_finished_event_is_a_failure(
    cxrtui: Command, one: None, queue: Callable[[], Any]
) -> None:
    cxrtui("run-all", check=False, CXRTUI_FAKE="not-finished", **FAKE)
    assert queue()["a train"]["state"] == "failed"
    assert "finished" in queue()["a train"]["reason"]


def test_an_interrupted_job_is_tried_again(
    cxrtui: Command, one: None, queue: Callable[[], Any]
) -> None:
    cxrtui("run-all", CXRTUI_FAKE="signal-once", **FAKE)
    attempts = queue()["a train"]["attempts"]
    assert [attempt["state"] for attempt in attempts] == ["interrupted", "succeeded"]
    assert attempts[0]["signal"] == signal.SIGKILL


@pytest.mark.parametrize(
    ("wrong", "codes", "state"),
    [("hungry", [76, 76, 0], "succeeded"), ("starved", [76, 76, 76], "failed")],
)
def test_out_of_memory_halves_the_images_at_once_down_to_16(
    cxrtui: Command,
    init: Callable[[Path], None],
    recipe: Path,
    queue: Callable[[], Any],
    workspace: Path,
    wrong: str,
    codes: list[int],
    state: str,
) -> None:
    recipe.write_text(recipe.read_text().replace("batch_size = 16", "batch_size = 64"))
    init(recipe)
    cxrtui("run-all", check=False, CXRTUI_FAKE=wrong, **FAKE)
    job = queue()["a train"]
    assert job["state"] == state
    assert [attempt["exit_code"] for attempt in job["attempts"]] == codes
    folders = sorted(workspace.glob("runs/*/a-*/train/attempt-*/attempt.json"))
    orders = [json.loads(path.read_bytes()) for path in folders]
    assert [(one["micro_batch"], one["halved"]) for one in orders] == [
        (64, False), (32, True), (16, True),
    ]  # fmt: skip
    if state == "failed":
        assert "out of memory" in job["reason"]


def test_cancel_ends_a_program_that_ignores_term_and_its_escaped_child(
    cxrtui: Command, three: None, queue: Callable[[], Any], tmp_path: Path
) -> None:
    cxrtui("run-all", "--detach", CXRTUI_FAKE="hang ignore-term escape", **FAKE)
    wait_for(lambda: queue()["a train"]["state"] == "running")
    events = next(tmp_path.glob("workspace/runs/chain/a-*/train")) / "attempt-1" / "events.jsonl"
    wait_for(lambda: events.exists() and "escaped" in events.read_text())
    cxrtui("queue", "cancel", "a")
    wait_for(lambda: queue()["a train"]["state"] == "cancelled")
    assert queue()["a train"]["attempts"][0]["signal"] == signal.SIGKILL
    wait_for(lambda: queue()["b train"]["state"] == "blocked")
    assert command_lines(f"{tmp_path}/workspace/runs/") == []


def test_pause_and_resume(
    cxrtui: Command, one: None, queue: Callable[[], Any], workspace: Path
) -> None:
    cxrtui("queue", "add", "a", CXRTUI_FAKE="hang", **FAKE)
    wait_for(lambda: queue()["a train"]["state"] == "running")
    cxrtui("queue", "pause", "a")
    wait_for(lambda: queue()["a train"]["state"] == "paused")
    assert queue()["a train"]["attempts"][0]["state"] == "stopped"
    assert queue()["a predict"]["state"] == "paused"
    cxrtui("supervisor", "stop")
    wait_for(lambda: supervisor_info(WorkspacePaths(workspace)) is None)
    cxrtui("queue", "resume", "a", **FAKE)
    wait_for(lambda: queue()["a predict"]["state"] == "succeeded")


def test_held_jobs_wait_and_a_frozen_queue_starts_nothing(
    cxrtui: Command, one: None, queue: Callable[[], Any]
) -> None:
    cxrtui("queue", "freeze")
    cxrtui("queue", "add", "a", **FAKE)
    wait_for(lambda: queue()["32px pack"]["reason"] == "the queue is frozen")
    assert queue()["a train"]["reason"] == "needs 32px pack"
    cxrtui("queue", "hold", "a.predict")
    cxrtui("queue", "thaw")
    wait_for(lambda: queue()["a train"]["state"] == "succeeded")
    assert queue()["a predict"]["state"] == "held"
    cxrtui("queue", "release", "a")
    wait_for(lambda: queue()["a predict"]["state"] == "succeeded")


def test_an_unknown_target_is_one_line_and_exit_code_2(cxrtui: Command, three: None) -> None:
    done = cxrtui("queue", "add", "stage33", check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "stage3" in done.stderr


def _start(workspace: Path, folder: Path, *arguments: str, **environment: str) -> Any:
    return subprocess.Popen(
        [sys.executable, "-m", "cxrtui", "--workspace", str(workspace), *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **environment},
        preexec_fn=hear_signals,
    )


def test_ctrl_c_stops_the_jobs_and_the_next_run_goes_on(
    cxrtui: Command, one: None, queue: Callable[[], Any], workspace: Path, tmp_path: Path
) -> None:
    with _start(workspace, tmp_path, "run-all", CXRTUI_FAKE="hang", **FAKE) as running:
        for line in running.stdout:
            if "a train running" in line:
                break
        wait_for(lambda: list(workspace.glob("runs/*/a-*/train/attempt-1/runner.json")))
        running.send_signal(signal.SIGINT)
        assert "goes on from there" in running.stdout.read()
    assert running.returncode == 130
    jobs = queue()
    assert jobs.pop("32px pack")["state"] == "succeeded"
    assert {job["state"] for job in jobs.values()} == {"paused"}
    cxrtui("supervisor", "stop")
    wait_for(lambda: supervisor_info(WorkspacePaths(workspace)) is None)
    cxrtui("run-all", **FAKE)
    assert {job["state"] for job in queue().values()} == {"succeeded"}


def test_a_lost_terminal_stops_nothing(
    cxrtui: Command, one: None, queue: Callable[[], Any], workspace: Path, tmp_path: Path
) -> None:
    with _start(workspace, tmp_path, "run-all", **FAKE) as running:
        running.stdout.readline()
        wait_for(lambda: queue().get("a train", {}).get("state") == "running")
        running.send_signal(signal.SIGHUP)
    assert running.returncode == -signal.SIGHUP
    wait_for(lambda: {job["state"] for job in queue().values()} == {"succeeded"})


def test_a_second_run_runs_nothing_and_says_why(
    cxrtui: Command, one: None, queue: Callable[[], Any]
) -> None:
    cxrtui("run-all", **FAKE)
    plan = json.loads(cxrtui("run-all", "--dry-run", "--json").stdout)
    assert not any(line["runs"] for line in plan)
    assert all("succeeded already" in line["reason"] for line in plan)
    second = json.loads(cxrtui("run-all", "--json", **FAKE).stdout)
    assert not any(line["runs"] for line in second["plan"])
    assert all(len(job["attempts"]) == 1 for job in queue().values())


def test_a_dry_run_writes_nothing(
    cxrtui: Command, chain: Path, data_folder: Path, workspace: Path
) -> None:
    options = ("--recipe", str(chain), "--data", str(data_folder), "--dry-run")
    assert "not run yet" in cxrtui("run-all", *options).stdout
    assert not workspace.exists()


def test_a_corrupted_prediction_file_is_an_error_and_no_table_until_it_is_made_again(
    cxrtui: Command, one: None, workspace: Path, queue: Callable[[], Any]
) -> None:
    cxrtui("run-all", **FAKE)
    table = cxrtui("results").stdout
    file = next(workspace.glob("runs/one/a-*/predict-*/attempt-1/predictions/test.parquet"))
    damaged = bytearray(file.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    file.write_bytes(damaged)
    done = cxrtui("results", check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert str(file) in done.stderr
    assert "cxrtui queue retry" in done.stderr
    cxrtui("queue", "retry", "a.predict")
    wait_for(lambda: len(queue()["a predict"]["attempts"]) == 2)
    wait_for(lambda: queue()["a predict"]["state"] == "succeeded")
    assert cxrtui("results").stdout == table


def test_a_workspace_can_be_named_before_or_after_the_verb(
    cxrtui: Command, one: None, workspace: Path, tmp_path: Path
) -> None:
    plain = [sys.executable, "-m", "cxrtui"]
    before = subprocess.run([*plain, "-w", str(workspace), "status"], capture_output=True)
    after = subprocess.run([*plain, "status", "-w", str(workspace)], capture_output=True)
    assert before.stdout == after.stdout
    none = subprocess.run([*plain, "status"], capture_output=True, cwd=tmp_path, text=True)
    assert none.returncode == 2
    assert "no workspace here" in none.stderr
