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
from jobs.log_cap import close_up, punch_middle
from jobs.paths import AttemptPaths
from jobs.processes import (
    ATTEMPT_VARIABLE,
    Identity,
    boot_id,
    host_name,
    identity,
    processes_of,
)
from jobs.queue.endings import find_ending
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
            "host": host_name(),
            "boot": boot_id(),
            "started": time.time(),
            "grace_seconds": grace,
            "command": [sys.executable, "-c", code],
            "environment": {ATTEMPT_VARIABLE: uid},
        }
        paths.start.write_text(json.dumps(orders))
        lock = try_lock(paths.lock)
        assert lock is not None
        line = command("jobs.runner", str(paths.folder), str(lock), bare=True)
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
    ending = find_ending(paths.folder)
    assert (ending.state, ending.exit_code, ending.signal) == ("failed", 78, None)
    assert ending.reason == "bad settings or data: hello"
    assert ending.peak_bytes is not None
    assert ending.peak_bytes > 50_000_000
    assert not is_locked(paths.lock)


def test_a_killed_program_is_interrupted(paths: AttemptPaths, start: Start) -> None:
    start("import os; os.kill(os.getpid(), 9)").wait()
    ending = find_ending(paths.folder)
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
    ending = find_ending(paths.folder)
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


def test_a_killed_runner_leaves_nothing_behind(paths: AttemptPaths, start: Start) -> None:
    """Not even a child with an emptied environment, in a session of its own."""
    code = (
        "import subprocess, sys\n"
        "line = [sys.executable, '-c', 'import time; time.sleep(600)']\n"
        "child = subprocess.Popen(line, start_new_session=True, env={}, stdout=2, stdin=0)\n"
        "print('up', child.pid, flush=True); child.wait()"
    )
    process = start(code)
    wait_for(said(paths, "up"))
    hidden = identity(int(paths.log.read_text().split()[1]))
    who = json.loads(paths.runner.read_text())
    assert Identity(**who["program"]).lives()
    os.kill(who["runner"]["pid"], signal.SIGKILL)
    process.wait()
    assert not is_locked(paths.lock)
    assert not Identity(**who["program"]).lives()
    assert not hidden.lives()
    assert processes_of(uid(paths)) == []
    assert find_ending(paths.folder).state == "interrupted"


def test_a_killed_guard_ends_the_attempt_as_if_asked(paths: AttemptPaths, start: Start) -> None:
    process = start("import time; print('up', flush=True); time.sleep(600)")
    wait_for(said(paths, "up"))
    who = json.loads(paths.runner.read_text())
    process.kill()
    process.wait()
    wait_for(lambda: not is_locked(paths.lock))
    assert not any(Identity(**one).lives() for one in who.values())
    assert find_ending(paths.folder).state == "stopped"


def test_a_stopped_program_hears_that_it_is_to_stop(paths: AttemptPaths, start: Start) -> None:
    code = (
        "import os, signal, sys; signal.signal(15, lambda *_: sys.exit(75))\n"
        "print('up', flush=True); os.kill(os.getpid(), 19)"
    )
    process = start(code, grace=60)
    wait_for(said(paths, "up"))
    program = json.loads(paths.runner.read_text())["program"]["pid"]
    wait_for(lambda: ") T " in Path(f"/proc/{program}/stat").read_text())
    process.terminate()
    process.wait()
    assert find_ending(paths.folder).exit_code == 75


def test_a_program_that_cannot_start_fails(paths: AttemptPaths, start: Start) -> None:
    start("pass").wait()
    orders = json.loads(paths.start.read_text())
    paths.start.write_text(json.dumps({**orders, "command": ["/nowhere/python"]}))
    lock = try_lock(paths.lock)
    line = command("jobs.runner", str(paths.folder), str(lock), bare=True)
    subprocess.run(line, pass_fds=[lock], check=True)
    os.close(lock)
    ending = find_ending(paths.folder)
    assert (ending.state, ending.exit_code) == ("failed", 127)


def test_a_log_is_cut_in_its_middle(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    log.write_bytes(b"first\n" + b"x" * 1000 + b"\nlast\n")
    close_up(log, limit=400)
    kept = log.read_text()
    assert kept.startswith("first\n")
    assert kept.endswith("\nlast\n")
    assert "cxrtui cut 812 bytes here" in kept
    assert len(kept) < 400


def test_a_log_that_grows_is_cut_without_losing_what_comes_next(tmp_path: Path) -> None:
    log, limit = tmp_path / "log.txt", 1 << 20
    with log.open("ab", buffering=0) as writer:
        writer.write(b"first\n")
        for number in range(3):
            writer.write(b"%d" % number * limit)
            punch_middle(log, limit)
            assert log.stat().st_blocks * 512 <= limit
        writer.write(b"last\n")
    assert log.stat().st_size == 11 + 3 * limit
    close_up(log, limit)
    kept = log.read_bytes()
    head, tail = kept.split(b"\n[cxrtui cut %d bytes here]\n" % (11 + 2.5 * limit))
    assert head == b"first\n" + b"0" * (limit // 4 - 6)
    assert tail == b"2" * (limit // 4 - 5) + b"last\n"


def test_a_pid_that_is_used_again_is_not_the_same_process() -> None:
    me = identity(os.getpid())
    assert me.lives()
    assert not Identity(me.host, me.boot_id, me.pid, me.start_ticks + 1).lives()
    assert not Identity(me.host, "another boot", me.pid, me.start_ticks).lives()
