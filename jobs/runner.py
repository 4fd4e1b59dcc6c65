"""The small process around one attempt: `python .../start.py jobs.runner FOLDER LOCK_FD...`.

It holds the attempt's lock (and those of its GPUs) as open descriptors from its parent, writes who
it is before the program runs, forwards signals, ends every descendant, and writes `result.json`.
Standard library only: it must start fast and have nothing that can break.
"""

import ctypes
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any, Final

from jobs.durable import write_json
from jobs.failpoints import failpoint
from jobs.paths import AttemptPaths
from jobs.processes import end_processes_of, identity, start_ticks

PR_SET_PDEATHSIG: Final = 1
PR_SET_CHILD_SUBREAPER: Final = 36
LOG_LIMIT: Final = 64 << 20  # bytes
TICK_SECONDS: Final = 1.0
_SIGNALS: Final = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP}


def main(arguments: list[str]) -> int:
    """Run the attempt in `arguments[0]`; the other arguments are descriptors of its locks."""
    paths = AttemptPaths(Path(arguments[0]))
    for descriptor in arguments[1:]:
        os.set_inheritable(int(descriptor), False)
    failpoint("runner.locked")
    start = json.loads(paths.start.read_bytes())
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    program, go = _fork_program(start, paths)
    write_json(
        paths.runner,
        {"runner": identity(os.getpid()).to_json(), "program": identity(program).to_json()},
    )
    failpoint("runner.identity-written")
    os.write(go, b"!")
    os.close(go)
    failpoint("runner.program-started")
    result = _watch(program, float(start["grace_seconds"]), paths)
    left = end_processes_of(start["uid"])
    _end_children()
    failpoint("runner.program-ended")
    write_json(paths.result, {**result, "left": left})
    failpoint("runner.result-written")
    return 0


def _fork_program(start: dict[str, Any], paths: AttemptPaths) -> tuple[int, int]:
    """The program's pid, and a pipe: the program begins when something is written there."""
    ready, go = os.pipe()
    runner = os.getpid()
    pid = os.fork()
    if pid:
        os.close(ready)
        return pid, go
    try:
        os.close(go)
        _become_program(start, paths, ready, runner)
    except OSError as error:
        os.write(2, f"cannot start {start['command'][0]}: {error}\n".encode())
    finally:
        os._exit(127)


def _become_program(start: dict[str, Any], paths: AttemptPaths, ready: int, runner: int) -> None:
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != runner:
        os._exit(127)
    os.setpgid(0, 0)
    log = os.open(paths.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
    nothing = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    if os.read(ready, 1) != b"!":
        os._exit(127)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    os.execve(start["command"][0], start["command"], {**os.environ, **start["environment"]})


def _watch(program: int, grace: float, paths: AttemptPaths) -> dict[str, Any]:
    """Wait for the program's end; on the first TERM give it `grace` seconds, then KILL."""
    began, deadline = time.time(), None
    while True:
        ended = _reap(program)
        if ended is not None:
            status, peak_bytes = ended
            code = os.waitstatus_to_exitcode(status)
            return {
                "exit_code": code if code >= 0 else None,
                "signal": -code if code < 0 else None,
                "asked_to_stop": deadline is not None,
                "started": began,
                "ended": time.time(),
                "peak_bytes": peak_bytes,
            }
        received = signal.sigtimedwait(_SIGNALS, TICK_SECONDS)
        if received is not None and received.si_signo in (signal.SIGTERM, signal.SIGINT):
            if deadline is None:
                deadline = time.monotonic() + grace
                _kill(program, signal.SIGTERM)
        elif deadline is not None and time.monotonic() > deadline:
            _kill(program, signal.SIGKILL)
        _cut_middle(paths.log)


def _reap(program: int) -> tuple[int, int] | None:
    """Reap every child that has ended; the program's (wait status, peak bytes) once it has."""
    found = None
    while True:
        try:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        if pid == program:
            found = status, usage.ru_maxrss * 1024


def _end_children() -> None:
    """KILL and reap what the subreaper was given, also what hid from the sweep by environment."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    while pids := children.read_text().split():
        for pid in pids:
            os.kill(int(pid), signal.SIGKILL)
        os.wait4(-1, 0)


def _kill(pid: int, number: signal.Signals) -> None:
    if start_ticks(pid) is not None:
        os.kill(pid, number)


def _cut_middle(log: Path, limit: int = LOG_LIMIT) -> None:
    """Keep the first and last quarter of `limit` bytes of a log that has outgrown it."""
    if not log.exists() or log.stat().st_size <= limit:
        return
    quarter = limit // 4
    with log.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(size - quarter)
        tail = file.read()
        file.seek(quarter)
        file.write(f"\n[cxrtui cut {size - 2 * quarter} bytes here]\n".encode() + tail)
        file.truncate()


def _prctl(option: int, value: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
