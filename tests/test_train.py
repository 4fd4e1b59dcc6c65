import json
import math
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from attempts import (
    CALM,
    DATA,
    EAGER,
    TINY,
    events_of,
    log_of,
    next_attempt,
    run,
    start,
    wait_for,
    write_data,
    write_train_job,
)

from jobs.checkpoints import attempts, checkpoints, finished_weights, newest_whole_checkpoint
from jobs.data.labels import LABELS
from jobs.data.pixels.packing import build_pack
from jobs.data.reading import read_dataset
from jobs.durable import sha256_file, write_json
from jobs.failpoints import FAILPOINTS
from jobs.recipe.schema import PixelSettings, RunSettings

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_data(tmp_path_factory.mktemp("train"))


@pytest.fixture(scope="module")
def unbroken(root: Path) -> Path:
    job = write_train_job(root.parent / "unbroken", root)
    assert run("train", job) == 0, log_of(job)
    return job


def assert_same_end(job: Path, unbroken: Path) -> None:
    assert sha256_file(finished_weights(job)) == sha256_file(finished_weights(unbroken))
    newest = {event["epoch"]: event for event in events_of(job, "epoch")}
    assert list(newest.values()) == events_of(unbroken, "epoch")
    assert len(checkpoints(job)) == 1


def test_unbroken_run_tells_all(unbroken: Path) -> None:
    attempt = unbroken / "attempt-1"
    (started,) = events_of(unbroken, "started")
    assert {started["step"], started["device"]} == {0, "cpu"}
    epochs = events_of(unbroken, "epoch")
    assert [event["epoch"] for event in epochs] == [1, 2]
    assert epochs[-1]["step"] == started["steps"]
    steps = events_of(unbroken, "step")
    assert steps[-1]["step"] == started["steps"]
    assert steps[-1]["epoch"] == 2.0
    (finished,) = events_of(unbroken, "finished")
    assert finished["artifacts"][0]["sha256"] == sha256_file(attempt / finished["weights"])
    assert [event["gpu_peak"] for event in (*epochs, finished)] == [None, None, None]
    saved = [event["path"] for event in events_of(unbroken, "checkpoint")]
    assert [path.relative_to(attempt).as_posix() for path in checkpoints(unbroken)] == saved[-1:]
    assert len(log_of(unbroken).splitlines()) == 2


def test_killed_between_any_two_writes_ends_bit_equal(
    root: Path, unbroken: Path, tmp_path: Path
) -> None:
    job = write_train_job(tmp_path / "job", root, EAGER)
    for name in [name for name in FAILPOINTS if name.startswith("train.")]:
        assert run("train", job, failpoint=name) == -signal.SIGKILL, (name, log_of(job))
    assert run("train", job) == 0
    assert_same_end(job, unbroken)


@pytest.mark.parametrize(("settings", "kills"), [(EAGER, (1, 3, 8, 12)), (CALM, (2, 11))])
def test_killed_after_any_step_ends_bit_equal(
    root: Path, unbroken: Path, tmp_path: Path, settings: RunSettings, kills: tuple[int, ...]
) -> None:
    job = write_train_job(tmp_path / "job", root, settings)
    for step in kills:
        assert run("train", job, kill_step=step) == -signal.SIGKILL, log_of(job)
    assert run("train", job) == 0, log_of(job)
    assert_same_end(job, unbroken)


def test_term_ends_at_a_checkpoint(root: Path, unbroken: Path, tmp_path: Path) -> None:
    job = write_train_job(tmp_path / "job", root, epochs=500)
    attempt = next_attempt(job)
    process = start("train", attempt)
    wait_for(lambda: bool(events_of(job, "step")))
    for _ in range(3):
        os.kill(process.pid, signal.SIGTERM)
    process.join(30)
    assert process.exitcode == 75
    assert log_of(job).endswith("as asked\n")
    newest = newest_whole_checkpoint(job)
    assert newest is not None
    assert newest.name == f"step-{events_of(job, 'checkpoint')[-1]['step']}"
    assert len(checkpoints(job)) <= 2
    assert not events_of(job, "finished")


def test_term_while_validating_keeps_the_epoch(
    root: Path, unbroken: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jobs.programs import loop, train

    original = loop.score_split

    def asked_meanwhile(*arguments: Any) -> Any:
        os.kill(os.getpid(), signal.SIGTERM)
        return original(*arguments)

    job = write_train_job(tmp_path / "job", root)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setattr(loop, "score_split", asked_meanwhile)
    assert train.main([str(next_attempt(job))]) == 75
    (saved,) = events_of(job, "checkpoint")
    assert saved["epoch"] == 0
    assert saved["step"] > 0
    monkeypatch.undo()
    assert run("train", job) == 0
    assert_same_end(job, unbroken)


@pytest.mark.parametrize("halved", [False, True])
def test_the_supervisor_says_how_many_images_at_once(
    root: Path, unbroken: Path, tmp_path: Path, halved: bool
) -> None:
    job = write_train_job(tmp_path / "job", root, drop_rate=0.0)
    attempt = next_attempt(job)
    write_json(attempt / "attempt.json", {"micro_batch": 4 if halved else 8, "halved": halved})
    process = start("train", attempt)
    process.join(60)
    assert process.exitcode == 0
    told = [event["text"] for event in events_of(job, "warning")]
    assert ["4 images at once" in text for text in told] == ([True] if halved else [])
    last, whole = (events_of(one, "epoch")[-1]["step"] for one in (job, unbroken))
    assert last == whole


def test_damaged_checkpoint_falls_back_to_the_older(
    root: Path, unbroken: Path, tmp_path: Path
) -> None:
    job = write_train_job(tmp_path / "job", root)
    assert run("train", job, failpoint="train.before-finished") == -signal.SIGKILL
    older, newer = checkpoints(job)
    with (newer / "state.safetensors").open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"!")
    assert newest_whole_checkpoint(job) == older
    assert run("train", job) == 0
    assert "not whole" in events_of(job, "warning")[0]["text"]
    assert_same_end(job, unbroken)


def test_parent_starts_where_it_finished(root: Path, unbroken: Path, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    from jobs.programs.network import start_network

    job = write_train_job(
        tmp_path / "job", root, pre_weight="model0", parent_job="../unbroken", epochs=1
    )
    settings = TINY.model_copy(update={"pre_weight": "model0"})
    network = start_network(settings, 26, unbroken.parent / "child", "../unbroken")
    expected = load_file(finished_weights(unbroken))
    assert all(torch.equal(value, expected[name]) for name, value in network.state_dict().items())
    assert run("train", job) == 78
    assert "no attempt has finished" in log_of(job)


def test_exit_codes_speak(root: Path, tmp_path: Path) -> None:
    infinite = write_train_job(tmp_path / "infinite", root)
    text = (infinite / "job.json").read_text()
    (infinite / "job.json").write_text(text.replace('"max_lr":0.01', '"max_lr":1e+30'))
    assert run("train", infinite) == 78  # above what a recipe may say
    unknown = write_train_job(tmp_path / "unknown", root, architecture="no_such_net")
    assert run("train", unknown) == 78
    assert "no_such_net" in log_of(unknown)
    gpu = write_train_job(tmp_path / "gpu", root, RunSettings(device="cuda"))
    assert run("train", gpu) == 78
    for job in (infinite, unknown, gpu):
        assert len(log_of(job).splitlines()) == 1


def test_data_that_does_not_fit_is_told_in_one_line(root: Path, tmp_path: Path) -> None:
    few = tmp_path / "few"
    build_pack(few, root, read_dataset(root, DATA, LABELS)["val"].path, 32, PixelSettings())
    changed = shutil.copytree(root.parent / "pack", tmp_path / "changed")
    with (changed / "pixels.npy").open("ab") as file:
        file.write(b"?")
    wrong = {
        "no pack is here; pack it first: `cxrtui data pack`": {"pack": tmp_path / "nowhere"},
        "its images are of 32 px, the model takes 40 px": {"image_size": 40},
        "the pack lacks": {"pack": few},
        "missing or not as it was written": {"pack": changed},
    }
    for number, (problem, settings) in enumerate(wrong.items()):
        job = write_train_job(tmp_path / f"job{number}", root, **settings)
        assert run("train", job) == 78
        assert problem in log_of(job)
        assert len(log_of(job).splitlines()) == 1
    job = write_train_job(tmp_path / "job", root)
    spec = json.loads((job / "job.json").read_text())
    spec["targets"]["val"]["sha256"] = "f" * 64
    (job / "job.json").write_text(json.dumps(spec))
    assert run("train", job) == 78
    assert "val.parquet: SHA-256 is" in log_of(job)


def test_loss_that_is_not_finite_ends_with_77(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jobs.programs import train
    from jobs.programs.loop import Training

    original = Training.train_step

    def diverge(self: Training, *batch: Any) -> object:
        if self.progress.step == 3:
            for parameter in self.state.network.parameters():
                parameter.data.fill_(math.nan)
        return original(self, *batch)

    monkeypatch.setattr(Training, "train_step", diverge)
    job = write_train_job(tmp_path / "job", root)
    assert train.main([str(next_attempt(job))]) == 77
    assert not checkpoints(job)


def test_by_hand_from_a_job_json(root: Path, tmp_path: Path) -> None:
    job = write_train_job(tmp_path / "job", root, epochs=1)
    line = [sys.executable, "-m", "jobs.programs.train", str(job / "job.json")]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(line, capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert [path.name for path in attempts(job)] == ["attempt-1"]
    line[-1] = str(job / "attempt-1")
    again = subprocess.run(line, capture_output=True, text=True, env=environment, check=False)
    assert (again.returncode, len(again.stderr.splitlines())) == (78, 1)


def test_full_disk_ends_with_79(capsys: pytest.CaptureFixture[str]) -> None:
    from jobs.programs.endings import Stop, run_program

    def fill(argv: list[str], stop: Stop) -> None:
        with Path("/dev/full").open("wb", buffering=0) as file:
            file.write(b"x")

    def eat(argv: list[str], stop: Stop) -> None:
        raise MemoryError

    assert run_program(fill, []) == 79
    assert run_program(eat, []) == 76
    assert len(capsys.readouterr().err.splitlines()) == 2
