"""One attempt that lives: how the supervisor sees its end and asks it to stop."""

import json
import os
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field

from db.records import Attempt
from jobs.locks import is_locked
from jobs.paths import AttemptPaths
from jobs.processes import Identity


@dataclass
class Watch:
    """An attempt whose lock was held when last looked at."""

    attempt: Attempt
    paths: AttemptPaths
    process: subprocess.Popen[bytes] | None = None  # None: started by an earlier supervisor
    pidfd: int | None = None
    asked: bool = field(default=False, init=False)

    def begin(self) -> None:
        """Open a descriptor that becomes readable when the runner ends."""
        pid = self.process.pid if self.process is not None else self._runner_pid()
        if pid is not None:
            try:
                self.pidfd = os.pidfd_open(pid)
            except ProcessLookupError:
                self.pidfd = None

    def has_ended(self) -> bool:
        """Whether the runner is gone: its lock is free."""
        if self.process is not None and self.process.poll() is None:
            return False
        return not is_locked(self.paths.lock)

    def end(self) -> None:
        """Give back the descriptor and reap."""
        if self.pidfd is not None:
            os.close(self.pidfd)
        if self.process is not None:
            self.process.wait()

    def ask_to_stop(self) -> None:
        """TERM to the runner, once it is there; it does the rest."""
        pid = self._runner_pid()
        if not self.asked and pid is not None:
            with suppress(ProcessLookupError):  # it has just ended by itself
                os.kill(pid, signal.SIGTERM)
            self.asked = True

    def _runner_pid(self) -> int | None:
        if not self.paths.runner.exists():
            return None
        runner = Identity(**json.loads(self.paths.runner.read_bytes())["runner"])
        return runner.pid if runner.lives() else None
