"""The runner alone: real processes and signals, a program of a few lines."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.locks import is_locked, try_lock
from jobs.paths import AttemptPaths
from jobs.processes import ATTEMPT_VARIABLE, Identity, identity, processes_of
from jobs.queue.endings import read_ending
from jobs.runner import _cut_middle
from jobs.start import command

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def paths(tmp_path: Path) -> AttemptPaths:
    folder = tmp_path / "attempt-1"
    folder.mkdir()
    return AttemptPaths(folder)


@pytest.fixture
def start(paths: AttemptPaths) -> Start:
    def run(code: str, grace: float = 5.0) -> subprocess.Popen[bytes]:
        uid = f"test-{os.getpid()}-{paths.folder}"
        orders = {
            "uid": uid,
            "grace_seconds": grace,
            "command": [sys.executable, "-c", code],
            "environment": {ATTEMPT_VARIABLE: uid},
        }
        paths.start.write_text(json.dumps(orders))
        lock = try_lock(paths.lock)
        assert lock is not None
        line = command("jobs.runner", str(paths.folder), str(lock))
        process = subprocess.Popen(line, pass_fds=[lock], start_new_session=True)
        os.close(lock)
        return process

    return run


def uid(paths: AttemptPaths) -> str:
    return str(json.loads(paths.start.read_text())["uid"])


def wait_for(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def said(paths: AttemptPaths, text: str) -> Callable[[], bool]:
    return lambda: paths.log.exists() and text in paths.log.read_text()


def test_exit_code_output_and_memory_are_kept(paths: AttemptPaths, start: Start) -> None:
    start("print('hello'); x = b'1' * 50_000_000; raise SystemExit(78)").wait()
    ending = read_ending(paths.folder)
    assert (ending.state, ending.exit_code, ending.signal) == ("failed", 78, None)
    assert ending.reason == "bad settings or data: hello"
    assert ending.peak_bytes is not None
    assert ending.peak_bytes > 50_000_000
    assert not is_locked(paths.lock)


def test_a_killed_program_is_interrupted(paths: AttemptPaths, start: Start) -> None:
    start("import os; os.kill(os.getpid(), 9)").wait()
    ending = read_ending(paths.folder)
    assert (ending.state, ending.signal) == ("interrupted", signal.SIGKILL)


def test_identities_are_there_before_the_program_runs(paths: AttemptPaths, start: Start) -> None:
    code = (
        f"import json, os; who = json.load(open({str(paths.runner)!r}))\n"
        "assert who['program']['pid'] == os.getpid()\n"
        "assert who['runner']['pid'] == os.getppid()\nprint('same')"
    )
    start(code).wait()
    assert paths.log.read_text() == "same\n"


def test_the_lock_is_held_while_the_program_runs(paths: AttemptPaths, start: Start) -> None:
    process = start("import time; print('up', flush=True); time.sleep(60)")
    wait_for(said(paths, "up"))
    assert is_locked(paths.lock)
    process.terminate()
    process.wait()
    assert not is_locked(paths.lock)


def test_term_is_forwarded_and_the_grace_ends_with_kill(paths: AttemptPaths, start: Start) -> None:
    ignore = "import signal, time; signal.signal(15, lambda *_: print('no', flush=True))\n"
    process = start(ignore + "print('up', flush=True)\nwhile True: time.sleep(60)", grace=0.3)
    wait_for(said(paths, "up"))
    process.terminate()
    process.wait()
    assert "no" in paths.log.read_text()
    ending = read_ending(paths.folder)
    assert (ending.state, ending.signal) == ("stopped", signal.SIGKILL)


def test_nothing_outlives_the_program(paths: AttemptPaths, start: Start) -> None:
    """A child in a session of its own that ignores TERM, and one that hides its environment."""
    stay = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"
    code = (
        "import subprocess, sys\n"
        f"line = [sys.executable, '-c', {stay!r}]\n"
        "a = subprocess.Popen(line, start_new_session=True)\n"
        "b = subprocess.Popen(line, start_new_session=True, env={})\n"
        "print(a.pid, b.pid, flush=True)"
    )
    start(code).wait()
    for pid in map(int, paths.log.read_text().split()):
        assert not Path(f"/proc/{pid}").exists()
    assert json.loads(paths.result.read_text())["left"] == []


def test_the_program_dies_with_its_runner(paths: AttemptPaths, start: Start) -> None:
    process = start("import time; print('up', flush=True); time.sleep(600)")
    wait_for(said(paths, "up"))
    program = Identity(**json.loads(paths.runner.read_text())["program"])
    assert program.lives()
    process.kill()
    process.wait()
    wait_for(lambda: not program.lives())
    assert not is_locked(paths.lock)
    assert processes_of(uid(paths)) == []
    assert read_ending(paths.folder).state == "interrupted"


def test_a_program_that_cannot_start_fails(paths: AttemptPaths, start: Start) -> None:
    start("pass").wait()
    orders = json.loads(paths.start.read_text())
    paths.start.write_text(json.dumps({**orders, "command": ["/nowhere/python"]}))
    lock = try_lock(paths.lock)
    line = command("jobs.runner", str(paths.folder), str(lock))
    subprocess.run(line, pass_fds=[lock], check=True)
    os.close(lock)
    ending = read_ending(paths.folder)
    assert (ending.state, ending.exit_code) == ("failed", 127)


def test_a_log_is_cut_in_its_middle(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    log.write_bytes(b"first\n" + b"x" * 1000 + b"\nlast\n")
    _cut_middle(log, limit=400)
    kept = log.read_text()
    assert kept.startswith("first\n")
    assert kept.endswith("\nlast\n")
    assert "cxrtui cut 812 bytes here" in kept
    assert len(kept) < 400


def test_a_pid_that_is_used_again_is_not_the_same_process() -> None:
    me = identity(os.getpid())
    assert me.lives()
    assert not Identity(me.host, me.boot_id, me.pid, me.start_ticks + 1).lives()
    assert not Identity(me.host, "another boot", me.pid, me.start_ticks).lives()
