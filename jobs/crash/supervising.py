"""The supervisor of a crash test: there is a new one some time after it was killed."""

import random
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Final

from jobs.crash.killing import supervisors_of
from jobs.crash.report import LostError
from jobs.crash.sight import Sight
from jobs.errors import JobsError
from jobs.locks import is_locked
from jobs.paths import WorkspacePaths
from jobs.processes import Identity
from jobs.queue.ensure import ensure_supervisor, stop_supervisor

_PATIENCE: Final = 30.0
_POLL_SECONDS: Final = 0.005
_AWAY_SECONDS: Final = 0.4


class Supervising:
    """Does what a person does: starts a supervisor where there is none."""

    def __init__(self, paths: WorkspacePaths, chance: random.Random) -> None:
        self.paths = paths
        self.chance = chance
        self._seen: Identity | None = None
        self._due = 0.0
        self._pool = ThreadPoolExecutor(1)
        self._starting: Future[None] | None = None

    @property
    def runs(self) -> bool:
        """Whether there was one, ready for work, at the last look."""
        return self._seen is not None

    def keep(self, sight: Sight) -> None:
        """Start one if it is time for it. LostError if one died that nobody had killed."""
        if self._starting is not None:
            if not self._starting.done():
                return
            self._starting.result()
            self._starting = None
        found = sight.supervisor()
        if self._seen is not None and found != self._seen and not self._seen.lives():
            raise LostError(f"the supervisor, pid {self._seen.pid}, died by itself")
        self._seen = found
        if found is None and time.monotonic() >= self._due:
            self._starting = self._pool.submit(ensure_supervisor, self.paths)

    def victim(self) -> Identity | None:
        """One that is about to begin, from its first moment until it has adopted what lives."""
        if self._starting is None or self._starting.done():
            return None
        found = supervisors_of(self.paths.root)
        return found[-1] if found else None

    def was_killed(self) -> None:
        """It may stay away for a while, in which attempts end or die without it."""
        self._seen = None
        if self._starting is not None:
            with suppress(JobsError):  # it did not start: it was killed
                self._starting.result(_PATIENCE)
            self._starting = None
        away = self.chance.choice((0.0, 0.0, 0.0, _AWAY_SECONDS * self.chance.random()))
        self._due = time.monotonic() + away

    def stop(self) -> None:
        """End it as a person does, and wait until it has ended."""
        if self._starting is not None:
            self._starting.result(_PATIENCE)
        self._starting = self._seen = None
        deadline = time.monotonic() + _PATIENCE
        while is_locked(self.paths.supervisor_lock) or supervisors_of(self.paths.root):
            stop_supervisor(self.paths)
            if time.monotonic() > deadline:
                raise LostError("the supervisor does not end when it is asked to")
            time.sleep(_POLL_SECONDS)

    def close(self) -> None:
        """Give back the thread."""
        self._pool.shutdown()
