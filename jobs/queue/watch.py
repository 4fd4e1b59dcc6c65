"""One attempt that lives: how the supervisor sees its end and asks it to stop."""

import json
import os
import signal
import subprocess
import time
from contextlib import suppress

from db.records import Attempt
from jobs.locks import is_locked
from jobs.paths import AttemptPaths
from jobs.processes import Identity
from jobs.queue.pulse import Pulse
from jobs.recipe.schema import RunSettings


class Watch:
    """An attempt whose lock was held when last looked at."""

    def __init__(
        self,
        attempt: Attempt,
        paths: AttemptPaths,
        run: RunSettings,
        process: subprocess.Popen[bytes] | None = None,  # None: an earlier supervisor started it
    ) -> None:
        self.attempt = attempt
        self.paths = paths
        self.run = run
        self.process = process
        self.pulse = Pulse(time.monotonic())
        self.told_hung = False
        self.should_stop = False
        self.asked = False
        self.pidfd = self._open_pidfd()

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

    def take_pulse(self, newer: Attempt) -> None:
        """The attempt as it is now; what it told since is a sign of life."""
        if newer.seq != self.attempt.seq:
            self.pulse.beat(time.monotonic())
        self.attempt = newer

    def silence(self) -> float | None:
        """Seconds for which it has told nothing, if that is no longer usual."""
        return self.pulse.silence(time.monotonic(), self.run.hung_minutes * 60)

    def _open_pidfd(self) -> int | None:
        """A descriptor that becomes readable when the runner ends."""
        pid = self.process.pid if self.process is not None else self._runner_pid()
        try:
            return None if pid is None else os.pidfd_open(pid)
        except ProcessLookupError:
            return None

    def _runner_pid(self) -> int | None:
        if not self.paths.runner.exists():
            return None
        runner = Identity(**json.loads(self.paths.runner.read_bytes())["runner"])
        return runner.pid if runner.lives() else None
