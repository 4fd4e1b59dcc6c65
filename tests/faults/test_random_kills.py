"""Every role of the queue is killed in every state, by a schedule that a seed decides."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import hear_signals
from rich.console import Console
from test_queue import wait_for

from cxrtui.show.crash import crash_report
from jobs.crash.cells import WEIGHTS, Cell, Schedule
from jobs.crash.chain import loss_of, states
from jobs.crash.killing import MARK
from jobs.crash.machine import run_crash_test
from jobs.crash.report import CrashReport

LONG, SHORT = 1000, 28


def told(report: CrashReport) -> str:
    console = Console(width=100)
    with console.capture() as captured:
        console.print(crash_report(report))
    return captured.get()


def test_nothing_is_lost_nothing_is_twice_nothing_is_left_running(
    tmp_path: Path, is_long: bool, seed: int, tell: Callable[[str], None]
) -> None:
    kills = LONG if is_long else SHORT
    report = run_crash_test(tmp_path / "crash", kills, seed, None)
    tell(told(report))
    assert report.survived, told(report)
    assert report.total >= kills


def test_ctrl_c_ends_all_that_was_started_and_leaves_nothing(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "cxrtui", "doctor", "--crash-test", "--kills", "1000"]
    process = subprocess.Popen(
        line,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        preexec_fn=hear_signals,
    )
    wait_for(lambda: list(tmp_path.glob("*/workspace/runs/*/*/*/attempt-1/runner.json")))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert list(tmp_path.iterdir()) == []
    assert marked(tmp_path) == []


def marked(folder: Path) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            environment = (entry / "environ").read_bytes()
        except OSError:
            continue
        if f"{MARK}={folder}".encode() in environment:
            found.append(int(entry.name))
    return found


def test_a_schedule_hits_every_cell_and_follows_from_its_seed() -> None:
    def hits() -> list[Cell | None]:
        schedule = Schedule(200, random.Random(7))
        drawn = []
        while cell := schedule.draw(lambda _: True):
            schedule.take(cell)
            drawn.append(cell)
        return drawn

    assert hits() == hits()
    assert len(hits()) == 200
    assert set(hits()) == set(WEIGHTS)
    assert max(WEIGHTS, key=hits().count) == Cell("program", "stepping")


def test_a_hit_elsewhere_leaves_every_cell_to_be_hit() -> None:
    schedule = Schedule(40, random.Random(1))
    for _ in range(100):
        schedule.take(Cell("program", "stepping"))
    assert schedule.total == len(WEIGHTS) - 1
    assert schedule.draw(lambda cell: cell.role == "program" and cell.state == "stepping") is None


def test_a_lost_or_a_repeated_step_shows_in_the_result() -> None:
    *before, last = states("key", "parent", 3)
    assert len({*before, last}) == 4
    assert last != [*states("key", "parent", 2)][-1]
    assert last != [*states("key", "other", 3)][-1]
    assert 0 <= loss_of(last) < 1


@pytest.mark.parametrize("lost", ["", "the supervisor died by itself"])
def test_a_report_says_what_was_lost(lost: str) -> None:
    report = CrashReport(seed=3, lost=lost)
    report.kills[Cell("worker", "saving")] += 1
    report.look("nothing is left running", 1, [] if lost else ["process 7 is left"])
    text = told(report)
    assert not report.survived
    assert "SOMETHING WAS LOST" in text
    assert (lost or "✗ nothing is left running\n    process 7 is left") in text
