"""The line at the top: as much as fits, and when the queue will be done."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from dashboard_workspace import busy_workspace

from cxrtui.lineages.overview import Overview
from cxrtui.screens.feed.pace import Pace
from cxrtui.screens.feed.queue_end import QueueEnd, read_queue_end
from cxrtui.screens.gpus.users import Machine, RunningJob
from cxrtui.screens.gpus.watch import Sample, UsedGpu
from cxrtui.screens.known import Known
from cxrtui.screens.status_line import duration, status_text
from db.jobs import jobs
from jobs.gpus import Gpu
from jobs.queue.ensure import SupervisorInfo


def known(**counts: int) -> Known:
    overview = Overview("cxr-lt-2023", (), (), tuple(sorted(counts.items())), False)
    return Known("cxr-lt-2023", Path("/data/w"), watch_only=False, overview=overview)


def test_the_line_says_as_much_as_fits() -> None:
    told = known(running=2, queued=3, failed=1, succeeded=9)
    gpus = tuple(UsedGpu(Gpu(index, f"GPU-{index}", "H100", 0, 80 << 30)) for index in range(4))
    slots = ("gpu:GPU-0", "gpu:GPU-1")
    told.machine = Machine(Sample(gpus), (RunningJob("u", "model2 train", slots),))
    told.supervisor = SupervisorInfo(1, "here", time.time() - 4 * 3600 - 12 * 60 - 1)
    told.end = QueueEnd(9 * 3600 + 41 * 60, time.time())
    assert status_text(told, 200).plain == (
        "cxrtui  cxr-lt-2023  /data/w  supervisor 4 h 12 m  GPU 2/4  "
        "running 2  queued 3  failed 1  succeeded 9  ETA 9 h 40 m"
    )
    for width in range(20, 120):
        assert status_text(told, width).cell_len <= max(width, len("cxrtui  cxr-lt-2023"))
    assert status_text(told, 80).plain == (
        "cxrtui  cxr-lt-2023  running 2  queued 3  failed 1  ETA 9 h 40 m"
    )
    assert status_text(told, 30).plain == "cxrtui  cxr-lt-2023  failed 1"


def test_the_end_comes_nearer_only_where_something_moves() -> None:
    end = QueueEnd(100.0, 1000.0)
    assert end.left(1030.0, moves=True) == 70.0
    assert end.left(1030.0, moves=False) == 100.0
    assert end.left(2000.0, moves=True) == 0.0
    assert QueueEnd(None, 1000.0).left(1030.0, moves=True) is None
    words = [duration(value) for value in (59, 60, 3599, 34_800, 86_400 * 2 + 7200)]
    assert words == ["< 1 m", "1 m", "59 m", "9 h 40 m", "2 d 2 h"]


def test_the_end_is_that_of_the_status_command(tmp_path: Path) -> None:
    from jobs.queue.slots import count_slots

    made = busy_workspace(tmp_path / "w")
    with made.workspace.database.read() as connection:
        packs = [job.model for job in jobs(connection) if job.kind == "pack"]
    for pack in packs:
        made.end(made.begin(pack, "pack"), "succeeded")
    slots = {str(name): count for name, count in count_slots([], None).items()}
    with made.workspace.database.read() as connection:
        end = read_queue_end(connection, slots)
    command = [sys.executable, "-m", "cxrtui", "status", "--json", "--workspace"]
    root = str(made.workspace.paths.root)
    answer = subprocess.run([*command, root], capture_output=True, text=True, check=True)
    assert end.seconds == pytest.approx(json.loads(answer.stdout)["eta_seconds"], rel=1e-3)


def test_where_nothing_moves_there_is_no_end(tmp_path: Path) -> None:
    made = busy_workspace(tmp_path / "w")
    with made.workspace.database.read() as connection:
        every = jobs(connection)
    for job in every:
        made.set_state(job.model, "held", kind=job.kind)
    with made.workspace.database.read() as connection:
        assert read_queue_end(connection, {"network": 2, "pack": 1}).seconds is None


def test_what_is_dear_is_done_less_often() -> None:
    pace = Pace(0.0, share=0.5)
    assert pace.begin()
    pace.end()
    assert not pace.begin()
    pace.change()
    deadline = time.monotonic() + 60
    while not pace.begin():
        assert time.monotonic() < deadline, "it is never due again"
    pace = Pace(1000.0)
    assert pace.begin()
    pace.end()
    pace.change()
    assert not pace.begin()
