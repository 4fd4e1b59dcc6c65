"""The small process around one attempt: `python .../start.py jobs.runner FOLDER LOCK_FD...`.

It holds the attempt's lock (and those of its GPUs) as open descriptors from its parent, writes who
it is before the program runs, passes on what stops it, ends every descendant, and writes
`result.json`. Standard library only: it must start fast and have nothing that can break.

TERM goes to the program alone: a loader whose workers die of TERM would fail before the program
has written its checkpoint. KILL goes to every descendant.
"""

import fcntl
import json
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from jobs.durable import fsync_file, fsync_folder, write_json
from jobs.exit_codes import NO_ROOM
from jobs.failpoints import failpoint
from jobs.guard import SIGNALS, STOPS, guard
from jobs.kernel import adopt_orphans, die_with_parent
from jobs.log_cap import close_up, punch_middle
from jobs.paths import AttemptPaths
from jobs.processes import end_descendants, end_processes_of, identity
from jobs.result import PASSING_ERRORS, reserve_result, write_result

TICK_SECONDS: Final = 1.0
LEFT_TOLD: Final = 100  # pids: the room for the result is bounded


def main(arguments: list[str]) -> int:
    """Run the attempt in `arguments[0]`; the other arguments are descriptors of its locks."""
    paths = AttemptPaths(Path(arguments[0]))
    locks = [int(descriptor) for descriptor in arguments[1:]]
    for descriptor in locks:
        os.set_inheritable(descriptor, False)
    failpoint("runner.locked")
    guarded = guard()
    if guarded is not None:
        return guarded
    adopt_orphans()
    start = json.loads(paths.start.read_bytes())
    began, clock = start.get("started", time.time()), time.clock_gettime(time.CLOCK_BOOTTIME)
    ending = _run(start, paths)
    left = {*end_descendants(), *end_processes_of(start["uid"])}
    failpoint("runner.program-ended")
    with suppress(OSError):
        close_up(paths.log)
    # A clock that was set meanwhile must not end an attempt before it began.
    ended = began + time.clock_gettime(time.CLOCK_BOOTTIME) - clock
    for descriptor in locks[1:]:  # the GPUs are free, whatever the disk says
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    times = {"started": began, "ended": round(ended, 3)}
    told = _tell(paths, {**ending, **times, "left": sorted(left)[:LEFT_TOLD]})
    failpoint("runner.result-written")
    return 0 if told else 1


def _run(start: dict[str, Any], paths: AttemptPaths) -> dict[str, Any]:
    """Run the program: how it ended. Without room on the disk it does not begin."""
    try:
        reserve_result(paths)
        program, go = _fork_program(start, paths)
        who = {"runner": identity(os.getpid()), "program": identity(program)}
        # Which process it is matters until the next boot only, so that nothing waits for the disk.
        write_json(paths.runner, {role: one.to_json() for role, one in who.items()}, sync=False)
    except OSError as error:
        if error.errno not in PASSING_ERRORS:
            raise
        return {"exit_code": NO_ROOM, "signal": None, "asked_to_stop": False, "peak_bytes": None}
    failpoint("runner.identity-written")
    os.write(go, b"!")
    os.close(go)
    failpoint("runner.program-started")
    with suppress(OSError):  # the program runs, whatever the disk says
        fsync_file(paths.start)
        fsync_folder(paths.folder)
    return _watch(program, float(start["grace_seconds"]), paths)


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
    die_with_parent(signal.SIGKILL)
    if os.getppid() != runner:
        os._exit(127)
    os.setpgid(0, 0)
    log = os.open(paths.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
    nothing = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    if os.read(ready, 1) != b"!":
        os._exit(127)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a lost terminal stops nothing
    for number in STOPS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    os.execve(start["command"][0], start["command"], {**os.environ, **start["environment"]})


def _watch(program: int, grace: float, paths: AttemptPaths) -> dict[str, Any]:
    """Wait for the program's end; on the first TERM give it `grace` seconds, then KILL."""
    deadline = None
    while (ended := _reap(program)) is None:
        received = signal.sigtimedwait(SIGNALS, TICK_SECONDS)
        if deadline is None and received is not None and received.si_signo in STOPS:
            deadline = time.monotonic() + grace
            os.kill(program, signal.SIGTERM)
            os.kill(program, signal.SIGCONT)  # one that was stopped would not hear the TERM
        if deadline is not None and time.monotonic() > deadline:
            os.kill(program, signal.SIGKILL)
        with suppress(OSError):  # a log that cannot be cut is no reason to end a training
            punch_middle(paths.log)
    status, peak_bytes = ended
    code = os.waitstatus_to_exitcode(status)
    return {
        "exit_code": code if code >= 0 else None,
        "signal": -code if code < 0 else None,
        "asked_to_stop": deadline is not None,
        "peak_bytes": peak_bytes,
    }


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


def _tell(paths: AttemptPaths, result: dict[str, Any]) -> bool:
    """Write the result, once there is room for it; False if asked to stop before."""
    while True:
        try:
            write_result(paths, result)
        except OSError as error:
            if error.errno not in PASSING_ERRORS:
                raise
        else:
            break
        received = signal.sigtimedwait(SIGNALS, TICK_SECONDS)
        if received is not None and received.si_signo in STOPS:
            return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
