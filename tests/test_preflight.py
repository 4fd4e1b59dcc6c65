"""The preflight: what it measures, keeps and refuses."""

import json
import os
import resource
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import typer
from attempts import wait_for
from conftest import Command, hear_signals
from preflight_parts import TINY, TRIAL, free_disk, gpu_machine, measured, planned, question

from cxrtui.enqueue import Plan
from cxrtui.preflight import Check
from jobs.data.reading import read_dataset
from jobs.errors import InputError
from jobs.exit_codes import OUT_OF_MEMORY
from jobs.locks import is_locked
from jobs.paths import WorkspacePaths
from jobs.plan import PlanLine
from jobs.planned import PlannedJob
from jobs.preflight import measure as measuring
from jobs.preflight import preflight as whole
from jobs.preflight.bench import bench
from jobs.preflight.decoding import decode_rate
from jobs.preflight.kept import find_kept, keep, read_kept
from jobs.preflight.measure import UnfitError, measure
from jobs.preflight.preflight import preflight
from jobs.preflight.setting import Measured, Setting
from jobs.preflight.wanted import settings_of
from jobs.processes import start_ticks
from jobs.recipe.load import load_recipe
from jobs.recipe.schema import DataSettings
from jobs.workspace import WorkspaceSettings, make_workspace

NO_GPU = {"CUDA_VISIBLE_DEVICES": ""}
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # each asks for memory


@pytest.fixture(scope="module")
def poster() -> list[PlannedJob]:
    return planned(load_recipe("cxr-lt-2023").recipe)


def fake_runs(monkeypatch: pytest.MonkeyPatch, fits: int, code: int = OUT_OF_MEMORY) -> list[int]:
    """Programs that end with `code` above `fits` images at once; what was tried."""
    tried = []

    def run(setting: Setting, *_: Any) -> subprocess.CompletedProcess[str]:
        tried.append(setting.images_at_once)
        ends = 0 if setting.images_at_once <= fits else code
        said = f"some warning\n{TRIAL.model_dump_json()}\n"
        return subprocess.CompletedProcess([], ends, said, "warning\nCUDA out of memory\n")

    monkeypatch.setattr(measuring, "_run", run)
    return tried


def test_out_of_memory_halves_as_the_queue_does(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = fake_runs(monkeypatch, fits=20)
    assert measure(TINY, "X", {}).images_at_once == 16
    assert tried == [64, 32, 16]
    fake_runs(monkeypatch, fits=8)
    with pytest.raises(UnfitError, match="even with 16 images at once"):
        measure(TINY, "X", {})


@pytest.mark.parametrize(("code", "said"), [(78, "CUDA out of memory"), (-9, "killed by signal 9")])
def test_what_ends_otherwise_is_told_and_not_tried_again(
    monkeypatch: pytest.MonkeyPatch, code: int, said: str
) -> None:
    tried = fake_runs(monkeypatch, fits=0, code=code)
    with pytest.raises(UnfitError, match=said):
        measure(TINY, "X", {})
    assert tried == [64]


def test_what_was_measured_is_kept_by_device_and_torch(tmp_path: Path) -> None:
    path = tmp_path / "preflight.json"
    assert read_kept(path) == []
    keep(path, [measured(images_at_once=32)])
    keep(path, [measured(), measured(device="Y", images_at_once=16)])
    kept = read_kept(path)
    assert len(kept) == 2
    found = find_kept(kept, "X", TINY)
    assert found is not None
    assert found.images_at_once == 64
    assert find_kept(kept, "X", TINY.model_copy(update={"trains": False})) is not None
    assert find_kept(kept, "X", TINY.model_copy(update={"image_size": 64})) is None
    assert find_kept(kept, "Z", TINY) is None
    assert find_kept([measured(torch="0.1")], "X", TINY) is None
    path.write_text("[{")
    assert read_kept(path) == []


def test_disk_too_small_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, poster: list[PlannedJob]
) -> None:
    gpu_machine(tmp_path, monkeypatch)
    monkeypatch.setattr(whole, "measure", lambda setting, *_: measured(setting))
    sizes = 512**2 + 384**2 + 320**2 + 224**2
    free_disk(monkeypatch, 377_110 * sizes)
    found = preflight(question(tmp_path, poster), lambda *_: None, anew=False)
    assert len(found.faults) == 1
    assert "too small for 212.2 GB of packs and 0.3 GB of checkpoints" in found.faults[0]
    free_disk(monkeypatch, 377_110 * sizes + 2e9)
    assert preflight(question(tmp_path, poster), lambda *_: None, anew=False).faults == []


def test_what_fits_only_in_halves_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, poster: list[PlannedJob]
) -> None:
    gpu_machine(tmp_path, monkeypatch)
    free_disk(monkeypatch, 1e15)

    def tight(setting: Setting, *_: Any) -> Measured:
        if setting.image_size == 512:
            raise UnfitError("runs out of memory on X, even with 24 images at once")
        return measured(setting, images_at_once=min(setting.images_at_once, 128))

    monkeypatch.setattr(whole, "measure", tight)
    found = preflight(question(tmp_path, poster), lambda *_: None, anew=False)
    assert [text.partition(":")[0] for text in found.warnings] == [
        "model0 (224 px, 256 images at once)"
    ]
    (fault,) = found.faults
    assert fault.startswith("model7 (512 px, 48 images at once): runs out of memory on X")
    assert found.forecast.finish is None


def test_the_gpu_is_locked_while_it_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gpu = gpu_machine(tmp_path, monkeypatch)
    with bench(WorkspaceSettings("demo"), needs_gpu=True) as found:
        assert is_locked(gpu.lock)
        assert found.environment["CUDA_VISIBLE_DEVICES"] == gpu.uuid
        with bench(WorkspaceSettings("demo"), needs_gpu=True) as other:
            assert "GPU 0 is used by a queue" in other.obstacle
    assert not is_locked(gpu.lock)


def test_no_free_gpu_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, poster: list[PlannedJob]
) -> None:
    process = {"pid": 4711, "user": "ann", "bytes": 39_000_000_000}
    gpu_machine(tmp_path, monkeypatch, processes=[process])
    free_disk(monkeypatch, 1e15)
    paths = WorkspacePaths(tmp_path / "workspace")
    paths.root.mkdir()
    wanted = settings_of(poster, gpus=1)
    keep(paths.preflight, [measured(one, images_at_once=48) for one in list(wanted)[1:]])
    found = preflight(question(tmp_path, poster), lambda *_: None, anew=True)
    assert "GPU 0 is used by pid 4711" in found.bench.obstacle
    assert [one.measured is not None for one in found.tried] == [False, True, True, True, True]
    assert (found.faults, found.forecast.runs) == ([], None)


def test_a_machine_without_enough_gpus_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gpu_machine(tmp_path, monkeypatch)
    free_disk(monkeypatch, 1e15)
    monkeypatch.setattr(whole, "measure", lambda setting, *_: measured(setting))
    jobs = planned(load_recipe("cxr-lt-2023").recipe, gpus=2)
    found = preflight(question(tmp_path, jobs), lambda *_: None, anew=False)
    assert found.faults[0] == "model0: needs 2 GPUs: this workspace can use 1"
    assert len(found.faults) == 8


@pytest.mark.parametrize(
    ("wanted", "costly", "is_made"),
    [(None, 0, True), (None, 1e99, False), (True, 1e99, True), (False, 0, False)],
)
def test_when_it_is_made_and_what_a_refusal_says(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    wanted: bool | None,
    costly: float,
    is_made: bool,
) -> None:
    gpu_machine(tmp_path, monkeypatch)
    free_disk(monkeypatch, 0)
    monkeypatch.setattr(whole, "measure", lambda setting, *_: measured(setting))
    monkeypatch.setattr(whole, "COSTLY", costly)
    loaded = load_recipe("demo")
    lines = [PlanLine(job, True, "") for job in planned(loaded.recipe)]
    check = Check(tmp_path / "w", WorkspaceSettings("demo"), wanted, json=False)
    if is_made:
        with pytest.raises(typer.Exit) as end:
            check(Plan(loaded, lines, 0))
        assert end.value.exit_code == 2
    else:
        check(Plan(loaded, lines, 0))
    said = capsys.readouterr().err
    assert ("the disk has 0.0 GB free" in said) == is_made
    assert ("--no-preflight" in said) == (is_made and wanted is None)


def test_decoding_is_measured_on_what_can_be_read(data_folder: Path, tmp_path: Path) -> None:
    paths = read_dataset(data_folder, DataSettings(), ("Atelectasis",))["train"].path
    assert decode_rate(data_folder, paths, 32, "stretch", cores=2) > 0
    with pytest.raises(InputError, match="none of 16 images tried can be read"):
        decode_rate(tmp_path, paths, 32, "stretch", cores=2)


def test_on_this_machine(cxrtui: Command, recipe: Path, data_folder: Path, workspace: Path) -> None:
    """Measured for true, kept, and neither queued nor measured again."""
    make_workspace(workspace, WorkspaceSettings(str(recipe), str(data_folder)))
    done = cxrtui("run-all", "--preflight", "--dry-run", "--json", **NO_GPU)
    assert done.stderr == ""
    said = json.loads(done.stdout)
    assert [line["kind"] for line in said["plan"]] == ["pack", "train", "predict"]
    found = said["preflight"]
    (setting,) = found["settings"]
    assert (setting["models"], setting["images_at_once_that_fit"]) == (["a"], 16)
    trial = setting["measured"]
    assert (trial["gpu_peak"], trial["train_rate"] > 0) == (None, True)
    assert trial["predict_rate"] > trial["train_rate"]
    assert trial["checkpoint_bytes"] > 3 * trial["weights_bytes"] > 1_000_000
    assert found["slot_seconds"] > 2 * trial["startup_seconds"] > 0
    assert found["finish_seconds"] > 0
    assert (found["faults"], found["obstacle"]) == ([], None)
    assert not WorkspacePaths(workspace).journal.exists()
    (kept,) = read_kept(WorkspacePaths(workspace).preflight)
    assert kept.trial.model_dump() == trial


def test_out_of_memory_for_true_queues_nothing(
    cxrtui: Command, recipe: Path, data_folder: Path, workspace: Path
) -> None:
    recipe.write_text(recipe.read_text().replace("image_size = 32", "image_size = 2048"))
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (9 << 29, before[1]))
    try:
        arguments = ("--recipe", str(recipe), "--data", str(data_folder), "--preflight")
        done = cxrtui("run-all", *arguments, check=False, **NO_GPU, **ONE_THREAD)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("cxrtui: a (2048 px, 16 images at once): runs out of memory on the CPU")
    assert "cannot run" in done.stdout
    assert not WorkspacePaths(workspace).journal.exists()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_nothing_is_left_when_it_is_ended(
    recipe: Path, data_folder: Path, workspace: Path, number: signal.Signals, code: int
) -> None:
    where = ["--workspace", str(workspace), "--recipe", str(recipe), "--data", str(data_folder)]
    process = subprocess.Popen(
        [sys.executable, "-m", "cxrtui", "run-all", *where, "--preflight"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **NO_GPU},
        preexec_fn=hear_signals,
    )
    trial = wait_for_trial(process.pid)
    os.kill(trial, signal.SIGSTOP)  # it must be ended: it does not come to an end by itself
    try:
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
        assert process.returncode == code
        assert said == ("stopped; nothing was queued\n" if code == 130 else "")
        wait_for(lambda: start_ticks(trial) is None)
    finally:
        with suppress(ProcessLookupError):
            os.kill(trial, signal.SIGKILL)
    assert not WorkspacePaths(workspace).journal.exists()


def wait_for_trial(parent: int) -> int:
    """The pid of the process that tries a setting, once it has come to import torch."""
    found: list[int] = []

    def is_trying() -> bool:
        pids = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        found[:] = [int(pid) for pid in pids if "libtorch" in Path(f"/proc/{pid}/maps").read_text()]
        return bool(found)

    wait_for(is_trying)
    return found[0]
