"""The processes of ranks 1 and up: rank 0 starts, watches and ends them.

None of them outlives rank 0, and rank 0 none of them: an attempt ends whole.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from jobs.programs.endings import leave


@contextmanager
def other_ranks(commands: Sequence[Sequence[str]], descriptor: int) -> Iterator[None]:
    """Run a process for rank 1, 2, ..., each with `descriptor` open; KILL what is left at the end.

    A rank that ends before ends this process at once: with its exit code, having said why itself,
    or by KILL where a signal ended it, which the queue takes for an interruption.
    """
    ending = Event()
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for number, line in enumerate(commands, start=1):
            process = subprocess.Popen(
                [*line, str(os.getpid())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[descriptor],
                process_group=0,  # a Ctrl+C in the terminal is for rank 0
            )
            processes.append(process)
            Thread(target=_watch, args=(number, process, ending), daemon=True).start()
        yield
    finally:
        ending.set()
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()


def meeting_file(descriptor: int) -> Path:
    """The path under which a process finds a descriptor of its own."""
    return Path(f"/proc/self/fd/{descriptor}")


def await_end() -> None:
    """Wait until rank 0 ends this process."""
    while True:
        signal.pause()


def _watch(number: int, process: subprocess.Popen[bytes], ending: Event) -> None:
    code = process.wait()
    if ending.is_set():
        return
    if code >= 0:
        leave(code or 1)
    print(f"rank {number} was killed by signal {-code}", file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
