"""The GPU panel, what the machine is sampled for, and the line at the top with the queue's end."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from dashboard_workspace import Fixture, queued_workspace
from driven import dashboard
from pilots import screen_text, until
from textual.app import App, ComposeResult

from cxrtui.screens.app import Dashboard
from cxrtui.screens.gpus import watch as gpu_watch
from cxrtui.screens.gpus.panel import GpuPanel
from cxrtui.screens.gpus.rows import machine_rows
from cxrtui.screens.gpus.users import Machine, RunningJob, running_jobs
from cxrtui.screens.gpus.watch import MachineWatch, Sample, UsedGpu, attempt_of, steady
from db.attempts import add_attempt, update_attempt
from db.records import AttemptStart, Point
from jobs import gpus
from jobs.gpus import TEST_VARIABLE, Gpu, GpuProcess, GpuReport
from jobs.processes import ATTEMPT_VARIABLE, boot_id, host_name

GIB = 1 << 30


def gpu(index: int, *processes: GpuProcess, used: int = 0, fault: str = "") -> Gpu:
    name = "NVIDIA H100 80GB HBM3"
    return Gpu(
        index, f"GPU-{index}", name, used * GIB, 80 * GIB, processes, 97, 71, 320.4, fault=fault
    )


def sampled(*found: Gpu, own: dict[int, str] | None = None) -> Sample:
    uids = own or {}
    return Sample(
        tuple(
            UsedGpu(one, tuple((process, uids.get(process.pid, "")) for process in one.processes))
            for one in found
        )
    )


def rows(machine: Machine, width: int, height: int) -> list[str]:
    return [row.plain for row in machine_rows(machine, width, height)]


def wait_for(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, "it did not become true"
        time.sleep(0.005)


OURS, ALICE = GpuProcess(1, "me", 3 * GIB), GpuProcess(4711, "alice", 9 * GIB)
JOBS = (
    RunningJob("uid-2", "model2 train", ("gpu:GPU-0", "gpu:GPU-1"), 412.3),
    RunningJob("uid-3", "model3 train", ("gpu:GPU-4",)),
)
FOUND = (
    gpu(0, OURS, used=61),
    gpu(1, OURS, ALICE, used=61),
    gpu(2, ALICE, used=9),
    gpu(3, used=30),
    gpu(4),
    gpu(5, fault="its driver asks for a reset of the GPU"),
    gpu(6),
)
MACHINE = Machine(sampled(*FOUND, own={1: "uid-2"}), JOBS)


def test_a_line_says_how_a_gpu_is_and_who_uses_it() -> None:
    assert [row.rstrip() for row in rows(MACHINE, 100, 10)] == [
        "0 H100 ▓▓▓▓▓▓ 97% 61/80G 71°C 320W model2 train 412 img/s",
        "1 H100 ▓▓▓▓▓▓ 97% 61/80G 71°C 320W model2 train 412 img/s, pid 4711 alice",
        "2 H100 ▓▓▓▓▓▓ 97%  9/80G 71°C 320W pid 4711 alice",
        "3 H100 ▓▓▓▓▓▓ 97% 30/80G 71°C 320W 30G held, no process in sight",
        "4 H100 ▓▓▓▓▓▓ 97%  0/80G 71°C 320W model3 train",
        "5 set aside: its driver asks for a reset of the GPU",
        "6 H100 ▓▓▓▓▓▓ 97%  0/80G 71°C 320W free",
    ]
    assert (MACHINE.used_places, MACHINE.places) == (4, 7)


def test_a_process_that_cannot_be_seen_beside_our_job_is_the_jobs_own() -> None:
    hidden = GpuProcess(77, "", None)
    machine = Machine(sampled(gpu(4, hidden), gpu(6, hidden)), JOBS)
    assert machine.others_on(machine.sample.gpus[0]) == []
    assert machine.others_on(machine.sample.gpus[1]) == ["pid 77"]


@pytest.mark.parametrize("height", [1, 2, 4, 8, 20])
@pytest.mark.parametrize("width", [1, 12, 30, 46, 78, 200])
def test_eight_gpus_fit_any_room(width: int, height: int) -> None:
    machine = Machine(sampled(*(gpu(index, ALICE, used=9) for index in range(8))))
    shown = rows(machine, width, height)
    assert 0 < len(shown) <= min(8, height)
    assert all(len(row) <= width for row in shown)
    if width * height >= 46 * 4 and width >= 30:
        text = "\n".join(shown)
        assert all(f"{index} " in text for index in range(8))
        assert text.count("97%") == 8


def test_what_matters_least_is_left_out_first() -> None:
    one = Machine(sampled(gpu(0, OURS), own={1: "uid-2"}), JOBS[:1])
    texts = {width: rows(one, width, 1)[0] for width in range(20, 80)}
    for left_out, stays in (("H100", "320W"), ("320W", "▓"), ("▓", "71°C"), ("71°C", "0/80G")):
        assert all(stays in text for text in texts.values() if left_out in text)
    assert all("model2" in text for text in texts.values())


def test_without_a_gpu_the_cores_and_their_jobs_are_told() -> None:
    sample = Sample(busy=43, used_bytes=12 * GIB, total_bytes=64 * GIB)
    jobs = (
        RunningJob("u1", "model2 train", ("cpu:0",), 41.2),
        RunningJob("u2", "512px pack", ("cores",), 300.0),
    )
    assert [row.rstrip() for row in rows(Machine(sample, jobs, slots=16), 60, 8)] == [
        "CPU ▓▓▓░░░  43%  12/64G  15 slots free",
        "cpu:0 model2 train 41 img/s",
        "cores 512px pack 300 img/s",
    ]
    assert rows(Machine(sample, jobs, slots=2), 60, 8)[0].rstrip().endswith("1 slot free")


def test_a_machine_at_rest_is_told_once() -> None:
    told = [2]
    for busy in (4, 0, 6, 7, 3, 8, 3, 2, 40):
        told.append(steady(busy, told[-1], 5))
    assert told == [2, 2, 2, 2, 7, 7, 7, 7, 2, 40]


class Shown(App[None]):
    HORIZONTAL_BREAKPOINTS = Dashboard.HORIZONTAL_BREAKPOINTS

    def compose(self) -> ComposeResult:
        yield GpuPanel(classes="box")


async def test_the_panel_is_as_high_as_it_has_rows_and_tells_trouble() -> None:
    app = Shown()
    async with app.run_test(size=(80, 24)) as pilot:
        panel = app.query_one(GpuPanel)
        panel.show(replace(MACHINE, sample=sampled(*FOUND[:2], own={1: "uid-2"})))
        await pilot.pause()
        assert panel.content_size.height == 2
        assert panel.border_title == "GPUs  2 of 2 in use"
        panel.show(MACHINE)
        await pilot.pause()
        assert panel.outer_size.height == 6
        panel.show(replace(MACHINE, sample=replace(MACHINE.sample, trouble="Unknown Error")))
        await pilot.pause()
        text = screen_text(app)
        assert "NVML: Unknown Error" in text
        assert "model3 train" in text


async def test_names_reach_the_screen_as_text() -> None:
    app = Shown()
    async with app.run_test(size=(80, 24)) as pilot:
        job = RunningJob("u", "[bold]m\x1b[31m train", ("gpu:GPU-0",))
        app.query_one(GpuPanel).show(Machine(sampled(gpu(0)), (job,)))
        await pilot.pause()
        assert "[bold]m\N{REPLACEMENT CHARACTER}[31m train" in screen_text(app)


def report_of(path: Path, report: GpuReport) -> None:
    aside = path.with_suffix(".new")
    aside.write_text(json.dumps(asdict(report)))
    aside.replace(path)


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "gpus.json"
    monkeypatch.setenv(TEST_VARIABLE, str(path))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return path


@pytest.fixture
def watch(fake: Path) -> Iterator[MachineWatch]:
    report_of(fake, GpuReport([gpu(0), gpu(1)]))
    watch = MachineWatch(None, 0.01)
    yield watch
    watch.stop()


def test_gpus_that_stop_to_answer_are_told_as_they_were_last_seen(
    watch: MachineWatch, fake: Path
) -> None:
    watch.start()
    wait_for(lambda: watch.sample is not None and len(watch.sample.gpus) == 2)
    report_of(fake, GpuReport(trouble="GPU is lost"))
    wait_for(lambda: watch.sample is not None and watch.sample.trouble == "GPU is lost")
    assert watch.sample is not None
    assert [used.gpu.index for used in watch.sample.gpus] == [0, 1]
    report_of(fake, GpuReport([gpu(0)]))
    wait_for(lambda: watch.sample is not None and len(watch.sample.gpus) == 1)
    report_of(fake, GpuReport())
    wait_for(lambda: watch.sample is not None and watch.sample.total_bytes > 0)


def test_a_driver_that_hangs_holds_nobody_up(
    watch: MachineWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu_watch, "SILENT_SECONDS", 0.2)
    watch.start()
    wait_for(lambda: watch.sample is not None)
    pipe, end = os.pipe()

    def hang(_only: str | None) -> GpuReport:
        os.read(pipe, 1)
        return GpuReport([gpu(0)])

    monkeypatch.setattr(gpus, "look_at_gpus", hang)
    wait_for(lambda: watch.sample is not None and watch.sample.trouble != "")
    assert watch.sample is not None
    assert len(watch.sample.gpus) == 2
    os.close(end)
    wait_for(lambda: watch.sample is not None and watch.sample.trouble == "")
    watch.stop()
    os.close(pipe)


def test_a_process_is_known_by_the_attempt_that_it_carries() -> None:
    command = [sys.executable, "-c", "input()"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, env={**os.environ, ATTEMPT_VARIABLE: "uid-9"}
    ) as child:
        wait_for(lambda: attempt_of(child.pid) == "uid-9")
        child.communicate(b"\n")
    assert attempt_of(child.pid) == ""


def start_here(made: Fixture, model: str, slot: str, host: str = "") -> int:
    start = AttemptStart(
        f"{model}-here", 1, 0, slot, host or host_name(), boot_id(), "", None, time.time(), 128
    )
    with made.workspace.database.write() as connection:
        return add_attempt(connection, made.job(model).id, start)


async def test_the_dashboard_shows_who_has_which_gpu(tmp_path: Path, fake: Path) -> None:
    made = queued_workspace(tmp_path / "w")
    attempt = start_here(made, "model3", "gpu:GPU-0+gpu:GPU-1")
    start_here(made, "model4", "gpu:GPU-0", host="elsewhere")
    made.add(Point(attempt, "train", "images_per_second", 1, 0.1, 0.0, 412.0))
    report_of(fake, GpuReport([gpu(0), gpu(1), gpu(2, ALICE), gpu(3)]))
    with made.workspace.database.read() as connection:
        expected = RunningJob("model3-here", "model3 train", ("gpu:GPU-0", "gpu:GPU-1"), 412.0)
        assert running_jobs(connection) == (expected,)
    app = dashboard(made.workspace)
    async with app.run_test(size=(160, 40)):
        await until(lambda: "GPU 3/4" in screen_text(app))
        panel = GpuPanel(id="mine")
        await app.run_screen.mount(panel)
        assert app.known.machine is not None
        panel.show(app.known.machine)
        assert panel.border_title == "GPUs  3 of 4 in use"
        assert app.known.machine.jobs == (expected,)
        with made.workspace.database.write() as connection:
            update_attempt(connection, attempt, state="succeeded", ended=time.time())
        await until(lambda: "GPU 1/4" in screen_text(app))
        assert panel.border_title == "GPUs  1 of 4 in use"


def test_nvml_is_not_asked_for_at_the_start() -> None:
    code = (
        "import sys, cxrtui.screens.app\n"
        "print(sorted({'pynvml', 'psutil', 'jobs.gpus'} & set(sys.modules)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"
